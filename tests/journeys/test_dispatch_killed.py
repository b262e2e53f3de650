"""Two workers send two thousand messages to a slow provider and are killed twenty times: none lost, none sent twice."""

from __future__ import annotations

import multiprocessing
import random
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import Engine, text

from benchmarks import _dispatch_district as district
from benchmarks._dispatch_worker import Place, open_messages, work
from campaign.access import ENGINE
from campaign.database import transaction
from campaign.demo.providers import Faults, Simulator, SimulatorOptions, running
from campaign.store import messages

MESSAGES, KILLS, WORKERS = 2000, 20, 2
PATIENCE_SECONDS = 120
FAULTS = Faults(latency_ms=200)


def start(place: Place) -> BaseProcess:
    # A server that has imported and read everything makes new processes at once.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks._dispatch_ready"])
    process = context.Process(target=work, args=(place,), daemon=True)
    process.start()
    return process


def wait_for(simulator: Simulator, accepted: int, processes: list[BaseProcess]) -> None:
    """Until so many are accepted, or there is nobody left to send more."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while simulator.report().accepted < accepted and any(process.is_alive() for process in processes):
        assert time.monotonic() < give_up, "the workers stand still"
        time.sleep(0.03)


def disturbed(place: Place) -> int:
    """Kill one of the workers each time some more have been accepted; the number of kills that met one at work."""
    simulator = place.simulator
    chance, met = random.Random(11), 0  # noqa: S311
    processes = [start(place) for _ in range(WORKERS)]
    for number in range(1, KILLS + 1):
        wait_for(simulator, MESSAGES * number // (KILLS + 2), processes)
        time.sleep(chance.random() * 0.2)
        victim = processes.pop(chance.randrange(WORKERS))
        met += victim.is_alive()
        victim.kill()
        victim.join()
        processes.append(start(place))
    for process in processes:
        process.join(PATIENCE_SECONDS)
        assert process.exitcode == 0
    return met


def test_killed_workers_lose_nothing_and_double_nothing(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    district.load(engine, MESSAGES)
    district.begin_anew(engine, MESSAGES)
    with running(
        SimulatorOptions(checks="light", keep_texts=False, faults=FAULTS), own_process=True
    ) as simulator:
        place = Place(database_url, tmp_path, simulator.port, simulator.control_port, time.time())
        # In a process of its own, whose forks have the workers' modules and not those that other tests asked for.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
            assert apart.submit(disturbed, place).result() == KILLS
        report = simulator.report()
    assert (report.accepted, report.unique, report.doubled) == (MESSAGES, MESSAGES, 0)
    assert open_messages(engine) == 0
    with transaction(engine, ENGINE) as connection:
        sheet = messages.reconcile(connection)
        doubted = connection.scalar(text("SELECT count(*) FROM attempt WHERE outcome = 'ambiguous'"))
    assert (sheet.planned, sheet.sent) == (MESSAGES, MESSAGES)
    # Or nothing was in flight when they were killed, and the test would prove little.
    assert doubted
