"""What staff pages read about students: the list with its filters, and all that is known about one student.

Every function takes a transaction under the reader's own role, so that row-level security narrows the rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from campaign.store.comparisons import with_facts


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed to; None narrows nothing. `search` looks in names and identifiers."""

    search: str | None = None
    category: str | None = None
    subject: str | None = None
    school_id: int | None = None
    grade_level: int | None = None


@dataclass(frozen=True)
class ListedStudent:
    student_id: int
    name: str
    grade_level: int | None
    school: str | None
    comparisons: list[dict[str, str]]


@dataclass(frozen=True)
class StudentPage:
    students: Sequence[ListedStudent]
    total: int


@dataclass(frozen=True)
class Student:
    student_id: int
    district_id: int
    name: str
    given_name: str
    preferred_name: str | None
    grade_level: int | None
    school: str | None
    home_language: str | None
    confidential: bool
    withdrawn: bool
    identifiers: list[dict[str, str]]


@dataclass(frozen=True)
class CurrentComparison:
    subject: str
    category: str
    refusal: str | None
    version: int
    rules: list[str]
    computed_at: datetime
    explanation: dict[str, Any]


@dataclass(frozen=True)
class Sources:
    """File and line of each mark and score, by the record's id."""

    marks: Mapping[int, str]
    scores: Mapping[int, str]

    def mark(self, record_id: int) -> str:
        return self.marks.get(record_id, "–")

    def score(self, record_id: int) -> str:
        return self.scores.get(record_id, "–")


@dataclass(frozen=True)
class Contact:
    contact_id: int
    name: str
    relation: str
    language: str | None
    may_receive: bool
    court_restriction: bool
    has_email: bool
    has_phone: bool


@dataclass(frozen=True)
class StudentMessage:
    """`delivery` and `cause`: how far it came by its provider's events, and why not further; None where none came."""

    due_at: datetime
    step: str
    channel: str
    language: str
    state: str
    reason: str | None
    contact_id: int
    delivery: str | None
    cause: str | None


@dataclass(frozen=True)
class StudentReport:
    number: str
    version: int
    language: str
    created_at: datetime
    superseded_at: datetime | None


@dataclass(frozen=True)
class Choices:
    """What the filters of the list offer."""

    schools: Sequence[tuple[int, str]]
    grade_levels: Sequence[int]
    subjects: Sequence[str]


_NARROWED = """
    FROM student s LEFT JOIN school c ON c.id = s.school_id
    WHERE (CAST(:school_id AS bigint) IS NULL OR s.school_id = :school_id)
      AND (CAST(:grade_level AS integer) IS NULL OR s.grade_level = :grade_level)
      AND (CAST(:pattern AS text) IS NULL
           OR concat_ws(' ', s.preferred_name, s.given_name, s.family_name) ILIKE :pattern
           OR concat_ws(' ', s.family_name, s.given_name) ILIKE :pattern
           OR EXISTS (SELECT 1 FROM student_identifier i WHERE i.student_id = s.id AND i.value = :search))
      AND ((CAST(:category AS text) IS NULL AND CAST(:subject AS text) IS NULL)
           OR EXISTS (SELECT 1 FROM comparison k WHERE k.student_id = s.id AND k.superseded_at IS NULL
                      AND (CAST(:category AS text) IS NULL OR k.category = :category)
                      AND (CAST(:subject AS text) IS NULL OR k.subject = :subject)))
"""


def find(connection: Connection, wanted: Filter, *, limit: int, offset: int) -> StudentPage:
    """One page of the students that fit, by family name, each with the current comparisons."""
    values = {**asdict(wanted), "pattern": _pattern(wanted.search), "limit": limit, "offset": offset}
    total = connection.scalar(text("SELECT count(*) " + _NARROWED), values)
    rows = connection.execute(
        text(
            f"""
            WITH page AS (
                SELECT s.id AS student_id, concat_ws(' ', s.given_name, s.family_name) AS name, s.family_name,
                       s.given_name, s.grade_level, c.name AS school
                {_NARROWED}
                ORDER BY s.family_name, s.given_name, s.id LIMIT :limit OFFSET :offset
            )
            SELECT p.student_id, p.name, p.grade_level, p.school, coalesce(
                (SELECT jsonb_agg(jsonb_build_object('subject', k.subject, 'category', k.category) ORDER BY k.subject)
                 FROM comparison k WHERE k.student_id = p.student_id AND k.superseded_at IS NULL), '[]') AS comparisons
            FROM page p ORDER BY p.family_name, p.given_name, p.student_id
            """  # noqa: S608  the pieces are constants
        ),
        values,
    )
    return StudentPage([ListedStudent(**row._mapping) for row in rows], total or 0)


def _pattern(search: str | None) -> str | None:
    if not search:
        return None
    escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def choices(connection: Connection) -> Choices:
    schools = connection.execute(text("SELECT id, name FROM school ORDER BY name"))
    grades = connection.scalars(
        text("SELECT DISTINCT grade_level FROM student WHERE grade_level IS NOT NULL ORDER BY 1")
    )
    subjects = connection.scalars(
        text("SELECT DISTINCT subject FROM comparison WHERE superseded_at IS NULL ORDER BY 1")
    )
    return Choices([(row.id, row.name) for row in schools], list(grades), list(subjects))


def one(connection: Connection, student_id: int) -> Student | None:
    """The student, or None outside the reader's scope."""
    row = connection.execute(
        text(
            """
            SELECT s.id AS student_id, s.district_id, concat_ws(' ', s.given_name, s.family_name) AS name,
                   s.given_name, s.preferred_name, s.grade_level, c.name AS school, s.home_language,
                   s.confidential, s.withdrawn,
                   coalesce((SELECT jsonb_agg(jsonb_build_object('system', i.system, 'value', i.value)
                                              ORDER BY i.system)
                             FROM student_identifier i WHERE i.student_id = s.id), '[]') AS identifiers
            FROM student s LEFT JOIN school c ON c.id = s.school_id WHERE s.id = :student_id
            """
        ),
        {"student_id": student_id},
    ).first()
    return Student(**row._mapping) if row else None


def comparisons(connection: Connection, student_id: int) -> Sequence[CurrentComparison]:
    rows = connection.execute(
        text(
            """
            SELECT subject, category, refusal, version, rules, computed_at, explanation FROM comparison
            WHERE student_id = :student_id AND superseded_at IS NULL ORDER BY subject
            """
        ),
        {"student_id": student_id},
    ).mappings()
    return [CurrentComparison(**row) for row in with_facts(connection, rows)]


def sources(connection: Connection, student_id: int) -> Sources:
    """Where the student's marks and scores came from."""
    rows = connection.execute(
        text(
            """
            SELECT 'mark' AS kind, m.id, concat_ws(', line ', f.name, m.source_line) AS source
            FROM mark m JOIN source_file f ON f.id = m.source_file_id WHERE m.student_id = :student_id
            UNION ALL
            SELECT 'score', r.id, concat_ws(', line ', f.name, r.source_line)
            FROM score r JOIN source_file f ON f.id = r.source_file_id WHERE r.student_id = :student_id
            """
        ),
        {"student_id": student_id},
    ).all()
    return Sources(
        marks={row.id: row.source for row in rows if row.kind == "mark"},
        scores={row.id: row.source for row in rows if row.kind == "score"},
    )


def contacts(connection: Connection, student_id: int) -> Sequence[Contact]:
    rows = connection.execute(
        text(
            """
            SELECT c.id AS contact_id, concat_ws(' ', c.given_name, c.family_name) AS name, r.relation,
                   c.written_language AS language, r.may_receive, r.court_restriction,
                   coalesce(c.email, '') <> '' AS has_email, coalesce(c.phone, '') <> '' AS has_phone
            FROM student_contact r JOIN contact c ON c.id = r.contact_id
            WHERE r.student_id = :student_id ORDER BY r.primary_contact DESC NULLS LAST, c.id
            """
        ),
        {"student_id": student_id},
    )
    return [Contact(**row._mapping) for row in rows]


def messages(connection: Connection, student_id: int) -> Sequence[StudentMessage]:
    """Messages about the student, planned ones included, newest first."""
    rows = connection.execute(
        text(
            """
            SELECT m.due_at, m.step, m.channel, m.language, m.state, m.reason, m.contact_id, d.status AS delivery,
                   d.cause
            FROM message m LEFT JOIN delivery d ON d.message_id = m.id
            WHERE :student_id = ANY (m.student_ids) ORDER BY m.due_at DESC, m.id DESC
            """
        ),
        {"student_id": student_id},
    )
    return [StudentMessage(**row._mapping) for row in rows]


def reports(connection: Connection, student_id: int) -> Sequence[StudentReport]:
    rows = connection.execute(
        text(
            """
            SELECT number, version, language, created_at, superseded_at FROM report
            WHERE student_id = :student_id ORDER BY created_at DESC, language
            """
        ),
        {"student_id": student_id},
    )
    return [StudentReport(**row._mapping) for row in rows]
