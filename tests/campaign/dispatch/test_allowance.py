"""Providers are asked for no more than they take, by all workers together, and a second one stands in for the first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.access import ENGINE, Principal, Role
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.allowance import Allowance
from campaign.dispatch.breaker import ENOUGH, FIRST_REST, PROBE
from campaign.dispatch.deliver import deliver_due
from campaign.senders.contract import Accepted, Ambiguous, Outcome, OutgoingMessage, Retryable
from campaign.store import messages, providers
from tests.campaign import families
from tests.campaign.providers import Provider

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
DUE = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def allowance(engine: Engine, **per_second: float) -> Allowance:
    return Allowance(engine, {"sendgrid": 100}, per_second, DUE)


def test_two_workers_share_one_bucket(engine: Engine) -> None:
    one, two = allowance(engine, sendgrid=10), allowance(engine, sendgrid=10)
    assert one.ask("sendgrid", 6, DUE).count == 6
    assert two.ask("sendgrid", 6, DUE).count == 4
    refused = one.ask("sendgrid", 6, DUE)
    assert (refused.count, refused.at > DUE) == (0, True)
    two.give_back("sendgrid", 2, DUE)
    assert one.ask("sendgrid", 6, DUE).count == 2
    assert one.ask("sendgrid", 50, DUE + SECOND).count == 10


def test_what_one_worker_is_told_all_obey(engine: Engine) -> None:
    one, two = allowance(engine), allowance(engine)
    assert two.ask("sendgrid", 500, DUE).count == 500
    one.hear("sendgrid", [Accepted(), Retryable(7 * SECOND, "SendGrid answered 429", everybody=True)], DUE)
    grant = two.ask("sendgrid", 500, DUE + 6 * SECOND)
    assert (grant.count, grant.at) == (0, DUE + 7 * SECOND)
    with transaction(engine, Principal(Role.STATE)) as connection:
        (trouble,) = providers.in_trouble(connection, DUE)
    assert (trouble.name, trouble.state, trouble.reason) == ("sendgrid", "waits", "SendGrid answered 429")
    assert two.ask("sendgrid", 500, DUE + 7 * SECOND).count == 500


def test_many_errors_leave_it_alone_until_a_few_messages_went_well(engine: Engine) -> None:
    one, two = allowance(engine), allowance(engine)
    one.hear("sendgrid", [Ambiguous("SendGrid answered 500")] * ENOUGH, DUE)
    assert two.ask("sendgrid", 100, DUE).count == 0
    then = DUE + FIRST_REST
    assert two.ask("sendgrid", 100, then).count == PROBE
    assert one.ask("sendgrid", 100, then).count == 0
    two.hear("sendgrid", [Accepted()] * PROBE, then)
    assert one.ask("sendgrid", 100, then).count == 100


@dataclass
class Refusing(Provider):
    """Takes nothing from anybody for an hour. `asked`: how often it was asked."""

    asked: int = 0

    def send(self, *, message: OutgoingMessage) -> Outcome:
        self.asked += 1
        return Retryable(timedelta(hours=1), "look at the key", everybody=True)


def test_a_provider_that_says_when_is_not_asked_before(engine: Engine, tmp_path: Path) -> None:
    families.build(engine)
    refusing = Refusing(in_flight=1)
    delivery = families.delivery(engine, tmp_path, refusing)
    ledger.plan(delivery, NOON)
    for minutes in (0, 5, 59):
        deliver_due(replace(delivery, owner=str(minutes)), DUE + timedelta(minutes=minutes))
    assert refusing.asked == 1
    deliver_due(delivery, DUE + timedelta(minutes=61))
    assert refusing.asked == 2


def test_a_provider_with_many_errors_is_left_alone(engine: Engine, tmp_path: Path) -> None:
    families.build(engine, students=2 * ENOUGH)
    provider = Provider("lost_unclear", tells=False, in_flight=ENOUGH)
    delivery = families.delivery(engine, tmp_path, provider)
    ledger.plan(delivery, NOON)
    assert ENOUGH <= deliver_due(delivery, DUE) <= 2 * ENOUGH
    with transaction(engine, Principal(Role.STATE)) as connection:
        (trouble,) = providers.in_trouble(connection, DUE)
    assert (trouble.name, trouble.state) == ("mailbox", "open")
    assert deliver_due(delivery, DUE) == 0
    assert deliver_due(delivery, DUE + timedelta(minutes=1)) == PROBE


@pytest.mark.parametrize("refuses", [False, True])
def test_the_second_stands_in_when_the_first_takes_nothing(
    engine: Engine, tmp_path: Path, refuses: bool
) -> None:
    families.build(engine)
    second = Provider(name="smtp", channels=frozenset({"email"}))
    first = Refusing(channels=frozenset({"email"})) if refuses else Provider(channels=frozenset({"email"}))
    texts = Provider(name="twilio", channels=frozenset({"sms"}))
    delivery = replace(families.delivery(engine, tmp_path, first), others=(second, texts))
    ledger.plan(delivery, NOON)
    deliver_due(delivery, DUE)
    deliver_due(delivery, DUE + timedelta(minutes=30))
    with transaction(engine, ENGINE) as connection:
        found = Counter(messages.totals_by_state(connection))
    taken = first.taken + second.taken + texts.taken
    assert set(taken.values()) == {1}
    assert found["accepted"] == len(taken)
    assert bool(second.taken) == refuses
    assert bool(first.taken) != refuses
    assert {sent.channel for sent in texts.texts.values()} == {"sms"}
