"""Messages of which nobody knows yet whether they went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

_IN_DOUBT = text(
    """
    UPDATE message SET lease_until = :look_again
    WHERE id IN (
        SELECT id FROM message WHERE state = 'ambiguous' AND lease_until <= :now
        ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    RETURNING id, public_id, fencing, provider, (
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
    dispatched_at: datetime


def in_doubt(connection: Connection, now: datetime, look_again: datetime, limit: int) -> list[InDoubt]:
    """The next messages whose fate is to be asked for; they come up again at `look_again`."""
    values = {"now": now, "look_again": look_again, "limit": limit}
    return [InDoubt(**row) for row in connection.execute(_IN_DOUBT, values).mappings()]
