"""The command `gbg`: each command a few lines that call one function of a room."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from campaign import doctor, family_reports
from campaign.app import Installation, open_installation, utc_now
from campaign.database import DatabaseError
from campaign.demo import district
from campaign.doctor import NotReady
from campaign.settings import SettingsError
from content import catalog


def pass_installation(command: Callable[..., None]) -> Callable[..., None]:
    """Hand the installation to a command when it runs, so that help works where the settings do not."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        command(open_installation(), *arguments, **options)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="go-beyond-grades")
def gbg() -> None:
    """Go Beyond Grades: compare report-card grades with assessments and tell each family the whole story."""


@gbg.command("doctor")
def doctor_command() -> None:
    """Check settings, keys, database, fonts, libraries and disk; say what to do about each that fails."""
    findings = doctor.examine_installation()
    for finding in findings:
        click.echo(finding)
    if not all(finding.is_well for finding in findings):
        raise SystemExit(1)


@gbg.command("made-up-district")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="A new folder.")
@click.option(
    "--students",
    type=click.IntRange(district.MINIMUM_STUDENTS, district.MAXIMUM_STUDENTS),
    default=district.DEFAULT_STUDENTS,
    show_default=True,
)
@click.option("--seed", type=click.IntRange(0), default=district.DEFAULT_SEED, show_default=True)
def made_up_district_command(out: Path, students: int, seed: int) -> None:
    """Write the files of a made-up district: rosters of two vendors, marks, two tests, a calendar."""
    try:
        with click.progressbar(length=students, label="Students") as bar:
            made = district.build(out, students=students, seed=seed, progress=bar.update)
    except FileExistsError as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"{made.students:,} made-up students in {made.folder}, with {len(made.faults)} planted faults:"
    )
    for fault in made.faults:
        click.echo(f"  {fault.file}, line {fault.line or '-'}: {fault.kind}; {fault.outcome}")


@gbg.command("reports")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the PDF files."
)
@click.option("--district", "code", help="Code of one district; otherwise all.")
@click.option("--student", help="Identifier of one student.")
@click.option("--force", is_flag=True, help="Draw files again that are there.")
@pass_installation
def reports_command(
    installation: Installation, out: Path, code: str | None, student: str | None, force: bool
) -> None:
    """Write family reports that are new or changed and draw them as PDF, the home language in front.

    A run that was stopped goes on where it stood: start it again.
    """
    try:
        chosen = family_reports.select(installation.engine, code, student)
    except family_reports.NotFound as error:
        raise click.ClickException(str(error)) from None
    with click.progressbar(length=chosen.students, label="Reports") as bar:
        summaries = [
            family_reports.write_reports(
                installation.engine,
                district_id=district_id,
                catalog=catalog.load(),
                settings=installation.settings,
                out=out,
                now=utc_now(),
                progress=bar.update,
                student_id=chosen.student_id,
                force=force,
            )
            for district_id in chosen.district_ids
        ]
    for summary in summaries:
        click.echo(summary)
    if any(summary.failed for summary in summaries):
        raise SystemExit(1)


def main() -> None:
    try:
        gbg(standalone_mode=True)
    except (SettingsError, DatabaseError, NotReady) as error:
        click.echo(f"gbg: {error}", err=True)
        raise SystemExit(1) from None
