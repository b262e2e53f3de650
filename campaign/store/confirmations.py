"""Replies by e-mail whose choice is to be confirmed by one e-mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, text


def will_confirm(connection: Connection, reply_id: int, key: str) -> None:
    """Note that one e-mail goes back: that of this key."""
    connection.execute(
        text("UPDATE reply SET to_confirm = :key WHERE id = :id"), {"id": reply_id, "key": key}
    )


@dataclass(frozen=True)
class ToConfirm:
    """An e-mail whose choice is to be confirmed to the address it came from, by the text of this key."""

    reply_id: int
    key: str
    from_address: str = field(repr=False)


_TAKE = text(
    """
    UPDATE reply SET confirmed_at = :now WHERE id IN (
        SELECT id FROM reply WHERE to_confirm IS NOT NULL AND confirmed_at IS NULL AND received_at > :since
        ORDER BY id LIMIT 200 FOR UPDATE SKIP LOCKED
    ) RETURNING id AS reply_id, to_confirm AS key, from_address
    """
)


def take(connection: Connection, since: datetime, now: datetime) -> list[ToConfirm]:
    """Those that came after `since`, each for whoever takes it first; from here on it counts as confirmed."""
    found = connection.execute(_TAKE, {"since": since, "now": now})
    return [ToConfirm(**row._mapping) for row in found]


def give_back(connection: Connection, reply_ids: Sequence[int]) -> None:
    """Their e-mails certainly did not go."""
    connection.execute(
        text("UPDATE reply SET confirmed_at = NULL WHERE id = ANY (:ids)"), {"ids": list(reply_ids)}
    )
