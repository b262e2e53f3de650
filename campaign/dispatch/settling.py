"""Reconcile: what became of messages whose fate is unknown. Only proof, or a person's word, ends the doubt."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch.deliver import CLAIM_AT_ONCE
from campaign.dispatch.delivery import Delivery
from campaign.dispatch.receipts import DROPPED_BY_PROVIDER
from campaign.gate import Reason
from campaign.senders.contract import (
    Accepted,
    Doubt,
    Found,
    NotSent,
    Permanent,
    Searcher,
    Unknown,
    text_digest,
)
from campaign.store import audit, consent, dispatch, leases, letters, receipts, recipients, unsettled
from campaign.store.dispatch import Change

LOOK_AGAIN = timedelta(minutes=15)
LETTERS_WAIT, NOT_CONFIRMED = timedelta(days=14), "not_confirmed"


class Settlement(StrEnum):
    """What came of a person's word. CHANGED: the message is no longer as the person saw it, so nothing was done."""

    ARRIVED = "arrived"
    SENT_AGAIN = "sent_again"
    TOO_LATE = "too_late"
    CHANGED = "changed"


def settle(delivery: Delivery, now: datetime, *, everybody: bool = False) -> None:
    """End leases that are over, weigh events that came while messages were being sent, then ask the sender what became
    of each message in doubt.

    Proof that it went makes it accepted, proof that it did not sends it again; without proof it stays to be looked at.
    """
    with transaction(delivery.engine, ENGINE) as connection:
        leases.end_leases(connection, now, everybody=everybody)
        _doubt_letters(connection, now)
    while True:
        with transaction(delivery.engine, ENGINE) as connection:
            if receipts.weigh_waiting(connection, now) < receipts.WEIGH_AT_ONCE:
                break
    while True:
        with transaction(delivery.engine, ENGINE) as connection:
            doubted = unsettled.in_doubt(connection, now, now + LOOK_AGAIN, CLAIM_AT_ONCE)
        if not doubted:
            return
        for message in doubted:
            _settle_one(delivery, message, now)


def _doubt_letters(connection: Connection, now: datetime) -> None:
    """Letters of whose run nobody has said what became are to be looked at, and never printed by themselves."""
    changes = [
        Change(message, fencing, "ambiguous", NOT_CONFIRMED)
        for message, fencing in letters.doubted(connection, now - LETTERS_WAIT)
    ]
    dispatch.change(connection, changes, from_states=["dispatching"], now=now, trace=True)


def _settle_one(delivery: Delivery, message: unsettled.InDoubt, now: datetime) -> None:
    found = _asked(delivery, message, now)
    if isinstance(found, Unknown):
        return
    if isinstance(found, Accepted):
        change = Change(
            message.id,
            message.fencing,
            "accepted",
            provider_message_id=found.provider_message_id,
            finished_at=message.dispatched_at,
        )
    elif isinstance(found, Permanent):
        change = Change(message.id, message.fencing, "rejected", DROPPED_BY_PROVIDER, detail=found.detail)
    else:
        change = Change(message.id, message.fencing, "retry_at", detail="proof that it did not go")
    with transaction(delivery.engine, ENGINE) as connection:
        dispatch.change(connection, [change], from_states=["ambiguous"], now=now, trace=True)
        if isinstance(found, Permanent) and found.cause is not None:
            receipts.note(connection, {message.id: found.cause}, now)
        consent.enrol(connection, [message.id], change.finished_at or now)


def _asked(delivery: Delivery, message: unsettled.InDoubt, now: datetime) -> Found:
    """What is known of it: what its provider told, then the provider's own list, then what the campaign says."""
    # Another sender than the one it went to knows nothing of it, so its "not here" would prove nothing.
    sender = next((one for one in delivery.senders if one.name == message.provider), None)
    if sender is None:
        return Unknown()
    found = sender.lookup(public_id=message.public_id)
    if isinstance(found, Unknown) and isinstance(sender, Searcher):
        doubt = _doubt(delivery, message, now)
        found = sender.search(doubt=doubt) if doubt else found
    if isinstance(found, Unknown) and _goes_again(delivery, message, now):
        return NotSent()
    return found


def _doubt(delivery: Delivery, message: unsettled.InDoubt, now: datetime) -> Doubt | None:
    """None where the contact has another address by now: what a provider lists of that one would prove nothing."""
    with transaction(delivery.engine, ENGINE) as connection:
        found = recipients.words(connection, [message.contact_id], [])
        sent = receipts.digests(connection, message.id, message.fencing)
    to = found.addresses.get(message.contact_id, {}).get(message.channel, "")
    if not to or (sent is not None and sent.to != text_digest(to)):
        return None
    digest = sent.text if sent else None
    return Doubt(message.public_id, message.channel, to, digest, message.dispatched_at, now)


def _goes_again(delivery: Delivery, message: unsettled.InDoubt, now: datetime) -> bool:
    """Whether nothing was told of it although all that could be told has been, and the campaign takes that as proof."""
    with transaction(delivery.engine, ENGINE) as connection:
        return unsettled.goes_again(connection, message.id) and receipts.are_complete(
            connection, message.provider or "", message.dispatched_at, now
        )


def settle_by_hand(
    connection: Connection, seen: unsettled.Seen, *, arrived: bool, actor: str, now: datetime
) -> Settlement:
    """Take a person's word on a message that is to be looked at or failed; traced and audited under `actor`.

    What arrived is sent. What did not is sent again, unless its time has passed: then it is dropped. A message that
    failed did not arrive for certain, so it can only be sent again. As the engine; the caller checks the scope.
    """
    message = unsettled.lock(connection, seen)
    if message is None or (arrived and message.state != "ambiguous"):
        return Settlement.CHANGED
    settlement, state, reason = _judged(message, arrived, now)
    change = Change(
        message.id,
        message.fencing,
        state,
        reason,
        detail=f"settled by {actor}",
        finished_at=message.dispatched_at if arrived else None,
    )
    dispatch.change(connection, [change], from_states=[message.state], now=now, trace=True)
    if not arrived:
        unsettled.begin_anew(connection, message.id)
    consent.enrol(connection, [message.id], change.finished_at or now)
    audit.write(
        connection,
        audit.Entry(
            at=now,
            actor=actor,
            action="settled_message",
            target=f"message:{message.id}",
            district_id=message.district_id,
            detail={"from": message.state, "to": state},
        ),
    )
    return settlement


def _judged(message: unsettled.Locked, arrived: bool, now: datetime) -> tuple[Settlement, str, str | None]:
    if arrived:
        return Settlement.ARRIVED, "accepted", None
    if message.expires_at <= now:
        return Settlement.TOO_LATE, "dropped", Reason.EXPIRED
    return Settlement.SENT_AGAIN, "retry_at", None
