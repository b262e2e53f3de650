"""`gbg reports`: family reports, written and drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import click

from campaign import doctor, family_reports
from campaign.app import Installation, utc_now
from campaign.commands.errors import told
from campaign.commands.installation import FOLDER, pass_installation
from campaign.family_reports import NotFound, ReportSummary, Selection
from content import catalog


@click.command("reports")
@click.option("--out", type=FOLDER, required=True, help="Folder for the PDF files.")
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
    doctor.require(installation.settings, *doctor.PRINTING)
    with told(NotFound):
        chosen = family_reports.select(installation.engine, code, student)
    with click.progressbar(length=chosen.students, label="Reports") as bar:
        summaries = list(_write(installation, chosen, out, force, bar.update))
    for summary in summaries:
        click.echo(summary)
    if any(summary.failed for summary in summaries):
        raise SystemExit(1)


def _write(
    installation: Installation, chosen: Selection, out: Path, force: bool, progress: Callable[[int], None]
) -> Iterator[ReportSummary]:
    """One district after the other."""
    for district_id in chosen.district_ids:
        yield family_reports.write_reports(
            installation.engine,
            district_id=district_id,
            catalog=catalog.load(),
            settings=installation.settings,
            out=out,
            now=utc_now(),
            progress=progress,
            student_id=chosen.student_id,
            force=force,
        )
