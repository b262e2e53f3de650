"""`gbg print`: reports in envelopes, as files for a printer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypedDict, Unpack

import click

from campaign import doctor
from campaign.access import ENGINE
from campaign.commands.districts import only_district
from campaign.commands.errors import told
from campaign.commands.installation import FOLDER, pass_installation
from campaign.database import transaction
from campaign.installation import Installation, utc_now
from campaign.paper import print_files, print_runs
from campaign.paper.print_list import REASONS, PrintedRun
from campaign.paper.print_runs import PrintError, Selection
from campaign.store import print_runs as store
from campaign.store.print_runs import Run
from content import catalog
from reports.mailing.address import WINDOWS


class Chosen(TypedDict):
    """What the options say of a `Selection`."""

    school: str | None
    grade_level: int | None
    language: str | None
    step: str | None
    envelope: str
    again: str | None


@click.command("print")
@click.option("--out", type=FOLDER, required=True, help="Folder for the files, closed to other accounts.")
@click.option("--district", "code", help="Code of the district; needed where there are several.")
@click.option("--school", help="Code or name of one school.")
@click.option(
    "--grade", "grade_level", type=click.IntRange(-2, 13), help="One grade level; 0 is kindergarten."
)
@click.option("--language", help="Only letters in this language, such as es.")
@click.option("--step", help="Only adults whom this step of a campaign could not reach.")
@click.option(
    "--envelope", type=click.Choice(list(WINDOWS)), default="number-10", help="Kind of window envelope."
)
@click.option("--again", help="Print once more what was printed before, and why.")
@click.option(
    "--part-megabytes",
    type=click.IntRange(1, 2000),
    default=print_files.PART_MEGABYTES,
    show_default=True,
    help="A file goes on in the next from this size on.",
)
@pass_installation
def print_command(
    installation: Installation, out: Path, code: str | None, part_megabytes: int, **chosen: Unpack[Chosen]
) -> None:
    """Put the reports of a selection into envelopes: files by school, a list of envelopes and a cover.

    The same selection is the same run: started again, it goes on where it stood, and no letter is printed twice.
    """
    doctor.require(installation.settings, *doctor.PRINTING)
    with told(PrintError):
        run, letters = _planned(installation, code, chosen)
    with click.progressbar(length=letters, label=f"Run {run.number}") as bar:
        result = _produced(installation, run, out, part_megabytes, bar.update)
    for line in _lines(result, out):
        click.echo(line)
    if result.not_drawn:
        raise SystemExit(1)


def _planned(installation: Installation, code: str | None, chosen: Chosen) -> tuple[Run, int]:
    """The run and how many letters it holds."""
    with transaction(installation.engine, ENGINE) as connection:
        district_id = only_district(connection, code).id
    run = print_runs.plan(
        installation.engine,
        Selection(district_id, **chosen),
        settings=installation.settings,
        catalog=catalog.load(),
        actor="engine",
        now=utc_now(),
    )
    with transaction(installation.engine, ENGINE) as connection:
        return run, len(store.letters(connection, run.id))


def _produced(
    installation: Installation, run: Run, out: Path, part_megabytes: int, progress: Callable[[int], object]
) -> PrintedRun:
    return print_files.produce(
        installation.engine,
        run,
        settings=installation.settings,
        catalog=catalog.load(),
        out=out,
        now=utc_now(),
        part_bytes=part_megabytes * 1024 * 1024,
        progress=progress,
    )


def _lines(result: PrintedRun, out: Path) -> Iterator[str]:
    yield f"Considered {result.considered:>9,}"
    yield f"Printed    {result.printed:>9,} letters, {result.pages // 2:,} sheets"
    left_out = {**result.left_out, "replaced": result.replaced, "not_drawn": result.not_drawn}
    for reason, count in left_out.items():
        if count:
            yield f"Left out   {count:>9,} {REASONS.get(reason, reason)}"
    yield from (f"Not drawn: {failure}" for failure in result.failures)
    yield from (
        f"{out / name}: {envelopes:,} envelopes, {pages:,} pages" for name, envelopes, pages in result.files
    )
    yield f"{out / result.number}-list.csv and -cover.pdf go with them."
