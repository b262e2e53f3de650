"""How tests bring files in and look at the register."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.intake.run import ImportSummary, import_paths
from campaign.settings import Intake
from campaign.store.imports import FileRecord

LIMITS = Intake(
    maximum_file_megabytes=50, maximum_zip_ratio=100, maximum_zip_members=50, keep_uploads_days=30
)
NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
REGISTER = (
    "district", "school", "staff_member", "student", "student_identifier", "contact", "student_contact", "course",
    "section", "enrollment", "grading_period", "mark", "assessment", "score",
)  # fmt: skip


def bring(
    engine: Engine,
    *paths: Path,
    district: str | None = None,
    confirmed: bool = False,
    ignored: tuple[str, ...] = (),
    limits: Intake = LIMITS,
) -> ImportSummary:
    """Import, and check for every file that no row has vanished."""
    summary = import_paths(
        engine, paths, district=district, confirmed=confirmed, limits=limits, now=NOW, ignored_reasons=ignored
    )
    for file in summary.files:
        assert file.rows_in == file.accepted + file.refused, file
        assert file.unchanged <= file.accepted, file
    return summary


def rows(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    with transaction(engine, ENGINE) as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def named(summary: ImportSummary, ending: str) -> FileRecord:
    """The only file whose format or name ends so."""
    (found,) = [f for f in summary.files if f.format.endswith(ending) or f.name.endswith(ending)]
    return found


def register(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the register."""
    return {table: sorted(rows(engine, f"SELECT * FROM {table}"), key=str) for table in REGISTER}


def counts(engine: Engine) -> dict[str, int]:
    return {table: len(found) for table, found in register(engine).items()}
