"""Arrays that go to PostgreSQL as one text."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from campaign.store.arrays import literal


@pytest.mark.parametrize("values", [[], [1], [2**62, -3, 7]], ids=["none", "one", "several"])
def test_numbers_arrive_as_they_are(values: list[int], connection: Connection) -> None:
    query = text("SELECT CAST(:values AS bigint[])")
    assert connection.execute(query, {"values": literal(values)}).scalar_one() == values


def test_codes_arrive_as_they_are(connection: Connection) -> None:
    query = text("SELECT CAST(:values AS text[])")
    assert connection.execute(query, {"values": literal(["report", "0af9"])}).scalar_one() == [
        "report",
        "0af9",
    ]


@pytest.mark.parametrize("value", ["a,b", "{", 'say "x"', "a b", "é", "\\"])
def test_a_text_that_would_need_quotes_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="without quotes"):
        literal(["report", value])
