"""The post of the demonstration: the clients of real life hand messages to simulated providers, which tell what became
of them, and the mailbox keeps what they took."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, parse_qsl, urlsplit

from sqlalchemy import Engine

from campaign import receiving
from campaign.access import ENGINE
from campaign.database import transaction
from campaign.demo.home import DemoError
from campaign.demo.providers import Fate, Faults, Simulator, SimulatorOptions, running
from campaign.demo.providers.posting import Post
from campaign.receipts import Reported
from campaign.senders import sendgrid_events, twilio_events
from campaign.senders.choice import sender_for
from campaign.senders.contract import Accepted, Found, MailIdentity, Outcome, OutgoingMessage, Sender
from campaign.senders.sendgrid import SendGridSender
from campaign.senders.twilio import TwilioAccount, TwilioSender
from campaign.settings import Settings

# Nobody is there: what is to be told there, the simulator keeps until it is fetched.
_EVENTS, _STATUS = "https://demonstration.invalid/events", "https://demonstration.invalid/status"
_FATES: Mapping[str, float] = {
    Fate.DEFERRED: 0.03,
    Fate.BOUNCED: 0.01,
    Fate.BLOCKED: 0.01,
    Fate.UNREACHABLE: 0.01,
    Fate.LANDLINE: 0.01,
}

Heard = Callable[[datetime, int], None]


@dataclass
class _Clock:
    """The time at the providers: that of the newest message."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class DemoPost:
    """A sender that reaches nobody. What lasts of it is the mailbox: after a kill its files say what was taken."""

    simulator: Simulator
    clock: _Clock
    providers: dict[str, Sender]
    mailbox: Sender
    engine: Engine
    name: str = "mailbox"
    in_flight: int = 64

    @property
    def channels(self) -> frozenset[str]:
        return self.mailbox.channels & frozenset(self.providers)

    def send(self, *, message: OutgoingMessage) -> Outcome:
        self.clock.now = message.at
        outcome = self.providers[message.channel].send(message=message)
        if not isinstance(outcome, Accepted):
            return outcome
        kept = self.mailbox.send(message=message)
        return outcome if isinstance(kept, Accepted) else kept

    def lookup(self, *, public_id: str) -> Found:
        return self.mailbox.lookup(public_id=public_id)

    def close(self) -> None:
        """Connections stay until the demonstration ends: each tick would open them anew."""

    def hearing(self, heard: Heard) -> Heard:
        """Take in what the providers have told, after each moment in which something was sent."""

        def hear(now: datetime, sent: int) -> None:
            if sent:
                self._take_in(now)
            heard(now, sent)

        return hear

    def _take_in(self, now: datetime) -> None:
        self.simulator.deliver()
        for post in self.simulator.take_posts():
            with transaction(self.engine, ENGINE) as connection:
                if post.url == _EVENTS:
                    receiving.take(connection, "sendgrid", "email", _mail_events(post, self.simulator), now)
                else:
                    receiving.take(connection, "twilio", "sms", _text_events(post, self.simulator, now), now)


def _mail_events(post: Post, simulator: Simulator) -> Sequence[tuple[Reported, str]]:
    told = dict(post.headers)
    signature, stamp = told[sendgrid_events.SIGNATURE_HEADER], told[sendgrid_events.TIMESTAMP_HEADER]
    if not sendgrid_events.is_signed(simulator.event_key, signature, stamp, post.body):
        raise DemoError("the simulated SendGrid signs its events in a way that the program does not believe")
    return sendgrid_events.read(post.body).events


def _text_events(post: Post, simulator: Simulator, now: datetime) -> Sequence[tuple[Reported, str]]:
    form, token = parse_qsl(post.body.decode()), simulator.options.twilio_token
    if not twilio_events.is_signed(token, post.url, form, dict(post.headers)[twilio_events.SIGNATURE_HEADER]):
        raise DemoError("the simulated Twilio signs its callbacks in a way that the program does not believe")
    fields, public_id = dict(form), parse_qs(urlsplit(post.url).query)["message"][0]
    event = twilio_events.read(fields, public_id, now)
    return [(event, fields["To"])] if event else []


@contextmanager
def opened(settings: Settings, engine: Engine, *, seed: int, now: datetime) -> Iterator[DemoPost]:
    """The post, until the month is over; `settings` are those of a demonstration."""
    options = SimulatorOptions(
        seed=seed, events_url=_EVENTS, keep_texts=False, faults=Faults(event_ms=0, fates=_FATES)
    )
    clock = _Clock(now)
    account = TwilioAccount(options.twilio_account, options.twilio_token, options.twilio_service)
    identity = MailIdentity(settings.mail.from_address, settings.mail.from_name)
    with running(options, clock=clock) as simulator:
        mail = SendGridSender(options.sendgrid_key, identity, lambda _: [], simulator.url)
        texts = TwilioSender(account, _STATUS, lambda _: [], simulator.url)
        with closing(mail), closing(texts):
            providers: dict[str, Sender] = {"email": mail, "sms": texts}
            yield DemoPost(simulator, clock, providers, sender_for(settings, engine), engine)
