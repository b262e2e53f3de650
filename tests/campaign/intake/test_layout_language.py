"""The language of layouts: what else it can say, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.intake.layouts.language import read_assessment
from campaign.intake.problems import IntakeError
from campaign.intake.run import import_paths
from tests.campaign.intake.importing import LIMITS, NOW
from tests.campaign.intake.layout_samples import read_export
from tests.campaign.intake.packages import small_district, write_package
from tests.campaign.intake.pine_test import PINE, TABLE, own_test, read, shown

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


def test_a_course_of_its_own_has_no_grade_and_is_looked_for_only_where_its_column_is(tmp_path: Path) -> None:
    course = (
        PINE
        + """
[[score]]
name = "pine"
[[score]]
name = "algebra"
family = "Pine Algebra"
subject = { value = "math" }
grade_level = { value = "" }
scale_score = "Algebra Points"
level = "Algebra Band"
present = "Algebra Code"
"""
    )
    with_course = TABLE.replace("\n", ",Algebra Points,Algebra Band,Algebra Code\n")
    outcome = read(
        tmp_path, course, with_course + "a,4,5/6/2026,255,,1,,,,300,There,S\nb,4,5/6/2026,255,,1,,,,,,\n"
    )
    assert shown(outcome, "line", "family", "subject", "grade_level") == [
        (2, "Pine Test", "reading", 4),
        (2, "Pine Algebra", "math", None),
        (3, "Pine Test", "reading", 4),
    ]
    assert [row["grade_level"] for row in outcome.assessments if row["family"] == "Pine Algebra"] == [None]
    without = read(tmp_path, course, TABLE + "a,4,5/6/2026,255,,1,,,\n")
    assert shown(without, "family") == [("Pine Test",)]


def test_a_dated_score_is_the_same_result_in_whatever_place_it_stands(tmp_path: Path) -> None:
    dated = (
        PINE.replace('key = ["Day"]\n', "").replace(
            'administered_on = "Day"', 'administered_on = "{name} Day"'
        )
        + '\n[[score]]\nname = "Latest"\ndated = true\nscale_score = "Points"\n'
        + '[[score]]\nname = "Earlier"\ndated = true\nscale_score = "Earlier Points"\nlevel = "Earlier Band"\n'
    )
    head = "Pine ID,Grade,Points,Band,Latest Day,Earlier Points,Earlier Band,Earlier Day\n"
    spring = read(tmp_path, dated, head + "a,4,255,1,5/6/2026,,,\n")
    fall = read(tmp_path, dated, head + "a,4,301,1,2026-10-06,255,1,2026-05-06\n")
    assert shown(fall, "scale_score") == [(301.0,), (255.0,)]
    assert len(set(fall.keys)) == 2
    assert set(fall.keys) & set(spring.keys) == set(spring.keys)
