"""Each kind of event in the facts that are stored: what is one, when it happened, and that it happens once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, insert, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.schema import comparisons, results
from tests.campaign import families
from tests.campaign.school_year.test_noticing import (
    DAY,
    HOUR,
    START,
    campaign,
    change,
    delivery,
    happened,
    told,
)


@pytest.fixture
def district(engine: Engine) -> Engine:
    families.build(engine, students=4)
    return engine


@pytest.mark.parametrize(
    ("versions", "kind", "sources"),
    [
        (["HIGH_CLOSE"], "category_change", ["math:2"]),
        (["HIGH_CLOSE", "HIGH_CLOSE"], "category_change", ["math:2"]),  # the same again is no change
        (["NOT_ENOUGH", "MATCH_AT"], "category_change", []),  # said nothing in between
        (["NOT_ENOUGH", "HIGH_CLOSE"], "category_change", ["math:3"]),
        (["HIGH_CLOSE", "MATCH_AT"], "category_change", ["math:2", "math:3"]),
        (["HIGH_CLOSE", "NOT_ENOUGH", "HIGH_CLOSE"], "new_comparison", []),  # the year had its first before
    ],
)
def test_what_is_a_change(
    district: Engine, tmp_path: Path, versions: list[str], kind: str, sources: list[str]
) -> None:
    work = delivery(district, tmp_path, campaign(event=kind))
    ledger.tick(work, START)
    for hours, category in enumerate(versions, start=1):
        change(district, 4, category, START + hours * HOUR)
        ledger.tick(work, START + hours * HOUR)
    assert [source for _, _, source, _ in happened(district)] == sources


def test_the_first_comparison_of_a_school_year_is_new_once(district: Engine, tmp_path: Path) -> None:
    work = delivery(district, tmp_path, campaign(event="new_comparison"))
    with transaction(district, ENGINE) as connection:
        child = families.add_student(connection, "New")
        mother = families.add_contact(connection, "new", email="new@example.org")
        families.relate(connection, child, mother)
    ledger.tick(work, START)
    change(district, child, "NOT_ENOUGH", START + HOUR)
    ledger.tick(work, START + HOUR)
    assert happened(district) == []
    for hours, category in ((2, "MATCH_AT"), (3, "HIGH_CLOSE")):
        change(district, child, category, START + hours * HOUR)
        ledger.tick(work, START + hours * HOUR)
    assert happened(district) == [(child, "new_comparison", "math:0", "2026-11-02")]


def absent(connection: Connection, student: int, days: float, as_of: date) -> None:
    table = results.attendance
    connection.execute(text("DELETE FROM attendance WHERE student_id = :id"), {"id": student})
    row = {"student_id": student, "school_year": 2027, "days_absent": days, "as_of": as_of, "source": "days"}
    connection.execute(insert(table).values(row))


def test_days_missed_are_told_once_a_month_and_only_when_there_are_more(
    district: Engine, tmp_path: Path
) -> None:
    work = delivery(district, tmp_path, campaign(event="absence", at_least=3))
    ledger.tick(work, START)
    counted = [
        (date(2026, 11, 1), 9),  # before the campaign
        (date(2026, 11, 5), 2),  # under the threshold
        (date(2026, 11, 12), 3),
        (date(2026, 11, 19), 4),  # the same month
        (date(2026, 12, 3), 4),  # one more than was told
        (date(2026, 12, 10), 5),
        (date(2027, 1, 14), 4),  # no more than was told
    ]
    for as_of, days in counted:
        with transaction(district, ENGINE) as connection:
            absent(connection, 2, days, as_of)
        ledger.tick(work, datetime(as_of.year, as_of.month, as_of.day, 20, tzinfo=UTC) + DAY)
    assert [(source, day) for _, _, source, day in happened(district)] == [
        ("2027:2026-11:3", "2026-11-12"),
        ("2027:2026-12:3", "2026-12-03"),
    ]


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        ("2008-11-20", "2026-11-20"),
        ("2008-11-02", None),  # today: it is history before the campaign begins
        ("2007-05-01", None),
        ("2012-05-01", None),
    ],
)
def test_the_eighteenth_birthday(district: Engine, tmp_path: Path, born: str, expected: str | None) -> None:
    with transaction(district, ENGINE) as connection:
        connection.execute(text("UPDATE student SET birth_date = :born WHERE id = 2"), {"born": born})
    ledger.tick(delivery(district, tmp_path, campaign(event="birthday_18", offset=-7, unit="days")), START)
    assert [day for *_, day in happened(district)] == ([expected] if expected else [])


def test_a_leap_day_birthday_comes_on_the_first_of_march_and_a_corrected_one_moves(
    district: Engine, tmp_path: Path
) -> None:
    work = delivery(district, tmp_path, campaign(event="birthday_18", offset=0, unit="days"))
    with transaction(district, ENGINE) as connection:
        connection.execute(text("UPDATE student SET birth_date = '2008-12-24' WHERE id = 2"))
        connection.execute(text("UPDATE student SET birth_date = '2008-02-29' WHERE id = 3"))
    ledger.tick(work, datetime(2026, 2, 1, tzinfo=UTC))
    ledger.tick(work, datetime(2026, 11, 2, tzinfo=UTC))
    assert [(student, day) for student, *_, day in happened(district)] == [
        (3, "2026-03-01"),
        (2, "2026-12-24"),
    ]
    with transaction(district, ENGINE) as connection:
        connection.execute(text("UPDATE student SET birth_date = '2008-12-16' WHERE id = 2"))
    ledger.tick(work, datetime(2026, 11, 3, tzinfo=UTC))
    assert [(student, day) for student, *_, day in happened(district)] == [
        (3, "2026-03-01"),
        (2, "2026-12-16"),
    ]


def test_a_step_that_is_new_follows_birthdays_that_were_noticed_before(
    district: Engine, tmp_path: Path
) -> None:
    with transaction(district, ENGINE) as connection:
        connection.execute(text("UPDATE student SET birth_date = '2008-12-24' WHERE id = 2"))
    ledger.tick(delivery(district, tmp_path, campaign(event="birthday_18", offset=0, id="first")), START)
    later = datetime(2026, 11, 20, 18, tzinfo=UTC)
    ledger.tick(delivery(district, tmp_path, campaign(event="birthday_18", offset=0, id="second")), later)
    with transaction(district, ENGINE) as connection:
        followed = connection.scalars(text("SELECT step FROM event_step ORDER BY step")).all()
    assert followed == ["first", "second"]


def test_a_correction_is_one_in_all_its_languages(district: Engine, tmp_path: Path) -> None:
    work = delivery(district, tmp_path, campaign(event="correction"))
    ledger.tick(work, START)
    with transaction(district, ENGINE) as connection:
        for language in ("en", "es"):
            row = {
                "district_id": 1,
                "student_id": 2,
                "number": f"C-{language}",
                "version": 2,
                "corrects": True,
            }
            row |= {"language": language, "comparison_ids": [], "content_hash": "y", "contract": {}}
            connection.execute(insert(comparisons.report).values(row | {"created_at": START + HOUR}))
    for hours in range(2, 40, 4):
        ledger.tick(work, START + hours * HOUR)
    assert [source for _, _, source, _ in happened(district)] == ["report:2"]
    assert told(district) == [([2], "2026-11-03", "accepted")]


def test_a_reply_concerns_only_who_wrote(district: Engine, tmp_path: Path) -> None:
    work = delivery(district, tmp_path, campaign(event="reply"))
    ledger.tick(work, START)
    with transaction(district, ENGINE) as connection:
        mother = connection.scalar(text("SELECT id FROM contact WHERE source_id = 'm0'"))
        thread = connection.scalar(
            text(
                """
                INSERT INTO conversation (district_id, student_id, contact_id, state, role, topic, routed_by, channel,
                                          family_wrote_at)
                VALUES (1, 1, :mother, 'waiting', 'teacher', 'teacher', 'default', 'sms', :at) RETURNING id
                """
            ),
            {"mother": mother, "at": START},
        )
        connection.execute(
            text(
                """
                INSERT INTO conversation_message (conversation_id, district_id, student_id, contact_id, direction,
                                                  channel, text, state, at)
                VALUES (:thread, 1, 1, :mother, 'in', 'sms', 'Thank you', 'received', :at)
                """
            ),
            {"thread": thread, "mother": mother, "at": START + HOUR},
        )
    for hours in range(2, 40, 4):
        ledger.tick(work, START + hours * HOUR)
    with transaction(district, ENGINE) as connection:
        assert connection.scalars(text("SELECT DISTINCT contact_id FROM message")).all() == [mother]
