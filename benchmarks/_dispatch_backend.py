"""The mail backend through which django-post-office reaches the simulated provider, over connections that stay open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend

from benchmarks._dispatch_others import document, post


class SimulatorBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[Any]) -> int:
        for mail in email_messages:
            page = next((part[0] for part in mail.alternatives), "")
            post(settings.EMAIL_HOST, document(mail.to[0], mail.subject, mail.body, page))
        return len(email_messages)
