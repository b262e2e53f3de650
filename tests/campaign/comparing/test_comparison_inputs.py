"""What reaches the comparison from the database: English proficiency from its own tests, projections of vendors."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, text

from campaign.store.comparison_inputs import inputs

SETUP = """
    INSERT INTO district (code, name) VALUES ('one', 'One');
    INSERT INTO school (district_id, source_id, name) VALUES (1, 'a', 'A');
    INSERT INTO student (district_id, school_id, given_name, family_name, grade_level, english_learner)
    VALUES (1, 1, 'Ana', 'Alba', 5, true), (1, 1, 'Bo', 'Berg', 5, NULL);
    INSERT INTO assessment (district_id, key, family, title, version, kind)
    VALUES (1, 'english', 'ACCESS', 'ACCESS for ELLs', '2026', 'language'),
           (1, 'fall', 'Growth Test', 'Growth Test', '2026', 'interim');
"""
TAKEN = text(
    """
    INSERT INTO score (district_id, student_id, assessment_id, source_key, administered_on, level, status,
                       projected_probability)
    VALUES (1, 1, :test, convert_to(:day || :status || :test, 'UTF8'), CAST(:day AS date), :level, :status, :chance)
    """
)
LANGUAGE, GROWTH = 1, 2


@pytest.mark.parametrize(
    ("taken", "level"),
    [
        ([], None),
        ([("2026-01-20", "4.3", "valid")], 4.3),
        ([("2025-01-20", "3.1", "valid"), ("2026-01-20", "4.3", "valid")], 4.3),
        ([("2025-01-20", "3.1", "valid"), ("2026-01-20", "4.3", "invalidated")], 3.1),
        ([("2026-01-20", "Level A", "valid")], None),
        ([("2025-01-20", "3.1", "valid"), ("2026-01-20", "Level A", "valid")], None),
        ([("2026-01-20", None, "valid")], None),
    ],
)
def test_english_proficiency_is_the_level_of_the_newest_valid_test_of_it(
    connection: Connection, taken: Sequence[tuple[str, str | None, str]], level: float | None
) -> None:
    connection.execute(text(SETUP))
    for day, reported, status in taken:
        values = {"test": LANGUAGE, "day": day, "level": reported, "status": status, "chance": None}
        connection.execute(TAKEN, values)
    students = inputs(connection, 1, 1, 2).students.set_index("student_id")
    assert students["english_proficiency"].notna().tolist() == [level is not None, False]
    assert level is None or students.loc[1, "english_proficiency"] == pytest.approx(level)


def test_a_level_of_another_kind_of_test_says_nothing_about_english(connection: Connection) -> None:
    connection.execute(text(SETUP))
    connection.execute(
        TAKEN, {"test": GROWTH, "day": "2026-01-20", "level": "4", "status": "valid", "chance": 0.4}
    )
    found = inputs(connection, 1, 1, 2)
    assert found.students["english_proficiency"].isna().all()
    assert found.scores["projected_probability"].tolist() == [0.4]


def test_marks_and_levels_that_look_like_numbers_stay_the_text_they_are(connection: Connection) -> None:
    connection.execute(text(SETUP))
    given = ["87", "03", "3.0", "B", "=1", "NaN"]
    for number, mark in enumerate(given):
        connection.execute(
            text(
                """
                INSERT INTO mark (district_id, student_id, source_key, mark, scale, course_title, period_title)
                VALUES (1, 1, convert_to(:key, 'UTF8'), :mark, 'percent', :mark, NULL)
                """
            ),
            {"key": str(number), "mark": mark},
        )
    connection.execute(
        TAKEN, {"test": GROWTH, "day": "2026-01-20", "level": "04", "status": "valid", "chance": None}
    )
    found = inputs(connection, 1, 1, 2)
    marks = found.marks.sort_values("mark_id")
    assert marks["mark"].tolist() == marks["course_title"].tolist() == given
    assert marks["period_title"].isna().all()
    assert found.scores["level"].tolist() == ["04"]
