"""Messages on their way: handed to the sender while there is room, and what became of them written down in groups."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from sqlalchemy.exc import InterfaceError, OperationalError

from campaign.access import ENGINE
from campaign.database import recurring
from campaign.dispatch import receiving
from campaign.dispatch.allowance import Allowance
from campaign.dispatch.delivery import Delivery
from campaign.dispatch.looking import LEASE
from campaign.dispatch.outcomes import change_of
from campaign.dispatch.receiving import Refusal
from campaign.senders.contract import (
    Accepted,
    Carrier,
    Outcome,
    OutgoingMessage,
    Permanent,
    Retryable,
    Sender,
)
from campaign.store import consent, dispatch
from campaign.store.dispatch import Claimed

# One commit for all that comes back in this time.
_GROUP_SECONDS, _SLICE_SECONDS = 0.02, 0.004
_MOST_THREADS = 64
# Outcomes are worth waiting for a database that restarts: unwritten, each of them is a message in doubt.
_TRY_AGAIN_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0)

# Our own doing: it says nothing about the provider.
_WAITED = Retryable(timedelta(0), "waited too long for its turn")

Landing = tuple[OutgoingMessage, Outcome | BaseException]


class Flight:
    """At most `in_flight` messages of one sender between `dispatching` and a recorded outcome.

    What came back as "try again" keeps its place until something is taken, so a sender that takes nothing stands
    still after `in_flight` messages. Left by an exception, it still waits for what is on its way; left by one that
    ends the process it writes nothing more, as a process that has ended would.
    """

    def __init__(
        self, delivery: Delivery, sender: Sender, clock: Callable[[], datetime], allowance: Allowance
    ) -> None:
        self._delivery, self._sender, self._clock, self._allowance = delivery, sender, clock, allowance
        self.name = sender.name
        self._size = sender.in_flight
        self._landings: queue.SimpleQueue[Landing | None] = queue.SimpleQueue()
        self._claimed: dict[str, Claimed] = {}
        self._changed = threading.Condition()
        self._in_air = self._busy = 0
        self._error: BaseException | None = None
        self._is_dead = False
        self._pool: ThreadPoolExecutor | None = None
        self._recorder = threading.Thread(target=self._keep_recording, name="recorder", daemon=True)

    @property
    def group(self) -> int:
        """How many are best looked at together: a half, so that the other half is on its way meanwhile."""
        return self._size if self._size <= 16 else min(self._size // 2, max(128, self._size // 4))

    def room(self, wanted: int) -> int:
        """Wait for room; how many of `wanted` may go now. 0: the sender takes nothing at the moment."""
        with self._changed:
            while True:
                if self._error is not None:
                    raise self._error
                free = self._size - self._in_air - self._busy
                if free >= min(wanted, self.group) or self._in_air == 0:
                    return min(free, wanted)
                self._changed.wait()

    def hand_over(self, ready: Sequence[tuple[Claimed, OutgoingMessage]]) -> None:
        """Messages whose `dispatching` is committed."""
        for claimed, message in ready:
            self._claimed[message.public_id] = claimed
        with self._changed:
            self._in_air += len(ready)
        messages = [message for _, message in ready]
        if isinstance(self._sender, Carrier):
            messages = [message for message in messages if not self._put_back(message)]
            try:
                self._sender.start(messages, self._land)
            except BaseException as error:
                # Nobody waits for what may never land.
                self._fail(error)
                raise
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(max_workers=min(self._size, _MOST_THREADS))
        for message in messages:
            self._pool.submit(self._send, message)

    def __enter__(self) -> Self:
        self._recorder.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        orderly = error is None or isinstance(error, Exception | KeyboardInterrupt | SystemExit)
        with self._changed:
            self._is_dead = not orderly
            while orderly and self._in_air and self._error is None:
                self._changed.wait()
        self._landings.put(None)
        self._recorder.join()
        if self._pool is not None:
            self._pool.shutdown()
        if error is None and self._error is not None:
            raise self._error

    def _send(self, message: OutgoingMessage) -> None:
        if self._put_back(message):
            return
        try:
            outcome: Outcome | BaseException = self._sender.send(message=message)
        except BaseException as error:  # noqa: BLE001  told to the thread that waits for it
            outcome = error
        self._landings.put((message, outcome))

    def _put_back(self, message: OutgoingMessage) -> bool:
        """Whether it waited beyond its lease, as on a machine that slept: others may have sent it by then."""
        if self._clock() < message.at + LEASE:
            return False
        self._landings.put((message, _WAITED))
        return True

    def _land(self, message: OutgoingMessage, outcome: Outcome) -> None:
        self._landings.put((message, outcome))

    def _keep_recording(self) -> None:
        try:
            while (first := self._landings.get()) is not None:
                self._record(self._gather(first))
        except BaseException as error:  # noqa: BLE001  told to the thread that waits for it
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            self._error = error
            self._changed.notify_all()

    def _gather(self, first: Landing) -> list[Landing]:
        """What lands within a moment, as many as are handed over together, or all there is to come."""
        found, until = [first], time.monotonic() + _GROUP_SECONDS
        while True:
            while not self._landings.empty():
                landing = self._landings.get()
                if landing is None:
                    self._landings.put(None)
                    return found
                found.append(landing)
            if len(found) >= min(self._in_air, self.group) or time.monotonic() >= until:
                return found
            time.sleep(_SLICE_SECONDS)

    def _record(self, landings: Sequence[Landing]) -> None:
        outcomes: list[tuple[Claimed, Outcome]] = []
        refusals: list[Refusal] = []
        failure: BaseException | None = None
        for message, outcome in landings:
            if isinstance(outcome, BaseException):
                failure = outcome
                continue
            claimed = self._claimed.pop(message.public_id)
            outcomes.append((claimed, outcome))
            if isinstance(outcome, Permanent) and outcome.cause is not None:
                refusals.append(
                    Refusal(claimed.id, message, self._sender.name, outcome.cause, outcome.detail)
                )
        if self._is_dead:
            return
        answers = [outcome for _, outcome in outcomes if outcome is not _WAITED]
        if outcomes and (failure is None or isinstance(failure, Exception)):
            self._write_down(outcomes, refusals)
            # Where the database is away: the next answers say it again.
            with suppress(OperationalError, InterfaceError):
                self._allowance.hear(self.name, answers, self._clock())
        with self._changed:
            self._in_air -= len(outcomes)
            for outcome in answers:
                self._busy = self._busy + 1 if isinstance(outcome, Retryable) else 0
            self._changed.notify_all()
        if failure is not None:
            raise failure

    def _write_down(self, outcomes: Sequence[tuple[Claimed, Outcome]], refusals: Sequence[Refusal]) -> None:
        for seconds in (*_TRY_AGAIN_SECONDS, None):
            try:
                self._commit(outcomes, refusals)
            except (OperationalError, InterfaceError):
                if seconds is None:
                    raise
                time.sleep(seconds)
            else:
                return

    def _commit(self, outcomes: Sequence[tuple[Claimed, Outcome]], refusals: Sequence[Refusal]) -> None:
        now = self._clock()
        changes = [change_of(claimed, outcome, now) for claimed, outcome in outcomes]
        accepted = [claimed.id for claimed, outcome in outcomes if isinstance(outcome, Accepted)]
        with recurring(self._delivery.engine, ENGINE) as connection:
            dispatch.change(
                connection, changes, from_states=["dispatching", "ambiguous"], now=now, trace=True
            )
            if accepted:
                consent.enrol(connection, accepted, now)
            receiving.refused(connection, refusals, now)
