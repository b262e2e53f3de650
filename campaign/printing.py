"""Report files: drawn on all cores, each there whole or not at all, none drawn twice.

Layout takes a core for a quarter of a second a report, so worker processes share the files out.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from reports.family.render import pdf
from reports.family.report import from_json

_CHUNK = 8


@dataclass(frozen=True)
class PrintJob:
    """One file: the contracts of its sides. `replaces` are patterns of older versions of the same file."""

    path: Path
    contracts: Sequence[Mapping[str, Any]]
    replaces: str


@contextmanager
def workers() -> Iterator[Executor]:
    """One worker process per core. They are started fresh, so that no open connection is shared."""
    pool = ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"), initializer=gc.freeze)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def draw(pool: Executor, jobs: Sequence[PrintJob]) -> list[str]:
    """Draw the files; return what went wrong, one line a file that could not be drawn."""
    if len(jobs) <= _CHUNK:
        return _draw(jobs)
    return [failure for failures in pool.map(_draw, _chunks(jobs)) for failure in failures]


def _chunks(jobs: Sequence[PrintJob]) -> list[Sequence[PrintJob]]:
    return [jobs[start : start + _CHUNK] for start in range(0, len(jobs), _CHUNK)]


def _draw(jobs: Iterable[PrintJob]) -> list[str]:
    # Loads Pango, which only a machine that draws needs.
    from reports.family.press import RenderError

    failures = []
    for job in jobs:
        try:
            content = pdf([from_json(contract) for contract in job.contracts])
        except RenderError as error:
            failures.append(str(error))
            continue
        _put(job, content)
    return failures


def _put(job: PrintJob, content: bytes) -> None:
    """Write beside the place and move there, so that a stop leaves no half file; then take older versions away."""
    unfinished = job.path.with_suffix(".part")
    unfinished.write_bytes(content)
    unfinished.replace(job.path)
    for older in job.path.parent.glob(job.replaces):
        if older != job.path:
            older.unlink(missing_ok=True)
