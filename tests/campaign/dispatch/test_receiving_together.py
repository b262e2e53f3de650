"""Two doors and a worker at the same messages at the same time: nobody waits for ever, and nothing is lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger, receiving
from campaign.dispatch.receipts import Kind, Reported
from campaign.store import dispatch, receipts
from campaign.store.dispatch import Change
from tests.campaign import families
from tests.campaign.providers import Provider

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
DUE = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
GROUP = 7


def in_groups(things: list[tuple[int, str]], seed: int) -> list[list[tuple[int, str]]]:
    mixed = random.Random(seed).sample(things, len(things))  # noqa: S311
    return [mixed[start : start + GROUP] for start in range(0, len(mixed), GROUP)]


def test_events_and_answers_of_the_same_messages_at_once(engine: Engine, tmp_path: Path) -> None:
    families.build(engine, 60)
    ledger.plan(families.delivery(engine, tmp_path, Provider()), NOON)
    with transaction(engine, ENGINE) as connection:
        found = connection.execute(
            text("UPDATE message SET state = 'dispatching' WHERE state = 'planned' RETURNING id, public_id")
        )
        going = [(row.id, row.public_id) for row in found]
    assert len(going) > 5 * GROUP

    def answers(seed: int) -> None:
        for group in in_groups(going, seed):
            changes = [Change(id, 0, "accepted") for id, _ in group]
            with transaction(engine, ENGINE) as connection:
                dispatch.change(
                    connection, changes, from_states=["dispatching", "ambiguous"], now=DUE, trace=True
                )

    def events(seed: int) -> None:
        for group in in_groups(going, seed):
            told = [
                (Reported(f"{public_id}-{kind}", public_id, kind, public_id, None, DUE), "")
                for _, public_id in group
                for kind in (Kind.DELIVERED, Kind.TAKEN)
            ]
            with transaction(engine, ENGINE) as connection:
                kept = receiving.take(connection, "sendgrid", "email", told, DUE)
                receipts.count(connection, "sendgrid", kept, DUE)

    work: list[Callable[[int], None]] = [answers, events, events]
    with ThreadPoolExecutor(len(work)) as pool:
        for done in [pool.submit(one, seed) for seed, one in enumerate(work)]:
            done.result(timeout=60)
    with transaction(engine, ENGINE) as connection:
        receipts.weigh_waiting(connection, DUE + timedelta(minutes=1))
        waiting = connection.scalar(text("SELECT count(*) FROM provider_event WHERE waits"))
        states = connection.execute(
            text(
                "SELECT m.state, d.status, count(*) FROM message m LEFT JOIN delivery d ON d.message_id = m.id"
                " WHERE m.state <> 'withheld' GROUP BY m.state, d.status"
            )
        ).all()
        counted = dict(connection.execute(text("SELECT outcome, count FROM event_count")).all())
    assert waiting == 0
    assert [tuple(row) for row in states] == [("accepted", "delivered", len(going))]
    assert counted == {"taken": 2 * len(going), "again": 2 * len(going)}
