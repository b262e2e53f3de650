"""SQL of forecasts and what came of them: earlier tests and comparisons beside the state test that came after."""

from __future__ import annotations

from datetime import date

import pandas as pd
from sqlalchemy import Connection, text

# The first valid state test of a student, subject and year by then. Alternate assessments are of another kind.
_OUTCOMES = """
    WITH level AS MATERIALIZED (
        SELECT a.id, trim(entry ->> 'code') AS code, rank,
               max(rank) FILTER (WHERE trim(entry ->> 'code') = trim(a.floor_level)) OVER (PARTITION BY a.id) AS floor
        FROM assessment a, jsonb_array_elements(a.levels) WITH ORDINALITY AS level (entry, rank)
        WHERE a.district_id = :district_id AND a.kind = 'summative'
    ), outcome AS MATERIALIZED (
        SELECT DISTINCT ON (o.student_id, a.subject, o.school_year)
               o.id, o.student_id, a.subject, o.school_year, coalesce(o.grade_level, a.grade_level) AS grade_level,
               o.administered_on, coalesce(l.rank >= l.floor, o.scale_score >= a.cut) AS reached
        FROM score o
        JOIN assessment a ON a.id = o.assessment_id AND a.kind = 'summative' AND a.subject IS NOT NULL
        LEFT JOIN level l ON l.id = a.id AND l.code = trim(o.level)
        WHERE o.district_id = :district_id AND o.student_id BETWEEN :first AND :last AND o.status = 'valid'
          AND o.administered_on <= :as_of
        ORDER BY o.student_id, a.subject, o.school_year, o.administered_on, o.id
    )
"""

# The newest test of each kind before the outcome: during the same year against the line of its own season, or the
# state test of the year before.
_TESTS = f"""
    {_OUTCOMES}
    SELECT DISTINCT ON (o.student_id, o.subject, o.school_year, a.family, a.kind, a.season)
           o.subject, o.grade_level, o.reached, a.family, a.kind, a.season, p.scale_score AS score, a.cut,
           coalesce(nullif(p.csem, 0), a.test_sem) AS error, p.projected_probability AS projected
    FROM outcome o
    JOIN score p ON p.student_id = o.student_id AND p.status = 'valid' AND p.administered_on < o.administered_on
                AND p.district_id = :district_id AND p.student_id BETWEEN :first AND :last
    JOIN assessment a ON a.id = p.assessment_id AND a.subject = o.subject AND a.district_id = :district_id
    WHERE o.reached IS NOT NULL AND o.grade_level IS NOT NULL
      AND (a.kind = 'interim' AND a.season IS NOT NULL AND p.school_year = o.school_year
           OR a.kind = 'summative' AND p.school_year = o.school_year - 1)
    ORDER BY o.student_id, o.subject, o.school_year, a.family, a.kind, a.season, p.administered_on DESC, p.id DESC
"""  # noqa: S608  only the query above is put in

# The newest version, current or superseded, all of whose tests were taken before the outcome.
_COMPARISONS = f"""
    {_OUTCOMES}
    SELECT DISTINCT ON (o.student_id, o.subject, o.school_year) o.subject, o.grade_level, o.reached, c.probability
    FROM outcome o
    JOIN comparison c ON c.student_id = o.student_id AND c.subject = o.subject AND c.probability IS NOT NULL
                     AND c.school_year >= o.school_year - 1 AND c.student_id BETWEEN :first AND :last
    WHERE o.reached IS NOT NULL AND o.grade_level IS NOT NULL AND o.administered_on > ALL (
        SELECT p.administered_on FROM score p WHERE p.student_id = c.student_id AND p.id = ANY (c.score_ids)
    )
    ORDER BY o.student_id, o.subject, o.school_year, c.computed_at DESC, c.id DESC
"""  # noqa: S608  only the query above is put in


def tests_before(
    connection: Connection, district_id: int, students: tuple[int, int], as_of: date
) -> pd.DataFrame:
    """Earlier tests beside outcomes known on `as_of`, of the students with ids from the first to the last.

    Columns: subject, grade_level, reached (of the outcome); family, kind, season, score, cut, error (points; None =
    not known), projected (the vendor's own chance of scoring proficient, 0 to 1, or None).
    """
    return _frame(connection, _TESTS, district_id, students, as_of)


def comparisons_before(
    connection: Connection, district_id: int, students: tuple[int, int], as_of: date
) -> pd.DataFrame:
    """Stored comparisons beside outcomes known on `as_of`: subject, grade_level, reached, probability (0 to 1)."""
    return _frame(connection, _COMPARISONS, district_id, students, as_of)


def _frame(
    connection: Connection, query: str, district_id: int, students: tuple[int, int], as_of: date
) -> pd.DataFrame:
    values = {"district_id": district_id, "first": students[0], "last": students[1], "as_of": as_of}
    result = connection.execute(text(query), values)
    return pd.DataFrame(result.fetchall(), columns=list(result.keys()))
