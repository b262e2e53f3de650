"""The made-up office comes when something waits, prints and posts, and leaves every letter accounted for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.demo.office import Office
from campaign.dispatch.delivery import Delivery
from campaign.store import letters as store
from campaign.store import messages
from tests.campaign.paper.letter_post import post_office

# The letters are due on a Tuesday afternoon; the next morning is a holiday.
TUESDAY = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
THURSDAY = datetime(2026, 11, 12, 15, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def template(small_district_template: str) -> str:
    """The tests begin with the small district."""
    return small_district_template


def office(engine: Engine, delivery: Delivery) -> Office:
    with transaction(engine, ENGINE) as connection:
        return Office(delivery, 1, 7, delivery.rules(connection, 1).year)


def live(office: Office, since: datetime, until: datetime) -> list[datetime]:
    """Go when the office goes; the moments at which somebody was there."""
    found, now = [], since
    hear = office.working(lambda now, _: found.append(now))
    while (coming := office.next(now)) is not None and coming < until:
        now = coming
        hear(now, 0)
    return found


def test_letters_are_printed_one_day_and_posted_the_next_and_nobody_comes_for_nothing(
    engine: Engine, tmp_path: Path
) -> None:
    delivery = post_office(engine, tmp_path, drawn=True)
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text("INSERT INTO calendar_day (district_id, day, kind) VALUES (1, '2026-11-11', 'holiday')")
        )
    made_up = office(engine, delivery)
    visits = live(made_up, TUESDAY, TUESDAY + 20 * DAY)
    assert visits[0] == THURSDAY
    assert all(visit.weekday() < 5 for visit in visits)
    assert len(visits) <= 4
    with transaction(engine, ENGINE) as connection:
        runs = store.runs(connection, 9)
        sheet = messages.reconcile(connection)
    assert [run.outcome for run in runs] == ["posted"] * len(runs)
    # One was spoiled in the first run, and went with the second.
    assert [run.letters for run in runs] == [1, 6]
    assert (sheet.sent, sheet.waiting) == (6, 0)
    assert not list((tmp_path / "letters").glob("*/*"))
    assert made_up.next(TUESDAY + 20 * DAY) is None


def test_lived_through_again_it_does_nothing_twice(engine: Engine, tmp_path: Path) -> None:
    made_up = office(engine, post_office(engine, tmp_path, drawn=True))
    live(made_up, TUESDAY, TUESDAY + 2 * DAY)
    with transaction(engine, ENGINE) as connection:
        before = store.runs(connection, 9)
    live(made_up, TUESDAY - 5 * DAY, TUESDAY + 2 * DAY)
    with transaction(engine, ENGINE) as connection:
        assert store.runs(connection, 9) == before
