"""A dry run foresees what is known of events (birthdays, booked talks, what was noticed), and keeps nothing of it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.ledger import Span
from tests.campaign import families
from tests.campaign.school_year.test_noticing import START, add_version, campaign, delivery

AHEAD = Span(START, START + timedelta(days=30))
_TABLES = ("message", "occurrence", "student_event", "event_step", "event_watch", "event_cursor")


@pytest.fixture
def district(engine: Engine) -> Engine:
    families.build(engine, students=4)
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE student SET birth_date = '2008-11-20' WHERE id = 2"))
    return engine


def kept(engine: Engine) -> dict[str, int]:
    with transaction(engine, ENGINE) as connection:
        return {
            table: int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0) for table in _TABLES
        }


def test_a_birthday_to_come_is_foreseen_before_anything_ran(district: Engine, tmp_path: Path) -> None:
    definition = campaign(event="birthday_18", offset=-7, unit="days")
    said = ledger.plan(delivery(district, tmp_path, definition), START, dry_run=AHEAD)
    assert [day for day, _, _ in said.steps] == [date(2026, 11, 13)]
    assert said.decisions >= 1
    assert said.follows_events
    assert set(kept(district).values()) == {0}


def test_what_is_foreseen_is_what_is_planned_then(district: Engine, tmp_path: Path) -> None:
    work = delivery(district, tmp_path, campaign(event="birthday_18", offset=-7, unit="days"))
    ledger.tick(work, START)
    said = ledger.plan(work, START, dry_run=AHEAD)
    before = kept(district)
    for day in range(14):
        ledger.tick(work, START + timedelta(days=day))
    with transaction(district, ENGINE) as connection:
        written = connection.scalar(text("SELECT count(*) FROM message"))
    assert said.decisions == written > 0
    assert before["message"] == 0


def test_what_was_noticed_and_has_yet_to_be_settled_is_foreseen(district: Engine, tmp_path: Path) -> None:
    work = delivery(district, tmp_path, campaign())
    ledger.tick(work, START)
    with transaction(district, ENGINE) as connection:
        add_version(connection, 1, "HIGH_CLOSE", START + timedelta(minutes=5))
    later = START + timedelta(minutes=10)
    said = ledger.plan(work, later, dry_run=Span(later, later + timedelta(days=7)))
    assert said.planned == 2
    # A stretch that is over before the step comes holds nothing of it.
    assert ledger.plan(work, later, dry_run=Span(later, later + timedelta(hours=1))).decisions == 0


def test_a_campaign_of_the_calendar_alone_says_nothing_of_events(district: Engine, tmp_path: Path) -> None:
    said = ledger.plan(families.delivery(district, tmp_path), START, dry_run=AHEAD)
    definition = families.delivery(district, tmp_path).definitions[0]
    assert said.follows_events == any(step.event for step in definition.steps.values())
