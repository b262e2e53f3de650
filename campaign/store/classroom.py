"""SQL of what teachers say about reports before families read them, and of which reports wait for them.

Reads run under the reader's own role, so that a teacher sees the own students alone; writes act as the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, text

from campaign.schema.classroom import teacher_word


@dataclass(frozen=True)
class Word:
    """One word of a teacher; kind and state as in `campaign.classroom`. `translations`: language → text."""

    id: int
    district_id: int
    student_id: int
    student: str
    kind: str
    state: str
    said: str
    said_by: str
    actor: str
    at: datetime
    until: datetime | None
    answer: str | None
    settled_at: datetime | None
    translations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Waiting:
    """A student whose report may have to wait; `preview_since` and `held_until` as in `gate.AudienceRow`."""

    student_id: int
    district_id: int
    name: str
    grade_level: int | None
    school: str | None
    section: str | None
    has_report: bool
    preview_since: datetime | None
    held_until: datetime | None
    released: bool
    open_words: int
    zone: str


_WORDS = """
    SELECT w.id, w.district_id, w.student_id, concat_ws(' ', s.given_name, s.family_name) AS student, w.kind, w.state,
           w.said, w.said_by, w.actor, w.at, w.until, w.answer, w.settled_at,
           coalesce((SELECT jsonb_object_agg(t.language, t.said) FROM teacher_word_translation t
                     WHERE t.teacher_word_id = w.id), '{}') AS translations
    FROM teacher_word w JOIN student s ON s.id = w.student_id
"""

# What the gate asks of a student, by the same rules as the audience.
_STANDING = """
    (
        SELECT max(k.computed_at) FROM comparison k
        WHERE k.student_id = s.id AND k.superseded_at IS NULL AND k.category = 'HIGH_NOTYET'
          AND NOT EXISTS (SELECT FROM teacher_word w WHERE w.student_id = s.id AND w.kind = 'release'
                          AND w.at >= k.computed_at)
    ) AS preview_since,
    (
        SELECT max(w.until) FROM teacher_word w
        WHERE w.student_id = s.id AND w.state IN ('in_force', 'open')
    ) AS held_until
"""

_STUDENTS = f"""
    SELECT s.id AS student_id, s.district_id, concat_ws(' ', s.given_name, s.family_name) AS name, s.grade_level,
           c.name AS school, coalesce(c.time_zone, d.time_zone, :zone) AS zone, {_STANDING},
           (
               SELECT min(coalesce(n.title, n.source_id)) FROM enrollment e JOIN section n ON n.id = e.section_id
               WHERE e.student_id = s.id
                 AND (CAST(:staff_member_id AS bigint) IS NULL OR n.teacher_id = :staff_member_id)
           ) AS section,
           EXISTS (SELECT FROM report p WHERE p.student_id = s.id AND p.superseded_at IS NULL) AS has_report,
           EXISTS (SELECT FROM teacher_word w JOIN comparison k ON k.student_id = s.id
                   WHERE w.student_id = s.id AND w.kind = 'release' AND k.superseded_at IS NULL
                     AND k.category = 'HIGH_NOTYET' AND w.at >= k.computed_at) AS released,
           (SELECT count(*) FROM teacher_word w
            WHERE w.student_id = s.id AND w.kind <> 'release' AND w.settled_at IS NULL) AS open_words
    FROM student s JOIN district d ON d.id = s.district_id LEFT JOIN school c ON c.id = s.school_id
"""  # noqa: S608  the pieces are constants


def students(
    connection: Connection, *, zone: str, staff_member_id: int | None, limit: int, offset: int
) -> Sequence[Waiting]:
    """Students in the reader's scope who have a comparison, those of a teacher by section, then by name."""
    rows = connection.execute(
        text(
            _STUDENTS
            + """
            WHERE NOT s.withdrawn
              AND EXISTS (SELECT FROM comparison k WHERE k.student_id = s.id AND k.superseded_at IS NULL)
            ORDER BY section NULLS LAST, s.family_name, s.given_name, s.id LIMIT :limit OFFSET :offset
            """
        ),
        {"zone": zone, "staff_member_id": staff_member_id, "limit": limit, "offset": offset},
    )
    return [Waiting(**row._mapping) for row in rows]


def student(connection: Connection, student_id: int, zone: str) -> Waiting | None:
    """One student, or None outside the reader's scope."""
    row = connection.execute(
        text(_STUDENTS + " WHERE s.id = :student_id"),
        {"zone": zone, "staff_member_id": None, "student_id": student_id},
    ).first()
    return Waiting(**row._mapping) if row else None


def standing(
    connection: Connection, student_ids: Sequence[int]
) -> dict[int, tuple[datetime | None, datetime | None]]:
    """Student → `preview_since` and `held_until`, as in `gate.AudienceRow`."""
    rows = connection.execute(
        text(f"SELECT s.id, {_STANDING} FROM student s WHERE s.id = ANY (:students)"),  # noqa: S608  constants
        {"students": list(student_ids)},
    )
    return {row.id: (row.preview_since, row.held_until) for row in rows}


def words(connection: Connection, student_id: int) -> Sequence[Word]:
    """All that was said about a student, the newest first."""
    rows = connection.execute(
        text(_WORDS + " WHERE w.student_id = :student ORDER BY w.id DESC"), {"student": student_id}
    )
    return [Word(**row._mapping) for row in rows]


def open_words(connection: Connection) -> Sequence[Word]:
    """What waits for staff in the reader's scope: wrong data first, then notes and holds, the oldest first."""
    rows = connection.execute(
        text(
            _WORDS
            + """
            WHERE w.kind <> 'release' AND (w.settled_at IS NULL OR w.kind = 'note' AND w.state = 'released')
            ORDER BY w.kind = 'wrong_data' DESC, w.settled_at IS NULL DESC, w.id
            """
        )
    )
    return [Word(**row._mapping) for row in rows]


def word(connection: Connection, word_id: int) -> Word | None:
    """One word, or None outside the reader's scope."""
    row = connection.execute(text(_WORDS + " WHERE w.id = :id"), {"id": word_id}).first()
    return Word(**row._mapping) if row else None


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    """Keep a word; its id."""
    statement = insert(teacher_word).values(**values).returning(teacher_word.c.id)
    return int(connection.execute(statement).scalar_one())


def change(
    connection: Connection, word_id: int, before: Sequence[str], state: str, *, values: Mapping[str, Any]
) -> bool:
    """Bring a word from one of the states `before` into `state`; False if it was in none of them.

    `values`: settled_by, settled_at, and answer or None.
    """
    changed = connection.execute(
        text(
            """
            UPDATE teacher_word SET state = :state, settled_by = :settled_by, settled_at = :settled_at,
                   answer = coalesce(:answer, answer)
            WHERE id = :id AND state = ANY (:before)
            """
        ),
        {"id": word_id, "before": list(before), "state": state, "answer": None, **values},
    )
    return changed.rowcount > 0


def translate(
    connection: Connection, word_id: int, language: str, said: str, *, actor: str, now: datetime
) -> None:
    connection.execute(
        text(
            """
            INSERT INTO teacher_word_translation (teacher_word_id, language, said, actor, at)
            VALUES (:id, :language, :said, :actor, :now)
            ON CONFLICT (teacher_word_id, language)
            DO UPDATE SET said = excluded.said, actor = excluded.actor, at = excluded.at
            """
        ),
        {"id": word_id, "language": language, "said": said, "actor": actor, "now": now},
    )


def families_languages(connection: Connection, student_id: int) -> list[str]:
    """Languages other than English that adults of the family read."""
    rows = connection.scalars(
        text(
            """
            SELECT DISTINCT split_part(c.written_language, '-', 1) FROM student_contact r
            JOIN contact c ON c.id = r.contact_id
            WHERE r.student_id = :student AND r.may_receive AND NOT r.court_restriction
              AND coalesce(c.written_language, 'en') NOT LIKE 'en%' AND c.written_language <> '' ORDER BY 1
            """
        ),
        {"student": student_id},
    )
    return list(rows)


# No days to look, holidays among them, last longer.
_LONGEST_LOOK = timedelta(days=60)


def counts(connection: Connection, now: datetime) -> list[tuple[datetime | None, bool, str, int, int]]:
    """(preview since, held now, zone or "", district, students) of students at school with a report in the reader's
    scope that may have to wait; `preview_since` is cut to the hour, which no day of a calendar needs finer."""
    rows = connection.execute(
        text(
            """
            WITH fresh AS (
                SELECT k.student_id, max(k.computed_at) AS since FROM comparison k
                WHERE k.superseded_at IS NULL AND k.category = 'HIGH_NOTYET' AND k.computed_at > :oldest
                  AND NOT EXISTS (SELECT FROM teacher_word w WHERE w.student_id = k.student_id
                                  AND w.kind = 'release' AND w.at >= k.computed_at)
                GROUP BY 1
            ), held AS (
                SELECT w.student_id FROM teacher_word w
                WHERE w.state IN ('in_force', 'open') AND w.until > :now GROUP BY 1
            )
            SELECT date_trunc('hour', f.since) AS since, h.student_id IS NOT NULL AS held,
                   coalesce(c.time_zone, d.time_zone, '') AS zone, s.district_id, count(*) AS students
            FROM fresh f FULL JOIN held h USING (student_id)
            JOIN student s ON s.id = coalesce(f.student_id, h.student_id)
            JOIN district d ON d.id = s.district_id LEFT JOIN school c ON c.id = s.school_id
            WHERE NOT s.withdrawn
              AND EXISTS (SELECT FROM report p WHERE p.student_id = s.id AND p.superseded_at IS NULL)
            GROUP BY 1, 2, 3, 4
            """
        ),
        {"now": now, "oldest": now - _LONGEST_LOOK},
    )
    return [(row.since, row.held, row.zone, row.district_id, row.students) for row in rows]


@dataclass(frozen=True)
class EnglishReport:
    """A current report in English and the comparisons it was made from."""

    contract: dict[str, Any]
    comparison_ids: list[int]


_REPORTS = """
    SELECT p.contract, p.comparison_ids FROM report p JOIN student s ON s.id = p.student_id
    WHERE p.language = 'en' AND p.superseded_at IS NULL
"""


def english_report(connection: Connection, student_id: int) -> EnglishReport | None:
    """The student's report that a teacher's sheet is made from, or None."""
    row = connection.execute(text(_REPORTS + " AND s.id = :student"), {"student": student_id}).first()
    return EnglishReport(**row._mapping) if row else None


def section_reports(connection: Connection, section_id: int) -> list[EnglishReport]:
    """Those of a section's students in the reader's scope, by name."""
    query = """
        AND NOT s.withdrawn AND EXISTS (SELECT FROM enrollment e WHERE e.student_id = s.id AND e.section_id = :section)
        ORDER BY s.family_name, s.given_name, s.id
    """
    rows = connection.execute(text(_REPORTS + query), {"section": section_id})
    return [EnglishReport(**row._mapping) for row in rows]


def sections(connection: Connection, staff_member_id: int | None) -> list[tuple[int, str]]:
    """Id and name of the sections with students whom the reader sees; of a teacher the own ones."""
    rows = connection.execute(
        text(
            """
            SELECT n.id, coalesce(n.title, n.source_id) AS title FROM section n
            WHERE (CAST(:teacher AS bigint) IS NULL OR n.teacher_id = :teacher)
              AND EXISTS (SELECT FROM enrollment e JOIN student s ON s.id = e.student_id WHERE e.section_id = n.id)
            ORDER BY 2, 1 LIMIT 200
            """
        ),
        {"teacher": staff_member_id},
    )
    return [(row.id, row.title) for row in rows]
