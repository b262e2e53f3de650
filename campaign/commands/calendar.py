"""`gbg calendar`: the days of a district's year, and the zones in which its hours are counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import available_timezones

import click
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.commands.districts import only_district
from campaign.commands.installation import pass_installation
from campaign.database import transaction
from campaign.definitions.definition import load_all
from campaign.installation import Installation, utc_now
from campaign.school_year import bookings, calendar, calendar_file, calendar_ics, year_picture
from campaign.school_year.calendar_file import CalendarError, Day
from campaign.store import calendar_days

_ACTOR = "command"
_DISTRICT = click.option(
    "--district", "code", help="Code of the district; not needed where there is one only."
)


@click.group("calendar")
def calendar_group() -> None:
    """The district's year: school days, holidays, report cards, results, conferences."""


@calendar_group.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@_DISTRICT
@pass_installation
def calendar_import_command(installation: Installation, file: Path, code: str | None) -> None:
    """Put the days of FILE (CSV with day,kind,title, TOML, or iCalendar) in place of a district's calendar."""
    for line in _import(installation.engine, file, code, installation.settings.installation.time_zone):
        click.echo(line)


@calendar_group.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_DISTRICT
@pass_installation
def calendar_export_command(installation: Installation, file: Path, code: str | None) -> None:
    """Write a district's calendar to FILE: iCalendar if its name ends in .ics, else CSV."""
    with transaction(installation.engine, ENGINE) as connection:
        district = only_district(connection, code)
        days = calendar_days.listed(connection, district.id)
    if file.suffix == ".ics":
        file.write_bytes(calendar_ics.write(days, f"School year of {district.code}", utc_now()))
    else:
        with file.open("w", encoding="utf-8", newline="") as stream:
            calendar_file.write(stream, days)
    click.echo(f"{len(days)} days of {district.code} are in {file}.")


@calendar_group.command("zone")
@click.argument("zone")
@click.option("--school", "school", help="Id of a school as in the rosters; without it the whole district.")
@_DISTRICT
@pass_installation
def calendar_zone_command(
    installation: Installation, zone: str, school: str | None, code: str | None
) -> None:
    """Count the hours of messages in ZONE, such as America/Denver, for a school or a district."""
    if zone not in available_timezones():
        raise CalendarError(f"zone: {zone!r} is not known; write one such as America/Denver")
    with transaction(installation.engine, ENGINE) as connection:
        district = only_district(connection, code)
        if not calendar_days.set_zone_of(connection, district.id, zone, source_id=school):
            raise CalendarError(
                f"--school: {district.code} has no school {school!r}; write its id in the rosters"
            )
    click.echo(f"{f'School {school}' if school else district.code} counts its hours in {zone}.")


@calendar_group.command("bookings")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@_DISTRICT
@pass_installation
def calendar_bookings_command(installation: Installation, file: Path, code: str | None) -> None:
    """Put the talks of FILE (CSV with student,day) in place of the booked ones that are still to come."""
    found = bookings.read(file)
    with transaction(installation.engine, ENGINE) as connection:
        district = only_district(connection, code)
        zone = district.time_zone or installation.settings.installation.time_zone
        kept = bookings.replace(connection, district.id, found, zone=zone, now=utc_now())
    click.echo(f"{kept.new} talks are new, {kept.known} were known, {kept.gone} are booked no more.")
    if kept.unknown:
        click.echo(f"  look at this: lines of no known student: {', '.join(map(str, kept.unknown))}")


def _import(engine: Engine, file: Path, code: str | None, zone: str) -> Iterator[str]:
    """Replace a district's calendar; the lines say what came in and what a person should look at."""
    with transaction(engine, ENGINE) as connection:
        district = only_district(connection, code)
        found, left_out = _read(file, district.time_zone or zone)
        year = year_picture.school_year(found)
        try:
            year_picture.falls_on(load_all(), year)
        except ValueError as error:
            raise CalendarError(f"{file}: {error}; leave out the days off that are none") from error
        said = f"Took in {len(found)} days of {file.name}"
        count = calendar_days.replace(connection, district.id, found, said=said, actor=_ACTOR, now=utc_now())
    yield f"{count} days are now the calendar of {district.code}."
    for begins in sorted({year_picture.begins(day) for day, _, _ in found}):
        for gap in calendar.gaps(year_picture.school_year(found, begins)):
            yield f"  look at this, {begins}–{begins + 1}: {gap}"
    for title in left_out:
        yield f"  left out, for its words name no kind of day: {title}"


def _read(file: Path, zone: str) -> tuple[list[Day], list[str]]:
    """The days, and the titles of an iCalendar file whose words propose no kind."""
    if file.suffix != ".ics":
        return calendar_file.read(file), []
    proposals = calendar_ics.read(file.read_bytes(), str(file), zone)
    days = {
        (day, str(one.kind)): one.title
        for one in proposals
        if one.kind
        for day in calendar_file.days_of(one.days, one.kind)
    }
    if not days:
        raise CalendarError(
            f"{file}: no title names a kind of day; say what the days are on the page Calendar"
        )
    left_out = sorted({one.title or "without a title" for one in proposals if one.kind is None})
    return [(day, kind, title or None) for (day, kind), title in sorted(days.items())], left_out
