"""SQL of test messages: what staff sent to themselves to look at it. They stand apart and are counted nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class SentTest:
    template: str
    channel: str
    language: str
    outcome: str
    at: datetime


_ADD = text(
    """
    INSERT INTO test_message (public_id, campaign_id, district_id, account_id, template, channel, language, outcome, at)
    VALUES (:public_id, :campaign_id, :district_id, :account_id, :template, :channel, :language, :outcome, :at)
    """
)


def add(connection: Connection, sent: Mapping[str, Any]) -> None:
    connection.execute(_ADD, dict(sent))


def since(connection: Connection, account_id: int, moment: datetime) -> int:
    """How many this person has sent since then."""
    query = text("SELECT count(*) FROM test_message WHERE account_id = :account_id AND at > :moment")
    return int(connection.execute(query, {"account_id": account_id, "moment": moment}).scalar_one())


def sent(connection: Connection, campaign_id: int, account_id: int) -> Sequence[SentTest]:
    """Those that one person sent of a campaign, the newest first."""
    query = text(
        """
        SELECT template, channel, language, outcome, at FROM test_message
        WHERE campaign_id = :campaign_id AND account_id = :account_id ORDER BY id DESC LIMIT 20
        """
    )
    values = {"campaign_id": campaign_id, "account_id": account_id}
    return [SentTest(**row) for row in connection.execute(query, values).mappings()]
