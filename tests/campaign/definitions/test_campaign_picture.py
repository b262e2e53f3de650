"""The picture of a campaign's year: every day of every step has its mark, in order, inside the picture."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from campaign.definitions.campaign_picture import LEFT, WIDTH, picture
from campaign.definitions.definition import load_all
from campaign.plans.plan import Occurrence
from campaign.school_year.calendar import SchoolYear

YEAR = SchoolYear.of(
    [
        (date(2026, 11, 10), "report_card"),
        (date(2026, 11, 26), "holiday"),
        (date(2026, 11, 27), "holiday"),
        (date(2026, 12, 21), "holiday"),
    ]
)
STEPS = next(iter(load_all())).steps


def on(step: str, day: date) -> Occurrence:
    due = datetime(day.year, day.month, day.day, 23, tzinfo=UTC)
    return Occurrence(STEPS[step], day, due, due + timedelta(days=2))


def test_marks_stand_on_their_days_and_inside_the_picture() -> None:
    days = [date(2026, 11, 10), date(2027, 2, 2), date(2027, 5, 30)]
    order = [STEPS["tip"], STEPS["report_ready"], STEPS["conference_day"]]
    found = [on("report_ready", day) for day in days] + [on("tip", date(2026, 11, 14))]
    made = picture(order, found, YEAR, today=date(2027, 1, 4))
    assert made is not None
    tip, report, never = made.rows
    assert [mark.day for mark in report.marks] == days
    assert [mark.is_past for mark in report.marks] == [True, False, False]
    assert [mark.day for mark in tip.marks] == [date(2026, 11, 14)]
    assert never.marks == ()
    places = [mark.x for mark in report.marks]
    assert LEFT < places[0] < places[1] < places[2] < WIDTH
    assert tip.y < report.y < never.y < made.height
    assert [month.first.month for month in made.months] == [11, 12, 1, 2, 3, 4, 5]
    assert made.today is not None
    assert places[0] < made.today < places[1]


def test_days_off_beside_each_other_are_one_grey_stretch() -> None:
    made = picture([STEPS["tip"]], [on("tip", date(2026, 12, 5))] * 2, YEAR, today=date(2030, 1, 1))
    assert made is not None
    assert len(made.days_off) == 1
    assert made.today is None
    whole = picture(
        [STEPS["tip"]],
        [on("tip", day) for day in (date(2026, 11, 1), date(2026, 12, 5))],
        YEAR,
        date(2030, 1, 1),
    )
    assert whole is not None
    longest, shortest = whole.days_off
    assert longest.width > shortest.width > 0


def test_a_campaign_without_days_has_no_picture() -> None:
    assert picture([STEPS["tip"]], [], YEAR, date(2026, 11, 1)) is None
