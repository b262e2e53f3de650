"""Messages in doubt: what the sender proves, what a person says, and what the ledger makes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.deliver import Delivery, deliver_due
from campaign.dispatch.settling import LOOK_AGAIN, Settlement, settle, settle_by_hand
from campaign.store import audit, consent, messages, unsettled
from campaign.store.messages import Reconciliation
from campaign.store.unsettled import Seen, ToBeLookedAt
from tests.campaign import families
from tests.campaign.providers import Provider

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
DUE = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
LATER = DUE + timedelta(minutes=30)
Deliver = Callable[[str], Delivery]


@pytest.fixture
def deliver(engine: Engine, tmp_path: Path) -> Deliver:
    """Deliver everything that is due to a provider that behaves so and tells nothing afterwards."""
    families.build(engine)
    ledger.plan(families.delivery(engine, tmp_path, Provider()), NOON)

    def run(behaviour: str) -> Delivery:
        delivery = families.delivery(engine, tmp_path, Provider(behaviour, tells=False, in_flight=200))
        deliver_due(delivery, DUE)
        return delivery

    return run


def listed(engine: Engine) -> list[ToBeLookedAt]:
    with transaction(engine, ENGINE) as connection:
        found = unsettled.to_be_looked_at(connection, limit=1000)
        assert unsettled.count_to_be_looked_at(connection) == len(found)
        return list(found)


def say(engine: Engine, message: ToBeLookedAt, arrived: bool, now: datetime = LATER) -> Settlement:
    seen = Seen(message.message_id, message.fencing)
    with transaction(engine, ENGINE) as connection:
        return settle_by_hand(connection, seen, arrived=arrived, actor="account:2", now=now)


def sheet(engine: Engine) -> Reconciliation:
    with transaction(engine, ENGINE) as connection:
        return messages.reconcile(connection)


def test_what_nobody_knows_stays_to_be_looked_at_and_is_asked_after_again(
    engine: Engine, deliver: Deliver, tmp_path: Path
) -> None:
    deliver("taken_unclear")
    total, provider = sheet(engine).to_look_at, Provider(tells=False)
    delivery = families.delivery(engine, tmp_path, provider)
    settle(delivery, DUE)
    ledger.tick(delivery, DUE + timedelta(days=2))
    assert sheet(engine).to_look_at == total > 0
    provider.tells = True
    provider.taken.update(message.public_id for message in listed(engine))
    settle(delivery, DUE + timedelta(days=2) + LOOK_AGAIN)
    assert (sheet(engine).to_look_at, sheet(engine).sent) == (0, total)
    assert set(provider.taken.values()) == {1}


def test_another_sender_cannot_prove_that_a_message_did_not_go(
    engine: Engine, deliver: Deliver, tmp_path: Path
) -> None:
    deliver("lost_unclear")
    total = sheet(engine).to_look_at
    settle(families.delivery(engine, tmp_path, Provider(name="other")), DUE + LOOK_AGAIN)
    assert sheet(engine).to_look_at == total > 0


def test_what_arrived_is_sent_on_the_day_it_went_and_traced_to_who_said_so(
    engine: Engine, deliver: Deliver
) -> None:
    deliver("taken_unclear")
    before, (message, *others) = sheet(engine), listed(engine)
    assert before.to_look_at == 1 + len(others)
    assert say(engine, message, arrived=True) == Settlement.ARRIVED
    after = sheet(engine)
    assert (after.sent, after.to_look_at) == (before.sent + 1, before.to_look_at - 1)
    with transaction(engine, ENGINE) as connection:
        row = connection.execute(
            text("SELECT finished_at, contact_id FROM message WHERE id = :id"), {"id": message.message_id}
        ).one()
        attempt = connection.execute(
            text("SELECT outcome, detail, at FROM attempt WHERE message_id = :id ORDER BY id DESC LIMIT 1"),
            {"id": message.message_id},
        ).one()
        entry = connection.execute(text("SELECT actor, action, target, detail FROM audit_entry")).one()
        assert audit.verify(connection) is None
        assert [event.at for event in consent.history(connection, row.contact_id)] == [DUE]
    assert row.finished_at == DUE
    assert tuple(attempt) == ("accepted", "settled by account:2", LATER)
    assert tuple(entry) == (
        "account:2",
        "settled_message",
        f"message:{message.message_id}",
        {"from": "ambiguous", "to": "accepted"},
    )


def test_what_did_not_arrive_goes_out_once_more_and_no_more_than_that(
    engine: Engine, deliver: Deliver, tmp_path: Path
) -> None:
    deliver("lost_unclear")
    message = listed(engine)[0]
    assert say(engine, message, arrived=False) == Settlement.SENT_AGAIN
    assert sheet(engine).waiting == 1
    provider = Provider(tells=False)
    ledger.tick(families.delivery(engine, tmp_path, provider), LATER)
    assert provider.taken == {message.public_id: 1}
    assert sheet(engine).sent == 1


@pytest.mark.parametrize("arrived", [True, False])
def test_the_second_of_two_people_changes_nothing(engine: Engine, deliver: Deliver, arrived: bool) -> None:
    deliver("taken_unclear")
    message = listed(engine)[0]
    say(engine, message, arrived=True)
    before = sheet(engine)
    assert say(engine, message, arrived=arrived) == Settlement.CHANGED
    assert sheet(engine) == before
    with transaction(engine, ENGINE) as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit_entry")) == 1
        assert connection.scalar(text("SELECT count(*) FROM attempt WHERE detail LIKE 'settled by%'")) == 1


def test_a_word_on_an_earlier_attempt_does_not_count_for_a_later_one(
    engine: Engine, deliver: Deliver
) -> None:
    delivery = deliver("lost_unclear")
    message = listed(engine)[0]
    say(engine, message, arrived=False)
    deliver_due(delivery, LATER)
    assert sheet(engine).to_look_at == len(listed(engine))
    assert say(engine, message, arrived=False) == Settlement.CHANGED


def test_what_comes_too_late_is_not_sent_again(engine: Engine, deliver: Deliver) -> None:
    delivery = deliver("lost_unclear")
    message = listed(engine)[0]
    before = sheet(engine)
    assert say(engine, message, arrived=False, now=message.expires_at) == Settlement.TOO_LATE
    after = sheet(engine)
    assert (after.withheld, after.to_look_at) == (before.withheld + 1, before.to_look_at - 1)
    assert deliver_due(delivery, message.expires_at) == 0


def test_what_failed_certainly_did_not_arrive_and_can_be_sent_again(
    engine: Engine, deliver: Deliver, tmp_path: Path
) -> None:
    deliver("refused")
    message = listed(engine)[0]
    assert (message.state, message.reason) == ("rejected", "refused_by_provider")
    assert say(engine, message, arrived=True) == Settlement.CHANGED
    assert say(engine, message, arrived=False) == Settlement.SENT_AGAIN
    provider = Provider()
    deliver_due(families.delivery(engine, tmp_path, provider), LATER)
    assert provider.taken == {message.public_id: 1}


def test_what_was_tried_too_often_begins_anew(engine: Engine, deliver: Deliver, tmp_path: Path) -> None:
    deliver("well")
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                "UPDATE message SET state = 'failed', reason = 'tried_too_often', attempts = 10"
                " WHERE id = (SELECT min(id) FROM message WHERE state = 'accepted')"
            )
        )
    (message,) = listed(engine)
    assert say(engine, message, arrived=False) == Settlement.SENT_AGAIN
    deliver_due(families.delivery(engine, tmp_path, Provider("busy")), LATER)
    assert sheet(engine).waiting == 1
