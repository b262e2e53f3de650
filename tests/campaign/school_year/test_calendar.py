"""The district's year: school-day arithmetic and moments, over weekends, holidays, zones and clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.school_year.calendar import (
    SchoolYear,
    SendDay,
    Window,
    add_school_days,
    gaps,
    moment,
    next_opening,
    school_days_later,
    step_day,
)

# Monday 2026-11-02; Thursday and Friday 26 and 27 November are off.
AUTUMN = SchoolYear.of([(date(2026, 11, 26), "holiday"), (date(2026, 11, 27), "holiday")])
WINDOW = Window.of("09:00", "19:30")
CHICAGO, NEW_YORK, PHOENIX, HONOLULU = (
    "America/Chicago",
    "America/New_York",
    "America/Phoenix",
    "Pacific/Honolulu",
)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 2), True),
        (date(2026, 11, 7), False),
        (date(2026, 11, 8), False),
        (date(2026, 11, 26), False),
        (date(2026, 11, 30), True),
    ],
)
def test_school_days_are_weekdays_without_holidays(day: date, expected: bool) -> None:
    assert AUTUMN.is_school_day(day) is expected


def test_listed_school_days_count_exactly_between_the_first_and_the_last() -> None:
    year = SchoolYear.of(
        [(date(2026, 11, 2), "school"), (date(2026, 11, 7), "school"), (date(2026, 11, 9), "school")]
    )
    assert [year.is_school_day(date(2026, 11, d)) for d in (2, 3, 7, 9, 10)] == [
        True,
        False,
        True,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 11, 2), 0, date(2026, 11, 2)),
        (date(2026, 11, 7), 0, date(2026, 11, 9)),
        (date(2026, 11, 2), 1, date(2026, 11, 3)),
        (date(2026, 11, 6), 1, date(2026, 11, 9)),
        (date(2026, 11, 25), 1, date(2026, 11, 30)),
        (date(2026, 11, 30), -1, date(2026, 11, 25)),
        (date(2026, 11, 9), -5, date(2026, 11, 2)),
        (date(2026, 11, 2), 20, date(2026, 12, 2)),
    ],
)
def test_counting_school_days(day: date, count: int, expected: date) -> None:
    assert add_school_days(AUTUMN, day, count) == expected


@given(st.dates(date(2026, 8, 1), date(2027, 6, 30)), st.integers(1, 60))
def test_counting_forth_and_back_comes_home(day: date, count: int) -> None:
    start = add_school_days(AUTUMN, day, 0)
    assert add_school_days(AUTUMN, add_school_days(AUTUMN, start, count), -count) == start


@pytest.mark.parametrize(
    ("anchor", "offset", "unit", "send_on", "expected"),
    [
        (date(2026, 11, 10), -3, "days", "school_day", date(2026, 11, 6)),  # Saturday: back to Friday
        (date(2026, 11, 10), 4, "days", "school_day", date(2026, 11, 16)),  # Saturday: on to Monday
        (date(2026, 11, 10), 4, "days", "saturday", date(2026, 11, 14)),
        (date(2026, 11, 10), 5, "days", "saturday", date(2026, 11, 21)),
        (date(2026, 11, 24), 2, "days", "school_day", date(2026, 11, 30)),
        (date(2026, 11, 24), 2, "school_days", "school_day", date(2026, 11, 30)),
        (date(2026, 11, 28), -1, "school_days", "school_day", date(2026, 11, 25)),
    ],
)
def test_the_day_of_a_step(anchor: date, offset: int, unit: str, send_on: str, expected: date) -> None:
    assert step_day(AUTUMN, anchor, offset, unit, SendDay(send_on)) == expected


def test_a_calendar_without_an_open_day_says_so() -> None:
    closed = SchoolYear.of([(date(2026, 1, 1) + timedelta(days=n), "holiday") for n in range(800)])
    with pytest.raises(ValueError, match="within a year of 2026-02-02"):
        step_day(closed, date(2026, 2, 1), 1, "days", SendDay.SCHOOL_DAY)
    assert next_opening(utc("2026-02-02 15:00"), [CHICAGO], WINDOW, closed, SendDay.SCHOOL_DAY) is None


def utc(said: str) -> datetime:
    return datetime.fromisoformat(said).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        (date(2026, 10, 30), time(17, 30), CHICAGO, "2026-10-30 22:30"),
        (date(2026, 11, 2), time(17, 30), CHICAGO, "2026-11-02 23:30"),  # the day after clocks go back
        (date(2026, 11, 2), time(17, 30), PHOENIX, "2026-11-03 00:30"),  # no summer time
        (date(2026, 11, 2), time(17, 30), HONOLULU, "2026-11-03 03:30"),
        (date(2027, 3, 14), time(2, 30), CHICAGO, "2027-03-14 08:30"),  # skipped: 3:30 summer time
        (date(2026, 11, 1), time(1, 30), CHICAGO, "2026-11-01 06:30"),  # comes twice: the first
    ],
)
def test_a_local_time_becomes_one_instant(day: date, at: time, zone: str, expected: str) -> None:
    assert moment(day, at, zone) == utc(expected)


@pytest.mark.parametrize(
    ("now", "zones", "send_on", "expected"),
    [
        ("2026-11-02 15:00", [CHICAGO], "school_day", "2026-11-02 15:00"),  # opens at 9:00 sharp
        ("2026-11-02 14:59", [CHICAGO], "school_day", "2026-11-02 15:00"),
        ("2026-11-03 01:29", [CHICAGO], "school_day", "2026-11-03 01:29"),
        ("2026-11-03 01:30", [CHICAGO], "school_day", "2026-11-03 15:00"),  # closes at 19:30
        ("2026-11-07 16:00", [CHICAGO], "school_day", "2026-11-09 15:00"),  # Saturday
        ("2026-11-07 16:00", [CHICAGO], "saturday", "2026-11-07 16:00"),
        ("2026-11-08 16:00", [CHICAGO], "saturday", "2026-11-09 15:00"),  # never on Sunday
        ("2026-11-26 16:00", [CHICAGO], "school_day", "2026-11-30 15:00"),  # holidays, weekend
        ("2026-10-30 23:00", [CHICAGO], "school_day", "2026-10-30 23:00"),
        ("2026-10-31 02:00", [CHICAGO], "school_day", "2026-11-02 15:00"),  # clocks go back in between
        ("2026-11-02 14:30", [NEW_YORK, CHICAGO], "school_day", "2026-11-02 15:00"),  # both must be open
        ("2026-11-03 00:45", [NEW_YORK, CHICAGO], "school_day", "2026-11-03 15:00"),
        ("2026-11-02 14:30", [NEW_YORK, HONOLULU], "school_day", "2026-11-02 19:00"),
    ],
)
def test_the_next_opening(now: str, zones: list[str], send_on: str, expected: str) -> None:
    assert next_opening(utc(now), zones, WINDOW, AUTUMN, SendDay(send_on)) == utc(expected)


@given(
    st.integers(0, 333 * 24 * 60).map(lambda minutes: utc("2026-08-01 00:00") + timedelta(minutes=minutes)),
    st.sets(st.sampled_from([CHICAGO, NEW_YORK, PHOENIX, HONOLULU]), min_size=1),
    st.sampled_from(SendDay),
)
def test_an_opening_is_open_everywhere_and_never_earlier(
    now: datetime, zones: set[str], send_on: SendDay
) -> None:
    opening = next_opening(now, zones, WINDOW, AUTUMN, send_on)
    assert opening is not None
    assert opening >= now
    assert next_opening(opening, zones, WINDOW, AUTUMN, send_on) == opening


def test_whole_school_days_after_a_moment() -> None:
    assert school_days_later(AUTUMN, utc("2026-11-02 20:00"), 5, CHICAGO) == utc("2026-11-10 06:00")
    assert school_days_later(AUTUMN, utc("2026-11-03 03:00"), 5, CHICAGO) == utc("2026-11-10 06:00")


def test_a_window_that_never_opens_is_refused() -> None:
    with pytest.raises(ValueError, match="never open"):
        Window.of("19:00", "09:00")


def test_gaps_name_what_a_person_should_look_at() -> None:
    year = SchoolYear.of(
        [
            (date(2026, 11, 10), "report_card"),
            (date(2026, 11, 12), "report_card"),
            (date(2026, 11, 12), "holiday"),
            (date(2026, 8, 20), "first_day"),
        ]
    )
    assert [line.split(":")[0] for line in gaps(year)] == [
        "no day of the kind “Conferences”",
        "no day of the kind “Test results”",
        "2026-11-12 is “Report cards” and a day without school",
        "report-card days 2026-11-10 and 2026-11-12 lie less than 14 days apart",
    ]


def test_a_saturday_that_is_made_up_for_closes_no_week() -> None:
    """Two of them, months apart, once closed every day between them."""
    year = SchoolYear.of([(date(2026, 11, 7), "school"), (date(2027, 3, 6), "school")])
    assert [year.is_school_day(day) for day in (date(2026, 11, 7), date(2027, 1, 12), date(2027, 1, 16))] == [
        True,
        True,
        False,
    ]


def test_a_long_stretch_without_a_listed_day_is_named_and_summer_is_not() -> None:
    term = [(date(2026, 8, 17) + timedelta(days=n), "school") for n in range(290)]
    next_term = [(date(2027, 8, 16) + timedelta(days=n), "school") for n in range(30)]
    winter = {date(2026, 12, 14) + timedelta(days=n) for n in range(28)}
    forgotten = SchoolYear.of([one for one in term + next_term if one[0] not in winter])
    assert [line for line in gaps(forgotten) if "listed" in line] == [
        "school days are listed, and none from 2026-12-14 to 2027-01-08: nothing goes out then; list them, or name the"
        " days off"
    ]
    named = [one for one in term + next_term if one[0] not in winter] + [(day, "holiday") for day in winter]
    assert not [line for line in gaps(SchoolYear.of(named)) if "listed" in line]
