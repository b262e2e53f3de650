"""What providers tell is taken in: stored, weighed, counted; and whoever is not to be written to any more is not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from campaign.consents import consent
from campaign.dispatch.receipts import STOPS, Cause, Kind, Reported
from campaign.senders.contract import OutgoingMessage
from campaign.store import consent as ledger
from campaign.store import receipts, suppressions
from campaign.store.consent import Choice, Voice
from campaign.store.suppressions import About, Why

# Causes that tell about the address; all others tell about us or the way there, and close nothing.
_CLOSED_AS = {
    Cause.INVALID_ADDRESS: Why.HARD_BOUNCE,
    Cause.INVALID_NUMBER: Why.INVALID,
    Cause.LANDLINE: Why.LANDLINE,
    Cause.COMPLAINT: Why.COMPLAINT,
    Cause.MAILBOX_FULL: Why.SOFT_BOUNCE,
    Cause.PHONE_OFF: Why.SOFT_BOUNCE,
    Cause.REFUSED_BY_RECEIVER: Why.BLOCKED,
}
_WORDS = {
    Cause.COMPLAINT: "told the mail program that this is spam",
    Cause.STOPPED: "stopped our messages at the provider",
}


@dataclass(frozen=True)
class Told:
    """What a provider said about an address: by an event, or by its refusal to send."""

    provider: str
    channel: str
    address: str = field(repr=False)
    cause: Cause
    detail: str
    at: datetime


@dataclass(frozen=True)
class Refusal:
    """A message that its provider refused to send, for a cause that is worth knowing."""

    message_id: int
    message: OutgoingMessage
    provider: str
    cause: Cause
    detail: str


def take(
    connection: Connection, provider: str, channel: str, events: Sequence[tuple[Reported, str]], now: datetime
) -> dict[str, int]:
    """Take in events, each with the address it is about; how many were `taken`, came `again`, or are of `others`.

    As the engine, in one transaction: a provider that gets no good answer tells all of it once more.
    """
    kept = receipts.keep(connection, provider, [event for event, _ in events], now)
    told = {
        (address, event.cause): Told(
            provider,
            channel,
            address,
            event.cause,
            f"{provider}: {event.kind} {event.detail or ''}".strip(),
            event.occurred_at,
        )
        for event, address in events
        if event.event_id in kept.new and event.cause is not None and event.kind is not Kind.DEFERRED
    }
    obey(connection, told.values(), now)
    receipts.weigh(connection, list(kept.new.values()), now)
    others = len(events) - len(kept.new) - kept.again
    return {"taken": len(kept.new), "again": kept.again, "others": others}


def refused(connection: Connection, refusals: Sequence[Refusal], now: datetime) -> None:
    """Note why messages were refused when they were sent, and obey what that says of their addresses."""
    receipts.note(connection, {one.message_id: one.cause for one in refusals}, now)
    told = (Told(r.provider, r.message.channel, r.message.to, r.cause, r.detail, now) for r in refusals)
    obey(connection, told, now)


def obey(connection: Connection, told: Iterable[Told], now: datetime) -> None:
    """Close addresses that take nothing, and note the stop of whoever said so to the provider; as the engine."""
    for one in sorted(told, key=lambda one: (one.channel, one.address, one.cause)):
        if one.cause in _CLOSED_AS and one.address:
            suppressions.suppress(
                connection, one.channel, one.address, _CLOSED_AS[one.cause], now, About(detail=one.detail)
            )
        if one.cause in STOPS:
            _stop(connection, one)


def _stop(connection: Connection, told: Told) -> None:
    """For everybody with the address; who wants no texts is not called by a machine either."""
    address = suppressions.normal(told.channel, told.address)
    contacts = ledger.with_address(connection, told.channel, address) if address else []
    ledger.lock(connection, contacts)
    voice = Voice("provider", f"{_WORDS[told.cause]} ({told.detail})", told.at)
    for contact_id in contacts:
        consent.stop(connection, contact_id, [Choice(told.channel)], voice, revoke_all=told.channel == "sms")
