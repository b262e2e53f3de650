"""Sending through Twilio SendGrid's v3 API: the `sendgrid` package builds the request, our connections carry it.

The package's own client opens a connection a message, has no time limit, keeps one set of headers for all threads and
prints payload and key when somebody turns debug logging on; so none of it is used. SendGrid has no idempotency key: a
request without a clear answer is ambiguous, and only its events tell later whether it was taken.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from campaign.senders.connections import (
    CONNECT_SECONDS,
    READ_SECONDS,
    Connections,
    NoClearAnswer,
    NotConnected,
    Result,
    whole,
)
from campaign.senders.contract import (
    Accepted,
    Ambiguous,
    Found,
    Landed,
    MailIdentity,
    Outcome,
    OutgoingMessage,
    Permanent,
    Retryable,
    Unknown,
)
from campaign.senders.sendgrid_batch import Batch, batches

HOST = "https://api.sendgrid.com"
MOST_CONNECTIONS = 128
_PATH = "/v3/mail/send"
_TRY_AGAIN = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=1)
# The key is wrong or lacks a right: nobody's message is at fault, and all can go once it is put right.
_OUR_FAULT = {401, 403}
_NOT_TAKEN = {408, 429}


@dataclass(frozen=True)
class SendGridSender:
    """`events` gives the kinds of SendGrid's events stored for a public id; the newest need not come last."""

    api_key: str = field(repr=False)
    identity: MailIdentity
    events: Callable[[str], Sequence[str]] = field(repr=False)
    host: str = HOST
    connect_seconds: float = CONNECT_SECONDS
    read_seconds: float = READ_SECONDS
    name: str = "sendgrid"
    channels: frozenset[str] = frozenset({"email"})
    # Beyond the connections, so that none stands idle while outcomes are written down.
    in_flight: int = 2 * MOST_CONNECTIONS
    recipients_per_request: int = 1
    _connections: Connections = field(init=False, repr=False, compare=False)
    _head: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        connections = Connections(self.host, self.connect_seconds, self.read_seconds, MOST_CONNECTIONS)
        headers = {"Authorization": f"Bearer {self.api_key}", "Content-Type": "application/json"}
        object.__setattr__(self, "_connections", connections)
        object.__setattr__(self, "_head", connections.head("POST", _PATH, headers))

    def send(self, *, message: OutgoingMessage) -> Outcome:
        told: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self.start([message], lambda _, outcome: told.put(outcome))
        return told.get()

    def start(self, messages: Sequence[OutgoingMessage], landed: Landed) -> None:
        self._start(batches(messages, self.recipients_per_request), landed)

    def _start(self, several: Iterable[Batch], landed: Landed) -> None:
        requests = []
        for batch in several:
            try:
                requests.append(
                    (whole(self._head, batch.body(self.identity)), partial(self._land, batch, landed))
                )
            except ValueError as error:
                self._refuse(
                    batch, landed, Permanent(f"cannot be written as an e-mail: {type(error).__name__}")
                )
        self._connections.start(requests)

    def _land(self, batch: Batch, landed: Landed, result: Result) -> None:
        outcome = _meaning(result, batch.messages[0].at)
        if isinstance(outcome, Permanent):
            self._refuse(batch, landed, outcome)
            return
        for message in batch.messages:
            landed(message, outcome)

    def _refuse(self, batch: Batch, landed: Landed, outcome: Permanent) -> None:
        """Refused as a whole, perhaps for one of them: nothing of it went, so each half may be tried by itself."""
        if len(batch.messages) > 1:
            self._start(batch.halves(), landed)
            return
        landed(batch.messages[0], outcome)

    def lookup(self, *, public_id: str) -> Found:
        """Any event proves that SendGrid took the message; `dropped` says it then gave it up. None proves nothing."""
        kinds = set(self.events(public_id))
        if not kinds:
            return Unknown()
        return Permanent("dropped by SendGrid") if kinds == {"dropped"} else Accepted()

    def close(self) -> None:
        self._connections.close()


def _meaning(result: Result, now: datetime) -> Outcome:
    if isinstance(result, NotConnected):
        return Retryable(_TRY_AGAIN, f"no connection: {result}", everybody=True)
    if isinstance(result, NoClearAnswer):
        return Ambiguous(f"no clear answer: {result}")
    return _outcome(result.status, result.headers, now)


def _outcome(status: int, headers: Mapping[str, str], now: datetime) -> Outcome:
    if 200 <= status < 300:
        return Accepted(headers.get("X-Message-Id"))
    if status in _NOT_TAKEN:
        return Retryable(_wait(headers, now), f"SendGrid answered {status}", everybody=status == 429)
    if status in _OUR_FAULT:
        told = f"SendGrid answered {status}: look at SENDGRID_API_KEY"
        return Retryable(_LONGEST_WAIT, told, everybody=True)
    if status >= 500:
        return Ambiguous(f"SendGrid answered {status}")
    return Permanent(f"SendGrid answered {status}")


def _wait(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Retry-After in seconds, or X-RateLimit-Reset as seconds since 1970; at least a second, at most an hour."""
    try:
        if headers.get("Retry-After"):
            wait = timedelta(seconds=int(headers["Retry-After"]))
        elif headers.get("X-RateLimit-Reset"):
            wait = timedelta(seconds=int(headers["X-RateLimit-Reset"]) - now.timestamp())
        else:
            wait = timedelta(minutes=1)
    except ValueError:
        wait = timedelta(minutes=1)
    return min(max(wait, timedelta(seconds=1)), _LONGEST_WAIT)
