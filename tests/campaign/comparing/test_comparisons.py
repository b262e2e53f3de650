"""Comparisons of a district: kept, versioned, superseded together, explained under the reader's own rights."""

from __future__ import annotations

import csv
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from campaign.access import ENGINE, Principal, Role
from campaign.comparing import comparisons
from campaign.comparing.comparisons import Terms, compare_chunks, compare_district, explain, export
from campaign.database import transaction
from campaign.plain_error import NotFound
from campaign.store.comparisons import Written
from content import catalog
from reports.records import ComparisonPolicy

AS_OF = date(2026, 6, 20)
NOW = datetime(2026, 6, 20, 18, 0, tzinfo=UTC)
POLICY = ComparisonPolicy()

SETUP = """
    INSERT INTO district (code, name) VALUES ('one', 'One'), ('two', 'Two');
    INSERT INTO school (district_id, source_id, name) VALUES (1, 'a', 'A'), (1, 'b', 'B'), (2, 'c', 'C');
    INSERT INTO staff_member (district_id, source_id, given_name, family_name) VALUES (1, 't', 'Rosa', 'Rivera');
    INSERT INTO student (district_id, school_id, given_name, family_name, grade_level)
    VALUES (1, 1, 'Ana', 'Alba', 5), (1, 2, 'Bo', 'Berg', 5), (1, 1, 'Cy', 'Cole', 5), (2, 3, 'Di', 'Dorn', 5);
    INSERT INTO student_identifier (district_id, system, value, student_id)
    VALUES (1, 'state', 'S-1', 1), (1, 'local', '2', 1), (1, 'local', '77', 2), (2, 'local', '77', 4);
    INSERT INTO assessment (district_id, key, family, title, version, kind, subject, grade_level, season, levels,
                            floor_level, cut, score_minimum, score_maximum)
    SELECT d, 'state', 'State Test', 'State Test Mathematics 5', '2026', 'summative', 'math', 5, 'spring',
           '[{"code": "1", "name": "Did Not Meet", "minimum": 2220, "maximum": 2527},
             {"code": "2", "name": "Meets", "minimum": 2528, "maximum": 2740}]', '2', 2528, 2220, 2740
    FROM generate_series(1, 2) d;
    INSERT INTO mark (district_id, student_id, source_key, teacher_id, course_title, subject, grade_level, school_year,
                      period_title, period_begins_on, period_ends_on, is_final, mark, scale)
    SELECT s.district_id, s.id, convert_to('m' || s.id, 'UTF8'), CASE WHEN s.district_id = 1 THEN 1 END,
           'Mathematics 5', 'math', 5, 2026, 'Year', '2025-08-18', '2026-05-29', true, m.mark, 'letter'
    FROM student s JOIN (VALUES (1, 'B'), (2, 'C'), (3, 'I'), (4, 'A')) m (id, mark) ON m.id = s.id;
    INSERT INTO score (district_id, student_id, assessment_id, source_key, administered_on, school_year, grade_level,
                       scale_score, csem, level, status, test_language)
    SELECT s.district_id, s.id, s.district_id, convert_to('s' || s.id, 'UTF8'), '2026-04-28', 2026, 5, t.score, 26,
           t.level, 'valid', 'en'
    FROM student s JOIN (VALUES (1, 2540, '2'), (2, 2440, '1'), (3, 2600, '2'), (4, 2600, '2')) t (id, score, level)
      ON t.id = s.id
"""


MARKS_IN_SCIENCE = """
    INSERT INTO mark (district_id, student_id, source_key, course_title, subject, grade_level, school_year,
                      period_title, period_begins_on, period_ends_on, is_final, mark, scale)
    SELECT district_id, id, convert_to('science' || id, 'UTF8'), 'Science 5', 'science', 5, 2026, 'Year', '2025-08-18',
           '2026-05-29', true, 'B', 'letter'
    FROM student WHERE district_id = 1
"""


@pytest.fixture
def district(engine: Engine) -> Engine:
    """District one: Ana (B, close), Bo (C, not yet), Cy (incomplete); district two: Di."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(text(SETUP))
    return engine


def run(engine: Engine, now: datetime = NOW, **changes: Any) -> comparisons.ComparisonSummary:
    return compare_district(engine, changes.get("district_id", 1), POLICY, changes.get("as_of", AS_OF), now)


def change(engine: Engine, statement: str) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text(statement))


def rows(engine: Engine) -> list[tuple[Any, ...]]:
    """Everything in the table but ids, without the explanation (its hash stands for it)."""
    query = """
        SELECT student_id, subject, version, category, refusal, rules, mark_id, score_ids, inputs_hash, computed_at,
               superseded_at
        FROM comparison ORDER BY student_id, subject, version
    """
    with transaction(engine, ENGINE) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def versions(engine: Engine, student: int) -> list[tuple[int, str, str | None, bool]]:
    return [(row[2], row[3], row[4], row[10] is None) for row in rows(engine) if row[0] == student]


def test_every_student_of_the_district_gets_an_outcome(district: Engine) -> None:
    summary = run(district)
    assert summary.students == 3
    assert summary.by_category == {"HIGH_CLOSE": 1, "MID_NOTYET": 1, "NOT_ENOUGH": 1}
    assert summary.by_refusal == {"mark_not_comparable": 1}
    assert summary.written == Written(new=3, changed=0, unchanged=0)
    assert {row[0] for row in rows(district)} == {1, 2, 3}


def test_comparing_again_changes_nothing(district: Engine) -> None:
    run(district)
    before = rows(district)
    summary = run(district, NOW + timedelta(days=3), as_of=AS_OF + timedelta(days=3))
    assert summary.written == Written(new=0, changed=0, unchanged=3)
    assert rows(district) == before


def test_a_corrected_mark_makes_a_new_version_and_keeps_the_old_one(district: Engine) -> None:
    run(district)
    change(district, "UPDATE mark SET mark = 'C' WHERE student_id = 1")
    later = NOW + timedelta(days=1)
    assert run(district, later).written == Written(new=0, changed=1, unchanged=2)
    assert versions(district, 1) == [(1, "HIGH_CLOSE", None, False), (2, "MID_CLOSE", None, True)]
    old, new = (row for row in rows(district) if row[0] == 1)
    assert (old[10], new[9]) == (later, later)


def test_a_changed_number_behind_the_same_category_is_a_new_version_too(district: Engine) -> None:
    run(district)
    change(district, "UPDATE score SET scale_score = 2541 WHERE student_id = 1")
    run(district)
    assert [v[:2] for v in versions(district, 1)] == [(1, "HIGH_CLOSE"), (2, "HIGH_CLOSE")]


def test_vanished_records_are_superseded_by_not_enough_once(district: Engine) -> None:
    run(district)
    change(
        district,
        "DELETE FROM score WHERE student_id = 1; UPDATE mark SET withdrawn = true WHERE student_id = 1",
    )
    assert run(district).written == Written(new=0, changed=1, unchanged=2)
    assert versions(district, 1) == [(1, "HIGH_CLOSE", None, False), (2, "NOT_ENOUGH", "no_score", True)]
    assert run(district).written == Written(new=0, changed=0, unchanged=3)


def test_facts_are_cleared_once_no_version_names_them(district: Engine) -> None:
    run(district)
    change(district, "UPDATE mark SET course_title = 'Mathematics, renamed' WHERE student_id = 1")
    run(district)
    assert comparisons.clear_facts(district) == 0
    change(district, "DELETE FROM comparison WHERE student_id = 1 AND version = 1")
    assert comparisons.clear_facts(district) == 1
    with transaction(district, ENGINE) as connection:
        assert "renamed" in str(explain(connection, "1", "math", catalog.load()))
    change(district, "DELETE FROM comparison")
    assert comparisons.clear_facts(district) > 1
    assert comparisons.clear_facts(district) == 0


def test_a_run_that_dies_half_way_leaves_whole_chunks_and_the_next_run_finishes(district: Engine) -> None:
    chunks = compare_chunks(district, 1, Terms(POLICY, AS_OF), NOW, size=2)
    assert next(chunks) == (2, Written(new=2))
    del chunks
    assert {row[0] for row in rows(district)} == {1, 2}
    assert run(district).written == Written(new=1, changed=0, unchanged=2)
    halved = [row[:9] for row in rows(district)]
    change(district, "DELETE FROM comparison")
    run(district)
    assert [row[:9] for row in rows(district)] == halved


def test_a_failure_inside_a_chunk_leaves_the_old_versions_current(district: Engine) -> None:
    run(district)
    before = rows(district)
    change(district, "UPDATE mark SET mark = 'F'")
    with district.begin() as owner:
        owner.execute(text("ALTER TABLE comparison ADD CHECK (version < 2)"))
    with pytest.raises(Exception, match="comparison_version_check"):
        run(district)
    assert rows(district) == before


def test_districts_do_not_mix(district: Engine) -> None:
    run(district, district_id=2)
    assert {row[0] for row in rows(district)} == {4}


OFFICE = Principal(Role.DISTRICT, district_id=1)


def explained(
    engine: Engine, principal: Principal, student: str, language: str = "en"
) -> comparisons.Explanation:
    with transaction(engine, principal) as connection:
        return explain(connection, student, "math", catalog.load(), language)


@pytest.mark.parametrize("student", ["1", "S-1", "state:S-1", "local:2", "id:1"])
def test_explain_finds_a_student_by_any_id(district: Engine, student: str) -> None:
    run(district)
    found = explained(district, OFFICE, student)
    assert found.sentence.startswith("Ana has a B in math. On the spring state test, Ana was close")


def test_explain_names_records_rules_and_numbers(district: Engine) -> None:
    run(district)
    found = explained(district, OFFICE, "S-1")
    assert "mark 1: B (letter, HIGH) in Mathematics 5" in found.records[0]
    assert "score 1: State Test Mathematics 5, 2026-04-28, score 2540, level 2: used" in found.records[1]
    assert found.rule[0] == "HIGH_CLOSE: mark HIGH, test CLOSE"
    numbers = dict(found.numbers)
    assert numbers["score 1"] == "score 2540, cut 2528, error 26 (from csem), floor 2, verdict CLOSE"
    assert numbers["score 1, chance to be at or above the cut (staff only)"] == "0.677794"
    assert numbers["certainty"] == "0.8"
    assert numbers["version of this comparison"].startswith("1, computed 2026-06-20 18:00")
    printed = str(found)
    assert all(line in printed for line in [found.sentence, *found.records, *found.rule])


def test_explain_speaks_the_familys_language(district: Engine) -> None:
    run(district)
    assert explained(district, OFFICE, "S-1", "es").sentence.startswith("Ana tiene una B en matemáticas.")


def test_explain_says_why_nothing_is_compared_and_what_to_do(district: Engine) -> None:
    run(district)
    found = explained(district, OFFICE, "3")
    assert found.sentence.startswith("We do not have enough facts to say if Cy is at grade level in math.")
    assert found.rule[0].startswith("NOT_ENOUGH, mark_not_comparable:")
    assert found.records[0].endswith("not compared; the course is not finished")


@pytest.mark.parametrize(
    ("principal", "student", "words"),
    [
        (OFFICE, "4", "no student 4"),
        (OFFICE, "nobody", "no student nobody"),
        (Principal(Role.SCHOOL, district_id=1, school_ids=(2,)), "1", "no student 1"),
        (OFFICE, "2", "2 is the id of 2 students; write id:2"),
        (ENGINE, "local:77", "the id of 2 students"),
    ],
)
def test_explain_shows_nobody_outside_the_readers_scope(
    district: Engine, principal: Principal, student: str, words: str
) -> None:
    run(district)
    with pytest.raises(NotFound, match=words):
        explained(district, principal, student)


def test_explain_names_what_is_there_when_the_subject_is_not(district: Engine) -> None:
    run(district)
    with transaction(district, OFFICE) as connection, pytest.raises(NotFound, match="there is math"):
        explain(connection, "1", "reading", catalog.load())


def test_export_is_complete_private_and_safe_to_open(district: Engine, tmp_path: Path) -> None:
    change(district, "UPDATE mark SET mark = '-A+cmd' WHERE student_id = 3")
    run(district)
    file = tmp_path / "comparisons.csv"
    with transaction(district, ENGINE) as connection:
        assert export(connection, [1], file) == 3
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with file.open(encoding="utf-8", newline="") as opened:
        read = list(csv.DictReader(opened))
    assert [(row["student_id"], row["category"], row["mark"]) for row in read] == [
        ("1", "HIGH_CLOSE", "B"),
        ("2", "MID_NOTYET", "C"),
        ("3", "NOT_ENOUGH", "'-A+cmd"),
    ]
    assert read[0]["state_id"] == "S-1"
    assert read[0]["test"] == "State Test Mathematics 5"
    assert read[2]["refusal_means"].startswith("The mark does not grade learning")
    assert list(tmp_path.iterdir()) == [file]


def test_a_family_link_reaches_no_figures_behind_its_report(district: Engine) -> None:
    run(district)
    family = Principal(Role.FAMILY, district_id=1, student_id=1, contact_id=1)
    with (
        pytest.raises(ProgrammingError, match="permission denied for table comparison"),
        transaction(district, family) as connection,
    ):
        connection.execute(text("SELECT count(*) FROM comparison"))


def test_marks_in_a_subject_that_the_grade_is_not_tested_in_are_told_apart(district: Engine) -> None:
    with transaction(district, ENGINE) as connection:
        connection.execute(text(MARKS_IN_SCIENCE))
    summary = compare_district(district, 1, POLICY, AS_OF, NOW)
    assert (summary.by_refusal["no_score"], summary.untested) == (3, 3)


def test_a_grade_without_any_results_waits_for_them(district: Engine) -> None:
    with transaction(district, ENGINE) as connection:
        connection.execute(text(MARKS_IN_SCIENCE))
        connection.execute(text("DELETE FROM score"))
    summary = compare_district(district, 1, POLICY, AS_OF, NOW)
    assert (summary.by_refusal["no_score"], summary.untested) == (6, 0)
