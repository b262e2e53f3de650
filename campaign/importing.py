"""What `gbg import` and `gbg problems` print, and the file of problems they write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.intake import listing
from campaign.intake.run import ImportSummary, import_paths
from campaign.settings import Settings
from campaign.store import imports


def bring_in(
    engine: Engine, settings: Settings, paths: Sequence[Path], district: str | None, now: datetime
) -> ImportSummary:
    """Import the paths, telling rows as they are read, and print the table of files."""
    summary = import_paths(
        engine,
        paths,
        district=district,
        limits=settings.intake,
        now=now,
        progress=_tell,
        ignored_reasons=settings.comparison.ignored_reasons_not_tested,
    )
    click.echo(err=True)
    click.echo(listing.file_table(summary))
    return summary


def _tell(name: str, rows: int) -> None:
    click.echo(f"\r\033[K{name}: {rows:,} rows", nl=False, err=True)


def write_problems(engine: Engine, file: Path) -> None:
    """Write the problems of the newest import of each file as CSV."""
    with transaction(engine, ENGINE) as connection:
        count = listing.export_problems(imports.open_problems(connection), file)
    click.echo(f"{count} problems written to {file}")


def show_problems(engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        lines = listing.problem_lines(imports.open_problems(connection))
    for line in lines or ["No problems: every row of every file came in."]:
        click.echo(line)
