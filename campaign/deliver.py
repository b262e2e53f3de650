"""Claim, look, write, send, record. What happens between two commits can happen twice; what was handed to a sender
never is, unless there is proof that it did not go (see `campaign.settling`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.definition import CHANNELS
from campaign.delivery import Delivery
from campaign.flight import Flight
from campaign.in_force import InForce
from campaign.looking import LEASE, look_and_write
from campaign.outcomes import FIRST_WAIT
from campaign.store import dispatch
from campaign.store.dispatch import Change, Claim

__all__ = ["CLAIM_AT_ONCE", "LEASE", "Delivery", "deliver_due"]

CLAIM_AT_ONCE = 500

Clock = Callable[[], datetime]


def deliver_due(
    delivery: Delivery, now: datetime, *, district_id: int | None = None, clock: Clock | None = None
) -> int:
    """Send what is due, in the order it is due, until nothing is left or the sender cannot; the number handed over.

    `clock`: asked for the time as it goes by; without it, it stays `now` to the end.
    """
    asked = clock or (lambda: now)
    with closing(delivery.sender), Flight(delivery, delivery.sender, asked) as flight:
        return _work_off(delivery, flight, asked, district_id)


def _work_off(delivery: Delivery, flight: Flight, clock: Clock, district_id: int | None) -> int:
    handed_over, in_force = 0, InForce(delivery)
    with transaction(delivery.engine, ENGINE) as connection:
        dispatch.drop_expired(connection, clock())
    while ids := _claim(delivery, clock(), district_id):
        while ids:
            room = flight.room(min(len(ids), flight.group))
            if room == 0:
                _give_back(delivery, ids, clock())
                return handed_over
            with transaction(delivery.engine, ENGINE) as connection:
                ready = look_and_write(delivery, in_force, connection, ids[:room], clock())
            # `dispatching` is committed: from here on a crash leaves these messages in doubt, and only these. No
            # connection is held while the sender works.
            flight.hand_over(ready)
            handed_over += len(ready)
            ids = ids[room:]
    return handed_over


def _claim(delivery: Delivery, now: datetime, district_id: int | None) -> list[int]:
    with transaction(delivery.engine, ENGINE) as connection:
        wanted = Claim(delivery.owner, now + LEASE, CLAIM_AT_ONCE, CHANNELS, district_id)
        return dispatch.claim(connection, wanted, now)


def _give_back(delivery: Delivery, ids: Sequence[int], now: datetime) -> None:
    """The sender takes nothing at the moment: what was claimed with it waits a little, too."""
    with transaction(delivery.engine, ENGINE) as connection:
        waiting = [
            Change(m.id, m.fencing, "retry_at", reason="sender_busy", not_before=now + FIRST_WAIT)
            for m in dispatch.held(connection, ids, delivery.owner)
        ]
        dispatch.change(connection, waiting, from_states=["claimed"], now=now, trace=False)
