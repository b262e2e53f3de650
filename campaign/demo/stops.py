"""Families of the made-up district who want no messages, none of one kind, or one a week."""

from __future__ import annotations

from datetime import datetime, timedelta

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


# One whom e-mail reaches and one whom only text messages do, about children of whom much is to be said.
_WEEKLY = text(
    """
    SELECT DISTINCT ON (c.email IS NULL) c.id FROM contact c
    JOIN student_contact sc ON sc.contact_id = c.id AND sc.may_receive AND NOT sc.court_restriction
    JOIN student s ON s.id = sc.student_id AND NOT s.confidential AND s.birth_date > :of_age
    JOIN comparison p ON p.student_id = s.id AND p.superseded_at IS NULL
      AND p.category IN ('HIGH_NOTYET', 'HIGH_CLOSE', 'BOTH_NEED')
    WHERE c.district_id = :district_id AND NOT c.confidential
      AND (c.email IS NOT NULL OR c.phone_e164 IS NOT NULL AND c.phone_type = 'mobile')
      AND NOT EXISTS (SELECT FROM consent_event e WHERE e.contact_id = c.id)
    ORDER BY c.email IS NULL, c.id
    """
)


def choose_weekly(connection: Connection, district_id: int, words: str, now: datetime) -> int:
    """Let two families choose one message a week on their page, once, under these words; how many do now."""
    chosen = text("SELECT count(*) FROM consent_event WHERE district_id = :district_id AND weekly_limit = 1")
    if connection.scalar(chosen, {"district_id": district_id}):
        return 0
    values = {"district_id": district_id, "of_age": now.date() - timedelta(days=17 * 365)}
    contacts = connection.scalars(_WEEKLY, values).all()
    for contact_id in contacts:
        consent.limit(connection, contact_id, 1, Voice("family_page", words, now))
    return len(contacts)
