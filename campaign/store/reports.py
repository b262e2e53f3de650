"""Family reports in the store, and what they are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from campaign.comparing.comparison_rows import unfolded
from campaign.store.comparisons import facts


@dataclass(frozen=True)
class StudentRow:
    """One student with the current comparisons, the languages of those who may receive, and the teachers to ask."""

    student_id: int
    given_name: str
    family_name: str
    preferred_name: str | None
    grade_level: int | None
    school: str | None
    school_phone: str | None
    school_id: int | None
    days_missed: dict[str, Any] | None
    teacher_note: dict[str, Any] | None
    languages: list[str]
    comparisons: list[dict[str, Any]]
    teachers: list[dict[str, Any]]


@dataclass(frozen=True)
class CurrentReport:
    student_id: int
    language: str
    number: str
    version: int
    content_hash: str
    contract: dict[str, Any]


@dataclass(frozen=True)
class NewReport:
    district_id: int
    student_id: int
    number: str
    version: int
    language: str
    comparison_ids: list[int]
    content_hash: str
    contract: Mapping[str, Any]
    created_at: datetime
    corrects: bool = False


@dataclass(frozen=True)
class AttendanceWanted:
    """Of which school year (the year in which it ends), and until when its days must be known at least."""

    school_year: int
    known_until: date


# The teacher to ask about a subject is the one of its newest mark.
_STUDENTS = text(
    """
    SELECT s.id AS student_id, s.given_name, s.family_name, s.preferred_name, s.grade_level,
           c.name AS school, c.phone AS school_phone, s.school_id,
           (
               SELECT jsonb_build_object('days', a.days_absent, 'since', a.counted_from)
               FROM attendance a
               WHERE a.student_id = s.id AND a.school_year = CAST(:school_year AS smallint)
                 AND a.counted_from IS NOT NULL AND a.as_of >= CAST(:days_known_until AS date)
           ) AS days_missed,
           (
               SELECT jsonb_build_object('by', w.said_by, 'said', jsonb_build_object('en', w.said) || coalesce((
                   SELECT jsonb_object_agg(t.language, t.said) FROM teacher_word_translation t
                   WHERE t.teacher_word_id = w.id), '{}'))
               FROM teacher_word w WHERE w.student_id = s.id AND w.kind = 'note' AND w.state = 'released'
               ORDER BY w.id DESC LIMIT 1
           ) AS teacher_note,
           coalesce((
               SELECT jsonb_agg(DISTINCT coalesce(p.written_language, ''))
               FROM student_contact r JOIN contact p ON p.id = r.contact_id
               WHERE r.student_id = s.id AND r.may_receive AND NOT r.court_restriction
           ), '[]') AS languages,
           (
               SELECT jsonb_agg(jsonb_build_object(
                   'id', k.id, 'subject', k.subject, 'category', k.category, 'evidence', k.evidence,
                   'rules', k.rules, 'explanation', k.explanation) ORDER BY k.subject)
               FROM comparison k WHERE k.student_id = s.id AND k.superseded_at IS NULL
           ) AS comparisons,
           coalesce((
               SELECT jsonb_agg(jsonb_build_object('subject', t.subject, 'name', t.name, 'email', t.email)
                                ORDER BY t.subject)
               FROM (
                   SELECT DISTINCT ON (m.subject) m.subject, concat_ws(' ', f.given_name, f.family_name) AS name,
                          coalesce(f.email, '') AS email
                   FROM mark m JOIN staff_member f ON f.id = m.teacher_id
                   WHERE m.student_id = s.id AND m.subject IS NOT NULL
                   ORDER BY m.subject, m.school_year DESC NULLS LAST, m.period_ends_on DESC NULLS LAST, m.id DESC
               ) t
           ), '[]') AS teachers
    FROM student s LEFT JOIN school c ON c.id = s.school_id
    WHERE s.district_id = :district_id AND NOT s.withdrawn AND s.id > :after
      AND (CAST(:student_id AS bigint) IS NULL OR s.id = :student_id)
      AND EXISTS (SELECT 1 FROM comparison k WHERE k.student_id = s.id AND k.superseded_at IS NULL)
    ORDER BY s.id LIMIT :limit
    """
)


def students(
    connection: Connection,
    district_id: int,
    *,
    after: int,
    limit: int,
    student_id: int | None,
    attendance: AttendanceWanted | None = None,
) -> list[StudentRow]:
    """The next students of a district that have a comparison, by id; one student if `student_id` is given.

    `days_missed` are None unless `attendance` is wanted and a source lists the days.
    """
    values = {
        "district_id": district_id,
        "after": after,
        "limit": limit,
        "student_id": student_id,
        "school_year": attendance.school_year if attendance else None,
        "days_known_until": attendance.known_until if attendance else None,
    }
    rows = [StudentRow(**row._mapping) for row in connection.execute(_STUDENTS, values)]
    known = facts(connection, [k["explanation"] for row in rows for k in row.comparisons])
    for row in rows:
        for comparison in row.comparisons:
            comparison["explanation"] = unfolded(comparison["explanation"], known)
    return rows


def count_students(connection: Connection, district_id: int, student_id: int | None = None) -> int:
    """How many students `students` gives in all."""
    query = text(
        """
        SELECT count(*) FROM student s WHERE s.district_id = :district_id AND NOT s.withdrawn
          AND (CAST(:student_id AS bigint) IS NULL OR s.id = :student_id)
          AND EXISTS (SELECT 1 FROM comparison k WHERE k.student_id = s.id AND k.superseded_at IS NULL)
        """
    )
    return connection.scalar(query, {"district_id": district_id, "student_id": student_id}) or 0


def current(connection: Connection, student_ids: Sequence[int]) -> list[CurrentReport]:
    """The reports of these students that are not superseded."""
    query = text(
        """
        SELECT student_id, language, number, version, content_hash, contract
        FROM report WHERE student_id = ANY (:students) AND superseded_at IS NULL ORDER BY student_id, language
        """
    )
    return [
        CurrentReport(**row._mapping) for row in connection.execute(query, {"students": list(student_ids)})
    ]


def current_numbers(connection: Connection) -> frozenset[str]:
    """Number, version and language of every report that is not superseded, in all districts."""
    return frozenset(connection.scalars(text("SELECT number FROM report WHERE superseded_at IS NULL")))


def replace(connection: Connection, new: Sequence[NewReport]) -> None:
    """Add reports; the students' current ones stay, marked as superseded at the moment the new ones were made."""
    if not new:
        return
    students = sorted({report.student_id for report in new})
    connection.execute(_SUPERSEDE, {"students": students, "created_at": new[0].created_at})
    connection.execute(_INSERT, [vars(report) for report in new])


_SUPERSEDE = text(
    """
    UPDATE report SET superseded_at = :created_at
    WHERE student_id = ANY (:students) AND superseded_at IS NULL
    """
)
_INSERT = text(
    """
    INSERT INTO report (district_id, student_id, number, version, language, comparison_ids, content_hash, contract,
                        created_at, corrects)
    VALUES (:district_id, :student_id, :number, :version, :language, :comparison_ids, :content_hash, :contract,
            :created_at, :corrects)
    """
).bindparams(bindparam("contract", type_=JSONB))


def next_conference(connection: Connection, district_id: int, *, after: date, until: date) -> date | None:
    """The first conference day of the district's calendar after one day and up to another."""
    query = text(
        """
        SELECT min(day) FROM calendar_day
        WHERE district_id = :district_id AND kind = 'conference' AND day > :after AND day <= :until
        """
    )
    values = {"district_id": district_id, "after": after, "until": until}
    found: date | None = connection.scalar(query, values)
    return found


def find_student(connection: Connection, district_id: int, identifier: str) -> int | None:
    """The student with this identifier of any system, or with this id of ours."""
    query = text(
        """
        SELECT student_id FROM student_identifier WHERE district_id = :district_id AND value = :identifier
        UNION SELECT id FROM student WHERE district_id = :district_id AND CAST(id AS text) = :identifier
        ORDER BY 1 LIMIT 1
        """
    )
    found: int | None = connection.scalar(query, {"district_id": district_id, "identifier": identifier})
    return found
