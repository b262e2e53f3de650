"""What providers tell about messages after they took them, and what that makes of a message.

Pure. All is worked out from the set of a message's events, so that events in any order, told twice or late, end in the
same status. Delivered or not is shown beside a sent message and leaves the ledger's sums as they are; only what a
provider took and gave up before trying (`dropped`) becomes a failure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

DROPPED_BY_PROVIDER = "dropped_by_provider"

# For so long SendGrid keeps trying to tell an event; what is signed earlier was told before, or by somebody else.
OLDEST_EVENT = timedelta(hours=24)
_LONGEST_ID = 200
CLOCKS_DIFFER = timedelta(minutes=5)


class Kind(StrEnum):
    """What happened, in one vocabulary for all providers; within one sending the last of them in this order holds."""

    TAKEN = "taken"
    DEFERRED = "deferred"
    SENT = "sent"
    DROPPED = "dropped"
    DELIVERED = "delivered"
    BLOCKED = "blocked"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class Cause(StrEnum):
    """Why something did not arrive, or must not be sent any more."""

    INVALID_ADDRESS = "invalid_address"
    INVALID_NUMBER = "invalid_number"
    LANDLINE = "landline"
    MAILBOX_FULL = "mailbox_full"
    PHONE_OFF = "phone_off"
    REFUSED_BY_RECEIVER = "refused_by_receiver"
    FILTERED = "filtered"
    TOO_FAST = "too_fast"
    TOO_LATE = "too_late"
    COMPLAINT = "complaint"
    STOPPED = "stopped"
    OUR_SETUP = "our_setup"
    TECHNICAL = "technical"


HOPELESS = frozenset({Cause.INVALID_ADDRESS, Cause.INVALID_NUMBER, Cause.LANDLINE, Cause.COMPLAINT})
"""Causes after which an address is not written to any more."""

STOPS = frozenset({Cause.COMPLAINT, Cause.STOPPED})
"""Causes that are the person's own word: nothing more on this channel."""

NOT_ARRIVED = frozenset({Kind.DROPPED, Kind.BOUNCED, Kind.BLOCKED})
"""How far messages come that nobody has."""

# Of several sendings of one message the best counts: whoever has it, has it.
_BEST_LAST = (
    Kind.DROPPED,
    Kind.BOUNCED,
    Kind.BLOCKED,
    Kind.TAKEN,
    Kind.DEFERRED,
    Kind.SENT,
    Kind.DELIVERED,
    Kind.COMPLAINED,
)
_WITHIN = {kind: place for place, kind in enumerate(Kind)}
_AMONG = {kind: place for place, kind in enumerate(_BEST_LAST)}


@dataclass(frozen=True)
class Reported:
    """One event as a provider reports it. `sending`: the provider's own id of the mail or text it is about."""

    event_id: str
    public_id: str
    kind: Kind
    sending: str
    cause: Cause | None
    occurred_at: datetime
    detail: str | None = None


@dataclass(frozen=True)
class Event:
    """One stored event. `fencing`: that of the message when the event came in; `provider`: who told it."""

    kind: Kind
    sending: str
    cause: Cause | None
    occurred_at: datetime
    fencing: int = 0
    provider: str | None = None


@dataclass(frozen=True)
class Delivery:
    """How far a message has come, since when, and why not further."""

    status: Kind
    cause: Cause | None
    at: datetime


@dataclass(frozen=True)
class Ledger:
    """What the ledger says of a message. `provider`: who has it, or had it last."""

    state: str
    reason: str | None
    fencing: int
    provider: str | None = None


def delivery(events: Iterable[Event]) -> Delivery | None:
    """How far a message has come by all its events; None without any."""
    best = [max(some, key=_within) for some in _by_sending(events)]
    if not best:
        return None
    found = max(best, key=lambda event: (_AMONG[event.kind], *_within(event)[1:]))
    return Delivery(found.kind, found.cause, found.occurred_at)


def verdict(message: Ledger, events: Sequence[Event]) -> tuple[str, str | None] | None:
    """The state and reason that the events prove for the message, or None where it has them already.

    Only sendings that were first heard of since the message was last claimed, or a person sent it again, count: what
    became of an earlier one was judged then. While a sender is at work its own answer comes first. Whoever gave up an
    earlier sending says nothing of one that another provider has.
    """
    found = None if message.state == "dispatching" else current(events, message.fencing, message.provider)
    if found is None:
        return None
    if found.status is not Kind.DROPPED:
        return None if message.state == "accepted" else ("accepted", None)
    given_up = "rejected", DROPPED_BY_PROVIDER
    return None if (message.state, message.reason) == given_up else given_up


def current(events: Sequence[Event], fencing: int, provider: str | None = None) -> Delivery | None:
    """How far the sendings have come that were first heard of while the message had this number; without those that
    another than `provider` gave up."""
    groups = [
        some
        for some in _by_sending(events)
        if min(one.fencing for one in some) == fencing and not _given_up_elsewhere(some, provider)
    ]
    return delivery(event for some in groups for event in some)


def _given_up_elsewhere(sending: Sequence[Event], provider: str | None) -> bool:
    told = sending[0].provider
    return (
        None not in {told, provider} and told != provider and max(sending, key=_within).kind is Kind.DROPPED
    )


def in_time(signed_at: datetime, now: datetime) -> bool:
    """Whether events signed then may be believed: not older than a provider keeps trying, and not from the future."""
    return now - OLDEST_EVENT <= signed_at <= now + CLOCKS_DIFFER


def is_id(value: object) -> bool:
    """Whether this can be an id as providers and we write them: short, and of plain letters."""
    return (
        isinstance(value, str) and 0 < len(value) <= _LONGEST_ID and value.isascii() and value.isprintable()
    )


def _by_sending(events: Iterable[Event]) -> list[list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(event.sending, []).append(event)
    return list(found.values())


def _within(event: Event) -> tuple[int, datetime, str]:
    return _WITHIN[event.kind], event.occurred_at, event.cause or ""
