"""One import: plan the sources, read each into staging, merge it in one transaction, record what became of it.

Whatever stops the process, a source is either wholly in or not at all, and importing again gives the same register.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.intake.importer import Importer, Progress, record_files
from campaign.intake.merging import Given
from campaign.intake.registry import Planned, plan_sources
from campaign.intake.spreadsheet import Mapping, saved
from campaign.settings import Intake
from campaign.store import imports
from campaign.store.imports import FileRecord

# From so many new or changed rows on, what the database believes of its tables' sizes is not left to its own pace.
_MANY_ROWS = 10_000


@dataclass(frozen=True)
class Asked:
    """An import that waits in the database for its turn. `merging` is told the files whose rows are all read."""

    run: int
    merging: Callable[[Sequence[str]], None]


@dataclass(frozen=True)
class ImportSummary:
    """What became of every file. rows_in = accepted + refused for each; unchanged is part of accepted."""

    files: list[FileRecord]

    def total(self, column: str) -> int:
        return sum(getattr(file, column) for file in self.files)

    @property
    def rows_in(self) -> int:
        return self.total("rows_in")

    @property
    def accepted(self) -> int:
        return self.total("accepted")

    @property
    def unchanged(self) -> int:
        return self.total("unchanged")

    @property
    def refused(self) -> int:
        return self.total("refused")

    @property
    def failed(self) -> list[FileRecord]:
        return [file for file in self.files if file.status == "failed"]


def import_paths(  # noqa: PLR0913  the one door of the intake
    engine: Engine,
    paths: Sequence[Path],
    *,
    district: str | None,
    confirmed: bool = False,
    limits: Intake,
    now: datetime,
    progress: Progress | None = None,
    ignored_reasons: Sequence[str] = (),
    asked: Asked | None = None,
    own_tests: Path | None = None,
) -> ImportSummary:
    """Import files, folders and zip archives; rosters first, so that results find their students.

    `district` is the code of the district for files that do not name one. A roster that names another is refused,
    unless a person has `confirmed` that both are one. A score beside a reason not tested counts
    only if the reason is in `ignored_reasons`. Files that cannot be used do not raise: they are in the summary with
    status "failed" and a message, and nothing of their source has changed. `own_tests` is the folder of the
    district's own layouts of tests. Raises RunNotWaiting if the import that
    was `asked` for has been called off.
    """
    planned = plan_sources(paths, limits, own_tests, _saved_mappings(engine, district, now))
    with _alone(engine):
        with transaction(engine, ENGINE) as connection:
            run = imports.begin_run(connection, now, asked.run if asked else None)
        files = _left_out(planned)
        record_files(engine, run, district, files)
        merging = asked.merging if asked else None
        given = Given(district, confirmed) if district is not None else None
        importer = Importer(engine, run, given, progress, ignored_reasons, limits.rows_per_part, merging)
        largest = limits.largest_withdrawal_percent / 100
        for source in planned.sources:
            files += importer.import_source(replace(source, largest_withdrawal=largest))
        if not files:
            files = [_nothing(paths)]
            record_files(engine, run, district, files)
        with transaction(engine, ENGINE) as connection:
            failed = any(file.status == "failed" for file in files)
            imports.end_run(connection, run, "failed" if failed else "done", now)
        summary = ImportSummary(files)
        if summary.accepted - summary.unchanged >= _MANY_ROWS:
            imports.tell_planner(engine)
    return summary


def _left_out(planned: Planned) -> list[FileRecord]:
    """The files that no source is read from."""
    failed = [
        FileRecord(name, "", file.size if file else 0, "unknown", "failed", message=message)
        for file, name, message in planned.failed
    ]
    return failed + [
        FileRecord(e.file.name, e.fingerprint.sha256, e.file.size, "unknown", "not_needed", message=message)
        for e, message in planned.not_needed
    ]


def _saved_mappings(engine: Engine, district: str | None, now: datetime) -> Sequence[Mapping]:
    with transaction(engine, ENGINE) as connection:
        return saved.of_district(connection, district, now)


def _nothing(paths: Sequence[Path]) -> FileRecord:
    name = ", ".join(str(path) for path in paths)
    return FileRecord(
        name, "", 0, "unknown", "failed", message=f"{name} holds no file. Name a folder with files."
    )


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """One import at a time per database; the lock ends with its connection, however the process ends."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": imports.LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": imports.LOCK})
