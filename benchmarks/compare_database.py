"""How fast a district's stored marks and scores become stored comparisons, and one of them is explained.

    python -m benchmarks compare_database --students 20000

Five marks and three scores in each of two subjects, in a PostgreSQL of its own with all tables, keys and policies of
the program. The first run keeps every comparison; the second finds nothing changed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from benchmarks._school_year import AS_OF, LEVELS
from benchmarks._server import start
from campaign.access import Principal, Role
from campaign.comparing.comparisons import compare_district, explain
from campaign.database import connect, transaction, upgrade
from content import catalog
from reports.records import ComparisonPolicy

NOW = datetime(2026, 6, 20, 18, 0, tzinfo=UTC)

_DISTRICT = """
    INSERT INTO district (code, name) VALUES ('made-up', 'Made-up');
    INSERT INTO staff_member (district_id, source_id, given_name, family_name)
    SELECT 1, n::text, 'Teacher', n::text FROM generate_series(1, 100) n
"""
_ASSESSMENTS = """
    INSERT INTO assessment (district_id, key, family, title, version, kind, subject, grade_level, season, levels,
                            floor_level, cut, score_sd, score_minimum, score_maximum)
    SELECT 1, test || subject || grade, CASE test WHEN 0 THEN 'State Test' ELSE 'Growth Test' END,
           'Test ' || subject || grade, '2026', CASE test WHEN 0 THEN 'summative' ELSE 'interim' END, subject, grade,
           (ARRAY['spring', 'fall', 'winter'])[test + 1], CAST(:levels AS jsonb), '2', 2528, 90, 2200, 2800
    FROM generate_series(0, 2) test, unnest(ARRAY['math', 'reading']) subject, generate_series(3, 8) grade
"""
_STUDENTS = """
    INSERT INTO student (district_id, given_name, family_name, grade_level)
    SELECT 1, 'Student', n::text, 3 + n % 6 FROM generate_series(1, :students) n
"""
_IDENTIFIERS = """
    INSERT INTO student_identifier (district_id, system, value, student_id)
    SELECT 1, system, prefix || id, id
    FROM student, (VALUES ('state', 'S'), ('local', 'L')) systems (system, prefix)
"""
# A value of chance that is the same for the same student, subject and place, 0 to 1.
_CHANCE = "abs(hashint8(s.id * 31 + {0}) % 10000) / 10000.0"
_MARKS = f"""
    INSERT INTO mark (district_id, student_id, source_key, teacher_id, course_title, subject, grade_level, school_year,
                      period_title, period_begins_on, period_ends_on, is_final, mark, scale)
    SELECT 1, s.id, decode(md5(concat_ws(' ', 'mark', s.id, subject, term.n)), 'hex'), 1 + s.id % 100,
           subject || ' ' || s.grade_level, subject, s.grade_level, 2026, term.title, term.begins::date,
           term.ends::date, term.n = 5,
           (ARRAY['F', 'D', 'C', 'B', 'A'])[1 + floor(5 * {_CHANCE.format("ascii(subject) + term.n")})::int], 'letter'
    FROM student s, unnest(ARRAY['math', 'reading']) subject,
         (VALUES (1, 'Quarter 1', '2025-08-18', '2025-10-24'), (2, 'Quarter 2', '2025-10-27', '2026-01-16'),
                 (3, 'Quarter 3', '2026-01-20', '2026-03-13'), (4, 'Quarter 4', '2026-03-16', '2026-05-29'),
                 (5, 'Year', '2025-08-18', '2026-05-29')) term (n, title, begins, ends)
    WHERE s.id BETWEEN :first AND :last
"""  # noqa: S608  what is put in stands above
_SCORES = f"""
    INSERT INTO score (district_id, student_id, assessment_id, source_key, administered_on, school_year, grade_level,
                       scale_score, csem, level, status, test_language)
    SELECT 1, s.id, a.id, decode(md5(concat_ws(' ', 'score', s.id, a.id)), 'hex'),
           CASE a.season WHEN 'spring' THEN date '2026-04-28' WHEN 'fall' THEN '2025-09-22' ELSE '2026-01-14' END,
           2026, s.grade_level, points, 26, CASE WHEN points >= 2528 THEN '2' ELSE '1' END, 'valid', 'en'
    FROM student s JOIN assessment a ON a.grade_level = s.grade_level
    CROSS JOIN LATERAL (
        SELECT round(2300 + 320 * {_CHANCE.format("ascii(a.subject)")} + 80 * {_CHANCE.format("a.id")}) AS points
    ) made
    WHERE s.id BETWEEN :first AND :last
"""  # noqa: S608  what is put in stands above


def load(engine: Engine, students: int) -> None:
    """Make the district's rows inside the database, its foreign keys unchecked: they are right by construction."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(_DISTRICT))
        connection.execute(text(_ASSESSMENTS), {"levels": json.dumps(LEVELS)})
        connection.execute(text(_STUDENTS), {"students": students})
        connection.execute(text(_IDENTIFIERS))
        for first in range(1, students + 1, 100_000):
            chunk = {"first": first, "last": first + 99_999}
            connection.execute(text(_MARKS), chunk)
            connection.execute(text(_SCORES), chunk)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def explained(engine: Engine, students: Sequence[int]) -> list[float]:
    """Milliseconds to explain one subject of each of these students, under the rights of a district's office."""
    texts = catalog.load()
    times = []
    for student in students:
        began = time.perf_counter()
        with transaction(engine, Principal(Role.DISTRICT, district_id=1)) as connection:
            explain(connection, f"S{student}", "math", texts)
        times.append(1000 * (time.perf_counter() - began))
    return times


def main(arguments: Sequence[str] = ()) -> dict[str, Any]:
    """Load, compare twice, explain some; print a table, return the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks compare_database")
    parser.add_argument("--students", type=int, default=10_000)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(start(Path(folder) / "postgres"))
        upgrade(engine)
        load(engine, options.students)
        figures: dict[str, Any] = {
            "students": options.students,
            "rows": 16 * options.students,
            "cores": os.cpu_count(),
        }
        for name, day in (("first", 0), ("unchanged", 1)):
            wall, cpu = time.perf_counter(), time.process_time()
            now = NOW + timedelta(days=day)
            summary = compare_district(engine, 1, ComparisonPolicy(), AS_OF, now)
            figures[f"{name}_seconds"] = round(time.perf_counter() - wall, 2)
            figures[f"{name}_cpu_seconds_without_database"] = round(time.process_time() - cpu, 2)
            figures[f"{name}_kept"] = summary.written.new + summary.written.changed
        assert summary.total == summary.written.unchanged == 2 * options.students
        with engine.connect() as connection:
            size = int(connection.scalar(text("SELECT pg_total_relation_size('comparison')")) or 0)
        figures["bytes_a_comparison"] = round(size / summary.total)
        times = explained(engine, range(1, options.students + 1, max(1, options.students // 50)))
        figures["explain_milliseconds"] = round(statistics.median(times), 1)
        figures["explain_slowest_milliseconds"] = round(max(times), 1)
        figures["peak_megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        engine.dispose()
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):<42}{value:>14,}")
    return figures
