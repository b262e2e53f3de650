"""All tests of a child together: kept by each run, worked out again by the explanation, and no version of a report."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE, Principal, Role
from campaign.comparing.comparisons import compare_district, explain
from campaign.comparing.explanations import Explanation
from campaign.database import transaction
from campaign.documents.report_facts import report_facts
from campaign.store.reports import students
from content import catalog
from reports.records import ComparisonPolicy

NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
AS_OF = date(2026, 11, 2)
CONFLICTING, RETAKER, UNTESTED, FALL_ONLY = 3, 4, 5, 6

# 160 students in two schools, of which the second does much better; a state test with a line at 2528, a fall and a
# winter test of last year and a fall test of this.
SETUP = f"""
    INSERT INTO district (code, name) VALUES ('one', 'One');
    INSERT INTO school (district_id, source_id, name) VALUES (1, 'a', 'A'), (1, 'b', 'B');
    INSERT INTO student (district_id, school_id, given_name, family_name, grade_level)
    SELECT 1, 1 + n % 2, 'G' || n, 'F', 6 FROM generate_series(1, 160) n;
    INSERT INTO assessment (district_id, key, family, title, version, kind, subject, grade_level, season, cut)
    VALUES (1, 'state', 'State Test', 'State Test Mathematics', '2026', 'summative', 'math', 5, 'spring', 2528),
           (1, 'fall6', 'Growth Test', 'Growth Test Mathematics', '2026', 'interim', 'math', 6, 'fall', 208),
           (1, 'fall5', 'Growth Test', 'Growth Test Mathematics', '2026', 'interim', 'math', 5, 'fall', 204),
           (1, 'winter5', 'Growth Test', 'Growth Test Mathematics', '2026', 'interim', 'math', 5, 'winter', 206);
    CREATE TEMPORARY TABLE able AS
    SELECT id, 2440 + 80 * (school_id - 1) + (id * 37) % 160 AS theta FROM student;
    INSERT INTO score (district_id, student_id, assessment_id, source_key, administered_on, school_year, grade_level,
                       scale_score, csem, status)
    SELECT 1, a.id, t.test, convert_to(t.test || ' ' || a.id, 'UTF8'), t.day, t.year, t.grade,
           CASE WHEN t.test = 1 THEN a.theta + (a.id * 53) % 61 - 30
                ELSE round(a.theta * 0.09 - 20 + (a.id * 17 + t.test * 5) % 9 - 4) END,
           CASE WHEN t.test = 1 THEN 26 ELSE 3 END, 'valid'
    FROM able a CROSS JOIN (VALUES
        (1, date '2026-04-28', 2026, 5), (2, '2026-09-22', 2027, 6), (3, '2025-09-20', 2026, 5),
        (4, '2026-01-20', 2026, 5)
    ) t (test, day, year, grade)
    WHERE a.id <> {UNTESTED} AND (a.id <> {FALL_ONLY} OR t.test = 2);
    UPDATE score SET scale_score = CASE assessment_id WHEN 1 THEN 2720 WHEN 2 THEN 180 ELSE scale_score END
    WHERE student_id = {CONFLICTING};
    INSERT INTO score (district_id, student_id, assessment_id, source_key, administered_on, school_year, grade_level,
                       scale_score, csem, status)
    SELECT 1, {RETAKER}, 1, 'again', '2026-05-12', 2026, 5, scale_score + 30, 26, 'valid'
    FROM score WHERE student_id = {RETAKER} AND assessment_id = 1;
    INSERT INTO mark (district_id, student_id, source_key, course_title, subject, grade_level, school_year,
                      period_title, period_begins_on, period_ends_on, is_final, mark, scale)
    SELECT 1, id, convert_to('m' || id, 'UTF8'), 'Mathematics 5', 'math', 5, 2026, 'Year', '2025-08-18', '2026-05-29',
           true, 'B', 'letter'
    FROM student
"""


@pytest.fixture
def district(engine: Engine) -> Engine:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text(SETUP))
    return engine


def run(engine: Engine, days: int = 0) -> Any:
    moment = NOW + timedelta(days=days)
    return compare_district(engine, 1, ComparisonPolicy(), AS_OF + timedelta(days=days), moment)


def kept(engine: Engine) -> dict[int, tuple[float, int, bool, int]]:
    query = "SELECT student_id, probability, tests, conflict, population_id FROM combined_evidence ORDER BY 1"
    with transaction(engine, ENGINE) as connection:
        return {row[0]: tuple(row[1:]) for row in connection.execute(text(query))}


def why(engine: Engine, student: int, principal: Principal = ENGINE) -> Explanation:
    with transaction(engine, principal) as connection:
        return explain(connection, f"id:{student}", "math", catalog.load())


def said(found: Explanation, name: str) -> str:
    return next(value for given, value in found.numbers if name in given)


def test_everybody_tested_is_weighed_by_all_tests_and_nobody_else(district: Engine) -> None:
    run(district)
    found = kept(district)
    assert set(found) == set(range(1, 161)) - {UNTESTED}
    assert all(0 <= chance <= 1 for chance, *_ in found.values())
    assert {tests for _, tests, _, _ in found.values()} <= {1, 4, 5}
    assert (found[FALL_ONLY][1], found[RETAKER][1]) == (1, 5)
    assert found[CONFLICTING][2]
    assert sum(conflict for _, _, conflict, _ in found.values()) < 8


def test_the_explanation_works_the_same_number_out_again(district: Engine) -> None:
    run(district)
    for student in (1, 2, CONFLICTING, RETAKER, FALL_ONLY):
        found = why(district, student)
        assert said(found, "all tests together (staff only)").startswith(
            f"{kept(district)[student][0]:.4f} from "
        )


def test_both_chances_stand_beside_what_went_in(district: Engine) -> None:
    run(district)
    found = why(district, 1)
    names = [name for name, _ in found.numbers]
    assert sum("chance to be at or above the cut (staff only)" in name for name in names) >= 1
    assert said(found, "weighed on the scale of").startswith(
        "State Test Mathematics, grade 5, 2026: cut 2528, district"
    )
    assert "158 students" in said(found, "weighed on the scale of")
    weighed = [value for name, value in found.numbers if name.endswith("weighed as")]
    assert sorted("link" in value for value in weighed) == [False, True, True, True]
    assert sum("0.40 years old" in value for value in weighed) == 1
    assert found.warnings == []


def test_tests_that_conflict_are_a_warning_to_staff(district: Engine) -> None:
    run(district)
    found = why(district, CONFLICTING)
    assert "differ more than their errors" in found.warnings[0]
    assert found.warnings[0] in str(found)


def test_attempts_and_change_over_time_are_listed(district: Engine) -> None:
    run(district)
    found = why(district, RETAKER)
    assert said(found, "mean of 2 attempts").endswith("± 18.38 points")
    assert "a change counts from 5.431" in said(found, "2025-09-20 to 2026-01-20")
    assert not any("to 2026-09-22" in name for name, _ in found.numbers), "another grade may be another scale"


def test_without_a_number_the_explanation_says_why(district: Engine) -> None:
    with transaction(district, ENGINE) as connection:
        connection.execute(text("DELETE FROM score WHERE student_id > 20"))
    run(district)
    assert kept(district) == {}
    assert "no state test of 30 students" in said(why(district, 1), "all tests together")
    assert "no full, dated score" in said(why(district, UNTESTED), "all tests together")


def test_a_second_run_keeps_population_and_versions(district: Engine) -> None:
    run(district)
    before = kept(district)
    with transaction(district, ENGINE) as connection:
        connection.execute(text("UPDATE score SET scale_score = scale_score - 1 WHERE student_id = 7"))
    summary = run(district, days=1)
    after = kept(district)
    assert (summary.written.changed, summary.written.new) == (1, 0)
    assert {student for student in after if after[student] != before[student]} == {7}


def test_new_students_move_everybodys_number_and_nobodys_version(district: Engine) -> None:
    run(district)
    before = kept(district)
    with transaction(district, ENGINE) as connection:
        connection.execute(text("DELETE FROM score WHERE student_id > 120"))
    summary = run(district, days=1)
    after = kept(district)
    assert set(after) == set(range(1, 121)) - {UNTESTED}
    assert all(after[student][3] != before[student][3] for student in after)
    assert summary.written.changed == 40


def test_the_same_scores_get_the_same_number_in_every_school(district: Engine) -> None:
    weak, strong = 10, 11
    with transaction(district, ENGINE) as connection:
        connection.execute(
            text(
                f"""
                UPDATE score s SET scale_score = o.scale_score FROM score o
                WHERE s.student_id = {strong} AND o.student_id = {weak} AND o.assessment_id = s.assessment_id
                """
            )
        )
    run(district)
    assert kept(district)[weak][0] == kept(district)[strong][0]


def test_school_staff_see_the_number_of_their_own_students(district: Engine) -> None:
    run(district)
    staff = Principal(Role.SCHOOL, district_id=1, school_ids=(2,))
    assert said(why(district, 1, staff), "all tests together (staff only)")


def test_no_point_is_drawn_for_a_family_where_attempts_are_judged_by_their_mean(district: Engine) -> None:
    run(district)
    with transaction(district, ENGINE) as connection:
        (row,) = students(connection, 1, after=0, limit=1, student_id=RETAKER)
    tests = report_facts(row).subjects[0].tests
    assert [(test.family, test.score) for test in tests if test.family == "State Test"] == [
        ("State Test", None)
    ] * 2
    assert all(test.score is not None for test in tests if test.family != "State Test")
