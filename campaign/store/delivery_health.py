"""What became of messages after they were handed over, counted for staff; under the reader's own role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

from campaign.receipts import Kind

ON_THE_WAY = frozenset({Kind.TAKEN, Kind.DEFERRED, Kind.SENT})
ARRIVED = frozenset({Kind.DELIVERED, Kind.COMPLAINED})
NOT_ARRIVED = (Kind.BOUNCED, Kind.BLOCKED, Kind.DROPPED)


@dataclass(frozen=True)
class Channel:
    """Messages of one channel. Sent ones (`accepted`) = arrived + on the way + not arrived + those of which the
    provider has told nothing; beside them those it refused or gave up, and those in doubt. `complaints` have arrived,
    too."""

    channel: str
    accepted: int
    arrived: int
    on_the_way: int
    not_arrived: int
    nothing_told: int
    complaints: int
    given_up: int
    in_doubt: int

    @property
    def complaint_share(self) -> float:
        """Complaints for each message that arrived, 0 to 1; mail services look at this number."""
        return self.complaints / self.arrived if self.arrived else 0.0


@dataclass(frozen=True)
class WhyNot:
    """Why messages of a channel did not arrive, and how many."""

    channel: str
    cause: str
    messages: int


@dataclass(frozen=True)
class Door:
    """What came to the door of a provider since a day, by what became of it."""

    provider: str
    outcome: str
    count: int
    last_at: datetime


@dataclass(frozen=True)
class CameBack:
    """A message that did not arrive, or that somebody complained about, in ids and codes."""

    message_id: int
    step: str
    channel: str
    status: str
    cause: str
    at: datetime
    student_ids: Sequence[int]


# What was handed over carries the moment of its end; what is in doubt has none yet.
_CHANNELS = text(
    """
    SELECT m.channel,
        count(*) FILTER (WHERE m.state = 'accepted') AS accepted,
        count(*) FILTER (WHERE m.state = 'accepted' AND d.status = ANY (:arrived)) AS arrived,
        count(*) FILTER (WHERE m.state = 'accepted' AND d.status = ANY (:on_the_way)) AS on_the_way,
        count(*) FILTER (WHERE m.state = 'accepted' AND d.status = ANY (:not_arrived)) AS not_arrived,
        count(*) FILTER (WHERE m.state = 'accepted' AND d.status IS NULL) AS nothing_told,
        count(*) FILTER (WHERE m.state = 'accepted' AND d.status = 'complained') AS complaints,
        count(*) FILTER (WHERE m.state = 'rejected') AS given_up,
        count(*) FILTER (WHERE m.state = 'ambiguous') AS in_doubt
    FROM message m LEFT JOIN delivery d ON d.message_id = m.id
    WHERE m.state = 'ambiguous' OR m.state IN ('accepted', 'rejected') AND m.finished_at >= :since
    GROUP BY m.channel ORDER BY m.channel
    """
)


def channels(connection: Connection, since: datetime) -> list[Channel]:
    values = {
        "since": since,
        "arrived": sorted(ARRIVED),
        "on_the_way": sorted(ON_THE_WAY),
        "not_arrived": sorted(NOT_ARRIVED),
    }
    return [Channel(**row) for row in connection.execute(_CHANNELS, values).mappings()]


_TROUBLED = "d.status = ANY (:troubled) AND d.cause IS NOT NULL AND d.at >= :since"
_TROUBLES = sorted({*NOT_ARRIVED, Kind.COMPLAINED})
_WHY_NOT = text(
    f"""
    SELECT m.channel, d.cause, count(*) AS messages
    FROM delivery d JOIN message m ON m.id = d.message_id WHERE {_TROUBLED}
    GROUP BY m.channel, d.cause ORDER BY 3 DESC, 1, 2
    """  # noqa: S608  constant
)
_CAME_BACK = text(
    f"""
    SELECT m.id AS message_id, m.step, m.channel, d.status, d.cause, d.at, m.student_ids
    FROM delivery d JOIN message m ON m.id = d.message_id WHERE {_TROUBLED}
    ORDER BY d.at DESC, m.id DESC LIMIT :limit OFFSET :offset
    """  # noqa: S608  constant
)


def why_not(connection: Connection, since: datetime) -> list[WhyNot]:
    """The most frequent cause first."""
    rows = connection.execute(_WHY_NOT, {"since": since, "troubled": _TROUBLES}).mappings()
    return [WhyNot(**row) for row in rows]


def came_back(connection: Connection, since: datetime, *, limit: int, offset: int = 0) -> Sequence[CameBack]:
    """The newest first."""
    values = {"since": since, "troubled": _TROUBLES, "limit": limit, "offset": offset}
    return [CameBack(**row) for row in connection.execute(_CAME_BACK, values).mappings()]


def doors(connection: Connection, since: date) -> list[Door]:
    """What came to the doors of the whole installation."""
    query = text(
        """
        SELECT provider, outcome, CAST(sum(count) AS bigint) AS count, max(last_at) AS last_at
        FROM event_count WHERE day >= :since GROUP BY provider, outcome ORDER BY provider, 3 DESC
        """
    )
    return [Door(**row) for row in connection.execute(query, {"since": since}).mappings()]
