"""Booked talks: a file in place of those to come, each an event of its day, which a step may come before."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.school_year import bookings
from campaign.school_year.calendar_file import CalendarError
from tests.campaign import families
from tests.campaign.school_year.test_noticing import START, campaign, delivery, told

HOUR = timedelta(hours=1)


@pytest.fixture
def district(engine: Engine) -> Engine:
    families.build(engine, students=4)
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO student_identifier (district_id, system, value, student_id)
                SELECT 1, 'local', 'L' || id, id FROM student
                """
            )
        )
    return engine


def bring(engine: Engine, folder: Path, lines: str, now: datetime = START) -> bookings.Kept:
    file = folder / "talks.csv"
    file.write_text(f"student,day\n{lines}")
    with transaction(engine, ENGINE) as connection:
        return bookings.replace(connection, 1, bookings.read(file), zone="America/Chicago", now=now)


def test_a_talk_is_reminded_of_once_on_the_day_before(district: Engine, tmp_path: Path) -> None:
    work = delivery(district, tmp_path, campaign(event="booking", offset=-1))
    ledger.tick(work, START)
    lines = "L2,2026-11-12\nL4,2026-11-13\nnobody,2026-11-13\n"
    kept = bring(district, tmp_path, lines, START + HOUR)
    assert (kept.new, kept.known, kept.gone, kept.unknown) == (2, 0, 0, [4])
    for hours in range(2, 24 * 12, 4):
        ledger.tick(work, START + hours * HOUR)
        bring(district, tmp_path, lines, START + hours * HOUR)
    assert told(district) == [([2], "2026-11-11", "accepted"), ([4], "2026-11-12", "accepted")]


def test_a_talk_that_is_booked_no_more_reminds_nobody(district: Engine, tmp_path: Path) -> None:
    work = delivery(district, tmp_path, campaign(event="booking", offset=-1))
    ledger.tick(work, START)
    bring(district, tmp_path, "L2,2026-11-12\n", START + HOUR)
    ledger.tick(work, START + HOUR)
    kept = bring(district, tmp_path, "L2,2026-11-17\n", START + 2 * HOUR)
    assert (kept.new, kept.known, kept.gone) == (1, 0, 1)
    for hours in range(3, 24 * 16, 4):
        ledger.tick(work, START + hours * HOUR)
    assert told(district) == [([2], "2026-11-16", "accepted")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1: no column day, student; write student,day"),
        ("student,day\n,2026-11-12\n", "line 2: student: is empty"),
        ("student,day\nL2,soon\n", "line 2: day: 'soon' is not a day; write it as 2026-11-24"),
        ('student,day\nL2,"2026"-11\n', "line 2: cannot be read as CSV"),
    ],
)
def test_a_broken_list_says_line_field_and_remedy(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "talks.csv"
    file.write_text(content)
    with pytest.raises(CalendarError) as error:
        bookings.read(file)
    assert str(error.value).startswith(str(file))
    assert said in str(error.value)


def test_other_encodings_are_named(tmp_path: Path) -> None:
    file = tmp_path / "talks.csv"
    file.write_bytes("student,day\nñ,2026-11-12\n".encode("latin-1"))
    with pytest.raises(CalendarError, match="cannot be read as UTF-8"):
        bookings.read(file)
