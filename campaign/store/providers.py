"""How providers fare, one row each: read and changed by all workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

from campaign import direct
from campaign.dispatch.breaker import Breaker, State
from campaign.dispatch.budget import Budget


@dataclass(frozen=True)
class Standing:
    """`waits_until`: the provider itself named this moment, or our access to it has to be put right first."""

    name: str
    breaker: Breaker
    budget: Budget | None = None
    waits_until: datetime | None = None
    reason: str | None = None
    weight: int | None = None
    weighed_at: datetime | None = None

    def is_calm(self) -> bool:
        """Nothing stands against it that another message could change."""
        breaker = self.breaker
        return breaker.state is State.CLOSED and not breaker.bad and self.waits_until is None


_KNOWN = """
    SELECT name, tokens, filled_at, waits_until, reason, weight, weighed_at,
        breaker, breaker_since, breaker_until, breaker_times, good, bad
    FROM provider WHERE name = ANY (:names) ORDER BY name
"""
_READ, _READ_AND_LOCK = text(_KNOWN), text(f"{_KNOWN} FOR UPDATE")
_WRITE = text(
    """
    UPDATE provider SET tokens = :tokens, filled_at = :filled_at, waits_until = :waits_until, reason = :reason,
        breaker = :breaker, breaker_since = :breaker_since, breaker_until = :breaker_until,
        breaker_times = :breaker_times, good = :good, bad = :bad, weight = :weight, weighed_at = :weighed_at
    WHERE name = :name
    """
)
# What is counted here may be lost in a power cut; nothing waits for the disk because of it.
_RELAXED = text("SET LOCAL synchronous_commit = off")


def ensure(connection: Connection, names: Sequence[str], now: datetime) -> None:
    """A row for each provider that has none yet."""
    query = text(
        """
        INSERT INTO provider (name, breaker_since)
        SELECT unnest(CAST(:names AS text[])), :now ON CONFLICT DO NOTHING
        """
    )
    connection.execute(query, {"names": list(names), "now": now})


def read(
    connection: Connection,
    names: Sequence[str],
    per_second: Mapping[str, float],
    now: datetime,
    *,
    lock: bool = False,
) -> dict[str, Standing]:
    """The providers by name, locked until the transaction ends if asked for. `per_second`: limits, where there are."""
    if lock:
        connection.execute(_RELAXED)
    found = {}
    for row in direct.rows(connection, _READ_AND_LOCK if lock else _READ, {"names": list(names)}):
        (
            name,
            tokens,
            filled_at,
            waits_until,
            reason,
            weight,
            weighed_at,
            state,
            since,
            until,
            times,
            good,
            bad,
        ) = row
        rate, budget = per_second.get(name), None
        if rate:
            known = tokens is not None and filled_at is not None
            budget = Budget(rate, tokens, filled_at) if known else Budget.full(rate, now)
        breaker = Breaker(since, State(state), good, bad, until, times)
        found[name] = Standing(name, breaker, budget, waits_until, reason, weight, weighed_at)
    return found


def write(connection: Connection, standing: Standing) -> None:
    breaker, budget = standing.breaker, standing.budget
    connection.execute(
        _WRITE,
        {
            "name": standing.name,
            "tokens": budget.tokens if budget else None,
            "filled_at": budget.at if budget else None,
            "waits_until": standing.waits_until,
            "reason": standing.reason,
            "breaker": breaker.state,
            "breaker_since": breaker.since,
            "breaker_until": breaker.until,
            "breaker_times": breaker.times,
            "good": breaker.good,
            "bad": breaker.bad,
            "weight": standing.weight,
            "weighed_at": standing.weighed_at,
        },
    )


@dataclass(frozen=True)
class Trouble:
    """A provider that takes nothing at the moment; `until` is when it is tried again."""

    name: str
    state: str
    until: datetime
    reason: str | None


def in_trouble(connection: Connection, now: datetime) -> list[Trouble]:
    """Providers that are left alone now, for staff to see."""
    query = text(
        """
        SELECT name, CASE WHEN waits_until > :now THEN 'waits' ELSE breaker END AS state,
            greatest(CASE WHEN waits_until > :now THEN waits_until END, breaker_until) AS until, reason
        FROM provider
        WHERE waits_until > :now OR breaker <> 'closed' AND breaker_until > :now - interval '1 hour' ORDER BY name
        """
    )
    return [Trouble(**row) for row in connection.execute(query, {"now": now}).mappings()]


_USED = text("SELECT CASE WHEN day = :day THEN day_used ELSE 0 END FROM provider WHERE name = :name")
_LOCK_DAY = text(
    "SELECT CASE WHEN day = :day THEN day_used ELSE 0 END FROM provider WHERE name = :name FOR UPDATE"
)
_COUNT_DAY = text("UPDATE provider SET day = :day, day_used = :used WHERE name = :name")


def take_of_day(connection: Connection, name: str, wanted: int, limit: int, day: date) -> int:
    """How many of `wanted` parts are left of the limit of that day; they are counted at once."""
    used = connection.scalar(_LOCK_DAY, {"name": name, "day": day}) or 0
    granted = min(wanted, max(limit - used, 0))
    connection.execute(_COUNT_DAY, {"name": name, "day": day, "used": used + granted})
    return granted


def give_back_of_day(connection: Connection, name: str, parts: int, day: date) -> None:
    """Parts of that day that were taken and not needed."""
    query = text(
        "UPDATE provider SET day_used = greatest(day_used - :parts, 0) WHERE name = :name AND day = :day"
    )
    connection.execute(query, {"name": name, "day": day, "parts": parts})


def used_of_day(connection: Connection, name: str, day: date) -> int:
    """Parts of text messages handed to the provider on that day, and those about to be."""
    return int(connection.scalar(_USED, {"name": name, "day": day}) or 0)
