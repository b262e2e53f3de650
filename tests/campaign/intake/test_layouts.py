"""The language of layouts: what it can say, what it refuses, and a new test from data alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.intake.layouts.language import read_assessment
from campaign.intake.problems import IntakeError
from campaign.intake.run import import_paths
from tests.campaign.intake.importing import LIMITS, NOW, bring, rows
from tests.campaign.intake.layout_samples import Outcome, read_export
from tests.campaign.intake.packages import small_district, write_package

PINE = """
family = "Pine Test"
title = "Pine Test of Reading"
version = "2026"
kind = "summative"
error_unit = "points"
date_order = "mdy"
no_value = ["N/A*"]
key = ["Day"]
[[layout]]
name = "2026"
needs = ["Pine ID", "Points", "Band"]
[student]
given_name = "First"
family_name = "Last"
birth_date = "Born"
[student.identifiers]
"Pine ID" = ["state"]
[fields]
subject = { value = "reading" }
grade_level = "Grade"
administered_on = "Day"
scale_score = { column = "Points", minimum = 0, maximum = 500 }
csem = "Error"
level = "Band"
[levels]
order = ["Low", "Near", "There"]
floor = "There"
aliases = { "3" = "Low", "2" = "Near", "1" = "There" }
[[cut]]
subject = "reading"
grades = { 4 = [210, 250] }
source = "made up"
"""
TABLE = "Pine ID,Grade,Day,Points,Error,Band,First,Last,Born\n"


def own_test(folder: Path, layout: str, name: str = "pine") -> Path:
    """A folder of a district's own tests with one in it."""
    (folder / "assessments" / name).mkdir(parents=True, exist_ok=True)
    (folder / "assessments" / name / "layout.toml").write_text(layout, encoding="utf-8")
    return folder / "assessments"


def read(folder: Path, layout: str, table: str, name: str = "export.csv") -> Outcome:
    own = own_test(folder, layout)
    (folder / name).write_bytes(table.encode())
    return read_export(folder / name, own)


def shown(outcome: Outcome, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(score.get(column) for column in columns) for score in outcome.scores]


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


SEASONS = """
family = "Cone"
version = "1"
kind = "interim"
error_unit = "theta"
key = ["School Year"]
no_floor = "risk bands are norms"
no_value = ["N/A*"]
without_scores = "students not tested"
[[layout]]
name = "wide"
needs = ["Local ID", "Grade", "Fall Theta"]
[student.identifiers]
"Local ID" = ["local"]
[fields]
subject = { column = "Assessment", contains = { aMath = "math", aReading = "reading" } }
grade_level = "Grade"
school_year = { column = "School Year", begins = true }
scale_score = "{name} Theta"
csem = "{name} SE"
administered_on = "{name} Date"
[[score]]
name = "Fall"
season = { value = "fall" }
[[score]]
name = "Winter"
season = { value = "winter" }
"""


def test_seasons_stand_side_by_side(tmp_path: Path) -> None:
    table = (
        "Local ID,Assessment,Grade,School Year,Fall Theta,Fall SE,Fall Date,Winter Theta,Winter SE,Winter Date\n"
        "a,FastBridge_aMath,Nine,2026,208.5,.4,2026-09-01,N/A*,,\n"
        "b,aReading,Kindergarten,2026,501,.4,2026-09-02,510,.3,2027-01-10\n"
        "c,aReading,Two,2026-27,,,,,,\n"
    )
    outcome = read(tmp_path, SEASONS, table)
    assert shown(
        outcome, "line", "subject", "grade_level", "season", "school_year", "scale_score", "csem"
    ) == [
        (2, "math", 9, "fall", 2027, 208.5, None),
        (3, "reading", 0, "fall", 2027, 501.0, None),
        (3, "reading", 0, "winter", 2027, 510.0, None),
    ]
    assert outcome.passed == {"students not tested": 1}
    assert outcome.notes == ["error_unit_not_used", "error_unit_not_used"]


FIXED = """
family = "Oak"
kind = "summative"
error_unit = "none"
key = ["date"]
[[version]]
name = "old"
last_year = 2024
[[version]]
name = "new"
first_year = 2025
[[layout]]
name = "2025"
record_length = 20
fields = "fields_2025.csv"
match = { date = '..25', grade = '0[3-8]' }
[[layout]]
name = "2024"
record_length = 20
fields = "fields_2024.csv"
match = { date = '..24' }
[student.identifiers]
id = ["peims"]
[fields]
subject = { value = "math" }
grade_level = "grade"
administered_on = { column = "date", form = "MMYY" }
scale_score = "score"
projected_probability = { column = "chance", percent = true, minimum = 0, maximum = 100 }
level = { flags = { Passing = "passing", Meets = "meets" }, otherwise = "Below" }
[levels]
order = ["Below", "Passing", "Meets"]
floor = "Meets"
"""


@pytest.fixture
def oak(tmp_path: Path) -> Path:
    own_test(tmp_path, FIXED)
    fields = [("date", 4), ("grade", 2), ("id", 5), ("score", 4), ("chance", 2), ("passing", 1), ("meets", 1)]
    for year, order in (("2025", fields), ("2024", [fields[0], *fields[2:], fields[1]])):
        start, lines = 0, ["field,start,width"]
        for name, width in order:
            lines.append(f"{name},{start},{width}")
            start += width
        (tmp_path / "assessments" / "pine" / f"fields_{year}.csv").write_text(
            "\n".join(lines), encoding="utf-8"
        )
    return tmp_path


def test_fixed_width_lines_are_told_apart_by_year_and_may_be_one_short(oak: Path) -> None:
    file = oak / "export.txt"
    file.write_text(
        "052504000011510991" + "1 \n" + "0525030000212007510\n\n05250\n" + "052504000031200 999 \n", "utf-8"
    )
    outcome = read_export(file, oak / "assessments")
    assert shown(
        outcome, "line", "student", "grade_level", "scale_score", "projected_probability", "level"
    ) == [
        (1, "peims 00001", 4, 1510.0, 0.99, "Meets"),
        (2, "peims 00002", 3, 1200.0, 0.75, "Passing"),
    ]
    assert [(row["line"], row["code"]) for row in outcome.refused] == [
        (4, "ragged_row"),
        (5, "unreadable_truth_value"),
    ]
    file.write_text("0524" + "00001" + "1510" + "99" + "00" + "04 \n", "utf-8")
    older = read_export(file, oak / "assessments")
    assert shown(older, "version", "grade_level", "level") == [("old", 4, "Below")]


STATED = (
    PINE.split("[[cut]]")[0]
    + """
[stated]
minimum = "From"
maximum = "To"
"""
)


def test_a_cut_that_the_file_states_is_used_only_if_all_rows_agree(tmp_path: Path) -> None:
    head = TABLE.replace("\n", ",From,To\n")
    agree = read(tmp_path, STATED, head + "a,4,5/6/2026,255,,1,,,,250,500\nb,4,5/6/2026,220,,2,,,,210,249\n")
    assert [row["cut"] for row in agree.assessments if row["grade_level"] == 4] == [250.0]
    differ = read(tmp_path, STATED, head + "a,4,5/6/2026,255,,1,,,,250,500\nb,4,5/6/2026,256,,1,,,,251,500\n")
    assert [row["cut"] for row in differ.assessments] == [None]
    assert differ.notes == ["cuts_differ"]


SUBJECT = PINE.replace(
    '{ value = "reading" }',
    '{ header = { Lexile = "reading" }, file_name = { ela = "reading", math = "math" } }',
)


@pytest.mark.parametrize(
    ("name", "extra", "subject"),
    [("pine_ela.csv", "", "reading"), ("PINE Math.csv", "", "math"), ("pine.csv", "Lexile", "reading")],
)
def test_a_subject_told_by_a_column_or_the_name_of_the_file(
    tmp_path: Path, name: str, extra: str, subject: str
) -> None:
    table = TABLE.replace("\n", f",{extra}\n") + "a,4,5/6/2026,255,,1,,,,\n"
    assert shown(read(tmp_path, SUBJECT, table, name), "subject") == [(subject,)]


@pytest.mark.parametrize(
    ("name", "extra", "said"),
    [("pine.csv", "", "nothing tells the subject"), ("pine_math.csv", "Lexile", "tell different things")],
)
def test_a_subject_that_is_not_told_or_told_twice_fails_the_file(
    engine: Engine, tmp_path: Path, name: str, extra: str, said: str
) -> None:
    own = own_test(tmp_path, SUBJECT)
    (tmp_path / name).write_text(TABLE.replace("\n", f",{extra}\n") + "a,4,5/6/2026,255,,1,,,,\n", "utf-8")
    summary = import_paths(engine, [tmp_path / name], district=None, limits=LIMITS, now=NOW, own_tests=own)
    assert said in str(summary.failed[0].message)


RANGES = (
    PINE
    + """
[[range]]
subject = "reading"
first_year = 2026
grades = { 4 = [100, 300] }
source = "made up"
"""
)


def test_what_the_scale_reaches_is_dated(tmp_path: Path) -> None:
    table = TABLE + "a,4,5/6/2026,310,,1,,,\nb,4,5/6/2025,310,,1,,,\nc,5,5/6/2026,310,,1,,,\n"
    outcome = read(tmp_path, RANGES, table)
    assert outcome.refused == [{"line": 2, "code": "number_out_of_range", "column": "Points"}]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('family = "Pine Test"', "", "family is missing"),
        ('kind = "summative"', 'kind = "final"', "kind must be one of"),
        ('error_unit = "points"', "", "error_unit is missing"),
        ('key = ["Day"]', "", "key must name"),
        ('floor = "There"', "", "no_floor is missing"),
        ('floor = "There"', 'floor = "Here"', "Here is not a level"),
        ('order = ["Low", "Near", "There"]', 'order = ["Low"]', "at least two levels"),
        ('csem = "Error"', 'sem = "Error"', "sem is no field"),
        ('level = "Band"', 'level = { column = "Band", word = {} }', "word is not known here"),
        ("[210, 250]", "[250, 210]", "rising"),
        ("[210, 250]", '["a"]', "give grades their numbers"),
        ('subject = { value = "reading" }', "", "needs a subject"),
        ('needs = ["Pine ID", "Points", "Band"]', "", "needs must name columns"),
        ('"Pine ID" = ["state"]', '"Pine ID" = "state"', "list of systems"),
        ('level = "Band"', "level = { column = \"Band\", pattern = '(' }", "pattern cannot be used"),
        ('version = "2026"', "version = 2026", "version has a value of the wrong kind"),
        ("[levels]", "[levels", "cannot be read"),
    ],
)
def test_a_layout_that_cannot_work_says_why(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in PINE
    folder = own_test(tmp_path, PINE.replace(old, new, 1)) / "pine"
    with pytest.raises(IntakeError, match=r"pine/layout\.toml") as raised:
        read_assessment(folder)
    assert said in str(raised.value)


def test_a_broken_layout_of_a_districts_own_stops_nothing_else(engine: Engine, tmp_path: Path) -> None:
    own = own_test(tmp_path, PINE.replace("kind", "sort"))
    package = write_package(tmp_path / "roster", small_district(1))
    summary = import_paths(engine, [package], district=None, limits=LIMITS, now=NOW, own_tests=own)
    assert [(file.status, "kind" in str(file.message)) for file in summary.failed] == [("failed", True)]
    assert summary.accepted > 0
