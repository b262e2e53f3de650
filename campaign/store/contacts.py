"""Contacts as the audit looks at them, the audits that were kept, and who let a campaign begin all the same.

Reads run under the reader's own role, so that row-level security narrows the rows; writes are the engine's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert, text

from campaign.schema.consent import contact_audit, launch_override
from campaign.store.suppressions import WHOEVER


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One contact who may hear about somebody enrolled, as the register has it. `student_id`: the first such student;
    `closed`: (channel, why) of addresses that take nothing."""

    contact_id: int
    household: str
    name: str = field(repr=False)
    email: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    phone_e164: str | None = field(repr=False)
    phone_type: str | None
    has_paper: bool
    language: str | None
    student_id: int
    student: str = field(repr=False)
    school: str | None
    closed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LonelyStudent:
    """An enrolled student with nobody who may be written to."""

    student_id: int
    student: str = field(repr=False)
    school: str | None


@dataclass(frozen=True)
class KeptAudit:
    at: datetime
    households: int
    reachable: int
    findings: Mapping[str, int]


@dataclass(frozen=True)
class Override:
    """A named person lets campaigns begin although too few households were in reach."""

    override_id: int
    households: int
    reachable: int
    said_by: str
    reason: str
    at: datetime
    until: datetime


# Families whose address is confidential are talked to in person and counted nowhere. A household is what it is for
# the cap: everybody at one address; without one, those who live with the same first student.
_CONTACTS = text(
    """
    WITH hears AS (
        SELECT r.contact_id, r.student_id, r.lives_with FROM student_contact r JOIN student s ON s.id = r.student_id
        WHERE s.district_id = :district_id AND NOT s.withdrawn AND NOT s.confidential
          AND r.may_receive AND NOT r.court_restriction
    ), one AS (
        SELECT contact_id, min(student_id) AS student_id, min(student_id) FILTER (WHERE lives_with) AS lives_with
        FROM hears GROUP BY contact_id
    )
    SELECT c.id AS contact_id, CASE
               WHEN c.address_line <> '' THEN
                   'home:' || lower(concat_ws('|', c.address_line, c.city, c.postal_code))
               ELSE coalesce('student:' || one.lives_with, 'contact:' || c.id)
           END AS household,
           concat_ws(' ', c.given_name, c.family_name) AS name, nullif(c.email, '') AS email,
           nullif(c.phone, '') AS phone, c.phone_e164, c.phone_type, coalesce(c.address_line, '') <> '' AS has_paper,
           coalesce(nullif(c.written_language, ''), nullif(s.home_language, '')) AS language,
           s.id AS student_id, concat_ws(' ', coalesce(nullif(s.preferred_name, ''), s.given_name), s.family_name)
               AS student, h.name AS school
    FROM one JOIN contact c ON c.id = one.contact_id JOIN student s ON s.id = one.student_id
    LEFT JOIN school h ON h.id = s.school_id
    WHERE NOT c.confidential ORDER BY h.name NULLS LAST, s.family_name, s.given_name, s.id, c.id
    """
)
_LONELY = text(
    """
    SELECT s.id AS student_id, concat_ws(' ', coalesce(nullif(s.preferred_name, ''), s.given_name), s.family_name)
               AS student, h.name AS school
    FROM student s LEFT JOIN school h ON h.id = s.school_id
    WHERE s.district_id = :district_id AND NOT s.withdrawn AND NOT s.confidential AND NOT EXISTS (
        SELECT 1 FROM student_contact r
        WHERE r.student_id = s.id AND r.may_receive AND NOT r.court_restriction
    )
    ORDER BY h.name NULLS LAST, s.family_name, s.given_name, s.id
    """
)


def contacts(connection: Connection, district_id: int) -> list[ContactRow]:
    """Everybody who may be written to, by school and the student's name."""
    closed = _closed(connection)
    found = []
    for row in connection.execute(_CONTACTS, {"district_id": district_id}).mappings():
        addresses = (("email", (row["email"] or "").lower()), ("sms", row["phone_e164"]))
        whys = [
            (channel, why)
            for channel, address in addresses
            for contact_id, why in closed.get((channel, address), ())
            if contact_id in (WHOEVER, row["contact_id"])
        ]
        found.append(ContactRow(**row, closed=tuple(whys)))
    return found


def _closed(connection: Connection) -> dict[tuple[str, str], list[tuple[int, str]]]:
    """(channel, address) → (only contact, why) of what is suppressed in the reader's scope."""
    query = text("SELECT channel, address, contact_id, reason FROM suppression WHERE lifted_at IS NULL")
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for channel, address, contact_id, why in connection.execute(query):
        found.setdefault((channel, address), []).append((contact_id, why))
    return found


def lonely_students(connection: Connection, district_id: int) -> list[LonelyStudent]:
    """Enrolled students with no contact, or none who may be written to."""
    rows = connection.execute(_LONELY, {"district_id": district_id}).mappings()
    return [LonelyStudent(**row) for row in rows]


def keep(connection: Connection, district_id: int, audit: KeptAudit, actor: str) -> None:
    connection.execute(
        insert(contact_audit).values(
            district_id=district_id,
            households=audit.households,
            reachable=audit.reachable,
            findings=dict(audit.findings),
            actor=actor,
            at=audit.at,
        )
    )


def kept(connection: Connection, district_id: int, *, limit: int = 12) -> Sequence[KeptAudit]:
    """Audits that were kept, the newest first."""
    query = text(
        """
        SELECT at, households, reachable, findings FROM contact_audit
        WHERE district_id = :district_id ORDER BY at DESC, id DESC LIMIT :limit
        """
    )
    rows = connection.execute(query, {"district_id": district_id, "limit": limit}).mappings()
    return [KeptAudit(**row) for row in rows]


def add_override(connection: Connection, district_id: int, one: Override, actor: str) -> None:
    connection.execute(
        insert(launch_override).values(
            district_id=district_id,
            households=one.households,
            reachable=one.reachable,
            said_by=one.said_by,
            reason=one.reason,
            actor=actor,
            at=one.at,
            until=one.until,
        )
    )


def override(connection: Connection, district_id: int, now: datetime) -> Override | None:
    """The newest word that still holds."""
    query = text(
        """
        SELECT id AS override_id, households, reachable, said_by, reason, at, until FROM launch_override
        WHERE district_id = :district_id AND until > :now AND withdrawn_at IS NULL ORDER BY at DESC, id DESC LIMIT 1
        """
    )
    found = connection.execute(query, {"district_id": district_id, "now": now}).mappings().one_or_none()
    return Override(**found) if found else None


def withdraw_override(connection: Connection, district_id: int, override_id: int, now: datetime) -> bool:
    query = text(
        """
        UPDATE launch_override SET withdrawn_at = :now
        WHERE id = :id AND district_id = :district_id AND withdrawn_at IS NULL
        """
    )
    values = {"id": override_id, "district_id": district_id, "now": now}
    return connection.execute(query, values).rowcount == 1
