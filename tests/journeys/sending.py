"""A process that sends what is due to a simulated SendGrid until it is done, or killed.

Run as `python -m tests.journeys.sending HOST KEY HOME`, with DATABASE_URL.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from campaign import database
from campaign.dispatch.deliver import deliver_due
from campaign.senders.sendgrid import SendGridSender
from tests.campaign import families

DUE = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)


def sender(host: str, key: str) -> SendGridSender:
    return SendGridSender(key, families.IDENTITY, lambda _: [], host)


if __name__ == "__main__":
    host, key, home = sys.argv[1:]
    engine = database.connect(os.environ["DATABASE_URL"])
    deliver_due(families.delivery(engine, Path(home), sender(host, key), owner="killed"), DUE)
