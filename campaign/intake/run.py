"""One import: plan the sources, read each into staging, merge it in one transaction, record what became of it.

Whatever stops the process, a source is either wholly in or not at all, and importing again gives the same register.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.intake.merging import merge_source
from campaign.intake.plans import FilePlan, SourcePlan
from campaign.intake.problems import IntakeError, RowRefused, explain
from campaign.intake.registry import plan_sources
from campaign.intake.staging import FileTally, Passed, Stage
from campaign.settings import Intake
from campaign.store import imports, rosters
from campaign.store.imports import FileRecord

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Asked:
    """An import that waits in the database for its turn. `merging` is told the files whose rows are all read."""

    run: int
    merging: Callable[[Sequence[str]], None]


_TELL_EVERY = 2000


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
    limits: Intake,
    now: datetime,
    progress: Progress | None = None,
    ignored_reasons: Sequence[str] = (),
    asked: Asked | None = None,
) -> ImportSummary:
    """Import files, folders and zip archives; rosters first, so that results find their students.

    `district` is the code of the district for files that do not name one. A score beside a reason not tested counts
    only if the reason is in `ignored_reasons`. Files that cannot be used do not raise: they are in the summary with
    status "failed" and a message, and nothing of their source has changed. Raises RunNotWaiting if the import that
    was `asked` for has been called off.
    """
    planned = plan_sources(paths, limits)
    with _alone(engine):
        with transaction(engine, ENGINE) as connection:
            run = imports.begin_run(connection, now, asked.run if asked else None)
        files = [
            FileRecord(name, "", file.size if file else 0, "unknown", "failed", message=message)
            for file, name, message in planned.failed
        ]
        files += [
            FileRecord(
                e.file.name, e.fingerprint.sha256, e.file.size, "unknown", "not_needed", message=message
            )
            for e, message in planned.not_needed
        ]
        _record(engine, run, district, files)
        merging = asked.merging if asked else None
        importer = _Importer(engine, run, district, progress, ignored_reasons, merging)
        for source in planned.sources:
            files += importer.import_source(source)
        if not files:
            files = [_nothing(paths)]
            _record(engine, run, district, files)
        with transaction(engine, ENGINE) as connection:
            failed = any(file.status == "failed" for file in files)
            imports.end_run(connection, run, "failed" if failed else "done", now)
    return ImportSummary(files)


def _nothing(paths: Sequence[Path]) -> FileRecord:
    name = ", ".join(str(path) for path in paths)
    return FileRecord(
        name, "", 0, "unknown", "failed", message=f"{name} holds no file. Name a folder with files."
    )


def _record(engine: Engine, run: int, district: str | None, files: Sequence[FileRecord]) -> None:
    """Keep what is said about files of which nothing came in, for the staff of the district they were meant for."""
    with transaction(engine, ENGINE) as connection:
        meant_for = rosters.likely_district(connection, district)
        for file in files:
            imports.add_file(connection, run, meant_for, file)


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """One import at a time per database; the lock ends with its connection, however the process ends."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": imports.LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": imports.LOCK})


@dataclass(frozen=True)
class _Importer:
    engine: Engine
    run: int
    district: str | None
    progress: Progress | None
    ignored_reasons: Sequence[str]
    merging: Callable[[Sequence[str]], None] | None = None

    def import_source(self, source: SourcePlan) -> list[FileRecord]:
        try:
            with transaction(self.engine, ENGINE) as connection:
                return self._import(connection, source)
        except IntakeError as error:
            return self._failed(source, error)

    def _import(self, connection: Connection, source: SourcePlan) -> list[FileRecord]:
        stage = Stage(connection)
        tallies = [self._read(stage, number, plan) for number, plan in enumerate(source.files)]
        stage.finish()
        if self.merging:
            self.merging([tally.name for tally in tallies])
        merged = merge_source(connection, source, self.district, self.ignored_reasons, self._adder(source))
        for number, notes in merged.notes.items():
            for code, detail in notes:
                tallies[number].note(code, detail)
        records = []
        for plan, tally in zip(source.files, tallies, strict=True):
            for kind, count in merged.passed.get(tally.number, {}).items():
                tally.passed[kind] = tally.passed.get(kind, 0) + count
                tally.rows_in -= count
            record = _settled(plan, tally, merged.outcomes.get(tally.number))
            imports.settle_file(connection, merged.file_ids[tally.number], record)
            records.append(record)
        self._record_problems(connection, merged.file_ids, merged.district, tallies)
        return records

    def _adder(self, source: SourcePlan) -> Callable[[Connection, int], dict[int, int]]:
        def add(connection: Connection, district: int) -> dict[int, int]:
            return {
                number: imports.add_file(connection, self.run, district, _blank(plan))
                for number, plan in enumerate(source.files)
            }

        return add

    def _read(self, stage: Stage, number: int, plan: FilePlan) -> FileTally:
        tally = FileTally(number, plan.examined.file.name)
        if plan.batches is not None:
            for batch in plan.batches(tally):
                stage.accept_batch(tally, batch)
                self._tell(tally)
        elif plan.records is not None and plan.read is not None:
            for line, record in plan.records():
                self._take(stage, tally, plan, line, record)
                if tally.rows_in % _TELL_EVERY == 0:
                    self._tell(tally)
        if plan.needed:
            self._tell(tally)
        return tally

    def _tell(self, tally: FileTally) -> None:
        if self.progress:
            self.progress(tally.name, tally.rows_in)

    def _take(self, stage: Stage, tally: FileTally, plan: FilePlan, line: int, record: Any) -> None:
        try:
            if isinstance(record, RowRefused):
                raise record
            facts = plan.read(record, tally)  # type: ignore[misc]
        except RowRefused as refusal:
            stage.refuse(tally, line, refusal, _own_id(record))
            return
        if isinstance(facts, Passed):
            tally.passed[facts.kind] = tally.passed.get(facts.kind, 0) + 1
        else:
            stage.accept(tally, line, facts)

    def _record_problems(
        self, connection: Connection, file_ids: Mapping[int, int], district: int, tallies: Sequence[FileTally]
    ) -> None:
        def problem(number: int, line: int, column: str | None, code: str, detail: str) -> dict[str, object]:
            words = explain(code, detail)
            return {
                "source_file_id": file_ids[number],
                "district_id": district,
                "line": line,
                "column_name": column,
                "code": code,
                "reason": words.reason,
                "remedy": words.remedy,
            }

        refused = [
            problem(row["file"], row["line"], row["column_name"], row["code"], row["detail"])
            | {"accepted": False}
            for row in imports.refused_by_code(connection)
        ]
        notes = [
            problem(tally.number, 0, column, code, detail) | {"accepted": True}
            for tally in tallies
            for (code, detail, column) in tally.notes
        ]
        imports.add_problems(connection, refused + notes)

    def _failed(self, source: SourcePlan, error: IntakeError) -> list[FileRecord]:
        culprit = error.file
        records = []
        for plan in source.files:
            own = culprit in (None, plan.examined.file.name)
            message = str(error) if own else f"Not imported, because {culprit} of the same package failed."
            records.append(replace(_blank(plan), status="failed", message=message))
        _record(self.engine, self.run, self.district, records)
        return records


def _own_id(record: Any) -> str | None:
    return record.get("sourcedid") if isinstance(record, dict) else None


def _blank(plan: FilePlan) -> FileRecord:
    examined = plan.examined
    status = "done" if plan.needed else "not_needed"
    return FileRecord(
        examined.file.name,
        examined.fingerprint.sha256,
        examined.file.size,
        plan.format,
        status,
        message=plan.message or None,
    )


def _settled(plan: FilePlan, tally: FileTally, outcome: Any) -> FileRecord:
    """The file's record. Raises IntakeError if a row was neither accepted nor refused, so that nothing is committed."""
    accepted, unchanged, refused = (
        (outcome.accepted, outcome.unchanged, outcome.refused) if outcome else (0, 0, 0)
    )
    if tally.rows_in != accepted + refused:
        raise IntakeError(
            f"{tally.name}: {tally.rows_in} rows came in, but {accepted} were accepted and {refused} refused. "
            "This is a fault of the program; nothing was imported.",
            tally.name,
        )
    passed = [f"{count} {kind}" for kind, count in sorted(tally.passed.items())]
    parts = [plan.message, f"passed over: {', '.join(passed)}" if passed else ""]
    if plan.examined.fingerprint.encoding != "utf-8":
        parts.append("read as Windows-1252, because it is not UTF-8")
    return replace(
        _blank(plan),
        rows_in=tally.rows_in,
        accepted=accepted,
        unchanged=unchanged,
        refused=refused,
        message="; ".join(part for part in parts if part) or None,
    )
