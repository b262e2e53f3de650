"""The post of the demonstration: the clients of real life hand messages to simulated providers, which tell what became
of them; families write back; and the mailbox keeps what was taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.correspondence.conversation_steps import Doer
from campaign.database import transaction
from campaign.demo import answers, looks, replies
from campaign.demo.hearing import EVENTS, MAILS, STATUS, TEXTS, Ears
from campaign.demo.providers import Fate, Faults, SimulatorOptions, running
from campaign.demo.replies import Words
from campaign.senders.contract import Accepted, Found, MailIdentity, Outcome, OutgoingMessage, Sender
from campaign.senders.mailbox import MailboxSender
from campaign.senders.sendgrid import SendGridSender
from campaign.senders.twilio import TwilioAccount, TwilioSender
from campaign.settings import Settings

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
    """A sender that reaches nobody. What lasts of it is the mailbox: after a kill its files say what was taken.

    `coming`: what families will write back, the earliest first; `said`: that, and what they wrote before.
    """

    clock: _Clock
    providers: Mapping[str, Sender]
    mailbox: Sender
    ears: Ears
    coming: list[Words] = field(default_factory=list)
    said: Sequence[Words] = ()
    seed: int = 0
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

    def visits(self) -> list[datetime]:
        """When a family writes or the office answers, the earliest first."""
        return sorted(at for words in self.said for at in (words.at, words.answered_at) if at is not None)

    def hearing(self, heard: Heard, office: Doer) -> Heard:
        """Take in, after each moment, what the providers tell of what was sent, what families wrote by then, and what
        `office` answers them."""

        def hear(now: datetime, sent: int) -> None:
            if sent:
                self.ears.take_in(now)
                with transaction(self.ears.engine, ENGINE) as connection:
                    looks.look(connection, self.seed, now)
            while self.coming and self.coming[0].at <= now:
                self._write_back(self.coming.pop(0))
            with transaction(self.ears.engine, ENGINE) as connection:
                answers.answer(connection, self.said, office, now)
            heard(now, sent)

        return hear

    def _write_back(self, words: Words) -> None:
        with transaction(self.ears.engine, ENGINE) as connection:
            writer = replies.writer(connection, words)
        if writer is None:
            return
        if words.channel == "sms":
            self.ears.simulator.receive_text(writer.address, words.text)
        else:
            name, _, host = self.ears.settings.mail.from_address.partition("@")
            to = f"{name}+{writer.token}@{host}"
            self.ears.simulator.receive_mail(writer.address, to, subject="Re:", text=words.text)
        self.ears.take_in(words.at)


@contextmanager
def opened(
    settings: Settings, engine: Engine, *, seed: int, now: datetime, until: datetime
) -> Iterator[DemoPost]:
    """The post of a demonstration that runs `until` then; `settings` are its own."""
    options = SimulatorOptions(
        seed=seed,
        events_url=EVENTS,
        inbound_mail_url=MAILS,
        inbound_text_url=TEXTS,
        keep_texts=False,
        faults=Faults(event_ms=0, fates=_FATES),
    )
    clock = _Clock(now)
    account = TwilioAccount(options.twilio_account, options.twilio_token, options.twilio_service)
    identity = MailIdentity(settings.mail.from_address, settings.mail.from_name)
    written = replies.load()
    said = [words.by(until) for words in written]
    with transaction(engine, ENGINE) as connection:
        coming = replies.unsaid(connection, written, until)
    with running(options, clock=clock) as simulator:
        mail = SendGridSender(options.sendgrid_key, identity, lambda _: [], simulator.url)
        texts = TwilioSender(account, STATUS, lambda _: [], simulator.url)
        with closing(mail), closing(texts):
            providers: Mapping[str, Sender] = {"email": mail, "sms": texts}
            ears = Ears(engine, settings, simulator)
            mailbox = MailboxSender(settings.home / "mailbox", identity)
            yield DemoPost(clock, providers, mailbox, ears, coming, said, seed)
