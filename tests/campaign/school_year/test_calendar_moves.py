"""A calendar that changes under a running campaign: what is not sent moves, and nothing is sent twice."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.deliver import Delivery
from campaign.school_year.calendar import SchoolYear, moved
from campaign.store import occurrences
from tests.campaign import families

# The morning of the report day in Chicago: its messages are written down, and not sent.
MORNING = datetime(2026, 11, 10, 14, tzinfo=UTC)
EVENING = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def district(engine: Engine) -> Engine:
    families.build(engine, students=4)
    return engine


def set_days(engine: Engine, *days: tuple[date, str]) -> None:
    with transaction(engine, ENGINE) as connection:
        occurrences.replace_calendar(connection, 1, [(day, kind, None) for day, kind in days])


def ready(engine: Engine) -> list[tuple[str, str, str | None, int]]:
    """Messages that the report is ready, by the day of their step: day, state, reason, how many."""
    with transaction(engine, ENGINE) as connection:
        found = connection.execute(
            text(
                """
                SELECT o.day::text, m.state, m.reason, count(*) FROM message m
                JOIN occurrence o ON o.id = m.occurrence_id
                WHERE m.step = 'report_ready' AND m.state <> 'withheld' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
                """
            )
        )
        return [tuple(row) for row in found]


def doubled(engine: Engine) -> int:
    """Contacts who were sent the same step twice in November."""
    with transaction(engine, ENGINE) as connection:
        query = """
            SELECT count(*) FROM (
                SELECT FROM message WHERE state = 'accepted' AND step = 'report_ready'
                GROUP BY contact_id HAVING count(*) > 1
            ) d
        """
        return int(connection.scalar(text(query)))


def begun(engine: Engine, home: Path) -> Delivery:
    work = families.delivery(engine, home)
    ledger.tick(work, MORNING - DAY)
    ledger.tick(work, MORNING)
    ((day, state, _, _),) = ready(engine)
    assert (day, state) == ("2026-11-10", "planned")
    return work


def test_what_is_not_sent_moves_with_its_day(district: Engine, tmp_path: Path) -> None:
    work = begun(district, tmp_path)
    ((_, _, _, families_told),) = ready(district)
    set_days(district, (date(2026, 11, 17), "report_card"))
    for hours in range(0, 24 * 8, 3):
        ledger.tick(work, MORNING + timedelta(hours=hours))
    # Some wait for their teachers' days to look; nobody is left out.
    assert {day for day, *_ in ready(district)} == {"2026-11-17"}
    assert sum(count for *_, count in ready(district)) == families_told
    assert doubled(district) == 0


def test_a_day_that_moves_when_half_is_sent_brings_nobody_a_second_one(
    district: Engine, tmp_path: Path
) -> None:
    with transaction(district, ENGINE) as connection:
        # Two of the families are told on the day itself, the others wait for their teachers.
        connection.execute(
            text(
                "UPDATE comparison SET category = 'HIGH_NOTYET', computed_at = '2026-11-09' WHERE student_id > 2"
            )
        )
    work = begun(district, tmp_path)
    ((_, _, _, families_told),) = ready(district)
    ledger.tick(work, EVENING)
    sent = {state: count for _, state, _, count in ready(district)}["accepted"]
    assert 0 < sent < families_told
    set_days(district, (date(2026, 11, 17), "report_card"))
    for hours in range(1, 24 * 12, 3):
        ledger.tick(work, EVENING + timedelta(hours=hours))
    assert ready(district) == [("2026-11-17", "accepted", None, families_told)]
    assert doubled(district) == 0


def test_a_day_taken_out_is_dropped_with_its_reason_and_comes_back_with_the_day(
    district: Engine, tmp_path: Path
) -> None:
    work = begun(district, tmp_path)
    ((_, _, _, families_told),) = ready(district)
    set_days(district, (date(2026, 11, 26), "holiday"))
    ledger.tick(work, MORNING + timedelta(hours=1))
    assert ready(district) == [("2026-11-10", "dropped", "calendar_changed", families_told)]
    ledger.tick(work, EVENING)
    assert [state for _, state, *_ in ready(district)] == ["dropped"]
    set_days(district, (families.REPORT_DAY, "report_card"))
    ledger.tick(work, EVENING + timedelta(minutes=5))
    assert {state for _, state, *_ in ready(district)} <= {"accepted", "planned"}
    assert sum(count for *_, count in ready(district)) == families_told


def test_a_day_taken_out_and_put_in_again_elsewhere_is_one_that_moved(
    district: Engine, tmp_path: Path
) -> None:
    work = begun(district, tmp_path)
    ((_, _, _, families_told),) = ready(district)
    set_days(district, (date(2026, 11, 26), "holiday"))
    ledger.tick(work, MORNING + timedelta(hours=1))
    set_days(district, (date(2026, 11, 12), "report_card"))
    for hours in range(2, 24 * 8, 3):
        ledger.tick(work, MORNING + timedelta(hours=hours))
    assert ready(district) == [("2026-11-12", "accepted", None, families_told)]


def test_a_calendar_that_changes_while_a_day_is_being_written_down_stops_nothing(
    district: Engine, tmp_path: Path
) -> None:
    work = begun(district, tmp_path)
    with transaction(district, ENGINE) as connection:
        # As if the program had been killed between two chunks of contacts.
        connection.execute(text("UPDATE occurrence SET planned_at = NULL WHERE step = 'report_ready'"))
    set_days(district, (date(2026, 11, 26), "holiday"))
    ledger.tick(work, EVENING)
    assert [(state, reason) for _, state, reason, _ in ready(district)] == [("dropped", "calendar_changed")]


@pytest.mark.parametrize(
    ("gone", "new", "pairs"),
    [
        ([10], [17], {10: 17}),
        ([10], [], {}),
        ([10], [50], {}),  # too far to be the same
        ([10, 20], [21, 11], {10: 11, 20: 21}),
        ([10, 20], [15], {10: 15}),
        ([30], [25, 36], {30: 25}),
    ],
)
def test_which_new_day_is_which_gone_day(gone: list[int], new: list[int], pairs: dict[int, int]) -> None:
    def day(number: int) -> date:
        return date(2026, 1, 1) + timedelta(days=number)

    found = moved([day(n) for n in gone], [day(n) for n in new])
    assert found == {day(a): day(b) for a, b in pairs.items()}


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 60), st.integers(9, 20)), min_size=1, max_size=5))
def test_however_often_the_day_moves_nobody_gets_a_second_one_and_nothing_falls_on_a_day_off(
    engine: Engine, moves: list[tuple[int, int]]
) -> None:
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE district RESTART IDENTITY CASCADE"))
    families.build(engine, students=2)
    now = MORNING - DAY
    with tempfile.TemporaryDirectory() as home:
        work = families.delivery(engine, Path(home))
        for hours, day in moves:
            for _ in range(0, hours, 4):
                ledger.tick(work, now)
                now += timedelta(hours=4)
            set_days(engine, (date(2026, 11, day), "report_card"), (date(2026, 11, 11), "holiday"))
        for _ in range(60):
            ledger.tick(work, now)
            now += timedelta(hours=4)
    assert doubled(engine) == 0
    off = SchoolYear.of([(date(2026, 11, 11), "holiday")])
    with transaction(engine, ENGINE) as connection:
        query = """
            SELECT m.step, m.finished_at AT TIME ZONE coalesce(h.time_zone, 'America/Chicago') AS local,
                m.finished_at < m.expires_at AS in_time
            FROM message m JOIN student s ON s.id = m.student_ids[1] JOIN school h ON h.id = s.school_id
            WHERE m.state = 'accepted' AND m.finished_at >= :since
        """
        # The holiday is there from the first change on.
        since = MORNING - DAY + timedelta(hours=4 * (moves[0][0] // 4 + 1))
        for step, local, in_time in connection.execute(text(query), {"since": since}):
            assert in_time
            assert time(9) <= local.time() < time(19, 30), step
            assert not off.is_holiday(local.date()), step
