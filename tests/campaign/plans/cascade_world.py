"""Homes whose report message can be followed: a campaign of one step with the whole cascade, and what they do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.definitions.definition import parse
from campaign.dispatch import ledger
from campaign.dispatch.deliver import Delivery
from campaign.schema import messages, rosters
from campaign.senders.contract import Sender
from content import catalog
from tests.campaign import families
from tests.campaign.providers import Provider

SLUG = "reports"
# Tuesday, 17:30 in Chicago; the pulse that sends comes a little later.
DUE = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
SENT = DUE + timedelta(minutes=5)
STEP: dict[str, Any] = {
    "id": "report_ready",
    "anchor": "report_card",
    "offset": 0,
    "unit": "days",
    "send_on": "school_day",
    "at": "17:30",
    "expires_after_hours": 240,
    "priority": 100,
    "message": "report_ready",
    "channels": ["email", "sms"],
    "needs_report": True,
    "waits_for_preview": True,
    "follow_up": [
        {"by": "other", "after_hours": 72, "expires_after_hours": 96},
        {"by": "letter", "after_hours": 168, "expires_after_hours": 336},
        {"by": "call", "after_hours": 168, "expires_after_hours": 336},
    ],
}


def delivery(
    engine: Engine, home: Path, sender: Sender | None = None, owner: str = "one", **changed: Any
) -> Delivery:
    """With a campaign of the one step, of which some keys may be changed."""
    document = {"slug": SLUG, "title": "Reports", "step": [{**STEP, **changed}]}
    settings = families.settings_in(home)
    return Delivery(engine, settings, catalog.load(), sender or Provider(), (parse(document, "test"),), owner)


def place(engine: Engine) -> None:
    """A district in Chicago with one school and one report-card day."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            insert(rosters.district).values(code="d1", name="Lakeside", time_zone="America/Chicago")
        )
        connection.execute(insert(rosters.school).values(district_id=1, source_id="n", name="North School"))
        day = {"district_id": 1, "day": families.REPORT_DAY, "kind": "report_card"}
        connection.execute(insert(messages.calendar_day).values(day))
        families.allow_drafts(connection, 1, "es")


@dataclass
class Home:
    """One address with its children and adults, by their ids."""

    students: list[int] = field(default_factory=list)
    contacts: list[int] = field(default_factory=list)


def add_home(engine: Engine, name: str, *adults: dict[str, Any], children: int = 1) -> Home:
    """Adults are the arguments of families.add_contact, or of families.relate (`court`).

    A `landline` gets calls alone.
    """
    home = Home()
    with transaction(engine, ENGINE) as connection:
        for number in range(children):
            child = families.add_student(connection, f"{name}{number}")
            families.add_comparison(connection, child, "MATCH_AT")
            home.students.append(child)
        for number, adult in enumerate(adults):
            facts = {"home": f"{name} Oak St", **adult}
            court, landline = facts.pop("court", False), facts.pop("landline", None)
            contact = (
                families.add_contact(connection, f"{name}-{number}", phone=landline, **facts)
                if landline
                else (families.add_contact(connection, f"{name}-{number}", **facts))
            )
            if landline:
                statement = "UPDATE contact SET phone_type = 'landline' WHERE id = :id"
                connection.execute(text(statement), {"id": contact})
            for child in home.students:
                families.relate(connection, child, contact, court=court)
            home.contacts.append(contact)
    return home


def opens(engine: Engine, home: Home, at: datetime, adult: int = 0) -> None:
    """The adult looks at the first child's report."""
    values = {"student": home.students[0], "contact": home.contacts[adult], "at": at}
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO report_look (student_id, contact_id, version, language, at)
                VALUES (:student, :contact, 1, 'en', :at)
                ON CONFLICT (student_id, contact_id) DO UPDATE SET at = excluded.at
                """
            ),
            values,
        )


def rungs(engine: Engine, home: Home | None = None) -> list[tuple[int, str, str, str | None]]:
    """(rung, channel, state, reason) of every row, in the order of their writing."""
    with transaction(engine, ENGINE) as connection:
        found = connection.execute(
            text(
                "SELECT rung, channel, state, reason FROM message WHERE CAST(:all AS boolean)"
                " OR contact_id = ANY (:contacts) ORDER BY rung, id"
            ),
            {"all": home is None, "contacts": home.contacts if home else []},
        )
        return [tuple(row) for row in found]


def endings(engine: Engine) -> list[tuple[str | None, str | None]]:
    """(ended, reason) of every household that is watched; None while it goes on."""
    with transaction(engine, ENGINE) as connection:
        found = connection.execute(
            text("SELECT ended, reason FROM household_cascade ORDER BY occurrence_id, household")
        )
        return [tuple(row) for row in found]


def live(delivery: Delivery, since: datetime, until: datetime, every: timedelta = timedelta(hours=6)) -> None:
    """Pulses from `since` to `until`, and one at its end."""
    now = since
    while now < until:
        ledger.tick(delivery, now)
        now += every
    ledger.tick(delivery, until)


def posted(engine: Engine, at: datetime) -> None:
    """The letters that were written down go out by hand."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                "UPDATE message SET state = 'accepted', finished_at = :at"
                " WHERE channel = 'letter' AND state = 'planned'"
            ),
            {"at": at},
        )


def send_two_more(engine: Engine) -> None:
    """As if every home had been sent two messages of other steps, two days after its first."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO occurrence (campaign_revision_id, campaign_id, district_id, step, day, due_at, expires_at,
                    planned_at)
                SELECT campaign_revision_id, campaign_id, district_id, 'x' || n, day, due_at, expires_at, planned_at
                FROM occurrence, generate_series(1, 2) n
                """
            )
        )
        connection.execute(
            text(
                """
                INSERT INTO message (public_id, district_id, campaign_id, occurrence_id, step, contact_id, student_ids,
                    household, channel, language, template, template_version, template_hash, dedupe_key, state, due_at,
                    expires_at, planned_at, finished_at)
                SELECT o.step, m.district_id, m.campaign_id, o.id, o.step, contact_id, student_ids, household, channel,
                    language, template, 1, '', o.step, 'accepted', m.due_at, m.expires_at, m.planned_at,
                    m.finished_at + interval '2 days'
                FROM message m JOIN occurrence o ON o.step LIKE 'x%'
                """
            )
        )
