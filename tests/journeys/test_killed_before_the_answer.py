"""A worker is killed before its provider answers; what the provider tells later settles what was in doubt."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.app import create_app
from campaign.database import transaction
from campaign.demo.providers import Faults, Simulator, SimulatorOptions, running
from campaign.dispatch import ledger
from campaign.store import messages
from tests.campaign import families
from tests.journeys.sending import DUE, sender
from tests.web_pages import Clock, page_settings

BASE = "https://schools.example"
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
LEASE_OVER = DUE + timedelta(minutes=30)
IN_FLIGHT, PATIENCE_SECONDS = 10, 60


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    options = SimulatorOptions(events_url=f"{BASE}/hooks/sendgrid/events")
    with running(options, clock=lambda: LEASE_OVER) as simulator:
        yield simulator


def kill_while_nothing_is_answered(simulator: Simulator, environment: dict[str, str], home: Path) -> None:
    """Take each message at once and answer a minute later; kill the sender once some are taken."""
    simulator.change(Faults(latency_ms=60_000, taken_at=0.0))
    command = [sys.executable, "-m", "tests.journeys.sending", simulator.url, simulator.options.sendgrid_key]
    process = subprocess.Popen([*command, str(home)], env=environment)
    give_up = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and simulator.report().accepted < IN_FLIGHT and time.monotonic() < give_up:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    simulator.change(Faults(event_ms=0))


def tell_all(simulator: Simulator, engine: Engine, home: Path) -> list[int]:
    """Carry every post of the provider to the program's door; what it answered."""
    settings = page_settings(home, BASE)
    secrets = replace(settings.secrets, sendgrid_webhook_key=simulator.event_key)
    app = create_app(replace(settings, secrets=secrets), engine=engine, clock=Clock(LEASE_OVER))
    client = app.test_client()
    simulator.deliver()
    return [
        client.post(
            post.url.removeprefix(BASE), data=post.body, headers=list(post.headers), base_url=BASE
        ).status_code
        for post in simulator.take_posts()
    ]


def to_look_at(engine: Engine) -> int:
    with transaction(engine, ENGINE) as connection:
        return messages.reconcile(connection).to_look_at


def test_what_was_taken_is_sent_once_and_known_as_soon_as_the_provider_tells(
    engine: Engine, database_url: str, simulator: Simulator, tmp_path: Path
) -> None:
    families.build(engine, 24)
    sending = families.delivery(engine, tmp_path, sender(simulator.url, simulator.options.sendgrid_key))
    ledger.plan(sending, NOON)
    environment = {**os.environ, "DATABASE_URL": database_url}
    kill_while_nothing_is_answered(simulator, environment, tmp_path)

    ledger.tick(sending, LEASE_OVER)
    doubted = to_look_at(engine)
    assert doubted >= IN_FLIGHT
    assert set(Counter(one.identity for one in simulator.accepted()).values()) == {1}

    assert set(tell_all(simulator, engine, tmp_path)) == {204}
    ledger.tick(sending, LEASE_OVER + timedelta(minutes=20))
    taken = Counter(one.identity for one in simulator.accepted())
    assert set(taken.values()) == {1}
    with transaction(engine, ENGINE) as connection:
        sheet = messages.reconcile(connection)
        sent = set(connection.scalars(text("SELECT public_id FROM message WHERE state = 'accepted'")))
        arrived = set(
            connection.scalars(
                text(
                    "SELECT m.public_id FROM delivery d JOIN message m ON m.id = d.message_id"
                    " WHERE d.status = 'delivered'"
                )
            )
        )
    # What was in doubt and never reached the provider waits for a person; all else went out once.
    assert sent == arrived == set(taken)
    assert sheet.to_look_at <= doubted - IN_FLIGHT
    assert sheet.sent + sheet.to_look_at + sheet.withheld == sheet.planned
