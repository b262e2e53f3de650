"""The import of one source: its files read into staging, merged in one transaction, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.intake.ahead import read_ahead
from campaign.intake.loads import loads
from campaign.intake.merging import Given, SourceMerge
from campaign.intake.plans import FilePlan, SourcePlan
from campaign.intake.problems import IntakeError, RowRefused, explain
from campaign.intake.stage import Stage
from campaign.intake.staging import FileTally, Passed
from campaign.store import imports, rosters
from campaign.store.imports import FileRecord

Progress = Callable[[str, int], None]
_TELL_EVERY = 2000


def record_files(engine: Engine, run: int, district: str | None, files: Sequence[FileRecord]) -> None:
    """Keep what is said about files of which nothing came in, for the staff of the district they were meant for."""
    with transaction(engine, ENGINE) as connection:
        meant_for = rosters.likely_district(connection, district)
        for file in files:
            imports.add_file(connection, run, meant_for, file)


@dataclass(frozen=True)
class Importer:
    """Imports source after source: reads each into staging, merges it in one transaction, records what became of it.

    Results are merged `rows_per_part` rows at a time. `merging` is told the files whose rows are all read.
    """

    engine: Engine
    run: int
    district: Given | None
    progress: Progress | None
    ignored_reasons: Sequence[str]
    rows_per_part: int
    merging: Callable[[Sequence[str]], None] | None = None

    def import_source(self, source: SourcePlan) -> list[FileRecord]:
        try:
            with transaction(self.engine, ENGINE) as connection:
                return self._import(connection, source)
        except IntakeError as error:
            return self._failed(source, error)

    def _import(self, connection: Connection, source: SourcePlan) -> list[FileRecord]:
        stage = Stage(connection)
        merge = SourceMerge(connection, source, self.district, self.ignored_reasons, self._adder(source))
        tallies = []
        for number, plan in enumerate(source.files):
            tally = FileTally(number, plan.examined.file.name)
            tallies.append(tally)
            for _ in self._read(stage, tally, plan):
                if source.in_parts(plan):
                    self._merge(stage, merge)
        if self.merging:
            self.merging([tally.name for tally in tallies])
        if stage.waiting or not merge.file_ids:
            self._merge(stage, merge)
        while merge.merge_waiting(self.rows_per_part):
            self._keep_problems(stage, merge)
        merge.end()
        return self._settle(connection, source, merge, tallies)

    def _merge(self, stage: Stage, merge: SourceMerge) -> None:
        stage.finish()
        merge.merge_part(stage.since)
        self._keep_problems(stage, merge)

    def _keep_problems(self, stage: Stage, merge: SourceMerge) -> None:
        """Write down the refused rows of a part that is merged, and make room for the next."""
        refused = imports.refused_by_code(stage.connection, merge.district, merge.source.prefix)
        problems = [
            _problem(merge, row["file"], row["line"], row["column_name"], row["code"], row["detail"])
            | {"accepted": False, "school_id": row["school_id"], "subject": row["subject"]}
            for row in refused
        ]
        imports.add_problems(stage.connection, problems)
        stage.clear()

    def _settle(
        self, connection: Connection, source: SourcePlan, merge: SourceMerge, tallies: Sequence[FileTally]
    ) -> list[FileRecord]:
        """Write what became of each file, and what a person should look at."""
        records = []
        for plan, tally in zip(source.files, tallies, strict=True):
            for code, detail in merge.notes.get(tally.number, ()):
                tally.note(code, detail)
            for kind, count in merge.passed.get(tally.number, {}).items():
                tally.passed[kind] = tally.passed.get(kind, 0) + count
                tally.rows_in -= count
            record = _settled(plan, tally, merge.outcomes.get(tally.number))
            imports.settle_file(connection, merge.file_ids[tally.number], record)
            records.append(record)
        notes = [
            _problem(merge, tally.number, 0, column, code, detail) | {"accepted": True}
            for tally in tallies
            for (code, detail, column) in tally.notes
        ]
        imports.add_problems(connection, notes)
        return records

    def _adder(self, source: SourcePlan) -> Callable[[Connection, int], dict[int, int]]:
        def add(connection: Connection, district: int) -> dict[int, int]:
            return {
                number: imports.add_file(connection, self.run, district, _blank(plan))
                for number, plan in enumerate(source.files)
            }

        return add

    def _read(self, stage: Stage, tally: FileTally, plan: FilePlan) -> Iterator[None]:
        """Stage the file's rows, with a stop after each part of it."""
        if plan.batches is not None:
            for load in read_ahead(loads(tally.number, plan.batches(tally), self.rows_per_part)):
                stage.load(tally, load)
                self._tell(tally)
                if load.ends_part:
                    yield
        elif plan.records is not None and plan.read is not None:
            for line, record in plan.records():
                self._take(stage, tally, plan, line, record)
                if tally.rows_in % _TELL_EVERY == 0:
                    self._tell(tally)
        if plan.needed:
            for line, refusal in plan.examined.file.refused:
                stage.refuse(tally, line, refusal, None)
            self._tell(tally)

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

    def _failed(self, source: SourcePlan, error: IntakeError) -> list[FileRecord]:
        culprit = error.file
        records = []
        for plan in source.files:
            own = culprit in (None, plan.examined.file.name)
            message = str(error) if own else f"Not imported, because {culprit} of the same package failed."
            records.append(replace(_blank(plan), status="failed", message=message))
        record_files(self.engine, self.run, self.district.code if self.district else None, records)
        return records


def _problem(
    merge: SourceMerge, number: int, line: int, column: str | None, code: str, detail: str
) -> dict[str, object]:
    words = explain(code, detail)
    return {
        "source_file_id": merge.file_ids[number],
        "district_id": merge.district,
        "line": line,
        "column_name": column,
        "code": code,
        "reason": words.reason,
        "remedy": words.remedy,
        "school_id": None,
        "subject": None,
    }


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
    parts = [plan.message, plan.examined.file.remark, f"passed over: {', '.join(passed)}" if passed else ""]
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
