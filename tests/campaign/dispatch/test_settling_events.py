"""Messages in doubt and what their provider tells: before, while and after somebody asks; and what a campaign says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.definitions.definition import load_all, parse
from campaign.dispatch import ledger, receiving
from campaign.dispatch.deliver import Delivery, deliver_due
from campaign.dispatch.receipts import Cause, Kind, Reported
from campaign.dispatch.settling import settle, settle_by_hand
from campaign.senders.contract import (
    Accepted,
    Doubt,
    Found,
    NotSent,
    Outcome,
    OutgoingMessage,
    Permanent,
    Unknown,
    text_digest,
)
from campaign.store import receipts, unsettled
from campaign.store.unsettled import Seen
from tests.campaign import families
from tests.campaign.providers import Provider

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
DUE = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
LATER = DUE + timedelta(minutes=30)
ALL_TOLD = DUE + timedelta(hours=25)


def delivery(engine: Engine, home: Path, provider: Provider, **document: str) -> Delivery:
    """Delivery of the shipped campaigns with some keys of theirs added."""
    usual = families.delivery(engine, home, provider)
    changed = tuple(parse({**one.document, **document}, one.slug) for one in load_all())
    return Delivery(engine, usual.settings, usual.catalog, provider, changed, usual.owner)


def in_doubt(engine: Engine, home: Path, behaviour: str = "lost_unclear", **document: str) -> Delivery:
    """Everything due is handed over to a provider that gives no clear answer."""
    families.build(engine)
    found = delivery(engine, home, Provider(behaviour, tells=False, in_flight=200), **document)
    ledger.plan(found, NOON)
    deliver_due(found, DUE)
    return found


def states(engine: Engine) -> dict[str, str]:
    with transaction(engine, ENGINE) as connection:
        found = connection.execute(text("SELECT public_id, state FROM message WHERE attempts > 0"))
        return {public_id: state for public_id, state in found}


def tell(engine: Engine, kind: Kind, public_id: str, at: datetime, sending: str = "s") -> None:
    event = Reported(f"{sending}-{kind}", public_id, kind, sending, None, at)
    with transaction(engine, ENGINE) as connection:
        found = receiving.take(connection, "mailbox", "email", [(event, "")], at)
        receipts.count(connection, "mailbox", found, at)


def test_an_event_that_comes_after_a_person_said_send_again_stops_it(engine: Engine, tmp_path: Path) -> None:
    sending = in_doubt(engine, tmp_path)
    public_id, *_ = states(engine)
    with transaction(engine, ENGINE) as connection:
        (message,) = [
            m for m in unsettled.to_be_looked_at(connection, limit=1000) if m.public_id == public_id
        ]
        settle_by_hand(
            connection, Seen(message.message_id, message.fencing), arrived=False, actor="account:2", now=LATER
        )
    assert states(engine)[public_id] == "retry_at"
    tell(engine, Kind.TAKEN, public_id, LATER)
    assert states(engine)[public_id] == "accepted"
    provider = Provider(tells=False)
    deliver_due(delivery(engine, tmp_path, provider), LATER)
    assert provider.taken[public_id] == 0
    assert sending.sender.taken[public_id] == 0  # type: ignore[attr-defined]


def test_what_was_given_up_can_be_sent_again_and_what_was_told_before_does_not_count(
    engine: Engine, tmp_path: Path
) -> None:
    in_doubt(engine, tmp_path, "well")
    public_id, *_ = states(engine)
    tell(engine, Kind.DROPPED, public_id, DUE)
    assert states(engine)[public_id] == "rejected"
    with transaction(engine, ENGINE) as connection:
        (message,) = unsettled.to_be_looked_at(connection, limit=1000)
        assert message.reason == "dropped_by_provider"
        seen = Seen(message.message_id, message.fencing)
        settle_by_hand(connection, seen, arrived=False, actor="account:2", now=LATER)
    tell(engine, Kind.TAKEN, public_id, LATER)
    assert states(engine)[public_id] == "retry_at"
    provider = Provider(tells=False)
    deliver_due(delivery(engine, tmp_path, provider), LATER)
    assert provider.taken == {public_id: 1}
    tell(engine, Kind.DELIVERED, public_id, LATER, "second")
    assert states(engine)[public_id] == "accepted"


def test_an_event_that_comes_while_a_message_is_being_sent_settles_the_doubt_about_it(
    engine: Engine, tmp_path: Path
) -> None:
    families.build(engine)
    provider = Provider("taken_unclear", tells=False, in_flight=1)
    provider.during = lambda message: tell(engine, Kind.TAKEN, message.public_id, DUE, message.public_id)
    sending = delivery(engine, tmp_path, provider)
    ledger.plan(sending, NOON)
    deliver_due(sending, DUE)
    assert set(states(engine).values()) == {"ambiguous"}
    settle(sending, DUE)
    assert set(states(engine).values()) == {"accepted"}
    assert set(provider.taken.values()) == {1}


@dataclass(frozen=True)
class Quiet:
    """What a campaign says, and whether events of others came a day later (`heard`) or were refused meanwhile."""

    policy: str = "again"
    heard: bool = True
    refused: bool = False
    now: datetime = ALL_TOLD


@pytest.mark.parametrize(
    ("quiet", "after"),
    [
        (Quiet(), "retry_at"),
        (Quiet(policy="person"), "ambiguous"),
        (Quiet(heard=False), "ambiguous"),
        (Quiet(refused=True), "ambiguous"),
        (Quiet(now=ALL_TOLD - timedelta(minutes=1)), "ambiguous"),
    ],
)
def test_an_e_mail_goes_again_only_where_the_campaign_says_so_and_every_event_must_have_come(
    engine: Engine, tmp_path: Path, quiet: Quiet, after: str
) -> None:
    """A text message in the same place always waits for a person."""
    sending = in_doubt(engine, tmp_path, ambiguous_email=quiet.policy)
    with transaction(engine, ENGINE) as connection:
        if quiet.heard:
            receipts.count(connection, "mailbox", {"taken": 1}, ALL_TOLD - timedelta(minutes=30))
        if quiet.refused:
            receipts.count(connection, "mailbox", {"forged": 1}, DUE + timedelta(hours=1))
    settle(sending, quiet.now)
    with transaction(engine, ENGINE) as connection:
        found = connection.execute(text("SELECT DISTINCT channel, state FROM message WHERE attempts > 0"))
        assert {tuple(row) for row in found} == {("email", after), ("sms", "ambiguous")}


@dataclass
class ListingProvider(Provider):
    """A provider that can be searched; `listed` are digests of the texts in its list."""

    listed: set[str] = field(default_factory=set)
    asked: list[Doubt] = field(default_factory=list)

    def search(self, *, doubt: Doubt) -> Found:
        self.asked.append(doubt)
        if doubt.text_sha256 in self.listed:
            return Accepted("listed")
        return NotSent() if doubt.now >= LATER else Unknown()


def test_a_text_message_is_looked_for_in_its_providers_list_by_its_text(
    engine: Engine, tmp_path: Path
) -> None:
    families.build(engine)
    provider = ListingProvider("lost_unclear", tells=False, in_flight=200)
    gone: dict[str, OutgoingMessage] = {}
    provider.during = lambda message: gone.setdefault(message.public_id, message) and None
    sending = delivery(engine, tmp_path, provider)
    ledger.plan(sending, NOON)
    deliver_due(sending, DUE)
    texts = [message for message in gone.values() if message.channel == "sms"]
    assert texts
    assert all(text.expires_at and text.expires_at > DUE for text in texts)
    provider.listed = {text_digest(texts[0].text)}
    settle(sending, DUE)
    found = {doubt.public_id: doubt for doubt in provider.asked}
    for one in texts:
        assert (found[one.public_id].to, found[one.public_id].handed_over_at) == (one.to, DUE)
        assert found[one.public_id].text_sha256 == text_digest(one.text)
    after = states(engine)
    assert after.pop(texts[0].public_id) == "accepted"
    assert set(after.values()) == {"ambiguous"}
    settle(sending, LATER)
    assert {state for id, state in states(engine).items() if id != texts[0].public_id} == {"retry_at"}


def test_the_list_of_another_number_proves_nothing(engine: Engine, tmp_path: Path) -> None:
    """The family has told a new number since: nothing to it is listed, and yet the message went to the old one."""
    families.build(engine)
    provider = ListingProvider("taken_unclear", tells=False, in_flight=200)
    sending = delivery(engine, tmp_path, provider)
    ledger.plan(sending, NOON)
    deliver_due(sending, DUE)
    texts = {id for id, message in provider.texts.items() if message.channel == "sms"}
    assert texts
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE contact SET phone = '+15550199999'"))
    settle(sending, LATER)
    assert {state for id, state in states(engine).items() if id in texts} == {"ambiguous"}


@dataclass
class RefusingProvider(Provider):
    """A provider that refuses every message for a cause."""

    cause: Cause = Cause.STOPPED

    def send(self, *, message: OutgoingMessage) -> Outcome:
        return Permanent("error 21610", self.cause)


@pytest.mark.parametrize(
    ("cause", "closed", "stopped"),
    [(Cause.STOPPED, "asked", True), (Cause.LANDLINE, "landline", False), (Cause.OUR_SETUP, None, False)],
)
def test_a_refusal_that_tells_about_the_address_closes_it(
    engine: Engine, tmp_path: Path, cause: Cause, closed: str | None, stopped: bool
) -> None:
    families.build(engine)
    sending = delivery(engine, tmp_path, RefusingProvider(tells=False, in_flight=200, cause=cause))
    ledger.plan(sending, NOON)
    deliver_due(sending, DUE)
    assert set(states(engine).values()) == {"rejected"}
    with transaction(engine, ENGINE) as connection:
        reasons = set(connection.scalars(text("SELECT reason FROM suppression")))
        said = set(connection.scalars(text("SELECT source FROM consent_event WHERE action = 'revoked'")))
        shown = set(connection.scalars(text("SELECT cause FROM delivery")))
    assert reasons == ({closed} if closed else set())
    assert said == ({"provider"} if stopped else set())
    assert shown == {cause}
