"""Report files: drawn on all cores, each there whole or not at all, none drawn twice.

Layout takes a core for a fifth of a second a report, so worker processes share the files out.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

from campaign.documents import drawn
from reports.family.render import pdf
from reports.family.report import from_json

# Files a worker takes at a time: few enough for a bar that moves, enough to forget what handing over costs.
_CHUNK = 8


class PressStopped(Exception):
    """Drawing was stopped from outside; the message says what to do."""


@dataclass(frozen=True)
class PrintJob:
    """One file of a student: where it is wanted, where it is kept, the contracts of its sides, the adult it is for."""

    student_id: int
    language: str
    wanted: Path
    kept: Path
    contracts: Sequence[Mapping[str, Any]]
    contact_id: int | None = None


@dataclass
class Printed:
    """What became of the jobs: `failed` are the files that could not be drawn, `failures` a line on each."""

    drawn: int = 0
    handed_out: int = 0
    there_already: int = 0
    failures: list[str] = field(default_factory=list)
    failed: set[Path] = field(default_factory=set)


class Press:
    """Worker processes, one a core, and what they are drawing."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool
        self._jobs: Sequence[PrintJob] = ()
        self._running: dict[Future[list[tuple[int, str]]], Sequence[PrintJob]] = {}

    def start(self, jobs: Sequence[PrintJob], *, force: bool = False) -> None:
        """Let the workers draw what is not kept yet (all of it with `force`); go on meanwhile, then `finish`."""
        self._jobs = jobs
        due = [job for job in jobs if force or not job.kept.exists()]
        chunks = [due[start : start + _CHUNK] for start in range(0, len(due), _CHUNK)]
        self._running = {self._pool.submit(_draw, chunk): chunk for chunk in chunks}

    def finish(self, done: Callable[[int], object]) -> Printed:
        """Wait for the workers and hand the files out; `done` gets the number of students each time some are ready."""
        result, waiting = Printed(), {job.student_id for job in self._jobs}
        fresh = {job.kept for chunk in self._running.values() for job in chunk}
        busy = {job.student_id for chunk in self._running.values() for job in chunk}
        done(len(waiting - busy))
        for ready in as_completed(self._running):
            chunk = self._running.pop(ready)
            for place, problem in ready.result():
                result.failures.append(problem)
                result.failed.add(chunk[place].wanted)
            still = {job.student_id for rest in self._running.values() for job in rest}
            done(len(busy - still))
            busy &= still
        for job in self._jobs:
            _hand_out(job, job.kept in fresh, result)
        self._jobs = ()
        return result


def _hand_out(job: PrintJob, is_fresh: bool, result: Printed) -> None:
    if job.wanted in result.failed:
        return
    if is_fresh:
        result.drawn += 1
    elif job.wanted.exists():
        result.there_already += 1
        return
    else:
        result.handed_out += 1
    drawn.hand_out(job.kept, job.wanted)


@contextmanager
def press() -> Iterator[Press]:
    """One worker process per core, reused for all jobs; they share no connection with this process.

    Raises PressStopped where a worker is ended from outside.
    """
    pool = ProcessPoolExecutor(os.cpu_count(), mp_context=_fresh_processes(), initializer=gc.freeze)
    try:
        yield Press(pool)
    except BrokenProcessPool:
        raise PressStopped(
            "A process that draws reports was ended, perhaps for want of memory. What it drew is kept: start again."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _fresh_processes() -> BaseContext:
    """How workers are started: where it is safe, from a process that has loaded Pango, so that one report of one
    student takes as long as its drawing."""
    if sys.platform != "linux":
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__, "reports.family.press"])
    return context


def _draw(jobs: Sequence[PrintJob]) -> list[tuple[int, str]]:
    """Draw and keep these files; place in `jobs` and reason of each that could not be drawn."""
    # Loads Pango, which only a machine that draws needs.
    from reports.family.press import RenderError

    failures = []
    for place, job in enumerate(jobs):
        try:
            content = pdf([from_json(contract) for contract in job.contracts])
        except RenderError as error:
            failures.append((place, str(error)))
            continue
        drawn.keep(job.kept, content)
    return failures
