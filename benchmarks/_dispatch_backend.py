"""The mail backends through which django-post-office reaches the simulated provider."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Content, Mail

from benchmarks import _dispatch_district as district
from benchmarks._dispatch_others import document, post


class SendGridBackend(BaseEmailBackend):
    """Through the `sendgrid` package, as its README has it: a connection a message."""

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        for mail in email_messages:
            made = Mail(district.IDENTITY.address, mail.to[0], mail.subject)
            made.content = [Content("text/plain", mail.body), Content("text/html", _page(mail))]
            SendGridAPIClient(district.KEY, host=f"http://{settings.EMAIL_HOST}").send(made)
        return len(email_messages)


class KeptOpenBackend(BaseEmailBackend):
    """Made for this comparison: the quickest that the standard library has, over connections that stay open."""

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        for mail in email_messages:
            post(settings.EMAIL_HOST, document(mail.to[0], mail.subject, mail.body, _page(mail)))
        return len(email_messages)


def _page(mail: Any) -> str:
    return next((part[0] for part in mail.alternatives), "")
