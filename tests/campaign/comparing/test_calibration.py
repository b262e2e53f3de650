"""Forecasts from the database: which earlier test or comparison is held against which later state test."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.commands.calibration_lines import lines
from campaign.comparing.calibration import CalibrationReport, forecasts, report
from campaign.database import transaction
from reports.compare.calibration import Question
from reports.compare.reliability import svg

AS_OF = date(2026, 11, 2)
CERTAIN = 0.80

# 60 students with a fall interim test (line 200, error 4) and the spring state test (line 500): the first 30 at 210
# and the others at 190; 24 of the first and 6 of the others then reach grade level.
_DISTRICT = """
    INSERT INTO district (code, name) VALUES ('one', 'One');
    INSERT INTO student (district_id, given_name, family_name, grade_level)
    SELECT 1, 'Canary', 'Child', 6 FROM generate_series(1, 60);
    INSERT INTO assessment (district_id, key, family, title, version, kind, subject, grade_level, season, levels,
                            floor_level, cut, test_sem)
    VALUES (1, 'fall', 'MAP', 'MAP', '1', 'interim', 'math', 5, 'fall', '[]', NULL, 200, 4),
           (1, 'spring', 'State', 'State', '1', 'summative', 'math', 5, NULL,
            '[{"code": "L"}, {"code": "H"}]', 'H', 500, 25),
           (1, 'other', 'State', 'State Alternate', '1', 'alternate', 'math', 5, NULL,
            '[{"code": "L"}, {"code": "H"}]', 'H', 500, 25),
           (1, 'yearly', 'MAP', 'MAP', '1', 'interim', 'math', 5, NULL, '[]', NULL, 200, 4),
           (1, 'last', 'State', 'State', '1', 'summative', 'math', 4, NULL,
            '[{"code": "L"}, {"code": "H"}]', 'H', 480, 25);
    INSERT INTO score (district_id, student_id, assessment_id, source_key, administered_on, school_year, scale_score,
                       csem, status, projected_probability)
    SELECT 1, i, 1, ('fall' || i)::bytea, '2025-09-10', 2026, CASE WHEN i <= 30 THEN 210 ELSE 190 END,
           CASE WHEN i % 2 = 0 THEN 4 END, 'valid', 0.6
    FROM generate_series(1, 60) i;
    INSERT INTO score (district_id, student_id, assessment_id, source_key, administered_on, school_year, scale_score,
                       level, status)
    SELECT 1, i, 2, ('spring' || i)::bytea, '2026-04-20', 2026,
           CASE WHEN i % 2 = 0 THEN CASE WHEN at THEN 500 ELSE 499 END END,
           CASE WHEN i % 2 = 1 THEN CASE WHEN at THEN 'H' ELSE 'L' END END, 'valid'
    FROM (SELECT i, i <= 24 OR i > 54 AS at FROM generate_series(1, 60) i) known
"""


@pytest.fixture
def district(engine: Engine) -> Engine:
    change(engine, _DISTRICT)
    return engine


def change(engine: Engine, statement: str) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text(statement))


def gathered(engine: Engine, as_of: date = AS_OF) -> pd.DataFrame:
    return pd.concat([part for _, part in forecasts(engine, 1, as_of)], ignore_index=True)


def counted(engine: Engine, as_of: date = AS_OF) -> dict[tuple[str, str], int]:
    sizes = gathered(engine, as_of).groupby(["question", "source"]).size()
    return {(str(key[0]), str(key[1])): int(n) for key, n in sizes.items()}  # type: ignore[index]


def said(engine: Engine) -> CalibrationReport:
    return report((part for _, part in forecasts(engine, 1, AS_OF)), CERTAIN)


FALL = (str(Question.IS_AT_GRADE_LEVEL), "MAP, fall")
PROJECTION = (str(Question.WILL_SCORE_PROFICIENT), "MAP, fall: its projection")
STORED = (str(Question.IS_AT_GRADE_LEVEL), "our comparison")
LAST_YEAR = (str(Question.IS_AT_GRADE_LEVEL), "State, the year before")


def test_an_interim_test_is_held_against_the_state_test_of_its_year(district: Engine) -> None:
    found = gathered(district)
    assert counted(district) == {FALL: 60, PROJECTION: 60}
    rows = found[found["source"] == "MAP, fall"]
    assert rows["probability"].round(4).value_counts().to_dict() == {0.9938: 30, 0.0062: 30}
    assert rows.groupby(rows["probability"] > 0.5)["outcome"].sum().to_dict() == {True: 24, False: 6}
    assert set(rows["grade_level"]) == {5}


def test_the_two_questions_stand_apart_and_each_says_how_often_it_came_true(district: Engine) -> None:
    found = said(district)
    table = found.table[found.table["grade_level"].isna()].set_index("question")["calibration"]
    assert (table["a"].students, table["a"].came_true, table["a"].decided, table["a"].right) == (
        60,
        0.5,
        1.0,
        0.8,
    )
    assert table["a"].ece == pytest.approx(0.1938, abs=1e-4)
    assert (table["b"].decided, table["b"].right) == (0.0, None)
    assert [(panel.heading, panel.question[:3]) for panel in found.panels] == [
        ("MAP, fall", "(a)"),
        ("MAP, fall: its projection", "(b)"),
    ]
    assert found.evidence.set_index("evidence")["came_true"].to_dict() == {"AT": 0.8, "NOT_YET": 0.2}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE score SET assessment_id = 3 WHERE source_key = 'spring1'",
        "UPDATE score SET assessment_id = 3 WHERE source_key = 'fall1'",
        "UPDATE score SET assessment_id = 4 WHERE source_key = 'fall1'",
        "UPDATE score SET status = 'partial' WHERE source_key = 'fall1'",
        "UPDATE score SET status = 'invalidated' WHERE source_key = 'spring1'",
        "UPDATE score SET administered_on = '2026-04-20' WHERE source_key = 'fall1'",
        "UPDATE score SET administered_on = '2026-05-20' WHERE source_key = 'fall1'",
        "UPDATE score SET school_year = 2025 WHERE source_key = 'fall1'",
        "UPDATE score SET administered_on = NULL WHERE source_key = 'spring1'",
        "UPDATE score SET level = NULL WHERE source_key = 'spring1'",
        "DELETE FROM score WHERE source_key = 'spring1'",
    ],
)
def test_what_is_no_forecast_or_no_outcome(district: Engine, statement: str) -> None:
    """Alternates, tests without a season, results that are not valid, tests not before the outcome, other years."""
    change(district, statement)
    assert counted(district) == {FALL: 59, PROJECTION: 59}


def test_a_score_without_a_line_or_an_error_is_no_forecast_of_ours(district: Engine) -> None:
    change(district, "UPDATE assessment SET test_sem = NULL WHERE key = 'fall'")
    assert counted(district) == {FALL: 30, PROJECTION: 60}
    change(district, "UPDATE assessment SET cut = NULL WHERE key = 'fall'")
    assert counted(district) == {PROJECTION: 60}


def test_outcomes_after_the_day_asked_for_are_not_known_yet(district: Engine) -> None:
    assert counted(district, date(2026, 4, 19)) == {}
    assert counted(district, date(2026, 4, 20)) == {FALL: 60, PROJECTION: 60}


def test_the_newest_earlier_test_counts_and_the_first_state_test(district: Engine) -> None:
    change(
        district,
        """
        INSERT INTO score (district_id, student_id, assessment_id, source_key, administered_on, school_year,
                           scale_score, status)
        VALUES (1, 1, 1, 'again', '2025-09-20', 2026, 200, 'valid'),
               (1, 1, 2, 'retake', '2026-05-20', 2026, 400, 'valid')
        """,
    )
    found = gathered(district)
    own = found[(found["source"] == "MAP, fall") & found["probability"].eq(0.5)]
    assert own["outcome"].tolist() == [True]
    assert counted(district)[FALL] == 60


def test_last_years_state_test_is_a_forecast_of_this_years(district: Engine) -> None:
    change(
        district,
        """
        INSERT INTO score (district_id, student_id, assessment_id, source_key, administered_on, school_year,
                           scale_score, status)
        SELECT 1, i, 5, ('last' || i)::bytea, '2025-04-20', 2025, 505, 'valid' FROM generate_series(1, 40) i
        """,
    )
    assert counted(district) == {FALL: 60, PROJECTION: 60, LAST_YEAR: 40}


_COMPARISON = """
    INSERT INTO comparison (district_id, student_id, subject, version, category, probability, rules, score_ids,
                            school_year, explanation, inputs_hash, computed_at, superseded_at)
    SELECT 1, i, 'math', {version}, 'MATCH_AT', {probability}, '{{}}', ARRAY[{scores}]::bigint[], 2026, '{{}}', 'x',
           '{computed}', {superseded}
    FROM generate_series(1, 60) i
"""


def test_a_stored_comparison_counts_as_it_was_before_the_outcome(district: Engine) -> None:
    """The older version rests on the fall test; the current one on the state test itself, and foretells nothing."""
    older = {
        "version": 1,
        "probability": 0.7,
        "scores": "i",
        "computed": "2025-10-01",
        "superseded": "'2026-06-01'",
    }
    newer = {
        "version": 2,
        "probability": 0.9,
        "scores": "60 + i",
        "computed": "2026-06-01",
        "superseded": "NULL",
    }
    change(district, _COMPARISON.format(**newer))
    assert STORED not in counted(district)
    change(district, _COMPARISON.format(**older))
    assert counted(district)[STORED] == 60
    found = gathered(district)
    assert set(found.loc[found["source"] == "our comparison", "probability"]) == {0.7}


def test_the_lines_and_the_picture_say_the_same(district: Engine) -> None:
    found = said(district)
    told = list(lines("One", found))
    assert told[0].startswith("One: how often forecasts came true")
    row = next(line.split() for line in told if line.strip().startswith("math") and " all " in line)
    assert row == ["math", "all", "60", "50%", "0.198", "0.194", "100%", "80%"]
    assert any("(b) Will the child score proficient" in line for line in told)
    assert "said 99%, came true 80% of 30" in svg(found.panels)


def test_a_district_without_past_years_is_told_what_to_import(district: Engine) -> None:
    change(district, "DELETE FROM score")
    found = said(district)
    assert found.panels == ()
    assert "gbg import" in list(lines("One", found))[1]


def test_few_students_are_refused_with_the_reason(district: Engine) -> None:
    change(district, "DELETE FROM score WHERE student_id > 9")
    told = list(lines("One", said(district)))
    assert [line.split("  ")[-1] for line in told if "math" in line] == ["Fewer than 10 students."] * 5
