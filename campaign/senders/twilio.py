"""Sending text messages through Twilio's Messages API, over connections of our own.

Twilio has no idempotency key. 429 was never processed and is safe to try again; an answer of 5xx, or none, may have
been processed, so the message is ambiguous until a status callback, Twilio's list or a person says more.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from campaign.dispatch.receipts import Cause, Kind
from campaign.senders.connections import (
    CONNECT_SECONDS,
    READ_SECONDS,
    Answer,
    Connections,
    NoClearAnswer,
    NotConnected,
)
from campaign.senders.contract import (
    Accepted,
    Ambiguous,
    Doubt,
    Found,
    NotSent,
    Outcome,
    OutgoingMessage,
    Permanent,
    Retryable,
    Unknown,
    text_digest,
)
from campaign.senders.twilio_events import CAUSES, meaning

HOST = "https://api.twilio.com"
# Twilio keeps a message that long at most.
LONGEST_VALIDITY = timedelta(hours=10)
_TRY_AGAIN = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=1)
# Codes about our account, not about the receiver: all can go once it is put right.
_OUR_SETUP = {20003, 20404, 21603, 21606, 21703, 21704, 21705, 30002}
# Our account cannot send to a number like this one; it can to others.
_NOT_THERE = {21408, 21612}
_ABOUT_US = {401, 403, 404}
_BUSY = {14107, 20429, 30001}

# After so long, a message that Twilio does not list was never taken.
HORIZON = timedelta(hours=1)
_CLOCKS_DIFFER = timedelta(minutes=2)
_WINDOW = timedelta(minutes=15)
_PAGE_SIZE, _MOST_PAGES = 100, 10


@dataclass(frozen=True)
class TwilioAccount:
    """Who sends. `messaging_service` holds the numbers that Twilio chooses from."""

    sid: str
    token: str = field(repr=False)
    messaging_service: str


@dataclass(frozen=True)
class TwilioSender:
    """`callback_url`: where Twilio tells statuses; our id is added to it. `events`: kinds stored for a public id."""

    account: TwilioAccount
    callback_url: str
    events: Callable[[str], Sequence[str]] = field(repr=False)
    host: str = HOST
    connect_seconds: float = CONNECT_SECONDS
    read_seconds: float = READ_SECONDS
    name: str = "twilio"
    channels: frozenset[str] = frozenset({"sms"})
    in_flight: int = 16
    _connections: Connections = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        connections = Connections(self.host, self.connect_seconds, self.read_seconds)
        object.__setattr__(self, "_connections", connections)

    def send(self, *, message: OutgoingMessage) -> Outcome:
        body = urlencode(form(message, self.account.messaging_service, self.callback_url)).encode()
        headers = self._headers() | {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            answer = self._connections.post(self._path, body, headers)
        except NotConnected as error:
            return Retryable(_TRY_AGAIN, f"no connection: {error}", everybody=True)
        except NoClearAnswer as error:
            return Ambiguous(f"no clear answer: {error}")
        return _outcome(answer)

    def lookup(self, *, public_id: str) -> Found:
        """A status callback proves that Twilio took the message, or that it gave it up. None proves nothing."""
        kinds = set(self.events(public_id))
        if not kinds:
            return Unknown()
        return Permanent("given up by Twilio") if kinds == {Kind.DROPPED} else Accepted()

    def search(self, *, doubt: Doubt) -> Found:
        """Look through Twilio's list of messages to that number.

        The same text is proof that it went. No message to the number at all around that time, in a complete list an
        hour later, is proof that it did not. Anything between the two proves nothing.
        """
        if doubt.channel not in self.channels:
            return Unknown()
        listed = self._listed(doubt)
        if listed is None:
            return Unknown()
        for item in listed:
            if doubt.text_sha256 and text_digest(str(item.get("body") or "")) == doubt.text_sha256:
                return _found(item)
        end = doubt.handed_over_at + _WINDOW
        nearby = [item for item in listed if (at := _created(item)) and at <= end]
        return Unknown() if nearby or doubt.now < doubt.handed_over_at + HORIZON else NotSent()

    def close(self) -> None:
        self._connections.close()

    @property
    def _path(self) -> str:
        return f"/2010-04-01/Accounts/{self.account.sid}/Messages.json"

    def _headers(self) -> dict[str, str]:
        pair = f"{self.account.sid}:{self.account.token}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}", "Accept": "application/json"}

    def _listed(self, doubt: Doubt) -> list[Mapping[str, Any]] | None:
        """What we sent to the number since shortly before the hand-over; None where not all is to be read."""
        since = doubt.handed_over_at - _CLOCKS_DIFFER
        path = f"{self._path}?{urlencode({'To': doubt.to, 'PageSize': _PAGE_SIZE})}"
        found: list[Mapping[str, Any]] = []
        for _ in range(_MOST_PAGES):
            page = self._page(path)
            if page is None:
                return None
            # The newest come first.
            items = [item for item in page["messages"] if item.get("direction") != "inbound"]
            moments = [_created(item) for item in items]
            if None in moments:
                return None
            found += [item for item, at in zip(items, moments, strict=True) if at and at >= since]
            path = page.get("next_page_uri") or ""
            if not path or any(at < since for at in moments if at):
                return found
        return None

    def _page(self, path: str) -> Mapping[str, Any] | None:
        try:
            answer = self._connections.get(path, self._headers())
        except (NotConnected, NoClearAnswer):
            return None
        page = _document(answer)
        return page if answer.status == 200 and isinstance(page.get("messages"), list) else None


def form(message: OutgoingMessage, messaging_service: str, callback_url: str) -> dict[str, str]:
    """What Twilio is asked. Our id stands in the address of the callback and nowhere else."""
    fields = {
        "To": message.to,
        "MessagingServiceSid": messaging_service,
        "Body": message.text.strip(),
        "StatusCallback": f"{callback_url}?{urlencode({'message': message.public_id})}",
    }
    if message.expires_at is not None:
        left = min(message.expires_at - message.at, LONGEST_VALIDITY)
        fields["ValidityPeriod"] = str(max(int(left.total_seconds()), 1))
    return fields


def _outcome(answer: Answer) -> Outcome:
    document = _document(answer)
    if 200 <= answer.status < 300:
        sid = document.get("sid")
        return Accepted(sid if isinstance(sid, str) else None)
    code = document.get("code")
    told = f"Twilio answered {answer.status}" + (f", error {code}" if isinstance(code, int) else "")
    if answer.status == 429 or code in _BUSY:
        return Retryable(_wait(answer), told, everybody=True)
    if answer.status >= 500:
        return Ambiguous(told)
    if answer.status != 400 or code in _OUR_SETUP | _NOT_THERE:
        about_us = answer.status in _ABOUT_US or code in _OUR_SETUP
        told += ": look at [sms], TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"
        return Retryable(_LONGEST_WAIT, told, everybody=about_us)
    cause = CAUSES.get(code, Cause.TECHNICAL) if isinstance(code, int) else Cause.TECHNICAL
    return Permanent(told, cause)


def _found(item: Mapping[str, Any]) -> Accepted | Permanent:
    sid = item.get("sid")
    code = item.get("error_code")
    told = meaning(str(item.get("status")), code if isinstance(code, int) else None)
    if told is not None and told[0] is Kind.DROPPED:
        return Permanent(f"Twilio gave it up, error {code}", told[1])
    return Accepted(sid if isinstance(sid, str) else None)


def _created(item: Mapping[str, Any]) -> datetime | None:
    """When Twilio took it (RFC 2822); None for a date that cannot be read."""
    try:
        found = parsedate_to_datetime(str(item.get("date_created")))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _document(answer: Answer) -> Mapping[str, Any]:
    try:
        found = json.loads(answer.body)
    except (UnicodeDecodeError, json.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _wait(answer: Answer) -> timedelta:
    """Retry-After in seconds; at least one, at most an hour, a minute where Twilio names none."""
    told = str(answer.headers.get("Retry-After") or "")
    seconds = int(told) if told.isascii() and told.isdigit() else 60
    return min(max(timedelta(seconds=seconds), timedelta(seconds=1)), _LONGEST_WAIT)
