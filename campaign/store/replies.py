"""Replies as they came in: kept once, placed in a thread or left for a person to place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from campaign.contacts import phones


@dataclass(frozen=True)
class NewReply:
    """One reply whole; the addresses and words stay out of `repr`."""

    channel: str
    provider_id: str
    from_address: str = field(repr=False)
    to_address: str = field(repr=False)
    subject: str | None = field(repr=False)
    text: str = field(repr=False)
    at: datetime
    automatic: bool = False


@dataclass(frozen=True)
class Pair:
    """A contact and one of the students it may hear about."""

    contact_id: int
    student_id: int
    district_id: int


@dataclass(frozen=True)
class Unplaced:
    """A reply that waits for a person. `candidates`: whom it may be from, and about whom."""

    reply_id: int
    district_id: int | None
    channel: str
    from_address: str = field(repr=False)
    subject: str | None = field(repr=False)
    text: str = field(repr=False)
    why: str
    candidates: list[list[int]]
    crisis: list[str]
    at: datetime
    due_at: datetime | None
    automatic: bool
    files: int


_KEEP = text(
    """
    INSERT INTO reply (channel, provider_id, from_address, to_address, subject, text, automatic, state, at, received_at)
    VALUES (:channel, :provider_id, :from_address, :to_address, :subject, :text, :automatic, 'unplaced', :at, :now)
    ON CONFLICT (channel, provider_id) DO NOTHING RETURNING id
    """
)


def keep(connection: Connection, new: NewReply, now: datetime) -> int | None:
    """Keep a reply; its id, or None where the provider has delivered it before."""
    found: int | None = connection.scalar(_KEEP, {**vars(new), "now": now})
    return found


# Of a message of ours that is answered: its contact, and its students where the contact may still hear about them.
_OF_MESSAGE = text(
    """
    SELECT m.contact_id, r.student_id, m.district_id
    FROM message m CROSS JOIN LATERAL unnest(m.student_ids) AS about (student_id)
    JOIN student_contact r ON r.contact_id = m.contact_id AND r.student_id = about.student_id
    WHERE m.public_id = :public_id AND r.may_receive AND NOT r.court_restriction
    ORDER BY r.student_id
    """
)
_PAIRS = """
    SELECT c.id AS contact_id, r.student_id, c.district_id
    FROM contact c JOIN student_contact r ON r.contact_id = c.id JOIN student s ON s.id = r.student_id
    WHERE {address} AND r.may_receive AND NOT r.court_restriction AND NOT s.withdrawn
    ORDER BY c.id, r.student_id
"""
_BY_PHONE = text(_PAIRS.format(address="c.phone_e164 = :phone"))
_BY_EMAIL = text(_PAIRS.format(address="c.email_lower = :email"))
# What this contact was last told is most likely what it answers.
_LAST_ABOUT = text(
    """
    SELECT student_ids FROM message
    WHERE contact_id = :contact_id AND channel = :channel AND state = 'accepted' AND finished_at <= :now
    ORDER BY finished_at DESC LIMIT 1
    """
)


def of_message(connection: Connection, public_id: str) -> list[Pair]:
    return _pairs(connection.execute(_OF_MESSAGE, {"public_id": public_id}))


def of_phone(connection: Connection, number: str) -> list[Pair]:
    """Everybody with this number, however the school wrote it down."""
    return _pairs(connection.execute(_BY_PHONE, {"phone": phones.e164(number)}))


def of_email(connection: Connection, address: str) -> list[Pair]:
    return _pairs(connection.execute(_BY_EMAIL, {"email": address.strip().lower()}))


def _pairs(rows: Any) -> list[Pair]:
    return [Pair(**row._mapping) for row in rows]


def last_about(connection: Connection, contact_id: int, channel: str, now: datetime) -> list[int]:
    """The students of the last message that went to the contact on this channel."""
    values = {"contact_id": contact_id, "channel": channel, "now": now}
    return list(connection.scalar(_LAST_ABOUT, values) or [])


def names(connection: Connection, student_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The first names by which a family may speak of each student."""
    query = text(
        "SELECT id, given_name, coalesce(preferred_name, '') AS called FROM student WHERE id = ANY (:ids)"
    )
    rows = connection.execute(query, {"ids": list(student_ids)})
    return {row.id: tuple(name for name in (row.given_name, row.called) if name) for row in rows}


def addresses(connection: Connection, contact_id: int) -> tuple[str, str]:
    """The contact's e-mail address and phone number, "" where there is none."""
    row = connection.execute(
        text("SELECT coalesce(email, ''), coalesce(phone, '') FROM contact WHERE id = :id"),
        {"id": contact_id},
    ).one()
    return str(row[0]), str(row[1])


def only_district(connection: Connection) -> int | None:
    """The district of an installation that has one."""
    ids = list(connection.scalars(text("SELECT id FROM district ORDER BY id LIMIT 2")))
    return ids[0] if len(ids) == 1 else None


_LEAVE = text(
    """
    UPDATE reply SET district_id = :district_id, why = :why, candidates = CAST(:candidates AS jsonb),
        crisis = :crisis, due_at = :due_at
    WHERE id = :id
    """
)


def leave_to_a_person(connection: Connection, reply_id: int, **values: Any) -> None:
    """Values: district_id, why, candidates (pairs of ids), crisis (kinds), due_at."""
    connection.execute(_LEAVE, {**values, "id": reply_id, "candidates": json.dumps(values["candidates"])})


_PLACE = text(
    """
    UPDATE reply SET state = 'placed', district_id = :district_id, contact_id = :contact_id, student_id = :student_id,
        settled_by = :actor, settled_at = CASE WHEN CAST(:actor AS text) IS NOT NULL THEN CAST(:now AS timestamptz) END
    WHERE id = :id AND state = 'unplaced'
    """
)
_PLACE_FILES = text(
    """
    UPDATE conversation_attachment SET district_id = :district_id, student_id = :student_id, contact_id = :contact_id
    WHERE reply_id = :id
    """
)


def place(connection: Connection, reply_id: int, pair: Pair, actor: str | None, now: datetime) -> bool:
    """It belongs to this contact and student; `actor`: the person who decided. False where it is placed already."""
    values = {**vars(pair), "id": reply_id, "actor": actor, "now": now}
    if connection.execute(_PLACE, values).rowcount != 1:
        return False
    connection.execute(_PLACE_FILES, values)
    return True


def change_state(
    connection: Connection, reply_id: int, states: tuple[str, str], actor: str | None, now: datetime
) -> bool:
    """From one state into another, by a person; False where it is in another."""
    query = text(
        """
        UPDATE reply SET state = :after, settled_by = :actor, settled_at = :now
        WHERE id = :id AND state = :before AND forgotten_at IS NULL
        """
    )
    before, after = states
    values = {"id": reply_id, "before": before, "after": after, "actor": actor, "now": now}
    return connection.execute(query, values).rowcount == 1


def give_to_district(connection: Connection, reply_id: int, district_id: int) -> bool:
    query = text("UPDATE reply SET district_id = :district_id WHERE id = :id AND district_id IS NULL")
    return connection.execute(query, {"id": reply_id, "district_id": district_id}).rowcount == 1


_UNPLACED = """
    SELECT r.id AS reply_id, r.district_id, r.channel, r.from_address, r.subject, r.text, r.why, r.candidates, r.crisis,
        r.at, r.due_at, r.automatic, (SELECT count(*) FROM conversation_attachment a WHERE a.reply_id = r.id) AS files
    FROM reply r
"""


def unplaced(connection: Connection, *, state: str = "unplaced", limit: int = 100) -> list[Unplaced]:
    """Those of the reader's scope that a person has to place, or set aside; danger first, then who waits longest."""
    query = text(
        f"""
        {_UNPLACED} WHERE r.state = :state AND r.forgotten_at IS NULL
          AND (r.state = 'unplaced' OR r.settled_by IS NOT NULL)
        ORDER BY cardinality(r.crisis) = 0, r.at, r.id LIMIT :limit
        """
    )
    rows = connection.execute(query, {"state": state, "limit": limit})
    return [Unplaced(**row._mapping) for row in rows]


def one(connection: Connection, reply_id: int) -> Unplaced | None:
    """None outside the reader's scope."""
    row = connection.execute(text(f"{_UNPLACED} WHERE r.id = :id"), {"id": reply_id}).first()
    return Unplaced(**row._mapping) if row else None


def count_unplaced(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT count(*) FROM reply WHERE state = 'unplaced'")) or 0)


def whole(connection: Connection, reply_id: int) -> tuple[str | None, str]:
    """Subject and text as they came."""
    row = connection.execute(text("SELECT subject, text FROM reply WHERE id = :id"), {"id": reply_id}).one()
    return row.subject, row.text


_PAIR = text(
    """
    SELECT r.contact_id, r.student_id, s.district_id FROM student_contact r JOIN student s ON s.id = r.student_id
    WHERE r.contact_id = :contact_id AND r.student_id = :student_id AND r.may_receive AND NOT r.court_restriction
    """
)


def pair(connection: Connection, contact_id: int, student_id: int) -> Pair | None:
    """Of the reader's scope, if the contact may hear about the student."""
    row = connection.execute(_PAIR, {"contact_id": contact_id, "student_id": student_id}).first()
    return Pair(**row._mapping) if row else None


_SEARCH = text(
    """
    SELECT r.contact_id, r.student_id
    FROM student_contact r JOIN student s ON s.id = r.student_id JOIN contact c ON c.id = r.contact_id
    WHERE s.district_id = :district_id AND r.may_receive AND NOT r.court_restriction AND NOT s.withdrawn
      AND (concat_ws(' ', s.given_name, s.family_name) ILIKE :pattern
           OR concat_ws(' ', c.given_name, c.family_name) ILIKE :pattern)
    ORDER BY s.family_name, s.given_name, c.id LIMIT :limit
    """
)


def search(connection: Connection, wanted: str, district_id: int, limit: int) -> list[tuple[int, int]]:
    """Contacts and students of the reader's scope by part of either's name."""
    escaped = wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = {"pattern": f"%{escaped}%", "district_id": district_id, "limit": limit}
    return [(row.contact_id, row.student_id) for row in connection.execute(_SEARCH, values)]


def described(connection: Connection, pairs: Sequence[tuple[int, int]]) -> list[tuple[str, str]]:
    """For each pair that the reader sees: its value in a form, and who it is in words."""
    query = text(
        """
        SELECT r.contact_id, r.student_id, concat_ws(' ', c.given_name, c.family_name) AS contact, r.relation,
            concat_ws(' ', s.given_name, s.family_name) AS student, h.name AS school
        FROM student_contact r JOIN student s ON s.id = r.student_id JOIN contact c ON c.id = r.contact_id
        LEFT JOIN school h ON h.id = s.school_id
        WHERE r.contact_id = ANY (:contacts) AND r.student_id = ANY (:students) AND r.may_receive
          AND NOT r.court_restriction
        """
    )
    values = {"contacts": [contact for contact, _ in pairs], "students": [student for _, student in pairs]}
    found = {(row.contact_id, row.student_id): row for row in connection.execute(query, values)}
    return [
        (
            f"{one[0]}-{one[1]}",
            f"{row.contact} ({row.relation}) about {row.student}, {row.school or 'no school'}",
        )
        for one in pairs
        if (row := found.get(one))
    ]
