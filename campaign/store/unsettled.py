"""Messages that did not simply go out: those of which nobody knows whether they went, and those that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

_IN_DOUBT = text(
    """
    UPDATE message SET lease_until = :look_again
    WHERE id IN (
        SELECT m.id FROM campaign c JOIN open_message o ON o.campaign_id = c.id AND o.due_at <= :now
        JOIN message m ON m.id = o.message_id
        WHERE m.state = 'ambiguous' AND m.lease_until <= :now
        ORDER BY m.id LIMIT :limit FOR UPDATE OF m SKIP LOCKED
    )
    RETURNING id, public_id, fencing, provider, channel, contact_id, (
        SELECT max(a.at) FROM attempt a
        WHERE a.message_id = message.id AND a.outcome = 'dispatching' AND a.fencing = message.fencing
    ) AS dispatched_at
    """
)


@dataclass(frozen=True)
class InDoubt:
    id: int
    public_id: str
    fencing: int
    provider: str | None
    channel: str
    contact_id: int
    dispatched_at: datetime


def in_doubt(connection: Connection, now: datetime, look_again: datetime, limit: int) -> list[InDoubt]:
    """The next messages whose fate is to be asked for; they come up again at `look_again`."""
    values = {"now": now, "look_again": look_again, "limit": limit}
    return [InDoubt(**row) for row in connection.execute(_IN_DOUBT, values).mappings()]


def goes_again(connection: Connection, message_id: int) -> bool:
    """Whether the campaign lets an e-mail without a clear answer go again where its provider tells no event of it."""
    query = text(
        """
        SELECT m.channel = 'email' AND r.definition ->> 'ambiguous_email' = 'again'
        FROM message m JOIN occurrence o ON o.id = m.occurrence_id
        JOIN campaign_revision r ON r.id = o.campaign_revision_id WHERE m.id = :id
        """
    )
    return bool(connection.scalar(query, {"id": message_id}))


@dataclass(frozen=True)
class ToBeLookedAt:
    """A message for a person to look at, in ids and codes. `detail`: what the newest attempt says."""

    message_id: int
    public_id: str
    fencing: int
    step: str
    channel: str
    state: str
    reason: str | None
    provider: str | None
    student_ids: Sequence[int]
    due_at: datetime
    expires_at: datetime
    tried_at: datetime | None
    detail: str | None

    @property
    def in_doubt(self) -> bool:
        return self.state == "ambiguous"


STATES = ["ambiguous", "rejected", "failed"]
_TO_BE_LOOKED_AT = text(
    """
    SELECT m.id AS message_id, m.public_id, m.fencing, m.step, m.channel, m.state, m.reason, m.provider,
        m.student_ids, m.due_at, m.expires_at, a.at AS tried_at, a.detail
    FROM message m LEFT JOIN LATERAL (
        SELECT at, detail FROM attempt WHERE message_id = m.id ORDER BY at DESC, id DESC LIMIT 1
    ) a ON true
    WHERE m.state = ANY (:states) AND NOT EXISTS (SELECT FROM digest_line l WHERE l.message_id = m.id)
    ORDER BY m.state <> 'ambiguous', m.due_at DESC, m.id LIMIT :limit OFFSET :offset
    """
)


def to_be_looked_at(connection: Connection, *, limit: int, offset: int = 0) -> Sequence[ToBeLookedAt]:
    """Those in doubt first, then those that failed, the newest day first; under the reader's own role.

    What travels in a weekly message is judged with it, so only its lead is among them.
    """
    values = {"states": STATES, "limit": limit, "offset": offset}
    found = connection.execute(_TO_BE_LOOKED_AT, values).mappings()
    return [ToBeLookedAt(**row) for row in found]


def count_to_be_looked_at(connection: Connection) -> int:
    query = text(
        """
        SELECT count(*) FROM message m
        WHERE state = ANY (:states) AND NOT EXISTS (SELECT FROM digest_line l WHERE l.message_id = m.id)
        """
    )
    return int(connection.execute(query, {"states": STATES}).scalar_one())


def is_within_scope(connection: Connection, message_id: int) -> bool:
    """Whether the reader, under the own role, sees this message."""
    query = text("SELECT EXISTS (SELECT 1 FROM message WHERE id = :id)")
    return bool(connection.execute(query, {"id": message_id}).scalar_one())


@dataclass(frozen=True)
class Seen:
    """A message as a person saw it: once it has been claimed again, `fencing` no longer fits."""

    message_id: int
    fencing: int


@dataclass(frozen=True)
class Locked:
    id: int
    district_id: int
    fencing: int
    state: str
    expires_at: datetime
    dispatched_at: datetime | None


_LOCK = text(
    """
    SELECT id, district_id, fencing, state, expires_at, (
        SELECT max(a.at) FROM attempt a
        WHERE a.message_id = message.id AND a.outcome = 'dispatching' AND a.fencing = message.fencing
    ) AS dispatched_at
    FROM message WHERE id = :message_id AND fencing = :fencing AND state = ANY (:states)
      AND NOT EXISTS (SELECT FROM digest_line l WHERE l.message_id = message.id)
    FOR UPDATE
    """
)


def lock(connection: Connection, seen: Seen) -> Locked | None:
    """The message, held until the transaction ends; None where it is no longer as it was seen."""
    row = connection.execute(_LOCK, {**vars(seen), "states": STATES}).mappings().first()
    return Locked(**row) if row else None


def begin_anew(connection: Connection, message_id: int) -> None:
    """Give the message its next number: what its provider told so far is judged, and only what comes now counts."""
    connection.execute(text("UPDATE message SET fencing = fencing + 1 WHERE id = :id"), {"id": message_id})
