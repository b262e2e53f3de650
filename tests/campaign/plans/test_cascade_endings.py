"""Homes whose cascade ends where a person must look: named to people, with no message planned for nobody."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.contacts import contact_audit
from campaign.database import transaction
from campaign.store import cascade_endings, messages
from tests.campaign.plans import cascade_world as world
from tests.campaign.plans.cascade_world import DUE, SENT

DAY = timedelta(days=1)


@pytest.fixture
def place(engine: Engine) -> Engine:
    world.place(engine)
    return engine


def test_a_home_that_nobody_can_call_is_named_and_every_sum_holds(place: Engine, tmp_path: Path) -> None:
    """The letter has its time; then no call is planned that nobody could make."""
    home = world.add_home(place, "a", {"email": "m@example.org"}, children=2)
    world.live(world.delivery(place, tmp_path), SENT, SENT + 8 * DAY)
    world.posted(place, SENT + 8 * DAY)
    world.live(world.delivery(place, tmp_path), SENT + 8 * DAY, SENT + 30 * DAY, every=DAY)
    assert world.rungs(place) == [(0, "email", "accepted", None), (2, "letter", "accepted", None)]
    assert world.endings(place) == [("no_phone", "no_address")]
    with transaction(place, ENGINE) as connection:
        messages.reconcile(connection)
        assert cascade_endings.standing(connection, DUE.date(), DUE.date()) == {"no_phone": 1}
        (named,) = cascade_endings.uncallable(connection, SENT, 10)
        assert (named.step, list(named.student_ids)) == ("report_ready", home.students)
        assert cascade_endings.uncallable(connection, SENT + 40 * DAY, 10) == []
        findings = contact_audit.audit(connection, 1, SENT).findings
    assert [(one.kind, one.contact_id) for one in findings] == [("no_phone", home.contacts[0])]
