"""What staff see of consent: what waits for a person, what was said last, whom a name finds.

Reads run under the reader's own role, so that row-level security narrows the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Said:
    """The newest that a contact said about one channel and scope."""

    event_id: int
    contact_id: int
    name: str = field(repr=False)
    channel: str
    scope: str
    action: str
    source: str
    words: str | None = field(repr=False)
    at: datetime


@dataclass(frozen=True)
class WrongNumber:
    contact_id: int
    name: str = field(repr=False)
    channel: str
    words: str | None = field(repr=False)
    at: datetime


@dataclass(frozen=True)
class Person:
    """A contact with the students it belongs to: id → name."""

    contact_id: int
    district_id: int
    name: str = field(repr=False)
    language: str | None
    students: dict[int, str] = field(repr=False)


_NEWEST = """
    SELECT e.id AS event_id, e.contact_id, concat_ws(' ', c.given_name, c.family_name) AS name, e.channel, e.scope,
           e.action, e.source, e.words, e.at
    FROM consent_event e JOIN contact c ON c.id = e.contact_id
"""


def waiting(connection: Connection, *, limit: int = 100) -> Sequence[Said]:
    """What a person must read, the oldest first: until then nothing goes out there."""
    query = text(
        f"""{_NEWEST} WHERE e.action = 'unclear' AND NOT EXISTS (
            SELECT 1 FROM consent_event o WHERE o.contact_id = e.contact_id AND o.channel = e.channel
            AND o.scope = e.scope AND (o.at, o.id) > (e.at, e.id)
        ) ORDER BY e.at, e.id LIMIT :limit"""  # noqa: S608  constant
    )
    return [Said(**row) for row in connection.execute(query, {"limit": limit}).mappings()]


def wrong_numbers(connection: Connection, *, limit: int = 100) -> Sequence[WrongNumber]:
    """Contacts whose number or address somebody else answered from, the newest first."""
    query = text(
        """
        SELECT c.id AS contact_id, concat_ws(' ', c.given_name, c.family_name) AS name, s.channel, s.detail AS words,
               s.since AS at
        FROM suppression s JOIN contact c ON c.id = s.contact_id
        WHERE s.reason = 'wrong_number' AND s.lifted_at IS NULL ORDER BY s.since DESC, s.id DESC LIMIT :limit
        """
    )
    return [WrongNumber(**row) for row in connection.execute(query, {"limit": limit}).mappings()]


def latest(connection: Connection, *, limit: int = 50) -> Sequence[Said]:
    """What people said last, without what the first message enrolled; the newest first."""
    query = text(f"{_NEWEST} WHERE e.source <> 'roster' ORDER BY e.at DESC, e.id DESC LIMIT :limit")
    return [Said(**row) for row in connection.execute(query, {"limit": limit}).mappings()]


_PEOPLE = """
    SELECT c.id AS contact_id, c.district_id, concat_ws(' ', c.given_name, c.family_name) AS name,
           c.written_language AS language, jsonb_object_agg(
               s.id, concat_ws(' ', coalesce(nullif(s.preferred_name, ''), s.given_name), s.family_name)
           ) AS students
    FROM contact c JOIN student_contact r ON r.contact_id = c.id JOIN student s ON s.id = r.student_id
"""


def named(connection: Connection, words: str, *, limit: int = 30) -> list[Person]:
    """Contacts whose name, or whose student's name, holds all these words."""
    query = text(
        f"""{_PEOPLE} WHERE NOT EXISTS (
            SELECT FROM unnest(CAST(:words AS text[])) word
            WHERE strpos(lower(concat_ws(' ', c.given_name, c.family_name, s.given_name, s.family_name)), word) = 0
        ) GROUP BY c.id ORDER BY c.family_name, c.given_name, c.id LIMIT :limit"""
    )
    values = {"words": words.lower().split(), "limit": limit}
    return [_person(dict(row)) for row in connection.execute(query, values).mappings()]


def person(connection: Connection, contact_id: int) -> Person | None:
    query = text(f"{_PEOPLE} WHERE c.id = :id GROUP BY c.id")
    found = connection.execute(query, {"id": contact_id}).mappings().one_or_none()
    return _person(dict(found)) if found else None


def _person(row: dict[str, Any]) -> Person:
    students = {int(number): str(name) for number, name in row.pop("students").items()}
    return Person(students=students, **row)
