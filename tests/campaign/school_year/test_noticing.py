"""Events on a real database: each is noticed once, followed once, and never when it is history."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.definitions.definition import CampaignDefinition, load_all, parse
from campaign.dispatch import ledger
from campaign.dispatch.deliver import Delivery
from campaign.schema import comparisons
from campaign.senders.mailbox import MailboxSender
from content import catalog
from tests.campaign import families

# Monday, 2 November, noon in Chicago. The district's families have their comparisons since 30 October.
START = datetime(2026, 11, 2, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def campaign(**changes: Any) -> CampaignDefinition:
    """One step, the correction of the shipped campaign, that follows an event a school day later."""
    document = copy.deepcopy(dict(load_all()[0].document))
    (step,) = [step for step in document["step"] if step["id"] == "correction"]
    for key in ("anchor", "audience"):
        step.pop(key)
    step |= {"event": "category_change", "offset": 1, "unit": "school_days", "expires_after_hours": 96}
    step |= {"at": "17:30", "waits_for_preview": False}
    step |= changes
    return parse(document | {"slug": "events", "step": [step]}, "test")


def delivery(engine: Engine, home: Path, definition: CampaignDefinition) -> Delivery:
    sender = MailboxSender(home / "mailbox", families.IDENTITY)
    return Delivery(engine, families.settings_in(home), catalog.load(), sender, (definition,), "one")


@pytest.fixture
def district(engine: Engine) -> Engine:
    families.build(engine, students=4)
    return engine


def add_version(connection: Connection, student: int, category: str, at: datetime) -> None:
    """A new version of the student's comparison in math, in the same school year."""
    values = {"student": student, "at": at}
    version = connection.scalar(
        text(
            """
            WITH old AS (
                UPDATE comparison SET superseded_at = :at
                WHERE student_id = :student AND superseded_at IS NULL RETURNING version
            )
            SELECT max(version) FROM old
            """
        ),
        values,
    )
    row = {"district_id": 1, "student_id": student, "subject": "math", "version": (version or 0) + 1}
    row |= {"category": category, "rules": [], "explanation": {}, "inputs_hash": str(at), "computed_at": at}
    connection.execute(insert(comparisons.comparison).values(row))


def happened(engine: Engine) -> list[tuple[int, str, str, str]]:
    with transaction(engine, ENGINE) as connection:
        found = connection.execute(
            text("SELECT student_id, kind, source, on_day::text FROM student_event ORDER BY id")
        )
        return [tuple(row) for row in found]


def told(engine: Engine) -> list[tuple[list[int], str, str]]:
    """What was written down and not withheld: students, day of the step, state."""
    with transaction(engine, ENGINE) as connection:
        found = connection.execute(
            text(
                """
                SELECT m.student_ids, o.day::text, m.state FROM message m JOIN occurrence o ON o.id = m.occurrence_id
                WHERE m.state <> 'withheld' ORDER BY o.day, m.id
                """
            )
        )
        return [tuple(row) for row in found]


def change(engine: Engine, student: int, category: str, at: datetime) -> None:
    with transaction(engine, ENGINE) as connection:
        add_version(connection, student, category, at)


def test_what_was_before_the_campaign_is_history(district: Engine, tmp_path: Path) -> None:
    change(district, 2, "HIGH_CLOSE", START - HOUR)
    work = delivery(district, tmp_path, campaign())
    for hours in range(0, 72, 6):
        ledger.tick(work, START + hours * HOUR)
    assert happened(district) == []
    assert told(district) == []


def test_a_change_is_followed_once_however_often_the_clock_pokes(district: Engine, tmp_path: Path) -> None:
    work = delivery(district, tmp_path, campaign())
    ledger.tick(work, START)
    change(district, 2, "HIGH_CLOSE", START + HOUR)
    for hours in range(1, 120, 3):
        ledger.tick(work, START + hours * HOUR)
        ledger.tick(work, START + hours * HOUR)
    assert happened(district) == [(2, "category_change", "math:2", "2026-11-02")]
    assert told(district) == [([2], "2026-11-03", "accepted")]


def test_only_the_students_to_whom_it_happened_are_written_about(district: Engine, tmp_path: Path) -> None:
    work = delivery(district, tmp_path, campaign())
    ledger.tick(work, START)
    change(district, 1, "HIGH_CLOSE", START + HOUR)
    ledger.tick(work, START + DAY)
    with transaction(district, ENGINE) as connection:
        students = connection.scalars(text("SELECT DISTINCT unnest(student_ids) FROM message")).all()
    assert students == [1]


def test_what_is_noticed_after_a_day_was_closed_comes_on_the_next(district: Engine, tmp_path: Path) -> None:
    work = delivery(district, tmp_path, campaign(offset=0, unit="days"))
    ledger.tick(work, START)
    change(district, 2, "HIGH_CLOSE", START + HOUR)
    ledger.tick(work, START + HOUR)  # writes down what is due at 17:30 today
    change(district, 3, "HIGH_CLOSE", START + 2 * HOUR)
    for hours in range(2, 60, 2):
        ledger.tick(work, START + hours * HOUR)
    assert told(district) == [([2], "2026-11-02", "accepted"), ([3], "2026-11-03", "accepted")]


def test_siblings_of_one_day_are_one_message(district: Engine, tmp_path: Path) -> None:
    with transaction(district, ENGINE) as connection:
        sibling = connection.scalar(text("SELECT id FROM student WHERE given_name = 'Sib0'"))
    work = delivery(district, tmp_path, campaign())
    ledger.tick(work, START)
    for student in (1, sibling):
        change(district, student, "HIGH_CLOSE", START + HOUR)
    ledger.tick(work, START + DAY)
    assert [students for students, _, _ in told(district)].count([1, sibling]) == 1


def test_what_is_noticed_too_late_sends_nothing_and_says_so(district: Engine, tmp_path: Path) -> None:
    work = delivery(district, tmp_path, campaign(expires_after_hours=24))
    ledger.tick(work, START)
    change(district, 2, "HIGH_CLOSE", START + HOUR)
    for hours in (24 * 7, 24 * 8):
        ledger.tick(work, START + hours * HOUR)
    assert told(district) == []
    with transaction(district, ENGINE) as connection:
        assert connection.scalars(text("SELECT too_late FROM event_step")).all() == [True]


def test_a_new_holiday_moves_what_waits(district: Engine, tmp_path: Path) -> None:
    work = delivery(district, tmp_path, campaign(offset=3))
    ledger.tick(work, START)
    change(district, 2, "HIGH_CLOSE", START + HOUR)
    ledger.tick(work, START + 2 * HOUR)
    with transaction(district, ENGINE) as connection:
        assert str(connection.scalar(text("SELECT day FROM event_step"))) == "2026-11-05"
        connection.execute(text("INSERT INTO calendar_day VALUES (1, '2026-11-05', 'holiday', NULL)"))
    for hours in range(3, 120, 3):
        ledger.tick(work, START + hours * HOUR)
    assert told(district) == [([2], "2026-11-06", "accepted")]


def test_nothing_that_was_before_the_approval_sends_anything(district: Engine, tmp_path: Path) -> None:
    work = delivery(district, tmp_path, campaign())
    settings = replace(work.settings, campaign=replace(work.settings.campaign, approvals=1))
    careful = Delivery(district, settings, work.catalog, work.sender, work.definitions, "one")
    ledger.tick(careful, START)
    change(district, 2, "HIGH_CLOSE", START + HOUR)
    ledger.tick(careful, START + HOUR)
    ledger.tick(work, START + 2 * HOUR)  # now it may begin
    change(district, 3, "HIGH_CLOSE", START + 3 * HOUR)
    ledger.tick(careful, START + 4 * HOUR)  # a changed word asks for a new approval, and loses no event
    assert [student for student, *_ in happened(district)] == [3]


def test_a_step_that_is_added_later_follows_from_then_on(district: Engine, tmp_path: Path) -> None:
    ledger.tick(delivery(district, tmp_path, campaign(id="first")), START)
    change(district, 2, "HIGH_CLOSE", START + HOUR)
    work = delivery(district, tmp_path, campaign(id="second"))
    for hours in range(2, 60, 4):
        ledger.tick(work, START + hours * HOUR)
    assert told(district) == []


def test_workers_who_look_at_once_notice_and_send_once(district: Engine, tmp_path: Path) -> None:
    definition = campaign()
    workers = [delivery(district, tmp_path, definition) for _ in range(3)]
    ledger.tick(workers[0], START)
    for student in (1, 2, 3, 4):
        change(district, student, "HIGH_CLOSE", START + HOUR)
    with ThreadPoolExecutor(max_workers=3) as pool:
        for hours in (2, 20, 26, 30):
            moment = START + hours * HOUR
            # All finish: none waits for another in a ring.
            list(pool.map(ledger.plan, workers, [moment] * len(workers)))
            ledger.tick(workers[0], moment)
    assert sorted(student for student, *_ in happened(district)) == [1, 2, 3, 4]
    sent = [students for students, _, state in told(district) if state == "accepted"]
    # The first child has two homes, and a sibling in one of them.
    assert sorted(map(tuple, sent)) == [(1,), (1, 2), (3,), (4,)]
