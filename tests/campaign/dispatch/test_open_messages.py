"""The database keeps the list of open messages: whatever statement changes messages, it holds those not finished."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from campaign import simulation
from campaign.access import ENGINE
from campaign.database import assume, transaction
from campaign.dispatch import ledger
from campaign.dispatch.ledger import Span
from tests.campaign import families

_WRONG = """
    SELECT 'missing', m.id FROM message m LEFT JOIN open_message o ON o.message_id = m.id
    WHERE m.finished_at IS NULL AND (o.campaign_id, o.district_id, o.channel, o.due_at)
          IS DISTINCT FROM (m.campaign_id, m.district_id, m.channel, m.due_at)
    UNION ALL
    SELECT 'left over', o.message_id FROM open_message o
    WHERE NOT EXISTS (SELECT FROM message m WHERE m.id = o.message_id AND m.finished_at IS NULL)
"""
# Of the messages whose number leaves `rest` when divided by `by`.
_SOME = "WHERE id % :by = :rest"
_CHANGES = {
    "finish": f"UPDATE message SET finished_at = now() {_SOME}",
    "open again": f"UPDATE message SET finished_at = NULL {_SOME}",
    "turn round": f"UPDATE message SET finished_at = CASE WHEN finished_at IS NULL THEN now() END {_SOME}",
    "move": f"UPDATE message SET due_at = due_at + interval '1 day' {_SOME}",
    "move and open again": f"UPDATE message SET due_at = due_at + interval '1 hour', finished_at = NULL {_SOME}",
    "move and finish": f"UPDATE message SET due_at = due_at + interval '1 hour', finished_at = now() {_SOME}",
    "by hand": f"UPDATE message SET channel = 'letter' {_SOME}",
    "claim": f"UPDATE message SET state = 'claimed', fencing = fencing + 1 {_SOME}",
    "delete": f"DELETE FROM message {_SOME}",
    "plan again": f"""
        INSERT INTO message (public_id, district_id, campaign_id, occurrence_id, step, contact_id, student_ids,
            household, channel, language, template, template_version, template_hash, dedupe_key, state, due_at,
            expires_at, planned_at, finished_at)
        SELECT gen_random_uuid()::text, district_id, campaign_id, occurrence_id, step, contact_id, student_ids,
            household, channel, language, template, template_version, template_hash, gen_random_uuid()::text, state,
            due_at, expires_at, planned_at, CASE WHEN id % 3 = 0 THEN now() END
        FROM message {_SOME}
    """,
}  # fmt: skip


def wrong(engine: Engine) -> list[tuple[str, int]]:
    with transaction(engine, ENGINE) as connection:
        return [(kind, id) for kind, id in connection.execute(text(_WRONG))]


@pytest.fixture
def planned(engine: Engine, tmp_path: Path) -> Engine:
    families.build(engine, students=6)
    noon = datetime.combine(families.REPORT_DAY, time(12), UTC)
    ledger.plan(families.delivery(engine, tmp_path), noon)
    return engine


@given(
    changes=st.lists(
        st.tuples(st.sampled_from(sorted(_CHANGES)), st.integers(1, 3), st.integers(0, 2)), max_size=12
    )
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_changes_messages_changes_the_list(
    planned: Engine, changes: list[tuple[str, int, int]]
) -> None:
    with planned.connect() as connection:
        assume(connection, ENGINE)
        assert connection.scalar(text("SELECT count(*) FROM open_message")) > 3
        for name, by, rest in changes:
            connection.execute(text(_CHANGES[name]), {"by": by, "rest": rest % by})
            assert connection.execute(text(_WRONG)).all() == []
        connection.rollback()


def test_an_emptied_ledger_has_nothing_open(planned: Engine) -> None:
    with planned.begin() as connection:
        connection.execute(text("TRUNCATE message CASCADE"))
    assert wrong(planned) == []


def test_a_month_of_campaign_leaves_the_list_right(planned: Engine, tmp_path: Path) -> None:
    month = Span(families.BEGIN, families.BEGIN + timedelta(days=30))
    simulation.run(families.delivery(planned, tmp_path), month)
    assert wrong(planned) == []
    with transaction(planned, ENGINE) as connection:
        assert connection.scalar(text("SELECT count(*) FROM message WHERE state = 'accepted'")) > 3
