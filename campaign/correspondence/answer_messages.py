"""A person's answer on its way: one row in the message ledger, which says that an answer is there and where to read it.

The words themselves stay behind the family's second step. The row goes through the gate as all do: rights, consent,
suppression, hours. It needs no approval, for whoever answers has confirmed each word; no cap counts against it; and
within an hour of the family's own words it may go at any hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.definitions.definition import ANSWERS as SLUG
from campaign.definitions.definition import AT_ONCE, IN_HOURS, parse
from campaign.dispatch.delivery import Delivery
from campaign.dispatch.writing import READ_LATER
from campaign.gate import AudienceRow
from campaign.rules import ANSWER
from campaign.store import answer_messages as store
from campaign.store import audience, occurrences
from campaign.store.answer_messages import Answered, NewMessage

_JUST_WROTE = timedelta(hours=1)
_LASTS = timedelta(days=10)


def _step(id: str, answers: str, message: str = ANSWER) -> dict[str, object]:
    return {
        "id": id,
        "answers": answers,
        "event": "reply",
        "offset": 0,
        "unit": "days",
        "send_on": "school_day",
        "at": "09:00",
        "expires_after_hours": 240,
        "priority": 100,
        "message": message,
        "channels": ["email", "sms"],
        "needs_report": False,
        "waits_for_preview": False,
    }


# No file of content/campaigns/, for nothing of it is planned: each row stands for words a person has confirmed.
DEFINITION = parse(
    {
        "slug": SLUG,
        "title": "Answers to families",
        "step": [
            _step(f"answer_{AT_ONCE}", AT_ONCE),
            _step(f"answer_{IN_HOURS}", IN_HOURS),
            _step(READ_LATER, AT_ONCE, READ_LATER),
        ],
    },
    "answers",
)


def hand_over(delivery: Delivery, now: datetime) -> int:
    """Write down a message for each answer that has none yet; how many. Run again, it writes none twice."""
    with transaction(delivery.engine, ENGINE) as connection:
        waiting = store.waiting(connection, now)
        return sum(_hand_over(delivery, connection, one, now) for one in waiting)


def _hand_over(delivery: Delivery, connection: Connection, one: Answered, now: datetime) -> bool:
    zone = delivery.settings.installation.time_zone
    rows = audience.rows(connection, [one.contact_id], slug=SLUG, zone=zone)
    row = next((row for row in rows if row.student_id == one.student_id), None)
    channel = _channel(row, one.channel) if row else None
    if row is None or channel is None:
        # It stands on the family's page; there is no address to say so to.
        store.stays_on_page(connection, one.message_id)
        return False
    if one.is_automatic and now >= one.family_wrote_at + _JUST_WROTE:
        # Said so late, it would say nothing new.
        store.stays_on_page(connection, one.message_id)
        return False
    hurry = AT_ONCE if now < one.family_wrote_at + _JUST_WROTE and not one.was_handed_over else IN_HOURS
    expires_at = one.family_wrote_at + _JUST_WROTE if hurry == AT_ONCE else now + _LASTS
    day = now.astimezone(ZoneInfo(row.zone)).date()
    step, message = (READ_LATER, READ_LATER) if one.is_automatic else (f"answer_{hurry}", ANSWER)
    revision = _revision(connection, one.district_id, now)
    occurrence = store.occurrence(connection, revision, step, day, now=now)
    key = f"{SLUG}|{one.message_id}|{hurry}"
    texts = delivery.texts(connection, one.district_id)
    template = texts.catalog.message(message, channel, "en")
    new = NewMessage(
        public_id=delivery.public_id(key),
        occurrence_id=occurrence,
        step=step,
        household=row.household,
        channel=channel,
        language=row.language,
        template=message,
        template_version=template.version,
        template_hash=template.hash,
        dedupe_key=key,
        due_at=now,
        expires_at=expires_at,
    )
    return store.write(connection, one, new, now)


def _channel(row: AudienceRow, wrote_on: str) -> str | None:
    """The channel on which the family wrote, if it can be reached there; else another."""
    wanted: Sequence[str] = ("sms", "email") if wrote_on == "sms" else ("email", "sms")
    return next((channel for channel in wanted if channel in row.reachable), None)


def _revision(connection: Connection, district_id: int, now: datetime) -> tuple[int, int, int]:
    """District, campaign and revision of the answers of a district."""
    campaign = occurrences.ensure_campaign(connection, district_id, SLUG, DEFINITION.title)
    revision = occurrences.ensure_revision(
        connection, campaign, district_id, DEFINITION.content_hash, document=DEFINITION.document, now=now
    )
    return district_id, campaign, revision
