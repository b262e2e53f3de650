"""Columns written for COPY: each type in its own way, whatever was written before."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from campaign.intake.copying import Rows, copy_rows, written
from campaign.intake.problems import IntakeError


def document(kind: str, values: list[object]) -> bytes:
    rows = written("some_table", {"value": kind}, {"value": values})
    assert rows is not None
    return rows.document


def test_a_whole_number_is_written_whole_after_the_same_number_with_decimals() -> None:
    assert document("double precision", [7.0, None]) == b"7.0\n\\N\n"
    assert document("smallint", [7, None, 0]) == b"7\n\\N\n0\n"
    assert document("int", [7, 8]) == b"7\n8\n"
    assert document("boolean", [True, False, None]) == b"t\nf\n\\N\n"
    assert document("smallint", [1, 0]) == b"1\n0\n"


def test_signs_that_mean_something_to_copy_stay_in_the_text() -> None:
    assert document("text", ["a\tb", "c\\d", None, "\\N", "e\0f"]) == (b"a\\tb\nc\\\\d\n\\N\n\\\\N\nef\n")


def test_a_value_that_a_table_cannot_hold_is_not_quoted(connection: Connection) -> None:
    connection.execute(text("CREATE TEMP TABLE kept (grade smallint) ON COMMIT DROP"))
    with pytest.raises(IntakeError, match="fault of the program") as told:
        copy_rows(connection, Rows("kept", ("grade",), b"Ana Ruiz\n"))
    assert "Ana" not in str(told.value)
    assert told.value.__suppress_context__
