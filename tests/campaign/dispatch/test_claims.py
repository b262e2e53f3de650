"""Claims: those of a dead worker are free after a minute, those of a slow one stay its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.deliver import CLAIM_LEASE, LEASE, deliver_due
from campaign.dispatch.settling import settle
from campaign.store import dispatch, messages
from campaign.store.dispatch import Claim
from tests.campaign import families
from tests.campaign.providers import Provider
from tests.web_pages import Clock

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
DUE = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)


@pytest.fixture
def planned(engine: Engine, tmp_path: Path) -> Engine:
    families.build(engine)
    ledger.plan(families.delivery(engine, tmp_path, Provider()), NOON)
    return engine


def sent(engine: Engine) -> int:
    with transaction(engine, ENGINE) as connection:
        return messages.reconcile(connection).sent


def test_what_a_dead_worker_claimed_is_sent_after_a_minute(planned: Engine, tmp_path: Path) -> None:
    with transaction(planned, ENGINE) as connection:
        claimed = dispatch.claim(
            connection, Claim("dead", DUE + CLAIM_LEASE, 100, frozenset({"email", "sms"})), DUE
        )
    provider = Provider()
    delivery = families.delivery(planned, tmp_path, provider, owner="two")
    ledger.tick(delivery, DUE + CLAIM_LEASE / 2)
    assert sent(planned) == 0
    ledger.tick(delivery, DUE + CLAIM_LEASE)
    assert sent(planned) == len(claimed) == len(provider.taken)
    assert set(provider.taken.values()) == {1}
    assert CLAIM_LEASE < LEASE / 5


def test_a_slow_worker_keeps_what_it_claimed(planned: Engine, tmp_path: Path) -> None:
    clock, quick, slow = Clock(DUE), Provider(), Provider(in_flight=1)
    other = families.delivery(planned, tmp_path, quick, owner="two")

    def meanwhile(_: object) -> None:
        clock.forward(seconds=25)
        settle(other, clock.now)
        deliver_due(other, clock.now)

    slow.during = meanwhile
    handed_over = deliver_due(families.delivery(planned, tmp_path, slow), DUE, clock=clock)
    assert clock.now - DUE > 3 * CLAIM_LEASE
    assert handed_over == sent(planned) == len(slow.taken)
    assert not quick.taken


def test_a_worker_does_not_send_what_was_taken_from_it(planned: Engine, tmp_path: Path) -> None:
    clock, quick, slow = Clock(DUE), Provider(), Provider(in_flight=1)
    other = families.delivery(planned, tmp_path, quick, owner="two")

    def stopped_for_a_while(_: object) -> None:
        slow.during = None
        clock.now += LEASE / 2
        settle(other, clock.now)
        deliver_due(other, clock.now)

    slow.during = stopped_for_a_while
    deliver_due(families.delivery(planned, tmp_path, slow), DUE, clock=clock)
    assert sent(planned) == len(quick.taken) + len(slow.taken)
    assert len(quick.taken) > 1
    assert set((quick.taken + slow.taken).values()) == {1}
