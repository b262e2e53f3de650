"""A choice that came by e-mail is confirmed once, to where it came from, within five minutes or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.correspondence import confirmations
from campaign.correspondence.replies import Reply, receive
from campaign.database import transaction
from campaign.dispatch.delivery import Delivery
from campaign.store import consent
from tests.campaign import families
from tests.campaign.providers import Killed, Provider
from tests.conftest import TEMPLATE

NOW = datetime(2026, 11, 10, 3, tzinfo=UTC)
STOP = Reply("email", "Pat <M1@example.org>", "reply@example.org", "STOP", NOW, provider_id="<a>")
SOON = NOW + timedelta(minutes=1)


@pytest.fixture
def template() -> str:
    return TEMPLATE


@pytest.fixture
def district(engine: Engine) -> Engine:
    families.build(engine, 4)
    return engine


def post(engine: Engine, home: Path, behaviour: str = "well") -> Delivery:
    return families.delivery(engine, home, Provider(behaviour))


def hear(engine: Engine, home: Path, *said: Reply) -> None:
    for reply in said:
        with transaction(engine, ENGINE) as connection:
            receive(connection, reply, reply.at, families.settings_in(home))


def sent(delivery: Delivery) -> list[tuple[str, str, str, str]]:
    assert isinstance(delivery.sender, Provider)
    assert set(delivery.sender.taken.values()) <= {1}
    return [(m.to, m.language, m.subject, m.text) for m in delivery.sender.texts.values()]


def test_a_stop_is_confirmed_once_in_the_middle_of_the_night(district: Engine, tmp_path: Path) -> None:
    delivery = post(district, tmp_path)
    hear(district, tmp_path, STOP, STOP, replace(STOP, provider_id="<b>"))
    assert confirmations.send(delivery, SOON) == 1
    assert confirmations.send(delivery, SOON) == 0
    ((to, language, subject, words),) = sent(delivery)
    assert (to, language, subject) == ("M1@example.org", "en", "Your choice about our messages")
    assert "East School: you will get no more of these messages." in words
    assert isinstance(delivery.sender, Provider)
    assert [mail.is_reply for mail in delivery.sender.texts.values()] == [True]
    with transaction(district, ENGINE) as connection:
        assert "email" in consent.revoked_channels(connection, 3)


def test_it_is_in_the_language_of_the_family(district: Engine, tmp_path: Path) -> None:
    delivery = post(district, tmp_path)
    hear(district, tmp_path, replace(STOP, from_address="m0@example.org", text="Parar"))
    confirmations.send(delivery, SOON)
    ((_, language, subject, words),) = sent(delivery)
    assert language == "es"
    assert "mensajes" in subject + words


def test_whoever_nobody_knows_hears_from_the_whole_installation(district: Engine, tmp_path: Path) -> None:
    delivery = post(district, tmp_path)
    hear(district, tmp_path, replace(STOP, from_address="who@example.net"))
    confirmations.send(delivery, SOON)
    ((to, _, _, words),) = sent(delivery)
    assert (to, words.partition(":")[0]) == ("who@example.net", "Go Beyond Grades")


@pytest.mark.parametrize(
    "said",
    [
        replace(STOP, channel="sms", from_address="+15550100000"),
        replace(STOP, text="Thank you for the report"),
    ],
    ids=["by text", "no choice"],
)
def test_nothing_else_is_confirmed_by_e_mail(district: Engine, tmp_path: Path, said: Reply) -> None:
    delivery = post(district, tmp_path)
    hear(district, tmp_path, said)
    assert confirmations.send(delivery, SOON) == 0
    assert sent(delivery) == []


def test_after_five_minutes_none_goes(district: Engine, tmp_path: Path) -> None:
    hear(district, tmp_path, STOP)
    busy = post(district, tmp_path, "busy")
    assert confirmations.send(busy, SOON) == 0
    late = post(district, tmp_path)
    assert confirmations.send(late, NOW + confirmations.SOON_ENOUGH) == 0
    assert sent(late) == []


def test_a_busy_sender_is_tried_again_and_one_that_may_have_sent_is_not(
    district: Engine, tmp_path: Path
) -> None:
    hear(district, tmp_path, STOP, replace(STOP, from_address="m2@example.org", provider_id="<c>"))
    assert confirmations.send(post(district, tmp_path, "busy"), SOON) == 0
    assert confirmations.send(post(district, tmp_path, "taken_unclear"), SOON) == 2
    assert confirmations.send(post(district, tmp_path), SOON) == 0


@pytest.mark.parametrize("behaviour", ["killed_before", "killed_after"])
def test_a_process_that_ends_while_it_sends_sends_none_twice(
    district: Engine, tmp_path: Path, behaviour: str
) -> None:
    hear(district, tmp_path, STOP)
    with pytest.raises(Killed):
        confirmations.send(post(district, tmp_path, behaviour), SOON)
    assert confirmations.send(post(district, tmp_path), SOON) == 0
