"""A district whose campaign writes letters, and what one does with them, for the tests of print runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.definitions.definition import parse
from campaign.dispatch import ledger
from campaign.dispatch.delivery import Delivery
from campaign.documents.family_reports import write_reports
from campaign.paper import letter_files, letters
from campaign.paper.letter_answers import Word
from campaign.paper.letters import Wanted
from campaign.senders.mailbox import MailboxSender
from campaign.settings import Settings
from campaign.store import letters as store
from campaign.store.letters import LetterRun
from content import catalog
from tests.campaign.families import IDENTITY
from tests.web_pages import MORNING, page_settings

DUE = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
NEXT_DAY = DUE + timedelta(days=1)
ZONE = "America/Los_Angeles"
LEE = Word("Ms. Lee", "account:2", NEXT_DAY, ZONE)
STEP = {
    "id": "report_letter",
    "anchor": "report_card",
    "offset": 0,
    "unit": "days",
    "send_on": "school_day",
    "at": "15:30",
    "expires_after_hours": 1000,
    "priority": 50,
    "message": "report_ready",
    "channels": ["letter"],
    "needs_report": True,
    "waits_for_preview": False,
}
# Ana has a mother and an aunt in one home, a father in another, a barred uncle; Ben's address may not be written down.
ADDRESSES = """
    DELETE FROM attempt; DELETE FROM message; DELETE FROM message_tally; DELETE FROM calendar_day;
    INSERT INTO calendar_day (district_id, day, kind) VALUES (1, '2026-11-10', 'report_card');
    UPDATE contact SET address_line = id || ' Oak Street', city = 'Maple', state_code = 'WA', postal_code = '98038'
    WHERE id <= 5;
    INSERT INTO contact (district_id, source_id, given_name, family_name, written_language, address_line, city)
    VALUES (1, 'c7', 'Raul', 'Abrego', 'en', '9 Far Road', 'Birch'),
           (1, 'c8', 'Rita', 'Abrego', 'es', '1 Oak Street', 'Maple'),
           (1, 'c9', 'Ron', 'Abrego', 'en', '8 Barred Road', 'Birch');
    UPDATE contact SET postal_code = '98038', state_code = 'WA' WHERE source_id = 'c8';
    INSERT INTO student_contact (student_id, contact_id, relation, may_receive, court_restriction)
    VALUES (1, 7, 'father', true, false), (1, 8, 'aunt', true, false), (1, 9, 'uncle', true, true);
    DELETE FROM report;
"""
REPORTS = """
    INSERT INTO report (district_id, student_id, number, version, language, comparison_ids, content_hash, contract,
                        created_at)
    SELECT 1, s.id, 'R' || s.id || l.language, 1, l.language, '{}', 'x', '{}', '2026-10-30 18:00Z'
    FROM student s CROSS JOIN (VALUES ('en'), ('es')) AS l (language) WHERE s.id <= 5
"""


def settings_of(home: Path) -> Settings:
    settings = page_settings(home)
    return replace(settings, campaign=replace(settings.campaign, approvals=0))


def delivery_of(engine: Engine, home: Path, **step: Any) -> Delivery:
    """A campaign of one step, which is a letter; campaigns need no approval here."""
    document = {"slug": "paper", "title": "On paper", "step": [{**STEP, **step}]}
    sender = MailboxSender(home / "mailbox", IDENTITY)
    definitions = (parse(document, "the test"),)
    return Delivery(engine, settings_of(home), catalog.load(), sender, definitions, "one")


def post_office(engine: Engine, home: Path, *, drawn: bool = False, **step: Any) -> Delivery:
    """Letters of the small district, planned and due at DUE. Its reports can be `drawn`, or are only there."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(text(ADDRESSES))
        if not drawn:
            connection.execute(text(REPORTS))
    if drawn:
        write_all(engine, home)
    delivery = delivery_of(engine, home, **step)
    ledger.plan(delivery, DUE)
    return delivery


def write_all(engine: Engine, home: Path) -> None:
    write_reports(
        engine,
        district_id=1,
        catalog=catalog.load(),
        settings=page_settings(home),
        out=home / "reports",
        now=MORNING,
    )


def take(delivery: Delivery, now: datetime = DUE) -> LetterRun:
    return letters.take(delivery, Wanted(1), actor="account:2", now=now)


def printed(delivery: Delivery, home: Path, now: datetime = DUE) -> LetterRun:
    return letter_files.produce(delivery, take(delivery, now), home / "out", now)


def states(engine: Engine) -> Counter[tuple[str, str | None]]:
    """(state, reason) of every letter of the campaign, and how many there are."""
    with transaction(engine, ENGINE) as connection:
        found = connection.execute(text("SELECT state, reason FROM message WHERE channel = 'letter'"))
        return Counter((state, reason) for state, reason in found)


def plain(engine: Engine) -> Counter[str]:
    """How many letters are in each state."""
    counts: Counter[str] = Counter()
    for (state, _), number in states(engine).items():
        counts[state] += number
    return counts


def run_of(engine: Engine, number: str) -> LetterRun:
    with transaction(engine, ENGINE) as connection:
        found = store.run(connection, number)
    assert found is not None
    return found
