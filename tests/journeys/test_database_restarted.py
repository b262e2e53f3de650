"""PostgreSQL is restarted in the middle of the work: its workers come back by themselves, and nothing is lost."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from benchmarks import _dispatch_district as district
from benchmarks._dispatch_worker import Place, open_messages
from campaign import database
from campaign.access import ENGINE
from campaign.database import transaction
from campaign.demo.providers import Faults, Simulator, SimulatorOptions, running
from campaign.store import messages
from tests.journeys import postgres_of_own
from tests.journeys.postgres_of_own import PostgresOfOwn

MESSAGES = 600
RESTARTS = ("immediate", "fast", "immediate")
PATIENCE_SECONDS = 120
FAULTS = Faults(latency_ms=200)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PostgresOfOwn]:
    with postgres_of_own.running(tmp_path / "own") as server:
        yield server


@pytest.fixture
def engine(server: PostgresOfOwn) -> Iterator[Engine]:
    """So many messages due now, on a server that waits for its disk."""
    engine = database.connect(server.url)
    with engine.connect() as connection:
        durable = [connection.scalar(text(f"SHOW {name}")) for name in ("fsync", "synchronous_commit")]
    assert durable == ["on", "on"]
    database.upgrade(engine)
    district.load(engine, MESSAGES)
    district.begin_anew(engine, MESSAGES)
    yield engine
    engine.dispose()


@contextmanager
def at_work(place: Place) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that must be alive to the end, and ends when it is asked to."""
    command = [sys.executable, "-m", "tests.journeys.working", json.dumps(asdict(place), default=str)]
    process = subprocess.Popen(command)
    try:
        yield process
        assert process.poll() is None, "a worker ended when the database was away"
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
    finally:
        process.kill()
        process.wait()


def wait_until(simulator: Simulator, accepted: int) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while simulator.report().accepted < accepted:
        assert time.monotonic() < give_up, f"the workers stand still at {simulator.report().accepted}"
        time.sleep(0.02)


def wait_for_flight(engine: Engine) -> None:
    """Until messages are on their way: only then can a restart do harm."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    flying = text("SELECT count(*) FROM message WHERE state = 'dispatching'")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(flying):
            assert time.monotonic() < give_up, "nothing is on its way"
            time.sleep(0.01)


def wait_until_done(engine: Engine) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while open_messages(engine):
        assert time.monotonic() < give_up, f"{open_messages(engine)} messages stay open"
        time.sleep(0.2)


def test_workers_come_back_after_the_database_and_lose_and_double_nothing(
    server: PostgresOfOwn, engine: Engine, tmp_path: Path
) -> None:
    options = SimulatorOptions(checks="light", keep_texts=False, faults=FAULTS)
    with running(options, own_process=True) as simulator, ExitStack() as workers:
        place = Place(server.url, tmp_path, simulator.port, simulator.control_port, time.time())
        for _ in range(2):
            workers.enter_context(at_work(place))
        for number, mode in enumerate(RESTARTS, start=1):
            wait_until(simulator, MESSAGES * number // (len(RESTARTS) + 2))
            wait_for_flight(engine)
            server.control("restart", "-m", mode)
        wait_until_done(engine)
        report = simulator.report()
        workers.close()
    assert (report.accepted, report.unique, report.doubled) == (MESSAGES, MESSAGES, 0)
    with transaction(engine, ENGINE) as connection:
        sheet = messages.reconcile(connection)
    assert (sheet.planned, sheet.sent) == (MESSAGES, MESSAGES)
