"""A refused row keeps of which school and subject it was, where it or what it names tells; nothing of a person."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.campaign.intake.importing import bring, rows
from tests.campaign.intake.named_results import FIRST, bring_results
from tests.campaign.intake.packages import Rows, small_district, write_package

ABOUT = """
    SELECT r.code, h.name, r.subject FROM refused_row r LEFT JOIN school h ON h.id = r.school_id
    WHERE NOT r.accepted ORDER BY r.id
"""


def change(tables: dict[str, Rows], table: str, key: str, **values: str) -> None:
    next(row for row in tables[table] if row["sourcedId"] == key).update(values)


@pytest.mark.parametrize(
    ("table", "key", "values", "told"),
    [
        ("results", "r1", {"score": "", "comment": ""}, ("no_mark", "North School", "math")),
        ("results", "r2", {"lineItemSourcedId": "none"}, ("unknown_line_item", "North School", None)),
        ("results", "r3", {"studentSourcedId": "none"}, ("unknown_student", "North School", "math")),
        ("enrollments", "e1-1", {"classSourcedId": "none"}, ("unknown_section", "North School", None)),
        ("enrollments", "e1-2", {"userSourcedId": "none"}, ("unknown_student", "North School", "reading")),
        ("users", "s6", {"givenName": ""}, ("missing_value", None, None)),
    ],
    ids=["by line item", "by student", "by section alone", "seat by student", "seat by section", "unread"],
)  # fmt: skip
def test_school_and_subject_are_kept_where_they_are_told(
    engine: Engine, tmp_path: Path, table: str, key: str, values: dict[str, str], told: tuple[str | None, ...]
) -> None:
    tables = small_district()
    change(tables, table, key, **values)
    bring(engine, write_package(tmp_path / "roster", tables))
    assert rows(engine, ABOUT)[0] == told


def test_results_tell_their_subject_and_known_students_their_school(engine: Engine, tmp_path: Path) -> None:
    bring(engine, write_package(tmp_path / "roster", small_district()))
    lines = [
        {"Local": "L1", "Score": ""},
        {"Local": "none"},
        {"Local": "L2"},
        {"Local": "L2", "Score": "220"},
    ]
    bring_results(engine, tmp_path / "tables", *lines)
    assert sorted(rows(engine, ABOUT), key=str) == [
        ("duplicate_row", "North School", "math"),
        ("no_score", "North School", "math"),
        ("unknown_student", None, "math"),
    ]


def test_whose_row_it_is_not_certain_tells_no_school(engine: Engine, tmp_path: Path) -> None:
    bring(engine, write_package(tmp_path / "roster", small_district()))
    bring_results(engine, tmp_path / "tables", FIRST | {"Grade": "5"})
    assert rows(engine, ABOUT) == [("identity_proposed", None, "math")]
