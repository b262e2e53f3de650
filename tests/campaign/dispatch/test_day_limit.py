"""A limit for a day: no worker takes more; what does not fit goes the next day or is dropped, and it is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.budget import DayLimit
from campaign.dispatch.day_book import DayBook
from campaign.dispatch.delivery import Delivery
from campaign.senders.contract import OutgoingMessage
from campaign.senders.segments import MOST_SEGMENTS
from campaign.store import messages, providers
from tests.campaign import families
from tests.campaign.providers import Provider

PACIFIC = "America/Los_Angeles"
# The Tuesday of the report, 17:30 in Chicago: 15:30 in Los Angeles, where the day ends at 8:00 in UTC.
DUE = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
ENDS = datetime(2026, 11, 11, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "day", "ends"),
    [
        (DUE, date(2026, 11, 10), ENDS),
        (ENDS - timedelta(seconds=1), date(2026, 11, 10), ENDS),
        (ENDS, date(2026, 11, 11), ENDS + timedelta(days=1)),
        # The clocks go back on 1 November: that day has 25 hours.
        (datetime(2026, 11, 1, 7, tzinfo=UTC), date(2026, 11, 1), datetime(2026, 11, 2, 8, tzinfo=UTC)),
        (datetime(2026, 3, 8, 12, tzinfo=UTC), date(2026, 3, 8), datetime(2026, 3, 9, 7, tzinfo=UTC)),
    ],
)
def test_the_day_ends_at_midnight_where_it_is_counted(now: datetime, day: date, ends: datetime) -> None:
    limit = DayLimit(10, PACIFIC)
    assert (limit.day(now), limit.ends(now)) == (day, ends)


def text_message(words: str) -> OutgoingMessage:
    return OutgoingMessage("x", "sms", "+15550100001", "", words, "", "en", "", DUE)


@pytest.fixture
def book(engine: Engine) -> DayBook:
    with transaction(engine, ENGINE) as connection:
        providers.ensure(connection, ["twilio"], DUE)
    return DayBook(engine, {"twilio": DayLimit(7, PACIFIC)})


def used(engine: Engine, now: datetime = DUE) -> int:
    with transaction(engine, ENGINE) as connection:
        return providers.used_of_day(connection, "twilio", DayLimit(7, PACIFIC).day(now))


def test_each_message_is_counted_with_its_parts_and_a_new_day_begins_at_nothing(
    book: DayBook, engine: Engine
) -> None:
    share = book.take("twilio", 100, DUE)
    assert share.messages == 3
    book.give_back("twilio", share, [text_message("short"), text_message("x" * 161)])
    assert used(engine) == 3
    assert book.take("twilio", 100, DUE).messages == 2
    assert book.take("twilio", 100, DUE).messages == 0
    assert book.take("twilio", 100, ENDS).messages == 3
    assert book.take("sendgrid", 100, DUE).messages == 100


def test_workers_together_take_no_more_than_there_is(engine: Engine, book: DayBook) -> None:
    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(lambda _: book.take("twilio", 2, DUE).messages, range(8)))
    assert sum(shares) * MOST_SEGMENTS <= 7
    assert used(engine) == sum(shares) * MOST_SEGMENTS


def limited(engine: Engine, folder: Path, parts: int) -> tuple[Delivery, Provider]:
    """Everybody is written to by text message, a few parts a day."""
    families.build(engine, students=4)
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                "UPDATE contact SET email = NULL, phone = '+1555010' || (1000 + id), written_language = 'en'"
            )
        )
    provider = Provider(name="twilio")
    delivery = families.delivery(engine, folder, provider)
    settings = delivery.settings
    settings = replace(
        settings,
        sms=replace(settings.sms, sender="twilio", messaging_service="MG1"),
        limits=replace(settings.limits, sms_per_day=parts),
    )
    return replace(delivery, settings=settings), provider


def states(engine: Engine) -> dict[tuple[str, str | None], int]:
    query = text("SELECT state, reason, count(*) FROM message WHERE step = 'report_ready' GROUP BY 1, 2")
    with transaction(engine, ENGINE) as connection:
        messages.reconcile(connection)
        return {(state, reason): count for state, reason, count in connection.execute(query)}


def test_what_does_not_fit_goes_the_next_day(engine: Engine, tmp_path: Path) -> None:
    delivery, provider = limited(engine, tmp_path, 4)
    ledger.tick(delivery, DUE)
    first = len(provider.taken)
    assert first in (2, 3, 4)
    assert states(engine)["planned", "day_limit"] > 0
    ledger.tick(delivery, DUE + timedelta(minutes=1))
    assert len(provider.taken) == first
    # At midnight nobody is woken: it goes in the hours of the next day.
    ledger.tick(delivery, ENDS)
    assert len(provider.taken) == first
    ledger.tick(delivery, ENDS + timedelta(hours=8))
    assert len(provider.taken) > first
    assert max(provider.taken.values()) == 1


def test_what_would_come_too_late_is_dropped_with_its_reason(engine: Engine, tmp_path: Path) -> None:
    delivery, provider = limited(engine, tmp_path, 4)
    ledger.tick(delivery, DUE - timedelta(hours=8))
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE message SET expires_at = :ends"), {"ends": ENDS})
    ledger.tick(delivery, DUE)
    found = states(engine)
    assert found["dropped", "day_limit"] > 0
    assert ("planned", "day_limit") not in found
    assert found["accepted", None] == len(provider.taken)
