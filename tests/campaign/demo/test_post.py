"""The post of the demonstration: what providers take lies in the mailbox, and what they tell is in the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.correspondence.conversation_steps import Doer
from campaign.database import transaction
from campaign.demo import replies
from campaign.demo.post import DemoPost, opened
from campaign.demo.run import MONTH, YEAR
from campaign.senders.contract import Accepted, NotSent, OutgoingMessage, Permanent
from campaign.store import accounts
from content.languages import languages
from tests.web_pages import MORNING, page_settings, small_district

MAIL = OutgoingMessage(
    public_id="p2",
    channel="email",
    to="rosa@example.org",
    subject="Your child's school report is ready",
    text="Hola, Ñandú",
    html="<p>Hola, Ñandú</p>",
    language="es",
    stop_url="https://schools.example/stop/token",
    at=MORNING,
)
OFFICE = Doer(account_id=1, name="Dana Whitfield", actor="account 1")


@pytest.fixture
def post(engine: Engine, tmp_path: Path) -> Iterator[DemoPost]:
    small_district(engine)
    with opened(page_settings(tmp_path), engine, seed=1, now=MORNING, until=MONTH.until) as post:
        yield post


def told(engine: Engine) -> dict[str, str]:
    query = "SELECT m.public_id, d.status FROM delivery d JOIN message m ON m.id = d.message_id"
    with transaction(engine, ENGINE) as connection:
        return {row.public_id: row.status for row in connection.execute(text(query))}


def test_what_a_provider_takes_lies_in_the_mailbox_once(post: DemoPost, tmp_path: Path) -> None:
    texted = replace(MAIL, public_id="p1", channel="sms", to="+12025550101")
    for message in (MAIL, texted, MAIL):
        assert isinstance(post.send(message=message), Accepted)
    files = sorted(str(file.relative_to(tmp_path / "mailbox")) for file in tmp_path.glob("mailbox/*/*.*"))
    assert files == ["email/p2.eml", "sms/p1.txt"]
    assert post.ears.simulator.report().unique == 2
    assert isinstance(post.lookup(public_id="p1"), Accepted)


def test_what_a_provider_refuses_is_not_in_the_mailbox(post: DemoPost) -> None:
    outcome = post.send(message=replace(MAIL, public_id="p1", channel="sms", to="call the office"))
    assert isinstance(outcome, Permanent)
    assert post.lookup(public_id="p1") == NotSent()


def test_what_the_providers_tell_is_heard_once_something_was_sent(post: DemoPost, engine: Engine) -> None:
    passed: list[tuple[datetime, int]] = []
    hear = post.hearing(lambda now, sent: passed.append((now, sent)), OFFICE)
    post.coming.clear()
    post.send(message=MAIL)
    post.send(message=replace(MAIL, public_id="p1", channel="sms", to="+12025550101"))
    hear(MORNING, 0)
    assert told(engine) == {}
    later = MORNING + timedelta(minutes=15)
    hear(later, 2)
    assert told(engine) == {"p1": "delivered", "p2": "delivered"}
    assert passed == [(MORNING, 0), (later, 2)]
    with transaction(engine, ENGINE) as connection:
        times = connection.execute(
            text("SELECT DISTINCT occurred_at FROM provider_event WHERE provider = 'sendgrid'")
        )
        assert times.scalars().all() == [MORNING]


def test_families_write_back_once_when_the_time_has_come(
    post: DemoPost, engine: Engine, tmp_path: Path
) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                "UPDATE message SET state = 'accepted', language = 'en', finished_at = :at WHERE contact_id = 1"
            ),
            {"at": MORNING},
        )
    english = [words for words in post.coming if (words.channel, words.language) == ("email", "en")]
    hear = post.hearing(lambda now, sent: None, OFFICE)
    hear(english[0].at - timedelta(minutes=1), 0)
    assert written(engine) == []
    hear(english[0].at, 0)
    assert written(engine) == [(english[0].at, "email", english[0].text)]
    with opened(page_settings(tmp_path), engine, seed=1, now=MORNING, until=MONTH.until) as again:
        assert english[0] not in again.coming
        again.hearing(lambda now, sent: None, OFFICE)(english[0].at, 0)
    assert len(written(engine)) == 1


def test_the_office_answers_when_its_time_has_come_and_once(post: DemoPost, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                "UPDATE message SET state = 'accepted', language = 'en', finished_at = :at WHERE contact_id = 1"
            ),
            {"at": MORNING},
        )
        account = accounts.by_email(connection, "district@example.org")
        assert account is not None
    office = Doer(account.account_id, account.name, "staff of the office")
    asked = next(words for words in post.coming if (words.channel, words.language) == ("email", "en"))
    assert asked.answered_at is not None
    hear = post.hearing(lambda now, sent: None, office)
    hear(asked.at, 0)
    assert thread(engine) == ("waiting", None, None)
    for moment in (asked.answered_at, asked.answered_at + timedelta(hours=1)):
        hear(moment, 0)
        assert thread(engine) == ("answered", asked.answer, asked.answered_at)


def thread(engine: Engine) -> tuple[str, str | None, datetime | None]:
    """State of the only conversation, and what the office has said in it."""
    query = """
        SELECT c.state, m.text, m.at FROM conversation c
        LEFT JOIN conversation_message m ON m.conversation_id = c.id AND m.account_id IS NOT NULL
    """
    with transaction(engine, ENGINE) as connection:
        state, words, at = connection.execute(text(query)).one()
        return state, words, at


def written(engine: Engine) -> list[tuple[datetime, str, str]]:
    with transaction(engine, ENGINE) as connection:
        return [tuple(row) for row in connection.execute(text("SELECT at, channel, text FROM reply"))]


def test_every_reply_of_the_month_is_in_a_language_of_ours_and_in_the_month() -> None:
    words = replies.load()
    assert {one.language for one in words} <= set(languages())
    assert {one.channel for one in words} == {"email", "sms"}
    assert all(MONTH.since < one.at < MONTH.until for one in words)


def test_what_the_office_answers_is_said_in_its_hours_and_in_the_family_s_language() -> None:
    answered = [one for one in replies.load() if one.answered_at]
    for one in answered:
        assert one.answered_at is not None
        assert one.at < one.answered_at
        assert 8 <= one.answered_at.hour < 16
        assert bool(one.answer)
        assert bool(one.answer_there) == (one.language != "en")
    assert {"en", "es"} < {one.language for one in answered}


def test_what_waits_comes_on_the_last_day_of_a_demonstration_of_any_length(engine: Engine) -> None:
    words = replies.load()
    for span in (MONTH, YEAR):
        last = [one.by(span.until) for one in words if one.waits]
        assert len(last) == 2
        assert all(timedelta(0) < span.until - one.at < timedelta(days=1) for one in last)
        assert [one.at for one in words if not one.waits] == [
            one.by(span.until).at for one in words if not one.waits
        ]
    with transaction(engine, ENGINE) as connection:
        coming = replies.unsaid(connection, words, YEAR.until)
        assert coming == sorted(coming, key=lambda one: one.at)
        assert {one.text for one in coming[-2:]} == {one.text for one in words if one.waits}
