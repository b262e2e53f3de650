"""Claim, look, write, send, record. What happens between two commits can happen twice; what was handed to a sender
never is, unless there is proof that it did not go (see `campaign.settling`)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaign.access import ENGINE
from campaign.database import recurring, transaction
from campaign.definitions.definition import CHANNELS
from campaign.dispatch.allowance import Allowance
from campaign.dispatch.day_book import DayBook, limits_of, tomorrow
from campaign.dispatch.delivery import Delivery
from campaign.dispatch.flight import Flight
from campaign.dispatch.in_force import InForce
from campaign.dispatch.looking import LEASE, look_and_write
from campaign.dispatch.outcomes import FIRST_WAIT
from campaign.senders.choice import shares_of
from campaign.senders.contract import Sender
from campaign.store import dispatch, leases
from campaign.store.dispatch import Change, Claim

__all__ = ["CLAIM_AT_ONCE", "CLAIM_LEASE", "LEASE", "Delivery", "deliver_due"]

# What a dead worker had only claimed goes on after this; a living one says each half of it that it comes to the rest.
CLAIM_LEASE = timedelta(minutes=1)

# Twice what the senders have in flight is claimed ahead, within these bounds: a worker that dies keeps no more waiting
# until its lease ends.
_LEAST_AT_ONCE, CLAIM_AT_ONCE = 100, 500
# A provider that can be asked again so soon is waited for; later, the next pulse of the clock is soon enough.
_PATIENCE = timedelta(seconds=15)
_NAP_SECONDS = 0.25

Clock = Callable[[], datetime]


def deliver_due(
    delivery: Delivery,
    now: datetime,
    *,
    district_id: int | None = None,
    clock: Clock | None = None,
    until: datetime | None = None,
) -> int:
    """Send what is due, in the order it is due, until nothing is left or no sender can; the number handed over.

    `clock`: asked for the time as it goes by; without it, it stays `now` to the end, and nothing is waited for.
    `until`: from then on nothing more is begun.
    """
    asked = clock or (lambda: now)
    with transaction(delivery.engine, ENGINE) as connection:
        leases.drop_expired(connection, now)
    lines = [
        _Line(
            delivery,
            channels,
            senders,
            asked,
            is_live=clock is not None,
            district_id=district_id,
            until=until,
        )
        for channels, senders in _ways(delivery)
    ]
    with ExitStack() as closed:
        for sender in delivery.senders:
            closed.enter_context(closing(sender))
        if len(lines) == 1:
            return lines[0].run()
        with ThreadPoolExecutor(len(lines)) as pool:
            return sum(pool.map(_Line.run, lines))


def _ways(delivery: Delivery) -> list[tuple[frozenset[str], tuple[Sender, ...]]]:
    """Channels that the same senders carry go together; what nobody carries goes with the first, to be withheld."""
    ways: dict[tuple[str, ...], set[str]] = {}
    for channel in sorted(CHANNELS):
        carriers = [sender.name for sender in delivery.senders if channel in sender.channels]
        ways.setdefault(tuple(carriers) or (delivery.sender.name,), set()).add(channel)
    named = {sender.name: sender for sender in delivery.senders}
    return [(frozenset(channels), tuple(named[name] for name in names)) for names, channels in ways.items()]


@dataclass(frozen=True)
class _Line:
    """What goes one way: its channels, and the senders that carry them."""

    delivery: Delivery
    channels: frozenset[str]
    senders: tuple[Sender, ...]
    clock: Clock
    is_live: bool
    district_id: int | None
    until: datetime | None = None

    def run(self) -> int:
        settings = self.delivery.settings
        shares, limits = shares_of(settings), settings.limits.per_second
        if shares.keys() != {sender.name for sender in self.senders}:
            # All by the first; others stand by.
            shares = {sender.name: 0 for sender in self.senders} | {self.senders[0].name: 100}
        allowance = Allowance(self.delivery.engine, shares, limits, self.clock())
        with ExitStack() as stack:
            flights = {
                sender.name: stack.enter_context(Flight(self.delivery, sender, self.clock, allowance))
                for sender in self.senders
            }
            return self._work_off(flights, allowance)

    def _work_off(self, flights: dict[str, Flight], allowance: Allowance) -> int:
        handed_over, in_force = 0, InForce(self.delivery)
        book = DayBook(self.delivery.engine, limits_of(self.delivery.settings))
        while ids := self._claim():
            said = self.clock()
            while ids:
                flight, granted = self._ask(flights, allowance, len(ids))
                if flight is None:
                    self._give_back(ids)
                    return handed_over
                said = self._keep(ids, said)
                share = book.take(flight.name, granted, self.clock())
                if not share.messages:
                    allowance.give_back(flight.name, granted, self.clock())
                    self._put_off(ids, book.ends(flight.name, self.clock()))
                    break
                with recurring(self.delivery.engine, ENGINE) as connection:
                    ready = look_and_write(
                        self.delivery,
                        in_force,
                        connection,
                        ids[: share.messages],
                        provider=flight.name,
                        now=self.clock(),
                    )
                # `dispatching` is committed: from here on a crash leaves these messages in doubt, and only these. No
                # connection is held while the sender works.
                flight.hand_over(ready)
                handed_over += len(ready)
                allowance.give_back(flight.name, granted - len(ready), self.clock())
                book.give_back(flight.name, share, [message for _, message in ready])
                ids = ids[share.messages :]
        return handed_over

    def _ask(
        self, flights: dict[str, Flight], allowance: Allowance, waiting: int
    ) -> tuple[Flight | None, int]:
        """The sender of the next messages and how many it gets; None when all of them take nothing for a while."""
        while self.until is None or self.clock() < self.until:
            soonest: datetime | None = None
            for name in allowance.choose(self.clock()):
                flight = flights[name]
                room = flight.room(min(waiting, flight.group))
                if room == 0:
                    continue
                grant = allowance.ask(name, room, self.clock())
                if grant.count:
                    return flight, grant.count
                soonest = min(soonest or grant.at, grant.at)
            if not self.is_live or soonest is None or soonest > self._patience():
                break
            time.sleep(min(max((soonest - self.clock()).total_seconds(), 0.0), _NAP_SECONDS))
        return None, 0

    def _patience(self) -> datetime:
        longest = self.clock() + _PATIENCE
        return min(longest, self.until) if self.until else longest

    def _claim(self) -> list[int]:
        now = self.clock()
        if self.until and now >= self.until:
            return []
        in_flight = sum(sender.in_flight for sender in self.senders)
        limit = max(_LEAST_AT_ONCE, min(2 * in_flight, CLAIM_AT_ONCE), in_flight // 2)
        wanted = Claim(self.delivery.owner, now + CLAIM_LEASE, limit, self.channels, self.district_id)
        with recurring(self.delivery.engine, ENGINE) as connection:
            return dispatch.claim(connection, wanted, now)

    def _keep(self, ids: Sequence[int], said: datetime) -> datetime:
        """Keep the claims that are worked off slowly; when that was last said."""
        now = self.clock()
        if now - said < CLAIM_LEASE / 2:
            return said
        with recurring(self.delivery.engine, ENGINE) as connection:
            leases.keep(connection, ids, self.delivery.owner, now + CLAIM_LEASE)
        return now

    def _put_off(self, ids: Sequence[int], until: datetime) -> None:
        """The provider takes no more today."""
        with recurring(self.delivery.engine, ENGINE) as connection:
            waiting = [tomorrow(m, until) for m in dispatch.held(connection, ids, self.delivery.owner)]
            dispatch.change(connection, waiting, from_states=["claimed"], now=self.clock(), trace=False)

    def _give_back(self, ids: Sequence[int]) -> None:
        """No sender takes anything at the moment: what was claimed waits a little, too."""
        now = self.clock()
        with recurring(self.delivery.engine, ENGINE) as connection:
            waiting = [
                Change(m.id, m.fencing, "retry_at", reason="sender_busy", not_before=now + FIRST_WAIT)
                for m in dispatch.held(connection, ids, self.delivery.owner)
            ]
            dispatch.change(connection, waiting, from_states=["claimed"], now=now, trace=False)
