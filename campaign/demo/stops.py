"""Families of the made-up district who want no messages, or none of one kind."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

from campaign.store import consent
from campaign.store.consent import Voice

# One contact in so many has said stop, to each channel in turn.
_ONE_IN = 50
_CHANNELS = ("email", "sms", "all")
_WORDS = "Please do not write to us any more."


def record(connection: Connection, district_id: int, now: datetime) -> int:
    """Record the stops that the school office had on paper, once; how many there are."""
    contacts = connection.scalars(
        text(
            """
            SELECT c.id FROM contact c WHERE c.district_id = :district_id AND c.id % :one_in = 0
              AND NOT EXISTS (SELECT 1 FROM consent_event e WHERE e.contact_id = c.id)
            ORDER BY c.id
            """
        ),
        {"district_id": district_id, "one_in": _ONE_IN},
    ).all()
    for number, contact_id in enumerate(contacts):
        channel = _CHANNELS[number % len(_CHANNELS)]
        consent.revoke(connection, contact_id, channel, Voice("staff", _WORDS, now))
    return len(contacts)
