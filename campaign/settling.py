"""Reconcile: what became of messages whose fate is unknown. Only proof, or a person, ends the doubt."""

from __future__ import annotations

from datetime import datetime, timedelta

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.deliver import CLAIM_AT_ONCE, Delivery
from campaign.senders.contract import Accepted, NotSent, Permanent, Unknown
from campaign.store import consent, dispatch, unsettled
from campaign.store.dispatch import Change

LOOK_AGAIN = timedelta(minutes=15)


def settle(delivery: Delivery, now: datetime, *, everybody: bool = False) -> None:
    """End leases that are over, then ask the sender what became of each message in doubt.

    Proof that it went makes it accepted, proof that it did not sends it again; without proof it stays to be looked at.
    """
    with transaction(delivery.engine, ENGINE) as connection:
        dispatch.end_leases(connection, now, everybody=everybody)
    while True:
        with transaction(delivery.engine, ENGINE) as connection:
            doubted = unsettled.in_doubt(connection, now, now + LOOK_AGAIN, CLAIM_AT_ONCE)
        if not doubted:
            return
        for message in doubted:
            _settle_one(delivery, message, now)


def _settle_one(delivery: Delivery, message: unsettled.InDoubt, now: datetime) -> None:
    # Another sender than the one it went to knows nothing of it, so its "not here" would prove nothing.
    found = Unknown() if message.provider != delivery.sender.name else _lookup(delivery, message)
    if isinstance(found, Unknown):
        return
    at = now
    if isinstance(found, Accepted):
        change = Change(
            message.id, message.fencing, "accepted", provider_message_id=found.provider_message_id
        )
        at = message.dispatched_at
    elif isinstance(found, Permanent):
        change = Change(message.id, message.fencing, "rejected", reason=found.detail)
    else:
        change = Change(message.id, message.fencing, "retry_at", detail="proof that it did not go")
    with transaction(delivery.engine, ENGINE) as connection:
        dispatch.change(connection, [change], from_states=["ambiguous"], now=at, trace=True)
        consent.enrol(connection, [message.id], at)


def _lookup(delivery: Delivery, message: unsettled.InDoubt) -> Accepted | Permanent | NotSent | Unknown:
    return delivery.sender.lookup(public_id=message.public_id)
