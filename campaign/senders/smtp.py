"""Sending through a mail server by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import timedelta

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
from campaign.senders.email_message import compose, on_the_wire

_TRY_AGAIN = timedelta(minutes=5)
# 5xx answers that are about us or our standing, not about the recipient: sending it again later can succeed.
_OUR_FAULT = {530, 534, 535, 538}
# The server is about to close.
_CLOSING = 421
_THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class SmtpSender:
    """One connection a message, with a time limit on every step.

    Until the server has been sent the text, a failure means the message did not go; from the end of the text to
    the server's answer nobody can know, and SMTP has no way to ask later.
    """

    host: str
    port: int
    identity: MailIdentity
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 30.0
    name: str = "smtp"
    channels: frozenset[str] = frozenset({"email"})
    in_flight: int = 8

    def send(self, *, message: OutgoingMessage) -> Outcome:
        try:
            content, to = compose(message, self.identity), on_the_wire(message.to)
        except ValueError as error:
            return Permanent(f"cannot be written as an e-mail: {type(error).__name__}")
        try:
            server = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            # Whoever it is for, nothing goes while the server is away or does not know us; where it only wants no more
            # connections at a time, the others go on.
            is_full = getattr(error, "smtp_code", None) == _CLOSING
            return _not_sent(error, "while signing in", everybody=not is_full)
        try:
            return self._hand_over(server, to, content)
        finally:
            _close(server)

    def lookup(self, *, public_id: str) -> Found:
        return Unknown()

    def close(self) -> None:
        """Each message has had its own connection."""

    def _connect(self) -> smtplib.SMTP:
        server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            elif self.user and self.host not in _THIS_MACHINE:
                # A password must not travel in the open.
                raise smtplib.SMTPNotSupportedError("the server offers no TLS")
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            _close(server)
            raise
        return server

    def _hand_over(self, server: smtplib.SMTP, to: str, content: bytes) -> Outcome:
        try:
            for command in (f"MAIL FROM:<{self.identity.address}>", f"RCPT TO:<{to}>"):
                code, _ = server.docmd(command)
                if code >= 300:
                    return _refused(code)
        except (OSError, smtplib.SMTPException) as error:
            return _not_sent(error, "before the text")
        try:
            code, _ = server.data(content)
        except smtplib.SMTPDataError as error:
            return _refused(error.smtp_code)
        except (OSError, smtplib.SMTPException) as error:
            return Ambiguous(f"no answer after the text: {type(error).__name__}")
        return Accepted() if code == 250 else _refused(code)


def _refused(code: int) -> Outcome:
    """4xx says later, 5xx says never; the server's words are left out, they often repeat the address."""
    if 400 <= code < 500 or code in _OUR_FAULT:
        told = f"the mail server answered {code}"
        return Retryable(_TRY_AGAIN, told, everybody=code in _OUR_FAULT or code == _CLOSING)
    return Permanent(f"the mail server answered {code}")


def _not_sent(error: Exception, when: str, *, everybody: bool = False) -> Outcome:
    code = getattr(error, "smtp_code", None)
    told = f"answered {code}" if code else type(error).__name__
    return Retryable(_TRY_AGAIN, f"{told} {when}", everybody)


def _close(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()
