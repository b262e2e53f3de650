"""Mapped tables, settings of assessments, the district a file belongs to, and what is told about problems."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.intake.listing import export_problems, file_table, problem_lines
from campaign.store.imports import open_problems
from tests.campaign.intake.importing import bring, named, rows
from tests.campaign.intake.packages import small_district, write_package, write_table

SCORES = """
[mapping]
kind = "scores"
date_order = "mdy"
[mapping.columns]
student_state_id = "Student"
scale_score = "Score"
level = "Level"
administered_on = "Day"
reason_not_tested = "Reason"
[mapping.values]
family = "Lake Test"
version = "2026"
subject = "math"
grade_level = 4
assessment_kind = "summative"
[[mapping.assessment]]
grade = 4
floor = "2"
test_sem = 3
levels = [{ code = "1", minimum = 100, maximum = 199 }, { code = "2", minimum = 200, maximum = 300 }]
"""


@pytest.fixture
def lake(engine: Engine, tmp_path: Path) -> Path:
    """A folder for tables, with six students of one district in the register."""
    bring(engine, write_package(tmp_path / "roster", small_district()))
    folder = tmp_path / "tables"
    folder.mkdir()
    return folder


def test_a_mapped_table_of_scores_brings_its_cut(engine: Engine, lake: Path) -> None:
    (lake / "scores.toml").write_text(SCORES, encoding="utf-8")
    row = {"Student": "ST1", "Score": "210", "Level": "2", "Day": "5/6/2026", "Reason": ""}
    absent = {"Student": "ST2", "Score": "", "Level": "", "Day": "5/6/2026", "Reason": "Ill"}
    write_table(
        lake / "scores.csv", list(row), [row, absent, row | {"Student": "ST3", "Score": "", "Level": ""}]
    )
    summary = bring(engine, lake)
    assert named(summary, "table of scores").refused == 1
    assert rows(engine, "SELECT key, cut, floor_level, test_sem FROM assessment") == [
        ("Lake Test|2026|math|4|", 200.0, "2", 3.0)
    ]
    assert rows(
        engine, "SELECT scale_score, status, administered_on::text, school_year FROM score ORDER BY 2"
    ) == [
        (None, "absent", "2026-05-06", 2026),
        (210.0, "valid", "2026-05-06", 2026),
    ]


def test_settings_give_a_test_its_cut_and_results_do_not_take_it_away(engine: Engine, lake: Path) -> None:
    (lake / "cuts.toml").write_text(
        '[[assessment]]\nfamily = "Lake Test"\nversion = "2026"\nsubject = "math"\ngrade = 4\ncut = 205\n',
        encoding="utf-8",
    )
    (lake / "scores.toml").write_text(SCORES.split("[[mapping")[0], encoding="utf-8")
    row = {"Student": "ST1", "Score": "210", "Level": "2", "Day": "2026-05-06", "Reason": ""}
    write_table(lake / "scores.csv", list(row), [row])
    bring(engine, lake)
    bring(engine, lake)
    assert rows(engine, "SELECT cut FROM assessment") == [(205.0,)]
    assert rows(engine, "SELECT count(*) FROM refused_row WHERE code = 'no_floor'") == [(0,)]


def test_a_test_without_floor_is_reported_and_keeps_no_cut(engine: Engine, lake: Path) -> None:
    (lake / "scores.toml").write_text(SCORES.split("[[mapping")[0], encoding="utf-8")
    row = {"Student": "ST1", "Score": "210", "Level": "2", "Day": "2026-05-06", "Reason": ""}
    write_table(lake / "scores.csv", list(row), [row])
    assert named(bring(engine, lake), "table of scores").accepted == 1
    assert rows(engine, "SELECT cut, floor_level FROM assessment") == [(None, None)]
    assert rows(engine, "SELECT code, accepted FROM refused_row") == [("no_floor", True)]


def test_a_table_without_mapping_says_what_is_missing(engine: Engine, lake: Path) -> None:
    write_table(lake / "scores.csv", ["Student", "Score"], [{"Student": "ST1", "Score": "1"}])
    assert "with a mapping beside them" in str(bring(engine, lake / "scores.csv").failed[0].message)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"scores"', '"score"', 'kind must be "grades", "scores", "attendance" or "contacts"'),
        ("scale_score", "points", "points is not a field of scores"),
        ("student_state_id", "level", "cannot be read as TOML"),
        ('family = "Lake Test"', "", "needs family"),
        ('"mdy"', '"ymd"', 'date_order must be "mdy" or "dmy"'),
    ],
)
def test_a_mapping_that_cannot_work_says_why(
    engine: Engine, lake: Path, old: str, new: str, said: str
) -> None:
    (lake / "scores.toml").write_text(SCORES.replace(old, new), encoding="utf-8")
    assert said in str(bring(engine, lake).failed[0].message)


def test_a_file_without_district_goes_to_the_only_one_or_asks(
    engine: Engine, lake: Path, tmp_path: Path
) -> None:
    other = small_district(1)
    other["orgs"][0] |= {"identifier": "RED", "name": "Red Hill"}
    bring(engine, write_package(tmp_path / "red", other))
    (lake / "scores.toml").write_text(SCORES, encoding="utf-8")
    row = {"Student": "ST1", "Score": "210", "Level": "2", "Day": "2026-05-06", "Reason": ""}
    write_table(lake / "scores.csv", list(row), [row])
    assert "known: BLUE, RED" in str(bring(engine, lake).failed[0].message)
    assert "no district with the code GREEN" in str(bring(engine, lake, district="GREEN").failed[0].message)
    assert bring(engine, lake, district="RED").failed == []


def test_problems_are_told_by_line_and_exported_without_formulas(engine: Engine, lake: Path) -> None:
    (lake / "=scores.toml").write_text(SCORES, encoding="utf-8")
    row = {"Student": "unknown", "Score": "210", "Level": "2", "Day": "2026-05-06", "Reason": ""}
    write_table(lake / "=scores.csv", list(row), [row, row | {"Student": "ST1"}])
    summary = bring(engine, lake)
    assert "table of scores" in file_table(summary)
    with transaction(engine, ENGINE) as connection:
        problems = open_problems(connection)
    assert problem_lines(problems) == [
        "=scores.csv, column student, line 2: No student of the district has this identifier. "
        "Import the roster first, or check which identifier the file uses for students."
    ]
    assert export_problems(problems, lake / "out.csv") == 1
    with (lake / "out.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert next(csv.DictReader(stream))["file"] == "'=scores.csv"


def test_problems_of_an_older_import_of_the_same_file_are_gone(engine: Engine, lake: Path) -> None:
    (lake / "scores.toml").write_text(SCORES, encoding="utf-8")
    row = {"Student": "unknown", "Score": "210", "Level": "2", "Day": "2026-05-06", "Reason": ""}
    write_table(lake / "scores.csv", list(row), [row])
    bring(engine, lake)
    write_table(lake / "scores.csv", list(row), [row | {"Student": "ST1"}])
    bring(engine, lake)
    with transaction(engine, ENGINE) as connection:
        assert open_problems(connection) == []
