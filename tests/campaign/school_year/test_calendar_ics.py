"""A district's year from iCalendar: repetitions, zones, whole days, words, and errors that name event and remedy."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.school_year.calendar import DayKind
from campaign.school_year.calendar_file import CalendarError
from campaign.school_year.calendar_ics import kinds_of, read, runs, write

CHICAGO = "America/Chicago"
NOW = datetime(2026, 11, 2, 18, tzinfo=UTC)


def ics(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\nUID:{n}\n{event}\nEND:VEVENT\n" for n, event in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{body}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def days(content: bytes, zone: str = CHICAGO) -> list[tuple[str, str, str, str | None]]:
    return [(str(p.first), str(p.last), p.title, p.kind) for p in read(content, "year.ics", zone)]


@pytest.mark.parametrize(
    ("event", "zone", "expected"),
    [
        ("DTSTART;VALUE=DATE:20261112", CHICAGO, [("2026-11-12", "2026-11-12")]),
        ("DTSTART;VALUE=DATE:20261221\nDTEND;VALUE=DATE:20270102", CHICAGO, [("2026-12-21", "2027-01-01")]),
        ("DTSTART;VALUE=DATE:20261221\nDURATION:P5D", CHICAGO, [("2026-12-21", "2026-12-25")]),
        # The same moment is another day to the west.
        ("DTSTART:20261113T040000Z", CHICAGO, [("2026-11-12", "2026-11-12")]),
        ("DTSTART:20261113T040000Z", "America/New_York", [("2026-11-12", "2026-11-12")]),
        ("DTSTART:20261113T080000Z", "Pacific/Honolulu", [("2026-11-12", "2026-11-12")]),
        ("DTSTART:20261113T080000Z", CHICAGO, [("2026-11-13", "2026-11-13")]),
        ("DTSTART;TZID=America/New_York:20261112T003000", CHICAGO, [("2026-11-11", "2026-11-11")]),
        # An evening that ends at midnight is one day; a moment without a zone is the district's own.
        ("DTSTART:20261112T190000\nDTEND:20261113T000000", CHICAGO, [("2026-11-12", "2026-11-12")]),
        ("DTSTART:20261112T190000\nDTEND:20261113T003000", CHICAGO, [("2026-11-12", "2026-11-13")]),
        (
            "DTSTART;VALUE=DATE:20261102\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;VALUE=DATE:20261109",
            CHICAGO,
            [("2026-11-02", "2026-11-02"), ("2026-11-16", "2026-11-16")],
        ),
        (
            "DTSTART;VALUE=DATE:20261102\nRRULE:FREQ=WEEKLY;UNTIL=20261116",
            CHICAGO,
            [("2026-11-02", "2026-11-02"), ("2026-11-09", "2026-11-09"), ("2026-11-16", "2026-11-16")],
        ),
        (
            "DTSTART;VALUE=DATE:20261102\nRDATE;VALUE=DATE:20261203,20270104",
            CHICAGO,
            [("2026-11-02", "2026-11-02"), ("2026-12-03", "2026-12-03"), ("2027-01-04", "2027-01-04")],
        ),
        # A whole day is left out of what has an hour, as some programs write it.
        (
            "DTSTART;TZID=America/Chicago:20261102T080000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20261103",
            CHICAGO,
            [("2026-11-02", "2026-11-02"), ("2026-11-04", "2026-11-04")],
        ),
        # Half past eleven at night stays so when the clocks go back on 1 November: no repetition slips a day.
        (
            "DTSTART;TZID=America/Chicago:20261030T233000\nRRULE:FREQ=DAILY;UNTIL=20261103T053000Z",
            CHICAGO,
            [(f"2026-{day}", f"2026-{day}") for day in ("10-30", "10-31", "11-01", "11-02")],
        ),
        # And half past two in the night on which it does not exist is still that day.
        (
            "DTSTART;TZID=America/Chicago:20270313T023000\nRRULE:FREQ=DAILY;COUNT=3",
            CHICAGO,
            [(f"2027-03-{day}", f"2027-03-{day}") for day in (13, 14, 15)],
        ),
    ],
)
def test_an_event_becomes_days(event: str, zone: str, expected: list[tuple[str, str]]) -> None:
    found = days(ics(f"{event}\nSUMMARY:No school"), zone)
    assert [(first, last) for first, last, _, _ in found] == expected


def test_a_repetition_that_was_moved_counts_on_its_new_day() -> None:
    series = "DTSTART;VALUE=DATE:20261102\nRRULE:FREQ=WEEKLY;COUNT=2\nSUMMARY:Report cards"
    moved = "RECURRENCE-ID;VALUE=DATE:20261109\nDTSTART;VALUE=DATE:20261111\nSUMMARY:Report cards"
    content = ics(series, moved).replace(b"UID:1", b"UID:0")
    assert [first for first, *_ in days(content)] == ["2026-11-02", "2026-11-11"]


def test_a_rule_without_an_end_is_followed_for_two_years_and_a_cancelled_event_not_at_all() -> None:
    weekly = "DTSTART;VALUE=DATE:20261102\nRRULE:FREQ=WEEKLY\nSUMMARY:No school"
    off = "DTSTART;VALUE=DATE:20261102\nSTATUS:CANCELLED\nSUMMARY:Winter break"
    found = days(ics(weekly, off))
    assert len(found) == 105
    assert {title for _, _, title, _ in found} == {"No school"}


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("No School", ["holiday"]),
        ("Winter Break", ["holiday"]),
        ("Presidents' Day", ["holiday"]),
        ("Presidents’ Day - Schools Closed", ["holiday"]),
        ("Teacher Workday (no students)", ["holiday"]),
        ("No School - Parent/Teacher Conferences", ["holiday", "conference"]),
        ("Report Cards Go Home", ["report_card"]),
        ("Q1 grades posted", ["report_card"]),
        ("State test results available", ["results"]),
        ("First Day of School", ["first_day"]),
        ("First Day of School for Staff", []),
        ("Back to School Night", []),
        ("Holiday Concert", []),
        ("Report card grades due", []),
        ("Early release - professional development day", []),
        ("Spring break ends; first day after break", ["holiday"]),
        ("Summer school registration opens", ["sign_up"]),
        ("Summer school registration deadline", []),
        ("Non-Student Day", ["holiday"]),
        ("Pupil-free day", ["holiday"]),
        ("Fall Intersession", ["holiday"]),
        ("No hay clases: Día de Acción de Gracias", ["holiday"]),
        ("Vacaciones de invierno", ["holiday"]),
        ("Primer día de clases", ["first_day"]),
        ("Entrega de boletas de calificaciones", ["report_card"]),
        ("Conferencias de padres y maestros", ["conference"]),
        ("Board meeting", []),
        ("", []),
    ],
)
def test_words_propose_a_kind(title: str, kinds: list[str]) -> None:
    assert kinds_of(title) == kinds


def test_conferences_of_several_days_are_a_week() -> None:
    content = ics(
        "DTSTART;VALUE=DATE:20261116\nDTEND;VALUE=DATE:20261120\nSUMMARY:Parent-Teacher Conferences"
    )
    assert days(content) == [("2026-11-16", "2026-11-19", "Parent-Teacher Conferences", "conference_week")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "year.ics: "),
        (b"hello", "cannot be read as iCalendar"),
        (ics(), "has no events"),
        (ics("SUMMARY:Break"), "event 1 (Break): has no DTSTART; give it a day"),
        (
            ics("DTSTART;VALUE=DATE:20261102\nRRULE:FREQ=SOMETIMES\nSUMMARY:x"),
            "event 1 (x): cannot be read: ",
        ),
        (
            ics("DTSTART;VALUE=DATE:20261102\nRRULE:FREQ=HOURLY\nSUMMARY:x"),
            "it repeats within a day; a school year has days only",
        ),
        (ics("DTSTART;VALUE=DATE:20261102\nDTEND;VALUE=DATE:20281102\nSUMMARY:x"), "may last a year at most"),
        (ics("DTSTART;VALUE=DATE:20261102\nDTEND:20261103T100000Z\nSUMMARY:x"), "DTSTART is a day and DTEND"),
        (
            ics("DTSTART;VALUE=DATE:20261345\nSUMMARY:x"),
            "correct it in the calendar program and export again",
        ),
        (b"x" * 5_000_001, "is larger than 5 MB"),
    ],
)
def test_a_broken_file_says_which_event_and_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(CalendarError) as error:
        read(content, "year.ics", CHICAGO)
    assert str(error.value).startswith("year.ics")
    assert said in str(error.value)


lines = st.sampled_from(
    [
        "DTSTART;VALUE=DATE:20261102",
        "DTSTART:20261102T090000Z",
        "DTSTART;TZID=Nowhere/Nowhere:20261102T090000",
        "DTSTART:99999999",
        "DTEND;VALUE=DATE:20261101",
        "DTEND:00010101T000000",
        "DURATION:-P1D",
        "DURATION:P9999999D",
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2",
        "RRULE:FREQ=DAILY;UNTIL=soon",
        "EXDATE:20261102T090000Z",
        "RDATE;VALUE=PERIOD:20261102T090000Z/PT1H",
        "RECURRENCE-ID:x",
        "STATUS:CANCELLED",
        "SUMMARY:No school",
    ]
)


@settings(deadline=None)
@given(st.lists(lines, max_size=6))
def test_whatever_stands_in_an_event_gives_days_or_a_plain_error(event: list[str]) -> None:
    found = []
    with contextlib.suppress(CalendarError):
        found = read(ics("\n".join(event)), "year.ics", CHICAGO)
    assert all(one.first <= one.last for one in found)


years = st.sets(
    st.tuples(
        st.dates(date(2026, 8, 1), date(2027, 7, 31)),
        st.sampled_from([str(kind) for kind in DayKind]),
    ),
    min_size=1,
    max_size=40,
)


@given(years, st.sampled_from(["Winter break", "A, b; c\\d", "Día libre — ¡sí!", "x" * 200]))
def test_what_is_written_is_read_again_on_the_same_days(year: set[tuple[date, str]], title: str) -> None:
    listed = [(day, kind, title) for day, kind in year]
    content = write(listed, "Lakeside", NOW)
    found = read(content, "year.ics", CHICAGO)
    assert {day for one in found for day in one.days} == {day for day, _ in year}
    assert {one.title for one in found} == {" ".join(title.split())}


@given(years)
def test_runs_hold_every_day_once(year: set[tuple[date, str]]) -> None:
    again = [
        (first + timedelta(days=n), kind)
        for first, last, kind, _ in runs((day, kind, None) for day, kind in year)
        for n in range((last - first).days + 1)
    ]
    assert sorted(again) == sorted(year)
