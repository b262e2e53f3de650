"""What became of messages after they were handed over, counted for staff; under the reader's own role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

from campaign.dispatch.receipts import Kind
from campaign.store.tally import COUNTED

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


# Counted from the tally and from what providers told, never from the messages: of those, each would be asked for its
# students. A message that a provider gave up is not among the sent ones.
_CHANNELS = text(
    f"""
    WITH sent AS (
        SELECT c.channel,
            sum(c.messages) FILTER (WHERE c.state = 'accepted') AS accepted,
            sum(c.messages) FILTER (WHERE c.state = 'rejected') AS given_up,
            sum(c.messages) FILTER (WHERE c.state = 'ambiguous') AS in_doubt
        FROM ({COUNTED}) c JOIN occurrence o ON o.id = c.occurrence_id
        WHERE o.due_at >= :since AND c.state IN ('accepted', 'rejected', 'ambiguous') GROUP BY c.channel
    ), told AS (
        SELECT d.channel,
            count(*) FILTER (WHERE d.status = ANY (:arrived)) AS arrived,
            count(*) FILTER (WHERE d.status = ANY (:on_the_way)) AS on_the_way,
            count(*) FILTER (WHERE d.status IN ('bounced', 'blocked')) AS not_arrived,
            count(*) FILTER (WHERE d.status = 'complained') AS complaints
        FROM delivery d JOIN occurrence o ON o.id = d.occurrence_id WHERE o.due_at >= :since GROUP BY d.channel
    )
    SELECT s.channel, CAST(coalesce(s.accepted, 0) AS bigint) AS accepted, coalesce(t.arrived, 0) AS arrived,
        coalesce(t.on_the_way, 0) AS on_the_way, coalesce(t.not_arrived, 0) AS not_arrived,
        coalesce(t.complaints, 0) AS complaints, CAST(coalesce(s.given_up, 0) AS bigint) AS given_up,
        CAST(coalesce(s.in_doubt, 0) AS bigint) AS in_doubt
    FROM sent s LEFT JOIN told t ON t.channel = s.channel ORDER BY s.channel
    """  # noqa: S608  our own text
)


def channels(connection: Connection, since: datetime) -> list[Channel]:
    """Messages of steps that were due since then, for whoever sees a whole district."""
    values = {"since": since, "arrived": sorted(ARRIVED), "on_the_way": sorted(ON_THE_WAY)}
    found = []
    for row in connection.execute(_CHANNELS, values).mappings():
        told = row["arrived"] + row["on_the_way"] + row["not_arrived"]
        found.append(Channel(**row, nothing_told=max(row["accepted"] - told, 0)))
    return found


_TROUBLED = "d.status = ANY (:troubled) AND d.cause IS NOT NULL AND d.at >= :since"
_TROUBLES = sorted({*NOT_ARRIVED, Kind.COMPLAINED})
_WHY_NOT = text(
    f"""
    SELECT d.channel, d.cause, count(*) AS messages FROM delivery d WHERE {_TROUBLED}
    GROUP BY d.channel, d.cause ORDER BY 3 DESC, 1, 2
    """  # noqa: S608  constant
)
_CAME_BACK = text(
    f"""
    SELECT m.id AS message_id, m.step, m.channel, d.status, d.cause, d.at, m.student_ids
    FROM (
        SELECT d.* FROM delivery d WHERE {_TROUBLED} ORDER BY d.at DESC, d.message_id DESC LIMIT :limit OFFSET :offset
    ) d JOIN message m ON m.id = d.message_id ORDER BY d.at DESC, m.id DESC
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
