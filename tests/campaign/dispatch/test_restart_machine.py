"""The same when the database, as durable as a real one, is stopped in the middle of the work and started again."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, run_state_machine_as_test
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError

from campaign import database
from tests.campaign.dispatch.campaign_machine import Campaign, on
from tests.campaign.providers import Provider
from tests.journeys import postgres_of_own
from tests.journeys.postgres_of_own import PostgresOfOwn

# As in a crash, and as when somebody updates the server.
CRASH, ORDERLY = "immediate", "fast"
SENDING = "sending"


@dataclass(frozen=True)
class Restart:
    """At the `count`-th commit, right after it, or while that many messages have been handed to the provider;
    `beside`: the work goes on meanwhile, and meets a server that is not there."""

    moment: str
    count: int
    mode: str
    beside: bool


MODES = st.sampled_from([CRASH, CRASH, ORDERLY])
WHILE_SENDING = st.builds(Restart, st.just(SENDING), st.integers(1, 4), MODES, st.booleans())
AT_A_COMMIT = st.builds(
    Restart, st.sampled_from(["commit", "begin"]), st.integers(1, 20), MODES, st.booleans()
)
RESTARTS = st.tuples(WHILE_SENDING, AT_A_COMMIT, AT_A_COMMIT).flatmap(st.permutations)


class Restarted(Campaign):
    """`seen`: how often the server was stopped in each way, and at each of the moments."""

    server: PostgresOfOwn
    seen: Counter[str]
    to_come: Sequence[_Strike] = ()

    @initialize(restarts=RESTARTS)
    def plan_restarts(self, restarts: list[Restart]) -> None:
        self.to_come = [_Strike(self.server, restart) for restart in restarts]

    def pulse(self, worker: int) -> None:
        """One restart after the other, each in as many pulses as it takes to come about."""
        if not self.to_come:
            super().pulse(worker)
            return
        strike = self.to_come[0]
        with strike.at_work(self.engine, self.provider), suppress(DBAPIError):
            super().pulse(worker)
        if strike.has_struck:
            self.engine.dispose()
            self.seen.update([strike.restart.mode, strike.restart.moment])
            self.to_come = self.to_come[1:]


class _Strike:
    """Restarts the server once."""

    def __init__(self, server: PostgresOfOwn, restart: Restart) -> None:
        self.restart, self._left, self._lock = restart, restart.count, threading.Lock()
        self._restarting = threading.Thread(target=server.control, args=["restart", "-m", restart.mode])

    @property
    def has_struck(self) -> bool:
        return self._left <= 0

    def __call__(self, _: Any) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self._restarting.start()
                if not self.restart.beside:
                    self._restarting.join()

    @contextmanager
    def at_work(self, engine: Engine, provider: Provider) -> Iterator[None]:
        """Strike within the block, if its moment comes; after it the server is there again."""
        moment = self.restart.moment
        if moment == SENDING:
            provider.during = self
        else:
            event.listen(engine, moment, self)
        try:
            yield
        finally:
            provider.during = None
            if moment != SENDING:
                event.remove(engine, moment, self)
            if self.has_struck:
                self._restarting.join()


def test_a_database_that_stops_and_starts_loses_and_doubles_nothing(
    server_home: Path, tmp_path: Path
) -> None:
    with postgres_of_own.running(server_home / "restarted") as server:
        engine = database.connect(server.url)
        database.upgrade(engine)

        machine = on(engine, tmp_path, Restarted)
        machine.server, machine.seen = server, Counter()
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=5,
                stateful_step_count=10,
                deadline=None,
                derandomize=True,
                # Looking for a smaller way to the same failure would restart the server hundreds of times.
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
        engine.dispose()
    assert machine.seen[CRASH] >= 4
    assert machine.seen[ORDERLY] >= 1
    # Or nothing was under way when the server stopped, and the test would prove little.
    assert machine.seen[SENDING] >= 2
