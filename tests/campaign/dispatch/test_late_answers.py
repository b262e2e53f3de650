"""Answers that come when the message is no longer in the hands of who sent it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.allowance import Allowance
from campaign.dispatch.deliver import LEASE, deliver_due
from campaign.dispatch.flight import Flight
from campaign.dispatch.in_force import InForce
from campaign.dispatch.looking import look_and_write
from campaign.senders.contract import Landed, OutgoingMessage
from campaign.store import dispatch, occurrences
from campaign.store.dispatch import Claim
from tests.campaign import families
from tests.campaign.families import REPORT_DAY
from tests.campaign.providers import Provider

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
DUE = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
EVENING = time(23, 30)


@pytest.mark.parametrize("says", ["busy", "refused", "lost_unclear"])
def test_who_was_taken_for_dead_has_no_say_any_more(engine: Engine, tmp_path: Path, says: str) -> None:
    """The one is slow; the other, after its lease, has proof that nothing went and sends, with an unclear answer."""
    families.build(engine, students=1)
    provider = Provider(in_flight=1)
    slow, other = (families.delivery(engine, tmp_path, provider, owner=name) for name in ("slow", "other"))
    ledger.plan(slow, NOON)

    def overtake(_: OutgoingMessage) -> None:
        provider.during, provider.behaviour = None, "taken_unclear"
        ledger.tick(other, DUE + 2 * LEASE)
        provider.behaviour, provider.tells = says, False

    provider.during = overtake
    deliver_due(slow, DUE)
    assert provider.taken
    with transaction(engine, ENGINE) as connection:
        states = connection.scalars(
            text("SELECT state FROM message WHERE public_id = ANY (:ids)"), {"ids": list(provider.taken)}
        )
        assert set(states) == {"ambiguous"}
    provider.behaviour = "well"
    ledger.tick(other, DUE + 3 * LEASE)
    assert set(provider.taken.values()) == {1}


def test_who_slept_before_handing_over_does_not_send_any_more(engine: Engine, tmp_path: Path) -> None:
    """Put to sleep with its messages ready; when it wakes, the other has had proof that they did not go, and sent."""
    families.build(engine, students=1)
    provider = Provider(in_flight=3)
    slept, other = (families.delivery(engine, tmp_path, provider, owner=name) for name in ("slept", "other"))
    ledger.plan(slept, NOON)
    with transaction(engine, ENGINE) as connection:
        ids = dispatch.claim(connection, Claim("slept", DUE + LEASE, 10, provider.channels), DUE)
        ready = look_and_write(slept, InForce(slept), connection, ids, provider=provider.name, now=DUE)
    assert ready
    ledger.tick(other, DUE + 2 * LEASE)
    assert set(provider.taken.values()) == {1}
    awake = DUE + 2 * LEASE
    with Flight(slept, provider, lambda: awake, Allowance(engine, {provider.name: 100}, {}, awake)) as flight:
        flight.hand_over(ready)
        assert flight.room(3) == 3, "who slept holds nothing against the provider"
    assert set(provider.taken.values()) == {1}
    with transaction(engine, ENGINE) as connection:
        states = connection.scalars(
            text("SELECT state FROM message WHERE public_id = ANY (:ids)"), {"ids": list(provider.taken)}
        )
        assert set(states) == {"accepted"}


def test_what_was_in_doubt_long_ago_leaves_room_for_what_comes(engine: Engine, tmp_path: Path) -> None:
    """Three of which nobody ever said whether they arrived: they went, or not, more than seven days ago."""
    families.build(engine, students=1)
    provider = Provider("lost_unclear", tells=False)
    delivery = families.delivery(engine, tmp_path, provider)
    days = [REPORT_DAY + timedelta(days=n) for n in (0, 1, 2)]
    later = REPORT_DAY + timedelta(days=14)
    with transaction(engine, ENGINE) as connection:
        calendar = [(day, "report_card", None) for day in (*days, later)]
        occurrences.replace_calendar(connection, 1, calendar)
    for day in days:
        ledger.tick(delivery, datetime.combine(day, EVENING, UTC))
    provider.behaviour = "well"
    ledger.tick(delivery, datetime.combine(later, EVENING, UTC))
    assert len(provider.taken) > 0


@dataclass
class Broken(Provider):
    """Ends with an error before anything has gone."""

    def start(self, messages: Sequence[OutgoingMessage], landed: Landed) -> None:
        raise RuntimeError("out of order")


def test_a_sender_that_breaks_ends_the_work_and_keeps_nobody_waiting(engine: Engine, tmp_path: Path) -> None:
    families.build(engine, students=1)
    delivery = families.delivery(engine, tmp_path, Broken())
    ledger.plan(delivery, NOON)
    ended = threading.Event()

    def work() -> None:
        with pytest.raises(RuntimeError, match="out of order"):
            deliver_due(delivery, DUE)
        ended.set()

    threading.Thread(target=work, daemon=True).start()
    assert ended.wait(30)
