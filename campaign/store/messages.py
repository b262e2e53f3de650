"""What pages and summaries read of the message ledger, under the reader's own role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

from campaign.store.tally import COUNTED

# Every state belongs to exactly one heading; a state missing here stops the sum.
HEADINGS = {
    "planned": "waiting",
    "claimed": "waiting",
    "dispatching": "waiting",
    "retry_at": "waiting",
    "accepted": "sent",
    "withheld": "withheld",
    "dropped": "withheld",
    "rejected": "failed",
    "failed": "failed",
    "ambiguous": "to_look_at",
}


class SumError(Exception):
    """The ledger does not add up; nothing may be reported from it before somebody has looked."""


@dataclass(frozen=True)
class Addressee:
    """Who was written to in a message."""

    message_id: int
    district_id: int
    contact_id: int


def addressee(connection: Connection, public_id: str) -> Addressee | None:
    query = text("SELECT id AS message_id, district_id, contact_id FROM message WHERE public_id = :public_id")
    found = connection.execute(query, {"public_id": public_id}).mappings().one_or_none()
    return Addressee(**found) if found else None


@dataclass(frozen=True)
class Reconciliation:
    """planned = sent + withheld + failed + to look at + waiting, always."""

    planned: int
    sent: int
    withheld: int
    failed: int
    to_look_at: int
    waiting: int

    def __post_init__(self) -> None:
        parts = self.sent + self.withheld + self.failed + self.to_look_at + self.waiting
        if parts != self.planned:
            raise SumError(f"{self.planned} messages are planned, but {parts} are accounted for")


@dataclass(frozen=True)
class OccurrenceCounts:
    """One step on one day. Before it is planned all counts are 0."""

    occurrence_id: int
    campaign: str
    slug: str
    paused: bool
    step: str
    day: date
    due_at: datetime
    is_planned: bool
    planned: int
    sent: int
    withheld: int
    failed: int
    to_look_at: int
    waiting: int


@dataclass(frozen=True)
class LanguageReach:
    """Contacts of one language for whom messages were planned; `reached` got at least one."""

    language: str
    contacts: int
    reached: int


_COUNTED_ONE_BY_ONE = text(
    "SELECT CASE WHEN current_setting('gbg.scope', true) = 'engine' THEN (SELECT count(*) FROM message) END"
)


def totals_by_state(connection: Connection) -> dict[str, int]:
    query = f"SELECT state, CAST(sum(messages) AS bigint) FROM ({COUNTED}) m GROUP BY state ORDER BY state"  # noqa: S608
    return {state: count for state, count in connection.execute(text(query))}


def reconcile(connection: Connection) -> Reconciliation:
    """The sheet that sums. Raises SumError when it does not. For the engine, which sees them all, the messages
    themselves are counted beside."""
    states = totals_by_state(connection)
    counted: int | None = connection.execute(_COUNTED_ONE_BY_ONE).scalar_one()
    planned = sum(states.values()) if counted is None else counted
    counts = dict.fromkeys(HEADINGS.values(), 0)
    for state, count in states.items():
        if state not in HEADINGS:
            raise SumError(f"{count} messages are in a state nobody knows: {state}")
        counts[HEADINGS[state]] += count
    return Reconciliation(planned=planned, **counts)


def withheld_reasons(connection: Connection) -> list[tuple[str, int]]:
    """Why messages were withheld or dropped, the most frequent first."""
    found = connection.execute(
        text(
            f"""
            SELECT reason, CAST(sum(messages) AS bigint) FROM ({COUNTED}) m WHERE state IN ('withheld', 'dropped')
            GROUP BY reason ORDER BY 2 DESC, 1
            """  # noqa: S608  our own text
        )
    )
    return [(reason, count) for reason, count in found]


_COUNTS = """
    SELECT o.id AS occurrence_id, c.title AS campaign, c.slug, c.paused, o.step, o.day, o.due_at,
        o.planned_at IS NOT NULL AS is_planned,
        coalesce(m.planned, 0) AS planned, coalesce(m.sent, 0) AS sent, coalesce(m.withheld, 0) AS withheld,
        coalesce(m.failed, 0) AS failed, coalesce(m.to_look_at, 0) AS to_look_at, coalesce(m.waiting, 0) AS waiting
    FROM occurrence o JOIN campaign c ON c.id = o.campaign_id
    LEFT JOIN (
        SELECT occurrence_id, CAST(sum(messages) AS bigint) AS planned,
            CAST(sum(messages) FILTER (WHERE state = 'accepted') AS bigint) AS sent,
            CAST(sum(messages) FILTER (WHERE state IN ('withheld', 'dropped')) AS bigint) AS withheld,
            CAST(sum(messages) FILTER (WHERE state IN ('rejected', 'failed')) AS bigint) AS failed,
            CAST(sum(messages) FILTER (WHERE state = 'ambiguous') AS bigint) AS to_look_at,
            CAST(sum(messages) FILTER (WHERE state IN ('planned', 'claimed', 'dispatching', 'retry_at')) AS bigint)
                AS waiting
        FROM ({counted}) counted GROUP BY occurrence_id
    ) m ON m.occurrence_id = o.id
    WHERE {which}
    ORDER BY o.due_at, o.id LIMIT :limit
"""
_UPCOMING = text(_COUNTS.format(which="o.due_at >= :now", counted=COUNTED))
_TIMELINE = text(_COUNTS.format(which="o.day BETWEEN :first AND :last", counted=COUNTED))
_MOST = 10_000


def upcoming(connection: Connection, now: datetime, limit: int) -> list[OccurrenceCounts]:
    """The next occurrences, soonest first."""
    found = connection.execute(_UPCOMING, {"now": now, "limit": limit}).mappings()
    return [OccurrenceCounts(**row) for row in found]


def timeline(connection: Connection, first: date, last: date) -> list[OccurrenceCounts]:
    """The occurrences of these days, both included."""
    found = connection.execute(_TIMELINE, {"first": first, "last": last, "limit": _MOST}).mappings()
    return [OccurrenceCounts(**row) for row in found]


def reach_by_language(connection: Connection) -> list[LanguageReach]:
    """Who was meant and who was reached, by language of the contact, the largest first."""
    found = connection.execute(
        text(
            """
            SELECT language, count(DISTINCT contact_id) AS contacts,
                count(DISTINCT contact_id) FILTER (WHERE state = 'accepted') AS reached
            FROM message GROUP BY language ORDER BY 2 DESC, 1
            """
        )
    ).mappings()
    return [LanguageReach(**row) for row in found]
