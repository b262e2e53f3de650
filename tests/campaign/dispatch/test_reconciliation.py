"""The reconciliation sheet: what is counted by state and what is written down are the same, or it says so."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign import simulation
from campaign.access import ENGINE
from campaign.commands import reconcile
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.ledger import Span
from campaign.dispatch.reconciliation import csv_rows
from campaign.store import messages, tally
from tests.campaign import families


@pytest.fixture
def month(engine: Engine, tmp_path: Path) -> Engine:
    families.build(engine)
    simulation.run(families.delivery(engine, tmp_path), Span(families.BEGIN, families.END))
    return engine


def counted(engine: Engine) -> dict[str, int]:
    with transaction(engine, ENGINE) as connection:
        return messages.totals_by_state(connection)


def one_by_one(engine: Engine) -> dict[str, int]:
    with transaction(engine, ENGINE) as connection:
        found = connection.execute(text("SELECT state, count(*) FROM message GROUP BY state ORDER BY state"))
        return {state: count for state, count in found}


def test_every_message_of_a_month_is_in_one_place(month: Engine) -> None:
    sheet = reconcile.read(month, date.min, date.max)
    assert sheet.is_equal
    assert sheet.planned == sum(one_by_one(month).values()) > 0
    assert sheet.reasons.total() == sheet.totals["withheld"] > 0
    assert sheet.totals["sent"] == one_by_one(month)["accepted"]
    shown = "\n".join(reconcile.lines(sheet))
    assert "Equal: every message that was written down is in one place" in shown
    assert "withheld: no address" in shown


def test_a_stretch_counts_its_own_steps_alone(month: Engine) -> None:
    day = families.REPORT_DAY
    sheet = reconcile.read(month, day, day)
    assert {line.step for line in sheet.lines} == {"report_ready"}
    assert [row[5] for row in csv_rows(sheet) if row[5] != ""] == [line.planned for line in sheet.lines]
    never = reconcile.read(month, day + timedelta(days=400), date.max)
    assert list(reconcile.lines(never)) == ["Nothing was planned in these days."]


def test_adding_up_changes_no_count(month: Engine) -> None:
    before = counted(month)
    with transaction(month, ENGINE) as connection:
        assert not tally.fold(connection, many=10**6)
        assert tally.fold(connection, many=1)
    assert counted(month) == before == one_by_one(month)


def test_whatever_changes_messages_is_counted(engine: Engine, tmp_path: Path) -> None:
    families.build(engine)
    ledger.plan(families.delivery(engine, tmp_path), families.BEGIN + timedelta(hours=12))
    for change in (
        "UPDATE message SET state = 'retry_at' WHERE id % 2 = 0 AND state = 'planned'",
        "UPDATE message SET reason = 'paused', channel = 'sms' WHERE id % 3 = 0 AND state = 'retry_at'",
        "DELETE FROM message WHERE id % 5 = 0",
    ):
        with transaction(engine, ENGINE) as connection:
            assert connection.execute(text(change)).rowcount > 0
        assert counted(engine) == one_by_one(engine)
    with engine.connect() as connection, connection.begin() as undone:
        connection.execute(text("DELETE FROM message"))
        undone.rollback()
    assert counted(engine) == one_by_one(engine)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("UPDATE message SET state = 'lost' WHERE id = (SELECT min(id) FROM message)", "1 are in a state that nobody"),
        ("UPDATE message_tally SET messages = messages + 1 WHERE id = (SELECT min(id) FROM message_tally)", "written"),
        ("DELETE FROM message_tally", "0 are counted"),
    ],
)  # fmt: skip
def test_what_does_not_add_up_is_named(month: Engine, spoil: str, said: str) -> None:
    with transaction(month, ENGINE) as connection:
        connection.execute(text(spoil))
    sheet = reconcile.read(month, date.min, date.max)
    assert not sheet.is_equal
    red = [line for line in reconcile.lines(sheet) if "NOT equal" in line]
    assert red
    assert all(line.startswith("\x1b[31m") for line in red)
    assert said in red[0]
