"""Counting tries, so that limits hold over processes. A limit that cannot be counted is an error, never a pass."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Limit:
    """At most `tries` within `window`."""

    tries: int
    window: timedelta


_COUNT = text(
    """
    INSERT INTO attempt_counter (key, window_began_at, count) VALUES (:key, :now, 1)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN attempt_counter.window_began_at <= :oldest THEN 1 ELSE attempt_counter.count + 1 END,
        window_began_at = CASE WHEN attempt_counter.window_began_at <= :oldest THEN :now
                               ELSE attempt_counter.window_began_at END
    RETURNING count
    """
)


def within(connection: Connection, key: str, limit: Limit, now: datetime) -> bool:
    """Count one try under `key` and say whether it is still within the limit.

    `key` must hold no person's data: hash an address or e-mail before it comes here.
    """
    oldest = now - limit.window
    count = connection.scalar(_COUNT, {"key": key, "now": now, "oldest": oldest})
    return count is not None and count <= limit.tries


def forget(connection: Connection, key: str) -> None:
    connection.execute(text("DELETE FROM attempt_counter WHERE key = :key"), {"key": key})
