"""SQL of messages that are due and have yet to go: how many, why, and when the first of them may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Left:
    """`reasons`: how many wait why ("" = for their turn); `at`: when the first of them may go, None: at once."""

    reasons: Mapping[str, int]
    at: datetime | None

    @property
    def messages(self) -> int:
        return sum(self.reasons.values())


_LEFT = text(
    """
    SELECT coalesce(m.reason, '') AS reason, count(*) AS messages, min(coalesce(m.not_before, m.due_at)) AS at
    FROM campaign c JOIN open_message o ON o.campaign_id = c.id AND o.due_at <= :now
    JOIN message m ON m.id = o.message_id WHERE m.state IN ('planned', 'retry_at')
    GROUP BY 1 ORDER BY 2 DESC, 1
    """
)


def left(connection: Connection, now: datetime) -> Left:
    found = connection.execute(_LEFT, {"now": now}).all()
    first = min((row.at for row in found), default=now)
    return Left({row.reason: row.messages for row in found}, first if first > now else None)
