"""`gbg import` and `gbg problems`: files in, and what was refused."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.commands.installation import FILE, pass_installation
from campaign.database import transaction
from campaign.installation import Installation, utc_now
from campaign.intake import listing
from campaign.intake.run import ImportSummary, import_paths
from campaign.settings import Settings
from campaign.store import imports


@click.command("import")
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--district", "code", help="Code of the district, for files that name none.")
@click.option("--problems", "file", type=FILE, help="Write problems as CSV.")
@click.option(
    "--allow-withdrawals", is_flag=True, help="Let a complete roster leave out any number of students."
)
@pass_installation
def import_command(
    installation: Installation,
    paths: tuple[Path, ...],
    code: str | None,
    file: Path | None,
    allow_withdrawals: bool,
) -> None:
    """Bring in files, folders and zip archives: OneRoster, Ed-Fi, MAP Growth, STAAR, tables with a mapping."""
    settings = installation.settings
    if allow_withdrawals:
        settings = replace(settings, intake=replace(settings.intake, largest_withdrawal_percent=100))
    summary = bring_in(installation.engine, settings, paths, code, utc_now())
    if file is not None:
        _write_problems(installation.engine, file)
    if summary.failed:
        raise SystemExit(1)


@click.command("problems")
@click.option("--export", "file", type=FILE, help="Write them as CSV.")
@pass_installation
def problems_command(installation: Installation, file: Path | None) -> None:
    """List what the newest import of each file refused or wants a person to look at, with what to do."""
    if file is None:
        _show_problems(installation.engine)
    else:
        _write_problems(installation.engine, file)


def bring_in(
    engine: Engine, settings: Settings, paths: Sequence[Path], district: str | None, now: datetime
) -> ImportSummary:
    """Import the paths, telling rows as they are read, and print the table of files."""
    summary = import_paths(
        engine,
        paths,
        district=district,
        confirmed=True,
        limits=settings.intake,
        now=now,
        progress=tell,
        ignored_reasons=settings.comparison.ignored_reasons_not_tested,
        own_tests=settings.own_tests,
    )
    click.echo(err=True)
    click.echo(listing.file_table(summary))
    return summary


def tell(name: str, rows: int) -> None:
    """One line that changes, for somebody who looks on; a file that keeps the output has no use for it."""
    if not sys.stderr.isatty():
        return
    click.echo(f"\r\033[K{name}: {rows:,} rows", nl=False, err=True)


def _write_problems(engine: Engine, file: Path) -> None:
    """Write the problems of the newest import of each file as CSV."""
    with transaction(engine, ENGINE) as connection:
        count = listing.export_problems(imports.open_problems(connection), file)
    click.echo(f"{count} problems written to {file}")


def _show_problems(engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        lines = listing.problem_lines(imports.open_problems(connection))
    for line in lines or ["No problems: every row of every file came in."]:
        click.echo(line)
