"""Sending through Twilio SendGrid's v3 API: the `sendgrid` package builds the request, our transport carries it.

The package's own client has no time limit, keeps one set of headers for all threads and prints payload and key when
somebody turns debug logging on; the transport below replaces what does that. SendGrid has no idempotency key: a
request without a clear answer is ambiguous, and only its events tell later whether it was taken.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import Message
from typing import Any
from urllib.request import Request

import python_http_client
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import (
    ClickTracking,
    Content,
    CustomArg,
    From,
    Header,
    Mail,
    OpenTracking,
    SubscriptionTracking,
    To,
    TrackingSettings,
)

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
    Found,
    MailIdentity,
    Outcome,
    OutgoingMessage,
    Permanent,
    Retryable,
    Unknown,
)
from campaign.senders.email_message import unsubscribe_headers

HOST = "https://api.sendgrid.com"
_TRY_AGAIN = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=1)
# The key is wrong or lacks a right: nobody's message is at fault, and all can go once it is put right.
_OUR_FAULT = {401, 403}
_NOT_TAKEN = {408, 429}

logging.getLogger("python_http_client.client").addFilter(lambda record: False)


class _Transport(python_http_client.Client):  # type: ignore[misc]
    """The package's client with our own way of sending. Answers of any status are returned, not raised."""

    connections: Connections

    def _build_client(self, name: str | None = None) -> _Transport:
        path = [*self._url_path, name] if name else self._url_path
        client = _Transport(self.host, dict(self.request_headers), self._version, path)
        client.__dict__["connections"] = self.connections
        return client

    def _make_request(self, opener: Any, request: Request, timeout: float | None = None) -> _Response:
        body = request.data if isinstance(request.data, bytes) else b""
        answer = self.connections.post(request.selector, body, dict(request.header_items()))
        return _Response(answer)


@dataclass(frozen=True)
class _Response:
    """An answer with the methods the package asks a response for."""

    answer: Answer

    def getcode(self) -> int:
        return self.answer.status

    def read(self) -> bytes:
        return self.answer.body

    def info(self) -> Message:
        return self.answer.headers


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
    in_flight: int = 16
    _connections: Connections = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        connections = Connections(self.host, self.connect_seconds, self.read_seconds)
        object.__setattr__(self, "_connections", connections)

    def send(self, *, message: OutgoingMessage) -> Outcome:
        try:
            answer = self._client().send(payload(message, self.identity))
        except NotConnected as error:
            return Retryable(_TRY_AGAIN, f"no connection: {error}")
        except NoClearAnswer as error:
            return Ambiguous(f"no clear answer: {error}")
        return _outcome(answer.status_code, answer.headers, message.at)

    def lookup(self, *, public_id: str) -> Found:
        """Any event proves that SendGrid took the message; `dropped` says it then gave it up. None proves nothing."""
        kinds = set(self.events(public_id))
        if not kinds:
            return Unknown()
        return Permanent("dropped by SendGrid") if kinds == {"dropped"} else Accepted()

    def close(self) -> None:
        self._connections.close()

    def _client(self) -> SendGridAPIClient:
        # One a message: the package's client shares its headers, which several threads must not.
        package = SendGridAPIClient(api_key=self.api_key, host=self.host)
        transport = _Transport(self.host, dict(package.client.request_headers), 3)
        transport.__dict__["connections"] = self._connections
        package.client = transport
        return package


def payload(message: OutgoingMessage, identity: MailIdentity) -> dict[str, Any]:
    """One recipient, our id as the only metadata, every kind of tracking off."""
    mail = Mail(
        from_email=From(identity.address, identity.name),
        to_emails=To(message.to),
        subject=message.subject,
        is_multiple=True,
    )
    mail.content = [Content("text/plain", message.text), Content("text/html", message.html)]
    for name, value in unsubscribe_headers(message.stop_url).items():
        mail.header = Header(name, value)
    mail.custom_arg = CustomArg("public_id", message.public_id)
    mail.tracking_settings = TrackingSettings(
        click_tracking=ClickTracking(enable=False, enable_text=False),
        open_tracking=OpenTracking(enable=False),
        subscription_tracking=SubscriptionTracking(enable=False),
    )
    document: dict[str, Any] = mail.get()
    return document


def _outcome(status: int, headers: Any, now: datetime) -> Outcome:
    if 200 <= status < 300:
        return Accepted(headers.get("X-Message-Id"))
    if status in _NOT_TAKEN:
        return Retryable(_wait(headers, now), f"SendGrid answered {status}")
    if status in _OUR_FAULT:
        return Retryable(_LONGEST_WAIT, f"SendGrid answered {status}: look at SENDGRID_API_KEY")
    if status >= 500:
        return Ambiguous(f"SendGrid answered {status}")
    return Permanent(f"SendGrid answered {status}")


def _wait(headers: Any, now: datetime) -> timedelta:
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
