"""SQL of paper copies: which adults of a student may get the report, and in which homes they live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Reader:
    """One adult who may get a student's report. `home` is the same for those who share an address or the student.

    `checkable`: a link can open for this adult: the birth date is on file, and nobody said that a link went astray.
    `ended` counts the links for paper that were ended for this adult: the next one must be another.
    """

    student_id: int
    contact_id: int
    home: str
    language: str
    checkable: bool
    ended: int


# The same rules as a live link: may receive, no court order, and for a student of age consent or the student alone.
_READERS = text(
    """
    SELECT r.student_id, r.contact_id, coalesce(c.written_language, '') AS language,
           s.birth_date IS NOT NULL AND NOT EXISTS (
               SELECT FROM family_link l WHERE l.contact_id = c.id AND l.revoked_reason = 'wrong_person'
           ) AS checkable,
           CASE
               WHEN c.confidential THEN 'contact:' || c.id
               WHEN c.address_line <> '' THEN 'address:' || lower(concat_ws('|', c.address_line, c.city, c.postal_code))
               WHEN r.lives_with THEN 'student'
               ELSE 'contact:' || c.id
           END AS home,
           (
               SELECT count(*) FROM family_link l
               WHERE l.student_id = s.id AND l.contact_id = c.id AND l.purpose = 'print'
                 AND l.revoked_at IS NOT NULL AND l.revoked_reason IS DISTINCT FROM 'rotated'
           ) AS ended
    FROM student_contact r
    JOIN contact c ON c.id = r.contact_id
    JOIN student s ON s.id = r.student_id
    JOIN district d ON d.id = s.district_id
    LEFT JOIN school h ON h.id = s.school_id
    WHERE r.student_id = ANY (:students) AND r.may_receive AND NOT r.court_restriction
      AND (
          r.relation = 'self' OR r.adult_consent OR s.birth_date IS NULL
          OR s.birth_date + interval '18 years' > (:now AT TIME ZONE coalesce(h.time_zone, d.time_zone, 'UTC'))::date
      )
    ORDER BY r.student_id, r.contact_id
    """
)


def readers(connection: Connection, student_ids: Sequence[int], now: datetime) -> list[Reader]:
    """The adults who may get the reports of these students, by student."""
    found = connection.execute(_READERS, {"students": list(student_ids), "now": now})
    return [Reader(**row._mapping) for row in found]
