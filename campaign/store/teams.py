"""SQL of grade teams: which there are, and their seats without names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from reports.classroom.pack import OwnRow
from reports.classroom.team import Seat


@dataclass(frozen=True)
class Team:
    """One grade level of one school."""

    school_id: int
    school: str
    grade_level: int
    district_id: int


_TEAMS = """
    SELECT DISTINCT c.id AS school_id, c.name AS school, s.grade_level, s.district_id
    FROM student s JOIN school c ON c.id = s.school_id
    WHERE NOT s.withdrawn AND s.grade_level IS NOT NULL
      AND EXISTS (SELECT FROM comparison k WHERE k.student_id = s.id AND k.superseded_at IS NULL)
"""


def teams(connection: Connection, limit: int = 300) -> Sequence[Team]:
    """Teams of which the reader sees at least one student."""
    rows = connection.execute(text(_TEAMS + " ORDER BY school, s.grade_level LIMIT :limit"), {"limit": limit})
    return [Team(**row._mapping) for row in rows]


def team(connection: Connection, school_id: int, grade_level: int) -> Team | None:
    """This team, or None where the reader sees nobody of it."""
    row = connection.execute(
        text(_TEAMS + " AND c.id = :school AND s.grade_level = :grade"),
        {"school": school_id, "grade": grade_level},
    ).first()
    return Team(**row._mapping) if row else None


def seats(connection: Connection, one: Team) -> list[Seat]:
    """All students of a team, whoever teaches them: for counts alone. A class is the section of the subject, else the
    first one."""
    rows = connection.execute(
        text(
            """
            SELECT s.id, k.subject, k.category, coalesce(
                (SELECT min(coalesce(n.title, n.source_id)) FROM enrollment e JOIN section n ON n.id = e.section_id
                 JOIN course c ON c.id = n.course_id WHERE e.student_id = s.id AND c.subject = k.subject),
                (SELECT min(coalesce(n.title, n.source_id)) FROM enrollment e JOIN section n ON n.id = e.section_id
                 WHERE e.student_id = s.id), '') AS class
            FROM student s JOIN comparison k ON k.student_id = s.id AND k.superseded_at IS NULL
            WHERE s.school_id = :school AND s.grade_level = :grade AND NOT s.withdrawn
              AND k.subject IN ('math', 'reading', 'writing', 'science', 'social_studies')
            ORDER BY k.subject, s.id
            """
        ),
        {"school": one.school_id, "grade": one.grade_level},
    )
    return [Seat(row.id, row[3], row.subject, row.category) for row in rows]


def own_rows(connection: Connection, one: Team) -> list[OwnRow]:
    """The reader's own students of a team, by name, under the reader's own role."""
    rows = connection.execute(
        text(
            """
            SELECT concat_ws(' ', s.given_name, s.family_name) AS name, k.subject,
                   coalesce(k.explanation -> 'mark' ->> 'mark', '') AS mark, coalesce(k.evidence, '') AS state
            FROM student s JOIN comparison k ON k.student_id = s.id AND k.superseded_at IS NULL
            WHERE s.school_id = :school AND s.grade_level = :grade AND NOT s.withdrawn
              AND k.subject IN ('math', 'reading', 'writing', 'science', 'social_studies')
            ORDER BY s.family_name, s.given_name, s.id, k.subject
            """
        ),
        {"school": one.school_id, "grade": one.grade_level},
    )
    return [OwnRow(**row._mapping) for row in rows]
