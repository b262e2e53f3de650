"""What staff do before report cards: on a school day, six and three weeks ahead of the next ones."""

from __future__ import annotations

from datetime import date

import pytest

from campaign.school_year.calendar import SchoolYear
from campaign.school_year.preparations import Work, preparations

YEAR = SchoolYear.of(
    [
        (date(2026, 11, 10), "report_card"),
        (date(2027, 1, 26), "report_card"),
        (date(2026, 9, 29), "holiday"),
        (date(2027, 1, 5), "holiday"),
    ]
)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 9, 1), [(date(2026, 9, 28), False), (date(2026, 10, 20), False)]),
        (date(2026, 10, 20), [(date(2026, 9, 28), True), (date(2026, 10, 20), False)]),
        (date(2026, 11, 10), [(date(2026, 9, 28), True), (date(2026, 10, 20), True)]),
        (date(2026, 11, 11), [(date(2026, 12, 15), False), (date(2027, 1, 4), False)]),
        (date(2027, 1, 27), []),
    ],
)
def test_the_days_of_the_work_before_the_next_report_cards(
    today: date, expected: list[tuple[date, bool]]
) -> None:
    found = preparations(YEAR, today)
    assert [(one.by, one.is_late) for one in found] == expected
    assert [one.work for one in found] == [Work.CONTACTS, Work.TEACHERS][: len(expected)]
