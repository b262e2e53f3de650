"""SQL of approvals: what was approved, by whom, and what was taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB


@dataclass(frozen=True)
class Approval:
    """One person's word on one content; `name` is the account's."""

    id: int
    content_hash: str
    account_id: int
    name: str
    at: datetime


_IN_FORCE = text(
    """
    SELECT c.slug, a.content_hash FROM approval a JOIN campaign c ON c.id = a.campaign_id
    WHERE a.district_id = :district_id AND a.withdrawn_at IS NULL
    GROUP BY c.slug, a.content_hash HAVING count(DISTINCT a.account_id) >= :needed
    """
)


def in_force(connection: Connection, district_id: int, needed: int) -> frozenset[tuple[str, str]]:
    """(campaign's slug, content hash) of all that at least `needed` persons have approved."""
    found = connection.execute(_IN_FORCE, {"district_id": district_id, "needed": needed})
    return frozenset((slug, content_hash) for slug, content_hash in found)


_GIVEN = text(
    """
    SELECT p.id, p.content_hash, p.account_id, a.name, p.at FROM approval p JOIN account a ON a.id = p.account_id
    WHERE p.campaign_id = :campaign_id AND p.withdrawn_at IS NULL ORDER BY p.at, p.id
    """
)


def given(connection: Connection, campaign_id: int) -> Sequence[Approval]:
    """Every word on the campaign that was not taken back, the oldest first. The connection acts as the engine."""
    found = connection.execute(_GIVEN, {"campaign_id": campaign_id}).mappings()
    return [Approval(**row) for row in found]


_KEEP = text(
    """
    INSERT INTO campaign_content (campaign_id, content_hash, district_id, document, at)
    VALUES (:campaign_id, :content_hash, :district_id, :document, :at) ON CONFLICT DO NOTHING
    """
).bindparams(bindparam("document", type_=JSONB))
_ADD = text(
    """
    INSERT INTO approval (campaign_id, district_id, content_hash, account_id, at)
    VALUES (:campaign_id, :district_id, :content_hash, :account_id, :at)
    """
)
_LOCK = text("SELECT id FROM campaign WHERE id = :campaign_id FOR UPDATE")


def lock(connection: Connection, campaign_id: int) -> None:
    """Two persons who approve at the same moment take turns."""
    connection.execute(_LOCK, {"campaign_id": campaign_id})


@dataclass(frozen=True)
class NewApproval:
    """One person's word on a content; `document` is all that it says."""

    campaign_id: int
    district_id: int
    content_hash: str
    document: Mapping[str, Any]
    account_id: int
    at: datetime


def add(connection: Connection, new: NewApproval) -> None:
    """Keep the content and the word on it."""
    values = {**vars(new), "document": dict(new.document)}
    connection.execute(_KEEP, values)
    connection.execute(_ADD, values)


def withdraw(connection: Connection, campaign_id: int, account_id: int, at: datetime) -> int:
    """Take back every word this person gave on the campaign; the number."""
    statement = text(
        """
        UPDATE approval SET withdrawn_at = :at
        WHERE campaign_id = :campaign_id AND account_id = :account_id AND withdrawn_at IS NULL
        """
    )
    values = {"campaign_id": campaign_id, "account_id": account_id, "at": at}
    return int(connection.execute(statement, values).rowcount)


def document(connection: Connection, campaign_id: int, content_hash: str) -> Mapping[str, Any] | None:
    query = text(
        "SELECT document FROM campaign_content WHERE campaign_id = :campaign_id AND content_hash = :content_hash"
    )
    found: Mapping[str, Any] | None = connection.scalar(
        query, {"campaign_id": campaign_id, "content_hash": content_hash}
    )
    return found


def release(connection: Connection, campaign_id: int) -> None:
    """What waited for the approval is looked at with the next pulse."""
    statement = text(
        """
        UPDATE message SET not_before = NULL
        WHERE campaign_id = :campaign_id AND state IN ('planned', 'retry_at') AND reason = 'not_approved'
        """
    )
    connection.execute(statement, {"campaign_id": campaign_id})


@dataclass(frozen=True)
class Waiting:
    """Messages that only wait for an approval, of which steps; the first of them is dropped at `until`."""

    messages: int
    steps: Sequence[str]
    until: datetime


def waiting(connection: Connection, campaign_id: int, now: datetime) -> Waiting | None:
    """None where nothing waits. What is due later joins them when its time has come."""
    query = text(
        """
        SELECT count(*) AS messages, array_agg(DISTINCT m.step) AS steps, min(m.expires_at) AS until
        FROM open_message o JOIN message m ON m.id = o.message_id
        WHERE o.campaign_id = :campaign_id AND o.due_at <= :now
          AND m.state IN ('planned', 'retry_at') AND m.reason = 'not_approved'
        """
    )
    row = connection.execute(query, {"campaign_id": campaign_id, "now": now}).one()
    return Waiting(row.messages, row.steps, row.until) if row.messages else None
