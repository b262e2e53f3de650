"""Many messages in one request to SendGrid: one text, a personalization each, and what differs as substitutions."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from campaign.senders.contract import MailIdentity, OpenText, OutgoingMessage
from campaign.senders.email_message import unsubscribe_headers
from campaign.senders.sendgrid_mail import body, payload
from content import frame
from content.fields import fill, placeholders

# What SendGrid takes in one request and for one recipient at most.
MOST_RECIPIENTS = 1000
_MOST_SUBSTITUTION_BYTES = 10_000


@dataclass(frozen=True)
class Batch:
    """One message, or several of one text, each to an address of its own."""

    messages: tuple[OutgoingMessage, ...]

    def halves(self) -> Iterator[Batch]:
        middle = len(self.messages) // 2
        yield Batch(self.messages[:middle])
        yield Batch(self.messages[middle:])

    def body(self, identity: MailIdentity) -> bytes:
        first = self.messages[0]
        if len(self.messages) == 1 or first.open_text is None:
            return body(first, identity)
        marks = _Marks.of(first.open_text)
        document = payload(marks.put_in(first), identity)
        document.pop("custom_args", None)
        del document["headers"]["List-Unsubscribe"]
        document["personalizations"] = [_person(message, marks) for message in self.messages]
        return json.dumps(document).encode()


def batches(messages: Sequence[OutgoingMessage], most: int) -> Iterator[Batch]:
    """The messages in as few requests as can be, none with an address twice."""
    gathered: dict[tuple[int, str], dict[str, OutgoingMessage]] = {}
    for message in messages:
        if most == 1 or message.open_text is None or not _fits(message):
            yield Batch((message,))
            continue
        key = id(message.open_text), message.language
        together = gathered.setdefault(key, {})
        if message.to.lower() in together or len(together) >= most:
            yield Batch(tuple(together.values()))
            together = gathered[key] = {}
        together[message.to.lower()] = message
    for together in gathered.values():
        yield Batch(tuple(together.values()))


def _fits(message: OutgoingMessage) -> bool:
    """Whether its values may be substitutions: short enough, and none with a line break that a subject must not have.

    Where replies come in there is an address for each message, which a request has but once.
    """
    text = message.open_text
    if (
        text is None
        or message.reply_to
        or message.is_reply
        or not message.stop_url
        or any("\n" in message.values[name] for name in _names(text.subject))
    ):
        return False
    # As text and as HTML, each letter as the six that JSON may make of it, and room for the marks.
    letters = sum(map(len, message.values.values()))
    return 12 * letters + 100 * len(message.values) <= _MOST_SUBSTITUTION_BYTES


@lru_cache(maxsize=256)
def _names(text: str) -> frozenset[str]:
    return placeholders(text, "a message")


@dataclass(frozen=True)
class _Marks:
    """What stands in the shared text in place of each field. Nobody can know it, so no value can contain one."""

    open_text: OpenText
    plain: Mapping[str, str]
    markup: Mapping[str, str]

    @classmethod
    def of(cls, text: OpenText) -> _Marks:
        secret = secrets.token_hex(4)
        plain = {name: f"[{secret} {name}]" for name in sorted(_names(text.subject) | _names(text.text))}
        markup = {name: f"[{secret} html {name}]" for name in sorted(_names(text.html))}
        return cls(text, plain, markup)

    def put_in(self, message: OutgoingMessage) -> OutgoingMessage:
        text, where = self.open_text, "a message"
        subject, plain = fill(text.subject, self.plain, where), fill(text.text, self.plain, where)
        page = fill(text.html, self.markup, where)
        # The addresses come in later as they are; the package reads names into some.
        return replace(message, to="nobody@mark.invalid", subject=subject, text=plain, html=page)


def _person(message: OutgoingMessage, marks: _Marks) -> dict[str, Any]:
    values, markup = message.values, message.markup or frame.values(message.values)
    swaps = {mark: values[name] for name, mark in marks.plain.items()}
    swaps |= {mark: markup[name] for name, mark in marks.markup.items()}
    return {
        "to": [{"email": message.to}],
        "custom_args": {"public_id": message.public_id},
        "headers": {"List-Unsubscribe": unsubscribe_headers(message.stop_url)["List-Unsubscribe"]},
        "substitutions": swaps,
    }
