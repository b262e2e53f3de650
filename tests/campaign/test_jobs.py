"""Clock and jobs: they only wake what the ledger decides, on the same database, in a schema of their own."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign import clock, jobs
from campaign.jobs import Work
from tests.campaign import families
from tests.campaign.providers import Provider

DUE = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)


@pytest.fixture
def work(engine: Engine, tmp_path: Path) -> tuple[Work, Provider]:
    families.build(engine, students=4)
    provider = Provider()
    jobs.prepare(engine)
    jobs.prepare(engine)
    return Work(families.delivery(engine, tmp_path, provider), lambda: DUE), provider


def statuses(engine: Engine) -> dict[str, str]:
    with engine.begin() as connection:
        found = connection.execute(text("SELECT task_name, status FROM procrastinate.procrastinate_jobs"))
        return {task: status for task, status in found}


def test_a_poke_becomes_jobs_and_a_worker_sends_everything_once(work: tuple[Work, Provider]) -> None:
    parts, provider = work
    with jobs.door(parts.engine) as door:
        jobs.poke(door, parts.engine)
        assert not jobs.defer(door, "plan", 1), "one that waits already will do"
    for _ in range(2):
        jobs.make_app(parts).run_worker(wait=False, install_signal_handlers=False)
        with jobs.door(parts.engine) as door:
            jobs.poke(door, parts.engine)
    assert set(provider.taken.values()) == {1}
    assert len(provider.taken) == sum(
        state == "accepted" for state, _ in families.states(parts.engine).values()
    )


def test_jobs_carry_ids_alone_and_leave_the_public_schema_alone(work: tuple[Work, Provider]) -> None:
    parts, _ = work
    with jobs.door(parts.engine) as door:
        jobs.poke(door, parts.engine)
    with parts.engine.begin() as connection:
        arguments = set(connection.scalars(text("SELECT args::text FROM procrastinate.procrastinate_jobs")))
        ours = connection.scalar(text("SELECT to_regclass('public.procrastinate_jobs')"))
    assert arguments == {'{"district_id": 1}'}
    assert ours is None


def test_a_job_whose_worker_died_is_put_back(work: tuple[Work, Provider]) -> None:
    parts, _ = work
    with jobs.door(parts.engine) as door:
        jobs.defer(door, "plan", 1)
    with parts.engine.begin() as connection:
        connection.execute(text("SET LOCAL search_path = procrastinate"))
        connection.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))
    with jobs.door(parts.engine) as door:
        door.configure_task("retry_stalled_jobs").defer(timestamp=0)
    jobs.make_app(parts).run_worker(wait=False, install_signal_handlers=False)
    assert statuses(parts.engine)["plan"] in {"todo", "succeeded"}


def test_a_job_whose_worker_died_holds_up_no_other_where_one_like_it_waits_already(
    work: tuple[Work, Provider],
) -> None:
    parts, _ = work
    with jobs.door(parts.engine) as door:
        for task in ("plan", "dispatch", "compare"):
            jobs.defer(door, task, 1)
        with parts.engine.begin() as connection:
            connection.execute(text("SET LOCAL search_path = procrastinate"))
            connection.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))
        door.configure_task("retry_stalled_jobs").defer(timestamp=0)
        for task in ("plan", "dispatch"):
            waits = door.configure_task(task, queueing_lock=f"{task}:1", schedule_in={"hours": 1})
            waits.defer(district_id=1)
    jobs.make_app(parts).run_worker(wait=False, install_signal_handlers=False)
    with parts.engine.begin() as connection:
        connection.execute(text("SET LOCAL search_path = procrastinate"))
        held = set(
            connection.scalars(text("SELECT task_name FROM procrastinate_jobs WHERE status = 'doing'"))
        )
    assert held == set()
    assert statuses(parts.engine)["retry_stalled_jobs"] == "succeeded"


def test_the_clock_calls_and_ends() -> None:
    called = threading.Event()
    ticking = clock.start(called.set, seconds=3600, first=datetime.now(UTC))
    try:
        assert called.wait(10)
    finally:
        ticking.shutdown()
