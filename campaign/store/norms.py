"""SQL of "what a grade means here": last year's final marks beside the state test of the same year, counted."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, text

# A student counts once per course, with the last final mark; and once per test, with the first valid attempt, so that
# a second chance does not make a grade look better than it was.
_PAIRS = """
    WITH line AS (
        SELECT a.id, a.subject, a.title, a.grade_level, a.kind, a.cut, l.code, l.rank,
               max(l.rank) FILTER (WHERE l.code = trim(a.floor_level)) OVER (PARTITION BY a.id) AS floor
        FROM assessment a
        LEFT JOIN LATERAL (
            SELECT trim(entry ->> 'code') AS code, rank
            FROM jsonb_array_elements(a.levels) WITH ORDINALITY AS level (entry, rank)
        ) l ON true
        WHERE a.district_id = :district_id AND a.kind = 'summative'
    ), tested AS (
        SELECT DISTINCT ON (o.student_id, a.subject, a.title)
               o.student_id, a.subject, a.title AS test, a.kind, coalesce(o.grade_level, a.grade_level) AS tested_grade,
               coalesce(r.rank >= r.floor, o.scale_score >= a.cut) AS reached
        FROM score o
        JOIN assessment a ON a.id = o.assessment_id AND a.kind = 'summative'
        LEFT JOIN line r ON r.id = a.id AND r.code = trim(o.level)
        WHERE o.district_id = :district_id AND o.school_year = :school_year AND o.status = 'valid'
        ORDER BY o.student_id, a.subject, a.title, o.administered_on NULLS LAST, o.id
    ), marked AS (
        SELECT DISTINCT ON (m.student_id, m.subject, m.course_title)
               m.student_id, m.subject, m.course_title AS course, m.grade_level, m.scale, m.mark
        FROM mark m
        WHERE m.district_id = :district_id AND m.school_year = :school_year AND m.is_final AND NOT m.withdrawn
          AND NOT m.modified_curriculum AND NOT m.credit_recovery AND m.course_title IS NOT NULL
        ORDER BY m.student_id, m.subject, m.course_title, m.period_ends_on DESC NULLS LAST, m.id
    )
    SELECT m.subject, m.course, m.grade_level, m.scale, m.mark, t.kind, t.test, t.tested_grade, t.reached,
           count(*) AS students
    FROM marked m JOIN tested t USING (student_id, subject)
    WHERE t.reached IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""


def pairs(connection: Connection, district_id: int, school_year: int) -> pd.DataFrame:
    """Counts with the PAIR_COLUMNS of `reports.compare.norms`, of the students the connection's role sees."""
    result = connection.execute(text(_PAIRS), {"district_id": district_id, "school_year": school_year})
    return pd.DataFrame(result.fetchall(), columns=list(result.keys()), dtype=object)
