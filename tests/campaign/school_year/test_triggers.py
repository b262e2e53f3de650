"""When a step follows an event: its day, its send-by, and that it never lands where it may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.definitions.definition import Step, load_all
from campaign.school_year.calendar import SchoolYear, SendDay, moment
from campaign.school_year.student_events import EventKind
from campaign.school_year.triggers import follow_day, send_by

CHICAGO, PHOENIX, ANCHORAGE, HONOLULU, NEW_YORK = ZONES = (
    "America/Chicago",
    "America/Phoenix",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/New_York",
)
# Thursday and Friday 26 and 27 November are off, and so are two weeks of winter.
YEAR = SchoolYear.of(
    [
        (date(2026, 11, 26), "holiday"),
        (date(2026, 11, 27), "holiday"),
        *((date(2026, 12, 21) + timedelta(days=n), "holiday") for n in range(14)),
    ]
)
STEP = replace(
    load_all()[0].steps["correction"],
    anchor=None,
    event=EventKind.CORRECTION,
    offset=1,
    unit="school_days",
    at=time(17, 30),
    expires_after=timedelta(hours=96),
)


def utc(said: str) -> datetime:
    return datetime.fromisoformat(said).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("happened_on", "now", "closed", "expected"),
    [
        ("2026-11-02", "2026-11-02 20:00", (), "2026-11-03"),
        ("2026-11-06", "2026-11-06 20:00", (), "2026-11-09"),  # Friday: on Monday
        ("2026-11-25", "2026-11-25 20:00", (), "2026-11-30"),  # over the holidays
        ("2026-11-02", "2026-11-03 23:31", (), "2026-11-04"),  # noticed after the hour of its day
        ("2026-11-02", "2026-11-03 20:00", ("2026-11-03",), "2026-11-04"),  # its day is written down already
        ("2026-11-02", "2026-11-03 20:00", ("2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06"), None),
        ("2026-11-02", "2026-11-06 23:29", (), "2026-11-06"),
        ("2026-11-02", "2026-11-06 23:30", (), None),  # noticed four days too late
        ("2026-10-01", "2026-11-02 20:00", (), None),
    ],
)
def test_the_day_that_follows_an_event(
    happened_on: str, now: str, closed: tuple[str, ...], expected: str | None
) -> None:
    taken = {date.fromisoformat(day) for day in closed}
    found = follow_day(STEP, date.fromisoformat(happened_on), YEAR, CHICAGO, now=utc(now), closed=taken)
    assert found == (date.fromisoformat(expected) if expected else None)


def test_a_birthday_may_be_met_beforehand() -> None:
    ahead = replace(STEP, event=EventKind.BIRTHDAY_18, offset=-14, unit="days")
    assert follow_day(ahead, date(2026, 12, 12), YEAR, CHICAGO, now=utc("2026-11-02 12:00")) == date(
        2026, 11, 25
    )


def test_what_was_meant_to_come_before_never_comes_after() -> None:
    before = replace(STEP, event=EventKind.BOOKING, offset=-1)
    talk = date(2026, 11, 10)
    assert follow_day(before, talk, YEAR, CHICAGO, now=utc("2026-11-09 12:00")) == date(2026, 11, 9)
    assert follow_day(before, talk, YEAR, CHICAGO, now=utc("2026-11-10 12:00")) is None


steps = st.builds(
    lambda offset, unit, send_on, hour, hours: replace(
        STEP,
        offset=offset,
        unit=unit,
        send_on=send_on,
        at=time(hour, 30),
        expires_after=timedelta(hours=hours),
    ),
    st.integers(0, 20),
    st.sampled_from(["days", "school_days"]),
    st.sampled_from(SendDay),
    st.integers(0, 23),
    st.integers(1, 480),
)


@given(
    steps,
    st.dates(date(2026, 8, 15), date(2027, 6, 15)),
    st.integers(0, 40 * 24),
    st.sets(st.integers(0, 30), max_size=12),
    st.sampled_from(ZONES),
)
def test_a_step_never_lands_on_a_day_off_nor_after_its_send_by_nor_on_a_closed_day(
    step: Step, happened_on: date, hours: int, taken: set[int], zone: str
) -> None:
    now = moment(happened_on, time(0), zone) + timedelta(hours=hours)
    closed = {happened_on + timedelta(days=n) for n in taken}
    day = follow_day(step, happened_on, YEAR, zone, now=now, closed=closed)
    if day is None:
        return
    due_at = moment(day, step.at, zone)
    assert YEAR.allows(day, step.send_on)
    assert day not in closed
    assert now < due_at < send_by(step, happened_on, YEAR, zone)
    assert day >= happened_on


@given(steps, st.dates(date(2026, 8, 15), date(2027, 6, 15)), st.sampled_from(ZONES))
def test_what_is_noticed_in_time_always_has_a_day(step: Step, happened_on: date, zone: str) -> None:
    now = moment(happened_on - timedelta(days=1), time(0), zone)
    assert follow_day(step, happened_on, YEAR, zone, now=now) is not None


@pytest.mark.parametrize(
    ("happened_on", "zone", "hour", "expected"),
    [
        (date(2027, 3, 11), CHICAGO, time(17, 30), "2027-03-12 23:30"),
        (date(2027, 3, 12), CHICAGO, time(17, 30), "2027-03-15 22:30"),  # the clocks went forward in between
        (date(2027, 3, 12), PHOENIX, time(17, 30), "2027-03-16 00:30"),  # Arizona keeps its hour
        (date(2027, 3, 12), ANCHORAGE, time(17, 30), "2027-03-16 01:30"),
        (date(2027, 3, 12), HONOLULU, time(17, 30), "2027-03-16 03:30"),
        (date(2026, 10, 30), NEW_YORK, time(17, 30), "2026-11-02 22:30"),  # and back in autumn
        (date(2026, 10, 30), ANCHORAGE, time(17, 30), "2026-11-03 02:30"),
    ],
)
def test_the_hour_is_the_local_one_over_clock_changes(
    happened_on: date, zone: str, hour: time, expected: str
) -> None:
    step = replace(STEP, at=hour)
    day = follow_day(step, happened_on, YEAR, zone, now=moment(happened_on, time(12), zone))
    assert day is not None
    assert moment(day, hour, zone) == utc(expected)


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.times(), st.sampled_from(ZONES))
def test_a_local_time_is_one_instant_and_shows_as_itself_unless_the_clocks_skip_it(
    day: date, at: time, zone: str
) -> None:
    at = at.replace(microsecond=0)
    instant = moment(day, at, zone)
    shown = instant.astimezone(ZoneInfo(zone))
    assert shown.date() == day
    skipped = shown.time() != at
    assert not skipped or datetime.combine(day, at) + timedelta(hours=1) == shown.replace(tzinfo=None)
    assert shown.fold == 0
