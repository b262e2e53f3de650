"""What comes after a message was accepted, and what comes from families: put into the outbox for the program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from campaign.demo.providers import inbound_mail, text_posts
from campaign.demo.providers.desk import Ids
from campaign.demo.providers.faults import Mischief
from campaign.demo.providers.inbound_mail import InboundMail
from campaign.demo.providers.mail_events import MailEvents
from campaign.demo.providers.options import OptionsError, SimulatorOptions
from campaign.demo.providers.outbox import Outbox
from campaign.demo.providers.posting import Courier
from campaign.demo.providers.record import Entry
from campaign.demo.providers.text_list import Text
from campaign.demo.providers.text_posts import TextPosts


class Aftermath:
    """Each provider's own way to tell, one outbox for all of them."""

    def __init__(self, options: SimulatorOptions, mischief: Mischief, now: Callable[[], float]) -> None:
        self._options = options
        self._mischief = mischief
        self.outbox = Outbox(mischief, Courier())
        self._new_id = Ids(f"events {options.seed}")
        self._events = MailEvents(options.seed, now, self._new_id)
        self._inbound_mail = InboundMail()
        self._texts = TextPosts(options.twilio_token)

    def follow(self, entries: Sequence[Entry]) -> None:
        """Tell what becomes of these messages, as fate will have it."""
        for entry in entries:
            if isinstance(entry.said, Text):
                if entry.said.callback:
                    told = text_posts.statuses(entry.said, self._options)
                    self.outbox.add(self._texts, entry.said.callback, told)
            elif self._options.events_url:
                course = self._events.course(entry, self._mischief.fate(entry.to))
                self.outbox.add(self._events, self._options.events_url, course)

    def happen(self, entry: Entry, kind: str, more: Mapping[str, Any]) -> None:
        """Tell that this has just happened to the message: an event of SendGrid's, a status of Twilio's."""
        if isinstance(entry.said, Text):
            code = int(more["ErrorCode"]) if "ErrorCode" in more else None
            told = text_posts.status(entry.said, kind, code, self._options)
            self.outbox.add(self._texts, _given(entry.said.callback, "StatusCallback"), [told])
        else:
            url = _given(self._options.events_url, "events_url")
            self.outbox.add(self._events, url, [self._events.event(entry, kind, more)])

    def mail_arrives(self, given: Mapping[str, Any]) -> None:
        url = _given(self._options.inbound_mail_url, "inbound_mail_url")
        self.outbox.add(self._inbound_mail, url, [inbound_mail.mail(given, self._new_id())])

    def text_arrives(self, text: Text) -> None:
        url = _given(self._options.inbound_text_url, "inbound_text_url")
        self.outbox.add(self._texts, url, [text_posts.incoming(text, self._options)])


def _given(url: str, name: str) -> str:
    if not url:
        raise OptionsError(f"there is no address to tell it to: {name} is empty")
    return url
