"""What was tried is kept: the ledger forgets only messages that nobody was ever handed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from campaign.dispatch import ledger
from campaign.dispatch.deliver import deliver_due
from tests.campaign import families
from tests.campaign.providers import Provider


def test_a_message_that_was_tried_is_not_deleted(engine: Engine, tmp_path: Path) -> None:
    families.build(engine)
    delivery = families.delivery(engine, tmp_path, Provider())
    ledger.plan(delivery, datetime(2026, 11, 10, 12, tzinfo=UTC))
    assert deliver_due(delivery, datetime(2026, 11, 10, 23, 30, tzinfo=UTC))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM sent_text"))
    tried = "DELETE FROM message WHERE id IN (SELECT message_id FROM attempt)"
    with pytest.raises(IntegrityError, match="tried is kept"), engine.begin() as connection:
        connection.execute(text(tried))
    with engine.begin() as connection:
        untried = connection.execute(text("DELETE FROM message WHERE attempts = 0")).rowcount
    assert untried
