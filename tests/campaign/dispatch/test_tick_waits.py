"""A pulse with a clock comes back to what a limit did not take at once, as long as it may, and says what is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.dispatch import ledger
from campaign.dispatch.delivery import Delivery
from tests.campaign import families
from tests.campaign.providers import Provider

DUE = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)


class Running:
    """A clock that goes on by a quarter of a second each time it is asked."""

    def __init__(self) -> None:
        self.now = DUE

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=0.25)
        return self.now


@pytest.fixture
def work(engine: Engine, tmp_path: Path) -> tuple[Delivery, Provider]:
    families.build(engine, students=12)
    provider = Provider()
    delivery = families.delivery(engine, tmp_path, provider)
    settings = delivery.settings
    slow = replace(settings, limits=replace(settings.limits, per_second={"mailbox": 1}))
    return replace(delivery, settings=slow), provider


def test_without_a_clock_nothing_is_waited_for_and_it_says_what_waits(
    work: tuple[Delivery, Provider],
) -> None:
    delivery, provider = work
    ledger.tick(delivery, DUE)
    left = ledger.left(delivery, DUE)
    assert len(provider.taken) == 1
    assert left.reasons["sender_busy"] == left.messages > 1
    assert left.at is not None
    assert left.at > DUE


def test_with_a_clock_all_goes_in_one_pulse(work: tuple[Delivery, Provider]) -> None:
    delivery, provider = work
    ledger.tick(delivery, DUE, clock=Running(), until=DUE + timedelta(minutes=10))
    assert len(provider.taken) > 3
    assert ledger.left(delivery, DUE).messages == 0


def test_it_ends_when_it_has_to(work: tuple[Delivery, Provider]) -> None:
    delivery, provider = work
    clock = Running()
    ledger.tick(delivery, DUE, clock=clock, until=DUE + timedelta(seconds=2))
    left = ledger.left(delivery, DUE).messages
    assert len(provider.taken) >= 1
    assert left > 0
    assert clock.now < DUE + timedelta(seconds=30)
