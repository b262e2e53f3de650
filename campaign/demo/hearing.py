"""What the simulated providers tell in a demonstration, taken in as at the program's doors: signed, or not believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, parse_qsl, urlsplit

from sqlalchemy import Connection, Engine

from campaign.access import ENGINE
from campaign.correspondence import replies
from campaign.correspondence.replies import Reply
from campaign.database import transaction
from campaign.demo.home import DemoError
from campaign.demo.providers import Simulator
from campaign.demo.providers.posting import Post
from campaign.dispatch import receiving
from campaign.dispatch.receipts import Reported
from campaign.senders import sendgrid_events, twilio_events
from campaign.settings import Settings
from campaign.store import receipts
from campaign.web.hooks import inbound_mail

# Nobody is there: what is to be told there, the simulator keeps until it is fetched.
EVENTS, STATUS, MAILS, TEXTS = (
    f"https://demonstration.invalid/{door}" for door in ("events", "status", "mails", "texts")
)


@dataclass(frozen=True)
class Ears:
    """Raises DemoError for what is not signed as it should be."""

    engine: Engine
    settings: Settings
    simulator: Simulator

    def take_in(self, now: datetime) -> None:
        """All that the providers have to tell."""
        self.simulator.deliver()
        for post in self.simulator.take_posts():
            with transaction(self.engine, ENGINE) as connection:
                self._hear(connection, post, now)

    def _hear(self, connection: Connection, post: Post, now: datetime) -> None:
        provider = "sendgrid" if post.url in (EVENTS, MAILS) else "twilio"
        receipts.count(connection, provider, self._taken(connection, post, now), now)

    def _taken(self, connection: Connection, post: Post, now: datetime) -> Mapping[str, int]:
        """Take in one post; how many of which kind it brought, as the page of deliveries counts them."""
        if post.url == EVENTS:
            return receiving.take(connection, "sendgrid", "email", self._mail_events(post), now)
        if post.url == MAILS:
            mail = inbound_mail.read(dict(post.headers)["Content-Type"], post.body)
            replies.receive(connection, mail.reply(now), now, self.settings)
            return {"automatic" if mail.is_automatic else "mail": 1}
        form = self._form(post)
        if post.url == TEXTS:
            replies.receive(connection, _text(form, now), now, self.settings)
            return {"texts": 1}
        return receiving.take(connection, "twilio", "sms", _text_events(post, form, now), now)

    def _mail_events(self, post: Post) -> Sequence[tuple[Reported, str]]:
        told = dict(post.headers)
        signature, stamp = told[sendgrid_events.SIGNATURE_HEADER], told[sendgrid_events.TIMESTAMP_HEADER]
        if not sendgrid_events.is_signed(self.simulator.event_key, signature, stamp, post.body):
            raise DemoError(
                "the simulated SendGrid signs its events in a way that the program does not believe"
            )
        return sendgrid_events.read(post.body).events

    def _form(self, post: Post) -> dict[str, str]:
        fields, token = parse_qsl(post.body.decode()), self.simulator.options.twilio_token
        signature = dict(post.headers)[twilio_events.SIGNATURE_HEADER]
        if not twilio_events.is_signed(token, post.url, fields, signature):
            raise DemoError("the simulated Twilio signs its posts in a way that the program does not believe")
        return dict(fields)


def _text_events(post: Post, form: dict[str, str], now: datetime) -> Sequence[tuple[Reported, str]]:
    public_id = parse_qs(urlsplit(post.url).query)["message"][0]
    event = twilio_events.read(form, public_id, now)
    return [(event, form["To"])] if event else []


def _text(form: dict[str, str], now: datetime) -> Reply:
    return Reply(
        channel="sms",
        from_address=form["From"],
        to_address=form["To"],
        text=form["Body"],
        at=now,
        provider_id=form["MessageSid"],
    )
