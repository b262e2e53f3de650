"""Whatever is killed, doubled, late or early: each message is taken at most once, and in the end nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.settling import settle
from campaign.store import messages
from tests.campaign import families
from tests.campaign.providers import Killed, Provider

BEGIN = datetime(2026, 11, 10, 12, tzinfo=UTC)
# After this every message of the report day has expired.
AFTERWARDS = datetime(2026, 11, 24, 12, tzinfo=UTC)
_HANG_UP = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
FINAL = {"accepted", "withheld", "dropped", "rejected", "failed", "ambiguous"}


@contextmanager
def connection_lost_at(engine: Engine, count: int) -> Iterator[None]:
    """The database hangs up on everybody at the `count`-th commit; the process lives on."""
    left = count

    def strike(connection: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
                other.execute(_HANG_UP)

    event.listen(engine, "commit", strike)
    try:
        yield
    except DBAPIError:
        engine.dispose()
    finally:
        event.remove(engine, "commit", strike)


@contextmanager
def killed_at(engine: Engine, moment: str, count: int) -> Iterator[None]:
    """End the process at the `count`-th "commit" (nothing of it is kept) or "begin" (right after the one before)."""
    left = count

    def strike(_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed

    event.listen(engine, moment, strike)
    try:
        yield
    except Killed:
        # What the dead process held is rolled back by the server.
        engine.dispose()
    finally:
        event.remove(engine, moment, strike)


class Campaign(RuleBasedStateMachine):
    engine: Engine
    folder: Path

    @initialize()
    def begin(self) -> None:
        with self.engine.begin() as connection:
            connection.execute(
                text("TRUNCATE message, attempt, occurrence, consent_event, family_link CASCADE")
            )
        self.now = BEGIN
        self.provider = Provider()
        self.workers = [
            families.delivery(self.engine, self.folder, self.provider, owner=name) for name in ("one", "two")
        ]

    def pulse(self, worker: int) -> None:
        try:
            ledger.tick(self.workers[worker], self.now)
        except Killed:
            self.engine.dispose()

    @rule(worker=st.integers(0, 1), minutes=st.integers(0, 12 * 60))
    def later(self, worker: int, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.pulse(worker)

    @rule(worker=st.integers(0, 1))
    def again_at_once(self, worker: int) -> None:
        self.pulse(worker)
        self.pulse(1 - worker)

    @rule(minutes=st.integers(1, 90))
    def clock_set_back(self, minutes: int) -> None:
        self.now -= timedelta(minutes=minutes)

    @rule(
        worker=st.integers(0, 1),
        moment=st.sampled_from(["commit", "begin"]),
        count=st.integers(1, 14),
        hours=st.integers(0, 6),
    )
    def killed_at_a_transaction(self, worker: int, moment: str, count: int, hours: int) -> None:
        self.now += timedelta(hours=hours)
        with killed_at(self.engine, moment, count):
            ledger.tick(self.workers[worker], self.now)

    @rule(worker=st.integers(0, 1), count=st.integers(1, 14), hours=st.integers(0, 6))
    def database_hangs_up(self, worker: int, count: int, hours: int) -> None:
        self.now += timedelta(hours=hours)
        with connection_lost_at(self.engine, count):
            ledger.tick(self.workers[worker], self.now)

    @rule(days=st.integers(1, 5))
    def clock_jumps(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.pulse(0)

    @rule(arrived=st.booleans())
    def an_answer_comes_after_all(self, arrived: bool) -> None:
        """A late, and then a repeated, word of the provider on every message that is being sent or in doubt."""
        for _ in range(2):
            settle(self.workers[0], self.now, everybody=arrived)

    @rule(
        behaviour=st.sampled_from(
            ["well", "taken_unclear", "lost_unclear", "busy", "killed_before", "killed_after"]
        )
    )
    def provider_behaves(self, behaviour: str) -> None:
        self.provider.behaviour = behaviour

    @precondition(lambda self: self.provider.tells)
    @rule(tells=st.booleans())
    def provider_goes_silent(self, tells: bool) -> None:
        self.provider.tells = tells

    @invariant()
    def at_most_once(self) -> None:
        if hasattr(self, "provider"):
            assert max(self.provider.taken.values(), default=0) <= 1

    @invariant()
    def it_sums(self) -> None:
        with transaction(self.engine, ENGINE) as connection:
            messages.reconcile(connection)

    def teardown(self) -> None:
        if not hasattr(self, "provider"):
            return
        self.provider.behaviour = "well"
        self.now = max(self.now, BEGIN)
        while self.now < AFTERWARDS:
            self.now += timedelta(hours=6)
            self.pulse(0)
        with transaction(self.engine, ENGINE) as connection:
            rows = connection.execute(
                text("SELECT public_id, state, reason FROM message WHERE step = 'report_ready'")
            ).all()
        assert len(rows) == self.expected
        assert {row.state for row in rows} <= FINAL
        for row in rows:
            taken = self.provider.taken[row.public_id]
            assert taken <= 1
            if row.state == "accepted":
                assert taken == 1
            elif row.state == "ambiguous":
                assert not self.provider.tells
            else:
                assert taken == 0
                assert row.reason

    expected: int = 0


def test_nothing_lost_and_nothing_doubled(engine: Engine, tmp_path: Path) -> None:
    families.build(engine, students=5)
    delivery = families.delivery(engine, tmp_path, Provider())
    day = ledger.Span(datetime(2026, 11, 10, tzinfo=UTC), datetime(2026, 11, 11, tzinfo=UTC))
    expected = ledger.plan(delivery, BEGIN, dry_run=day).decisions

    class OnThisDatabase(Campaign):
        pass

    OnThisDatabase.engine, OnThisDatabase.folder, OnThisDatabase.expected = engine, tmp_path, expected
    run_state_machine_as_test(
        OnThisDatabase,
        settings=settings(
            max_examples=8,
            stateful_step_count=10,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
