"""Exports read as a layout says: a new test from data alone, and rows that are odd or wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.intake.run import import_paths
from tests.campaign.intake.importing import LIMITS, NOW, bring, rows
from tests.campaign.intake.packages import small_district, write_package
from tests.campaign.intake.pine_test import PINE, TABLE, own_test, read, shown


def test_a_new_test_comes_from_data_alone(engine: Engine, tmp_path: Path) -> None:
    bring(engine, write_package(tmp_path / "roster", small_district()))
    own = own_test(tmp_path, PINE)
    export = tmp_path / "anything.csv"
    export.write_text(
        TABLE
        + "ST1,4,5/6/2026,255,9.5,1,,,\nST2,4,5/6/2026,201,9.0,Low,,,\nnobody,4,5/6/2026,201,9.0,Low,,,\n",
        encoding="utf-8",
    )

    def bring_own() -> tuple[int, int, int]:
        summary = import_paths(engine, [export], district=None, limits=LIMITS, now=NOW, own_tests=own)
        assert summary.failed == []
        return summary.accepted, summary.unchanged, summary.refused

    assert bring_own() == (2, 0, 1)
    assert rows(
        engine,
        "SELECT a.key, a.cut, a.floor_level, s.scale_score, s.csem, s.level, s.administered_on::text, s.school_year "
        "FROM score s JOIN assessment a ON a.id = s.assessment_id ORDER BY s.source_line",
    ) == [
        ("Pine Test|2026|reading|4|", 250.0, "There", 255.0, 9.5, "There", "2026-05-06", 2026),
        ("Pine Test|2026|reading|4|", 250.0, "There", 201.0, 9.0, "Low", "2026-05-06", 2026),
    ]
    assert bring_own() == (2, 2, 1)


def test_without_its_folder_the_file_is_not_known(engine: Engine, tmp_path: Path) -> None:
    export = tmp_path / "anything.csv"
    export.write_text(TABLE + "ST1,4,5/6/2026,255,9.5,1,,,\n", encoding="utf-8")
    assert "that the program knows" in str(bring(engine, export).failed[0].message)


def test_the_first_level_may_be_the_highest_number(tmp_path: Path) -> None:
    outcome = read(tmp_path, PINE, TABLE + "a,4,5/6/2026,255,,1,,,\nb,4,5/6/2026,205,,3,,,\n")
    assert shown(outcome, "level") == [("There",), ("Low",)]
    graded = [row for row in outcome.assessments if row["grade_level"] == 4]
    assert [row["cut"] for row in graded] == [250.0]


def test_names_and_birth_dates_go_along_where_they_are_whole(tmp_path: Path) -> None:
    outcome = read(
        tmp_path,
        PINE,
        TABLE
        + "a,4,5/6/2026,255,,1,Ana,Lake,3/1/2016\nb,4,5/6/2026,255,,1,Ben,,3/1/2016\n"
        + "c,4,5/6/2026,255,,1,Cy,Reed,01/015/2010\n",
    )
    assert {line: (given, family, str(born)) for line, (given, family, born) in outcome.named.items()} == {
        2: ("Ana", "Lake", "2016-03-01")
    }
    assert outcome.refused == []


@pytest.mark.parametrize(
    "table",
    [
        "\ufeff" + TABLE + "a,4,5/6/2026,255,9,1,,,\n",
        TABLE.replace(",", "\t") + "a\t 4\t5/6/2026 \t 255\t9 \t1\t\t\t\n",
        TABLE.replace("Pine ID", " PINE  ID ").replace("\n", ",,\r\n") + "a,4,5/6/2026,255,9,1,,,,,\r\n",
        TABLE.replace("\n", ",blank_14,Filler\n") + "a,4,5/6/2026,255,9,1,,,,x,y\n\n,,,,,,,,,,\n",
        TABLE + "a,4,2026-05-06T13:28:05.852Z,255,9,1,N/A*,Last,Born",
        TABLE + "a,04,05062026,255,9, there ,,,\n",
        TABLE.replace("Pine ID", "“Pine ID”").replace("“", "").replace("”", "")
        + '"a",4,5/6/2026,"255",9,1,,,\n',
    ],
    ids=["bom", "padded tabs", "empty headers", "filler", "header in cells", "zero padded", "quoted"],
)
def test_what_exports_look_like_does_not_matter(tmp_path: Path, table: str) -> None:
    outcome = read(tmp_path, PINE, table)
    assert outcome.refused == []
    assert shown(outcome, "grade_level", "scale_score", "csem", "level", "school_year") == [
        (4, 255.0, 9.0, "There", 2026)
    ]
    assert outcome.named == {}


def test_columns_with_curly_quotes_and_odd_blanks_are_found(tmp_path: Path) -> None:
    layout = PINE.replace('"Band"', '"Student\'s band"').replace(
        'level = "Band"', 'level = "Student\'s band"'
    )
    outcome = read(
        tmp_path, layout, TABLE.replace("Band", "Student’s\u00a0band ") + "a,4,5/6/2026,255,9,1,,,\n"
    )
    assert shown(outcome, "level") == [("There",)]


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("a,4,5/6/2026,255,9", "ragged_row", None),
        ("a,4,5/6/2026,255,9,1,,,,more", "ragged_row", None),
        ('a,4,5/6/2026,25"5,9,1,,,', "unreadable_number", "Points"),
        ('a,4,5/6/2026,"25"5,9,1,,,', "malformed_row", None),
        (",4,5/6/2026,255,9,1,,,", "missing_value", "Pine ID"),
        ("a,4,5/6/2026,,9,,,,", "no_score", "Points"),
        ("a,4,5/6/2026,501,9,1,,,", "number_out_of_range", "Points"),
        ("a,4,31/31/2026,255,9,1,,,", "unreadable_date", "Day"),
        ("a,4,5/6/2026,255,9,4,,,", "unknown_level", "Band"),
        ("a,four and a half,5/6/2026,255,9,1,,,", "unreadable_grade_level", "Grade"),
    ],
)
def test_one_bad_row_is_named_and_the_rest_comes_in(
    tmp_path: Path, row: str, code: str, column: str | None
) -> None:
    good = "g{},4,5/6/2026,255,9,1,,,\n"
    table = TABLE + good.format(1) + row + "\n" + good.format(2)
    outcome = read(tmp_path, PINE, table)
    assert outcome.refused == [{"line": 3, "code": code} | ({"column": column} if column else {})]
    assert outcome.accepted == [2, 4]
    assert [score["student"] for score in outcome.scores] == ["state g1", "state g2"]


def test_a_bad_row_among_many_does_not_move_the_others(tmp_path: Path) -> None:
    lines = [f"s{n},4,5/6/2026,{n % 500},9,{1 + n % 3},,," for n in range(9000)]
    lines[4321] = "s4321,4,5/6/2026,high,9,1,,,"
    outcome = read(tmp_path, PINE, TABLE + "\n".join(lines) + "\n")
    assert outcome.refused == [{"line": 4323, "code": "unreadable_number", "column": "Points"}]
    assert len(outcome.scores) == 8999
    for score in outcome.scores:
        number = score["line"] - 2
        assert (score["student"], score["scale_score"]) == (f"state s{number}", number % 500)
