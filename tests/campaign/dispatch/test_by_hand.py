"""Letters and calls are the work of people: no worker takes them, whatever is due."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.deliver import deliver_due
from campaign.store import dispatch
from tests.campaign import families
from tests.campaign.providers import Provider


@pytest.mark.parametrize("channel", ["letter", "call"])
def test_a_worker_claims_neither_letters_nor_calls(channel: str, engine: Engine, tmp_path: Path) -> None:
    families.build(engine)
    provider = Provider()
    delivery = families.delivery(engine, tmp_path, provider)
    ledger.plan(delivery, families.BEGIN)
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE message SET channel = :channel"), {"channel": channel})
    assert deliver_due(delivery, families.BEGIN + timedelta(hours=20)) == 0
    assert not provider.taken
    assert {state for state, _ in families.states(engine).values()} <= {"planned", "withheld"}


def test_who_asks_for_letters_is_refused(engine: Engine) -> None:
    with pytest.raises(ValueError, match="no worker sends by letter"):
        dispatch.Claim("one", families.BEGIN, 5, frozenset({"email", "letter"}))
