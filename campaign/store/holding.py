"""SQL of what is held back: the pause of a district, and what was called off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Pause:
    """`by` is the name of who paused everything, or how the audit names them."""

    district_id: int
    by: str
    at: datetime


@dataclass(frozen=True)
class Cancellation:
    """Without a step it is the whole campaign."""

    campaign_id: int
    step: str | None
    day: date | None
    by: str
    at: datetime


@dataclass(frozen=True)
class InHand:
    """Messages of what is held back: already sent, on their way this moment, and those that now stay."""

    sent: int
    in_flight: int
    staying: int


def pause_all(connection: Connection, district_id: int, actor: str, at: datetime) -> bool:
    """Whether it was not paused before."""
    statement = text(
        "INSERT INTO sending_pause (district_id, actor, at) VALUES (:district_id, :actor, :at) ON CONFLICT DO NOTHING"
    )
    values = {"district_id": district_id, "actor": actor, "at": at}
    return bool(connection.execute(statement, values).rowcount)


def resume_all(connection: Connection, district_id: int) -> bool:
    statement = text("DELETE FROM sending_pause WHERE district_id = :district_id")
    return bool(connection.execute(statement, {"district_id": district_id}).rowcount)


def pauses(connection: Connection) -> Sequence[Pause]:
    """Of the districts in reach, those that are paused."""
    query = text(
        """
        SELECT p.district_id, CASE WHEN p.actor LIKE 'account:%' THEN 'a colleague' ELSE p.actor END AS by, p.at
        FROM sending_pause p ORDER BY p.district_id
        """
    )
    return [Pause(**row) for row in connection.execute(query).mappings()]


_IN_HAND = text(
    """
    SELECT count(*) FILTER (WHERE m.state = 'accepted') AS sent,
           count(*) FILTER (WHERE m.state IN ('claimed', 'dispatching', 'ambiguous')) AS in_flight,
           count(*) FILTER (WHERE m.state IN ('planned', 'retry_at')) AS staying
    FROM message m JOIN occurrence o ON o.id = m.occurrence_id
    WHERE m.district_id = :district_id
      AND (CAST(:campaign_id AS bigint) IS NULL OR m.campaign_id = :campaign_id)
      AND (CAST(:step AS text) IS NULL OR (o.step = :step AND o.day = :day))
    """
)


def in_hand(
    connection: Connection,
    district_id: int,
    campaign_id: int | None = None,
    step: str | None = None,
    day: date | None = None,
) -> InHand:
    values = {"district_id": district_id, "campaign_id": campaign_id, "step": step, "day": day}
    return InHand(*connection.execute(_IN_HAND, values).one())


_SAME = "campaign_id = :campaign_id AND step IS NOT DISTINCT FROM :step AND day IS NOT DISTINCT FROM :day"


def is_cancelled(connection: Connection, campaign_id: int, step: str | None, day: date | None) -> bool:
    query = text(f"SELECT EXISTS (SELECT FROM cancellation WHERE {_SAME} AND undone_at IS NULL)")  # noqa: S608
    values = {"campaign_id": campaign_id, "step": step, "day": day}
    return bool(connection.scalar(query, values))


def cancel(connection: Connection, values: Mapping[str, Any]) -> None:
    connection.execute(
        text(
            """
            INSERT INTO cancellation (campaign_id, district_id, step, day, actor, at)
            VALUES (:campaign_id, :district_id, :step, :day, :actor, :at)
            """
        ),
        dict(values),
    )


def undo(connection: Connection, campaign_id: int, step: str | None, day: date | None, at: datetime) -> bool:
    statement = text(f"UPDATE cancellation SET undone_at = :at WHERE {_SAME} AND undone_at IS NULL")  # noqa: S608
    values = {"campaign_id": campaign_id, "step": step, "day": day, "at": at}
    return bool(connection.execute(statement, values).rowcount)


def cancellations(connection: Connection, campaign_id: int) -> Sequence[Cancellation]:
    """What of a campaign is called off now. The connection acts as the engine."""
    query = text(
        """
        SELECT x.campaign_id, x.step, x.day, coalesce(a.name, x.actor) AS by, x.at FROM cancellation x
        LEFT JOIN account a ON x.actor = 'account:' || a.id
        WHERE x.campaign_id = :campaign_id AND x.undone_at IS NULL ORDER BY x.at
        """
    )
    return [Cancellation(**row) for row in connection.execute(query, {"campaign_id": campaign_id}).mappings()]


@dataclass(frozen=True)
class Sending:
    """One step on one day as the ledger has it; `is_planned`: its messages are written down."""

    id: int
    step: str
    day: date
    due_at: datetime
    expires_at: datetime
    is_planned: bool


def sendings(connection: Connection, campaign_id: int) -> Sequence[Sending]:
    """Every step of a campaign on its days, in order of time."""
    query = text(
        """
        SELECT id, step, day, due_at, expires_at, planned_at IS NOT NULL AS is_planned
        FROM occurrence WHERE campaign_id = :campaign_id ORDER BY due_at, id
        """
    )
    return [Sending(**row) for row in connection.execute(query, {"campaign_id": campaign_id}).mappings()]
