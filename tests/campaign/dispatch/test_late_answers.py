"""Answers that come when the message is no longer in the hands of who sent it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.deliver import LEASE, deliver_due
from campaign.senders.contract import OutgoingMessage
from tests.campaign import families
from tests.campaign.providers import Provider

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
DUE = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize("says", ["busy", "refused", "lost_unclear"])
def test_who_was_taken_for_dead_has_no_say_any_more(engine: Engine, tmp_path: Path, says: str) -> None:
    """The one is slow; the other, after its lease, has proof that nothing went and sends, with an unclear answer."""
    families.build(engine, students=1)
    provider = Provider(in_flight=1)
    slow, other = (families.delivery(engine, tmp_path, provider, owner=name) for name in ("slow", "other"))
    ledger.plan(slow, NOON)

    def overtake(_: OutgoingMessage) -> None:
        provider.during, provider.behaviour = None, "taken_unclear"
        ledger.tick(other, DUE + 2 * LEASE)
        provider.behaviour, provider.tells = says, False

    provider.during = overtake
    deliver_due(slow, DUE)
    assert provider.taken
    with transaction(engine, ENGINE) as connection:
        states = connection.scalars(
            text("SELECT state FROM message WHERE public_id = ANY (:ids)"), {"ids": list(provider.taken)}
        )
        assert set(states) == {"ambiguous"}
    provider.behaviour = "well"
    ledger.tick(other, DUE + 3 * LEASE)
    assert set(provider.taken.values()) == {1}
