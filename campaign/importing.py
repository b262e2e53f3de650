"""An import that somebody asked for on a page: worked off where a hand is free, and told while it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.intake.problems import IntakeError
from campaign.intake.run import Asked, import_paths
from campaign.intake.sources import InputFile, find_files
from campaign.settings import Intake, Settings
from campaign.store import import_runs
from campaign.store.import_runs import Expected
from campaign.store.imports import RunNotWaiting
from campaign.uploads import path_of

TELL_EVERY_SECONDS = 0.5
# What does not stand in lines tells nothing about its rows by its size.
_NOT_LINES = (b"<", b"PK\x03\x04", b"\xef\xbb\xbf<")


def work_off(engine: Engine, settings: Settings, run_id: int, clock: Callable[[], datetime]) -> None:
    """Import the files of a run that waits; one that was called off, or that another machine took, is left alone.

    A fault of the program is raised and leaves the run interrupted: a person sees it and can start it again.
    """
    with transaction(engine, ENGINE) as connection:
        wanted = import_runs.to_do(connection, run_id)
        if wanted is None:
            return
        paths = [path_of(settings.home, upload) for upload in wanted.uploads]
        import_runs.expect(connection, run_id, expected(paths, settings.intake))
    told = _Told(engine, run_id)
    try:
        import_paths(
            engine,
            paths,
            district=wanted.district,
            confirmed=wanted.confirmed,
            limits=settings.intake,
            now=clock(),
            progress=told.read,
            ignored_reasons=settings.comparison.ignored_reasons_not_tested,
            own_tests=settings.own_tests,
            asked=Asked(run_id, told.merging),
        )
    except RunNotWaiting:
        return
    except BaseException:
        _end(engine, run_id, clock(), interrupted=True)
        raise
    _end(engine, run_id, clock(), interrupted=False)


def _end(engine: Engine, run_id: int, now: datetime, *, interrupted: bool) -> None:
    with transaction(engine, ENGINE) as connection:
        import_runs.end(connection, run_id, now, interrupted=interrupted)


def expected(paths: Sequence[Path], limits: Intake) -> Iterator[Expected]:
    """The files that the paths hold, each with a guess at its rows. What cannot be opened is told by the import."""
    for path in paths:
        for file in find_files(path, limits):
            if not isinstance(file, IntakeError):
                yield Expected(file.name, file.size, _guess(file))


def _guess(file: InputFile) -> int | None:
    """Rows of a file of lines, from the length of its first lines."""
    head = file.head()
    lines = head.count(b"\n")
    if lines < 2 or head.startswith(_NOT_LINES):
        return None
    return max(round(file.size * lines / (head.rindex(b"\n") + 1)) - 1, 1)


@dataclass
class _Told:
    """Writes down how far a run has come, a few times a second at most."""

    engine: Engine
    run_id: int
    _file: str = ""
    _rows: int = 0
    _written: float = field(default_factory=lambda: time.monotonic() - TELL_EVERY_SECONDS)

    def read(self, name: str, rows: int) -> None:
        if name != self._file and self._file:
            self._write()
        due = name != self._file or time.monotonic() - self._written >= TELL_EVERY_SECONDS
        self._file, self._rows = name, rows
        if due:
            self._write()

    def merging(self, names: Sequence[str]) -> None:
        if self._file:
            self._write()
        with transaction(self.engine, ENGINE) as connection:
            import_runs.merging(connection, self.run_id, names)

    def _write(self) -> None:
        self._written = time.monotonic()
        with transaction(self.engine, ENGINE) as connection:
            import_runs.tell(connection, self.run_id, self._file, self._rows)
