"""SQL of populations: sums over a district's scores, the estimates made of them, and what each child's tests say
together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, RowMapping, text

from reports.compare.links import PAIR_TOTALS, TEST_TOTALS, Population

# One row a student and test: the mean of the attempts and of their squared errors (see reports.compare.totals).
_TAKEN = """
    CREATE TEMPORARY TABLE taken ON COMMIT DROP AS
    SELECT s.student_id, a.subject, a.kind, s.assessment_id, coalesce(s.grade_level, a.grade_level) AS grade_level,
           r.year AS school_year, avg(s.scale_score) AS score, avg(r.error * r.error) AS square_error
    FROM score s
    JOIN assessment a ON a.id = s.assessment_id
    CROSS JOIN LATERAL (
        SELECT coalesce(s.school_year, extract(year FROM s.administered_on + interval '6 months'))::smallint AS year,
               CASE WHEN s.csem > 0 AND s.csem < 'Infinity' THEN s.csem
                    WHEN a.test_sem > 0 AND a.test_sem < 'Infinity' THEN a.test_sem END AS error
    ) r
    WHERE s.district_id = :district_id AND s.status = 'valid' AND a.kind IN ('summative', 'interim')
      AND a.subject IS NOT NULL AND r.year IS NOT NULL
      AND s.scale_score > '-Infinity' AND s.scale_score < 'Infinity'
    GROUP BY 1, 2, 3, 4, 5, 6
"""

_TESTS = """
    SELECT t.assessment_id, t.grade_level, t.school_year, t.kind, t.subject,
           (SELECT coalesce(nullif(a.cut, 'NaN'), (
                SELECT (level ->> 'minimum')::double precision FROM jsonb_array_elements(a.levels) level
                WHERE trim(level ->> 'code') = trim(a.floor_level) LIMIT 1
            )) FROM assessment a WHERE a.id = t.assessment_id) AS cut,
           count(*) AS students, avg(t.score) AS mean, var_samp(t.score) AS variance,
           avg(t.square_error) AS mean_square_error
    FROM taken t GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3
"""

_PAIRS = """
    SELECT a.assessment_id AS state_assessment_id, a.grade_level AS state_grade_level,
           a.school_year AS state_school_year, b.assessment_id, b.grade_level, b.school_year,
           count(*) AS students, avg(a.score) AS state_mean, var_samp(a.score) AS state_variance,
           avg(b.score) AS mean, var_samp(b.score) AS variance, covar_samp(b.score, a.score) AS covariance
    FROM taken a JOIN taken b USING (student_id, subject)
    WHERE a.kind = 'summative' AND abs(a.school_year - b.school_year) <= 1
      AND (a.assessment_id, a.grade_level, a.school_year)
          IS DISTINCT FROM (b.assessment_id, b.grade_level, b.school_year)
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
"""


def totals(connection: Connection, district_id: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """TEST_TOTALS and PAIR_TOTALS of all valid scores of a district."""
    connection.execute(text(_TAKEN), {"district_id": district_id})
    connection.execute(text("ANALYZE taken"))
    found = _frame(connection, _TESTS, list(TEST_TOTALS)), _frame(connection, _PAIRS, list(PAIR_TOTALS))
    connection.execute(text("DROP TABLE taken"))
    return found


def _frame(connection: Connection, query: str, columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        [tuple(row) for row in connection.execute(text(query))], columns=columns, dtype=object
    )


_KEEP = """
    INSERT INTO population (district_id, content_hash, record, estimated_at)
    VALUES (:district_id, :content_hash, CAST(:record AS jsonb), :now)
    ON CONFLICT (district_id, content_hash) DO UPDATE SET content_hash = EXCLUDED.content_hash
    RETURNING id
"""


def keep(connection: Connection, district_id: int, population: Population, now: datetime) -> int:
    """The id under which this population is kept; one that is there already keeps its id and its date."""
    record = json.dumps(population.record(), sort_keys=True, allow_nan=False)
    values = {
        "district_id": district_id,
        "content_hash": hashlib.sha256(record.encode()).hexdigest(),
        "record": record,
        "now": now,
    }
    return int(connection.execute(text(_KEEP), values).scalar_one())


# COPY's text has these columns.
COLUMNS = ("student_id", "subject", "probability", "tests", "conflict")

_GONE = """
    DELETE FROM combined_evidence c
    WHERE c.district_id = :district_id AND c.student_id BETWEEN :first AND :last
      AND NOT EXISTS (
          SELECT FROM weighed w
          WHERE w.student_id = c.student_id AND w.subject = c.subject AND c.population_id = :population_id
            AND w.probability = c.probability AND w.tests = c.tests AND w.conflict = c.conflict
      )
"""

_ADD = """
    INSERT INTO combined_evidence (student_id, subject, district_id, population_id, probability, tests, conflict)
    SELECT student_id, subject, :district_id, :population_id, probability, tests, conflict
    FROM weighed w
    WHERE NOT EXISTS (
        SELECT FROM combined_evidence c
        WHERE c.student_id = w.student_id AND c.subject = w.subject AND c.student_id BETWEEN :first AND :last
    )
    ORDER BY student_id, subject
"""


def replace(
    connection: Connection,
    district_id: int,
    population_id: int,
    students: tuple[int, int],
    lines: Iterable[str],
) -> None:
    """Put what the tests of these students (first and last id) say together in the place of what stood there."""
    connection.execute(
        text(
            """
            CREATE TEMPORARY TABLE weighed (
                student_id bigint, subject text, probability double precision, tests smallint, conflict boolean
            ) ON COMMIT DROP
            """
        )
    )
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY weighed ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        for block in lines:
            copy.write(block)
    cursor.close()
    connection.execute(text("ANALYZE weighed"))
    # The counts the planner goes by may be those of before this run; whole sets are joined by hash whatever they say.
    connection.execute(text("SET LOCAL enable_nestloop = off"))
    values = {"district_id": district_id, "population_id": population_id}
    values |= {"first": students[0], "last": students[1]}
    connection.execute(text(_GONE), values)
    connection.execute(text(_ADD), values)
    connection.execute(text("DROP TABLE weighed"))


def of_student(connection: Connection, student_id: int, subject: str) -> RowMapping | None:
    """What the tests of a student say together, with the `record` of the population it rests on; None if nothing."""
    query = """
        SELECT c.probability, c.tests, c.conflict, c.population_id, p.record, p.estimated_at
        FROM combined_evidence c JOIN population p ON p.id = c.population_id
        WHERE c.student_id = :student_id AND c.subject = :subject
    """
    values = {"student_id": student_id, "subject": subject}
    return connection.execute(text(query), values).mappings().one_or_none()


def newest(connection: Connection, district_id: int) -> RowMapping | None:
    """The newest estimate of a district: `id`, `record` and `estimated_at`; None before the first comparison."""
    query = """
        SELECT id, record, estimated_at FROM population WHERE district_id = :district_id
        ORDER BY estimated_at DESC, id DESC LIMIT 1
    """
    return connection.execute(text(query), {"district_id": district_id}).mappings().one_or_none()
