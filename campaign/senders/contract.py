"""What every sender promises: one message out, one outcome back, and a failure of a kind."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from campaign.dispatch.receipts import Cause
from campaign.plain_error import PlainError


@dataclass(frozen=True, eq=False)
class OpenText:
    """The text of many messages with its fields `{name}` still open; one object for all messages that share it."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class OutgoingMessage:
    """One message to one person. Only `public_id` may appear in a provider's metadata or a log.

    `expires_at`: when it must no longer arrive, for providers that keep messages waiting. `reply_to`: where an answer
    to this e-mail finds its family again, "" = the sender's own address. `open_text` filled with `values` is its
    subject and text, and with `markup`, the same as HTML, its HTML, where nothing else differs between the messages
    that share it. `is_reply`: nobody wrote it, it answers what somebody sent.
    """

    public_id: str
    channel: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    language: str
    stop_url: str = field(repr=False)
    at: datetime
    expires_at: datetime | None = None
    reply_to: str = field(default="", repr=False)
    open_text: OpenText | None = field(default=None, repr=False)
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    markup: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_reply: bool = False


@dataclass(frozen=True)
class Accepted:
    """The provider has it. `provider_message_id` is the provider's own name for it, if it gives one."""

    provider_message_id: str | None = None


@dataclass(frozen=True)
class Retryable:
    """It certainly did not go out; try again after this long. `everybody`: the provider takes no message of ours
    before, whoever it is for."""

    after: timedelta
    detail: str
    everybody: bool = False


@dataclass(frozen=True)
class Permanent:
    """It did not go out and never will as it is. `cause`: what that says about the address, where it says something."""

    detail: str
    cause: Cause | None = None


@dataclass(frozen=True)
class Ambiguous:
    """It may or may not have gone out. Never sent again before `lookup` or a person has settled it."""

    detail: str


Outcome = Accepted | Retryable | Permanent | Ambiguous


@dataclass(frozen=True)
class NotSent:
    """There is proof that the message never left."""


@dataclass(frozen=True)
class Unknown:
    """No proof either way."""


Found = Accepted | Permanent | NotSent | Unknown


class Sender(Protocol):
    """`channels`: what it carries. `in_flight`: how many messages it takes at a time; after a crash at most so many
    are in doubt. `send` and `lookup` may be called from several threads and raise nothing for what a provider does;
    `close` ends idle connections, the sender can be used again after it."""

    @property
    def name(self) -> str: ...

    @property
    def channels(self) -> frozenset[str]: ...

    @property
    def in_flight(self) -> int: ...

    def send(self, *, message: OutgoingMessage) -> Outcome: ...

    def lookup(self, *, public_id: str) -> Found: ...

    def close(self) -> None: ...


# Called once with each message and what became of it, in any order and from any thread.
Landed = Callable[[OutgoingMessage, Outcome], None]


@runtime_checkable
class Carrier(Protocol):
    """A sender that keeps many messages on their way by itself. As `send`, it raises nothing for what a message says:
    whoever waits for the others would wait for ever."""

    def start(self, messages: Sequence[OutgoingMessage], landed: Landed) -> None: ...


@dataclass(frozen=True)
class Doubt:
    """A message of which nobody knows whether it went: to whom, when it was handed over, and a digest of its text."""

    public_id: str
    channel: str
    to: str = field(repr=False)
    text_sha256: str | None
    handed_over_at: datetime
    now: datetime


@runtime_checkable
class Searcher(Protocol):
    """A sender that can look through its provider's own list, where `lookup` knows nothing."""

    def search(self, *, doubt: Doubt) -> Found: ...


def text_digest(text: str) -> str:
    """SHA-256 of a text as it travels, by which it is found again in a provider's list."""
    return hashlib.sha256(text.strip().encode()).hexdigest()


class SenderError(PlainError):
    """A sender cannot work as it is set up; the message names the setting and says what to write."""


@dataclass(frozen=True)
class MailIdentity:
    """Who writes. `postal_address` stands in the text of every message."""

    address: str
    name: str
