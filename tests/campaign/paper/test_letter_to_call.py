"""A letter of a cascade through a real print run: drawn, posted by a person's word, followed by a call in time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.paper import letter_answers
from campaign.paper.letter_answers import Word
from campaign.store import cascade_endings, messages
from tests.campaign.paper.letter_post import DUE, ZONE, post_office, printed

WEEK = timedelta(days=7)
SENT = DUE + timedelta(minutes=5)
FOLLOW_UPS = [
    {"by": "letter", "after_hours": 168, "expires_after_hours": 336},
    {"by": "call", "after_hours": 168, "expires_after_hours": 336},
]


@pytest.fixture
def template(small_district_template: str) -> str:
    """The tests begin with the small district."""
    return small_district_template


def rungs(engine: Engine, contact: int) -> list[tuple[str, str]]:
    with transaction(engine, ENGINE) as connection:
        messages.reconcile(connection)
        query = text("SELECT channel, state FROM message WHERE contact_id = :id ORDER BY rung, id")
        return [tuple(row) for row in connection.execute(query, {"id": contact})]


def test_what_is_posted_and_not_answered_becomes_a_call(engine: Engine, tmp_path: Path) -> None:
    delivery = post_office(
        engine, tmp_path, drawn=True, channels=["email", "sms"], expires_after_hours=240, follow_up=FOLLOW_UPS
    )
    ledger.tick(delivery, SENT)
    first = rungs(engine, 1)
    assert [state for _, state in first] == ["accepted"]
    ledger.tick(delivery, SENT + WEEK - timedelta(hours=1))
    assert rungs(engine, 1) == first
    ledger.tick(delivery, SENT + WEEK)
    assert rungs(engine, 1) == [*first, ("letter", "planned")]
    day = SENT + WEEK + timedelta(days=1)
    run = printed(delivery, tmp_path, day)
    assert rungs(engine, 1) == [*first, ("letter", "dispatching")]
    assert list((tmp_path / "out").rglob("*.pdf"))
    ledger.tick(delivery, day + timedelta(days=2))
    # Until somebody says that it was posted, it is not sent, and no silence is counted.
    assert rungs(engine, 1)[-1] == ("letter", "dispatching")
    posted = day + timedelta(days=3)
    with transaction(engine, ENGINE) as connection:
        word = Word("Ms. Lee", "account:2", posted, ZONE)
        assert letter_answers.posted(connection, run.number, posted.date(), word) >= 1
    ledger.tick(delivery, posted + WEEK - timedelta(days=1))
    assert rungs(engine, 1) == [*first, ("letter", "accepted")]
    ledger.tick(delivery, posted + WEEK + timedelta(days=1))
    assert rungs(engine, 1) == [*first, ("letter", "accepted"), ("call", "planned")]
    with transaction(engine, ENGINE) as connection:
        stands = cascade_endings.standing(connection, DUE.date(), DUE.date())
    assert stands["call_list"] >= 1
