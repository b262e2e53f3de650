"""`gbg calendar`: the days of a district's year."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy import Engine

from campaign import calendar, calendar_file
from campaign.access import ENGINE
from campaign.app import Installation
from campaign.calendar import SchoolYear
from campaign.commands.districts import only_district
from campaign.commands.installation import pass_installation
from campaign.database import transaction
from campaign.store import occurrences


@click.group("calendar")
def calendar_group() -> None:
    """The district's year: school days, holidays, report cards, results, conferences."""


@calendar_group.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--district", "code", help="Code of the district; not needed where there is one only.")
@pass_installation
def calendar_import_command(installation: Installation, file: Path, code: str | None) -> None:
    """Put the days of FILE (CSV with day,kind,title, or TOML) in place of a district's calendar."""
    for line in _import(installation.engine, file, code):
        click.echo(line)


def _import(engine: Engine, file: Path, code: str | None) -> Iterator[str]:
    """Replace a district's calendar; the lines say what came in and what a person should look at."""
    found = calendar_file.read(file)
    with transaction(engine, ENGINE) as connection:
        district = only_district(connection, code)
        count = occurrences.replace_calendar(connection, district.id, found)
    yield f"{count} days are now the calendar of {district.code}."
    for gap in calendar.gaps(SchoolYear.of((day, kind) for day, kind, _ in found)):
        yield f"  look at this: {gap}"
