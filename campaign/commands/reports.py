"""`gbg reports` and `gbg clean-reports`: family reports, written and drawn; drawn files whose report is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from campaign import doctor
from campaign.access import ENGINE
from campaign.commands.errors import told
from campaign.commands.installation import FOLDER, pass_installation
from campaign.database import transaction
from campaign.documents import family_reports, report_files, report_selection
from campaign.documents.family_reports import ReportSummary
from campaign.documents.printing import PressStopped
from campaign.documents.report_selection import NotFound, Selection
from campaign.installation import Installation, utc_now
from campaign.wordings import drafts, required_languages
from content import catalog

# The message that brings a report: what a school needs for it, it needs for the report on paper.
_MESSAGE = "report_ready"


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

    A run that was stopped goes on where it stood: start it again. What any run has drawn is not drawn again.
    """
    doctor.require(installation.settings, *doctor.PRINTING)
    with told(NotFound, PressStopped):
        chosen = report_selection.select(installation.engine, code, student)
        with _bar(chosen.students) as done:
            summaries = list(_write(installation, chosen, out, force, done))
    for line in [*map(str, summaries), *_notes(installation, chosen)]:
        click.echo(line)
    if any(summary.failed for summary in summaries):
        raise SystemExit(1)


def _notes(installation: Installation, chosen: Selection) -> Iterator[str]:
    """Whose word lets drafts out, and which schools must not get their reports yet."""
    languages = installation.settings.languages
    with transaction(installation.engine, ENGINE) as connection:
        for district_id in chosen.district_ids:
            texts = installation.shelf.of(connection, district_id)
            yield from drafts.banner(drafts.going_out(texts, languages.offered))
            awaited = required_languages.awaited(connection, district_id, texts, [_MESSAGE], languages)
            for line in required_languages.sentences(awaited, drafts.name):
                yield f"{line} Hand no report out there before."


@click.command("clean-reports")
@pass_installation
def clean_reports_command(installation: Installation) -> None:
    """Delete drawn reports that are replaced, or whose student is gone. The worker does it each night."""
    gone = report_files.clean(installation.engine, installation.settings.home, utc_now())
    click.echo(f"{gone:,} drawn reports deleted.")


@contextmanager
def _bar(students: int) -> Iterator[Callable[[int], None]]:
    """A bar with the rate and the time left; yields what to tell it."""
    begin, seen = time.monotonic(), 0

    def rate(_: object) -> str:
        return f"{seen / max(time.monotonic() - begin, 1e-9):,.1f} students a second"

    with click.progressbar(length=students, label="Reports", show_pos=True, item_show_func=rate) as bar:

        def done(some: int) -> None:
            nonlocal seen
            seen += some
            bar.update(some, seen)

        yield done


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
