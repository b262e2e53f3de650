"""A district's population from SQL: the same sums as from frames, kept once, and read by staff alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from campaign.access import ENGINE, Principal, Role
from campaign.database import transaction
from campaign.store import populations
from campaign.store.comparison_inputs import inputs
from reports.compare.links import Population
from reports.compare.totals import totals

NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)

# Two hundred students, a state test with levels instead of a cut, a fall test, some retakes, and scores that count
# nowhere: invalid, of another kind, without subject, not a number.
SETUP = """
    INSERT INTO district (code, name) VALUES ('one', 'One'), ('two', 'Two');
    INSERT INTO school (district_id, source_id, name) VALUES (1, 'a', 'A'), (2, 'b', 'B');
    INSERT INTO student (district_id, school_id, given_name, family_name, grade_level)
    SELECT 1 + n / 200, 1 + n / 200, 'G', 'F', 6 FROM generate_series(0, 219) n;
    INSERT INTO assessment (district_id, key, family, title, version, kind, subject, grade_level, season, levels,
                            floor_level, cut, test_sem)
    VALUES (1, 'state', 'State', 'State', '2026', 'summative', 'math', NULL, 'spring',
            '[{"code": "1", "minimum": null}, {"code": "2", "minimum": 2528}]', ' 2', NULL, 28),
           (1, 'fall', 'Growth', 'Growth', '2026', 'interim', 'math', 6, 'fall', '[]', NULL, 'NaN', NULL),
           (1, 'alternate', 'Other', 'Other', '2026', 'alternate', 'math', 5, NULL, '[]', NULL, 20, 3),
           (1, 'unmapped', 'Other', 'Other', '2026', 'summative', NULL, 5, NULL, '[]', NULL, 20, 3),
           (2, 'state', 'State', 'State', '2026', 'summative', 'math', 5, 'spring', '[]', NULL, 2528, 28);
    INSERT INTO score (district_id, student_id, assessment_id, source_key, administered_on, school_year, grade_level,
                       scale_score, csem, status)
    SELECT s.district_id, s.id, t.test, convert_to(t.name || s.id, 'UTF8'), t.day,
           CASE WHEN t.name = 'state' THEN 2026 END, CASE WHEN t.name <> 'fall' THEN 5 END,
           CASE WHEN t.name = 'odd' THEN float8 'NaN' WHEN t.test = 2 THEN 200 + (s.id * 37) % 41 + (s.id * 13) % 7
                ELSE 2400 + (s.id * 37) % 200 + (s.id * 11) % 60 END + CASE WHEN t.name = 'again' THEN 12 ELSE 0 END,
           CASE WHEN s.id % 3 = 0 THEN NULL WHEN s.id % 7 = 0 THEN 0 ELSE 25 + s.id % 5 END, t.status
    FROM student s JOIN (VALUES
        ('state', 1, date '2026-04-28', 'valid', 1), ('again', 1, '2026-05-20', 'valid', 9),
        ('fall', 2, '2026-09-22', 'valid', 1), ('bad', 1, '2026-05-02', 'invalidated', 4),
        ('odd', 1, '2026-05-03', 'valid', 50), ('alternate', 3, '2026-05-02', 'valid', 20),
        ('unmapped', 4, '2026-05-02', 'valid', 20)
    ) t (name, test, day, status, every) ON s.district_id = 1 AND s.id % t.every = 0;
    INSERT INTO score (district_id, student_id, assessment_id, source_key, administered_on, school_year, grade_level,
                       scale_score, status)
    SELECT 2, id, 5, convert_to('x' || id, 'UTF8'), '2026-04-28', 2026, 5, 2500, 'valid'
    FROM student WHERE district_id = 2
"""


@pytest.fixture
def district(engine: Engine) -> Engine:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text(SETUP))
    return engine


def test_sums_of_the_database_are_those_of_frames(district: Engine) -> None:
    with transaction(district, ENGINE) as connection:
        by_sql = populations.totals(connection, 1)
        by_frame = totals(inputs(connection, 1, 1, 220).scores)
    for mine, other in zip(by_sql, by_frame, strict=True):
        numbers = mine.columns.difference(["kind", "subject"])
        assert len(mine) == len(other) > 0
        pd.testing.assert_frame_equal(mine[numbers].astype(float), other[numbers].astype(float), rtol=1e-9)
        assert (
            mine.drop(columns=numbers).to_numpy().tolist() == other.drop(columns=numbers).to_numpy().tolist()
        )


def test_a_population_is_kept_once_and_read_back(district: Engine) -> None:
    with transaction(district, ENGINE) as connection:
        population = Population.estimate(*populations.totals(connection, 1))
        first = populations.keep(connection, 1, population, NOW)
        assert populations.keep(connection, 1, population, NOW) == first
        kept = populations.newest(connection, 1)
        other = populations.keep(connection, 2, Population.estimate(*populations.totals(connection, 2)), NOW)
    assert kept is not None
    assert other != first
    assert Population.from_record(kept["record"]).record() == population.record()
    state = population.tests.set_index("kind").loc["summative"]
    assert (state["students"], state["cut"], state["reason"]) == (200, 2528.0, None)
    assert np.isfinite(state["true_variance"])


def lines(*rows: tuple[Any, ...]) -> list[str]:
    return ["\t".join(map(str, row)) + "\n" for row in rows]


def kept(connection: Connection) -> list[tuple[Any, ...]]:
    query = "SELECT student_id, subject, probability, tests, conflict FROM combined_evidence ORDER BY 1, 2"
    return [tuple(row) for row in connection.execute(text(query))]


def test_what_stood_there_is_replaced_and_what_is_gone_goes(district: Engine) -> None:
    with transaction(district, ENGINE) as connection:
        population = populations.keep(connection, 1, Population.unknown(), NOW)
        before = lines((1, "math", 0.5, 1, False), (2, "math", 0.25, 2, False), (3, "math", 0.75, 2, True))
        populations.replace(connection, 1, population, (1, 3), before)
        populations.replace(connection, 1, population, (1, 2), lines((1, "math", 0.625, 2, True)))
        assert kept(connection) == [(1, "math", 0.625, 2, True), (3, "math", 0.75, 2, True)]
        found = populations.of_student(connection, 1, "math")
        assert found is not None
        assert (found["probability"], found["record"]) == (0.625, Population.unknown().record())
        assert populations.of_student(connection, 1, "reading") is None


def test_staff_see_their_students_and_nobody_else_sees_any(district: Engine) -> None:
    with transaction(district, ENGINE) as connection:
        population = populations.keep(connection, 1, Population.unknown(), NOW)
        populations.replace(connection, 1, population, (1, 1), lines((1, "math", 0.5, 1, False)))
    with transaction(district, Principal(Role.SCHOOL, district_id=1, school_ids=(1,))) as connection:
        assert len(kept(connection)) == 1
    with transaction(district, Principal(Role.DISTRICT, district_id=2)) as connection:
        assert kept(connection) == []
        assert populations.newest(connection, 1) is None
    for principal in (Principal(Role.FAMILY, student_id=1), Principal(Role.PARTNER, district_id=1)):
        for table in ("combined_evidence", "population"):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                transaction(district, principal) as connection,
            ):
                connection.execute(text(f"SELECT 1 FROM {table}"))
