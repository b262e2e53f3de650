"""`gbg norms`: what a grade means here."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import pandas as pd

from campaign.access import ENGINE
from campaign.commands.districts import District, districts
from campaign.commands.errors import CommandError, told
from campaign.commands.installation import DAY, FILE, pass_installation
from campaign.commands.norms_lines import cross_table_lines, lines
from campaign.comparing.comparisons import scales_of
from campaign.comparing.norms import DistrictNorms, district_norms, export
from campaign.database import transaction
from campaign.installation import Installation, utc_now
from campaign.plain_error import NotFound
from reports.compare.cross_table import mark_by_test, protected, share_below
from reports.compare.scales import ScaleError, load
from reports.compare.small_cells import Shown

_READABLE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command("norms")
@click.option("--district", "code", help="Code of one district; without it, all.")
@click.option("--as-of", type=DAY, help="The last school year completed on this day; today if left out.")
@click.option("--export", "file", type=FILE, help="Also write the table as CSV.")
@pass_installation
def norms_command(
    installation: Installation, code: str | None, as_of: datetime | None, file: Path | None
) -> None:
    """Show what each grade meant last year: of all students with it, how many met grade level on the state test."""
    found = []
    with told(NotFound, ScaleError, OSError):
        for one in districts(installation.engine, code):
            found.append((one.code, _norms(installation, one, as_of)))
            with transaction(installation.engine, ENGINE) as connection:
                texts = installation.shelf.of(connection, one.id)
            click.echo("\n".join(lines(one.name, found[-1][1], texts.catalog)))
        if file:
            click.echo(f"{export(found, file):,} rows written to {file}, readable by you alone.")


def _norms(installation: Installation, district: District, as_of: datetime | None) -> DistrictNorms:
    settings = installation.settings
    day = (as_of or utc_now().astimezone(ZoneInfo(settings.installation.time_zone))).date()
    scales = scales_of(settings.home, district.code) or load()
    with transaction(installation.engine, ENGINE) as connection:
        return district_norms(connection, district.id, day, scales, settings.privacy.minimum_group)


@click.command("cross-table")
@click.argument("file", type=_READABLE)
@click.option("--mark", required=True, help="Name of the column with the marks.")
@click.option("--score", required=True, help="Name of the column with the scores.")
@click.option("--cut", type=float, required=True, help="The score at the line; a score on it is not below.")
@click.option("--high", default="A,B", show_default=True, help="Marks that are also counted together.")
def cross_table_command(file: Path, mark: str, score: str, cut: float, high: str) -> None:
    """Show marks beside scores of any CSV FILE: students, mean score and share below the cut, by mark."""
    with told(CommandError, OSError):
        students = _read(file, mark, score)
        table = mark_by_test(students[mark], students[score], cut)
        marks = [name.strip() for name in high.split(",")]
        safe = protected(table)
        hidden = safe["mark"].isin(marks) & (safe["shown"] != Shown.YES)
        together = float("nan") if hidden.any() else share_below(table, marks)
        click.echo("\n".join(cross_table_lines(safe, cut, (together, " or ".join(marks)))))


def _read(file: Path, mark: str, score: str) -> pd.DataFrame:
    try:
        students = pd.read_csv(file, dtype=str, usecols=[mark, score], keep_default_na=False, na_values=[""])
        return students.assign(**{score: pd.to_numeric(students[score])})
    except (ValueError, pd.errors.ParserError) as error:
        raise CommandError(
            f"{file}: cannot be used: {error}. Name two columns of the file, scores as numbers."
        ) from None
