"""`gbg programmes` and `gbg grading-policy`: what a district gives to its reports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy import Connection, Engine

from campaign.access import ENGINE
from campaign.commands.districts import only_district
from campaign.commands.errors import CommandError, told
from campaign.commands.installation import pass_installation
from campaign.database import transaction
from campaign.documents import programme_file
from campaign.documents.programme_file import ProgrammeError
from campaign.installation import Installation
from campaign.store import programmes as store
from campaign.store.programmes import Programme

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
_DISTRICT = click.option(
    "--district", "code", help="Code of the district; not needed where there is one only."
)


@click.group("programmes")
def programmes_group() -> None:
    """Local programmes that reports tell families to sign up for."""


@programmes_group.command("import")
@click.argument("file", type=_FILE)
@_DISTRICT
@pass_installation
def programmes_import_command(installation: Installation, file: Path, code: str | None) -> None:
    """Put the programmes of FILE (TOML or CSV) in place of a district's."""
    with told(ProgrammeError):
        found = programme_file.read_programmes(file)
    with transaction(installation.engine, ENGINE) as connection:
        district = only_district(connection, code)
        count = store.replace_programmes(connection, district.id, found)
    click.echo(f"{count} programmes are now those of {district.code}. The next gbg reports prints them.")


@programmes_group.command("list")
@_DISTRICT
@pass_installation
def programmes_list_command(installation: Installation, code: str | None) -> None:
    """Show a district's programmes, the soonest first."""
    for line in _listed(installation.engine, code):
        click.echo(line)


def _listed(engine: Engine, code: str | None) -> Iterator[str]:
    with transaction(engine, ENGINE) as connection:
        district = only_district(connection, code)
        found = store.programmes(connection, district.id)
    if not found:
        yield f"{district.code} has no programmes; gbg programmes import FILE brings them in."
    yield from (_line(one) for one in found)


def _line(one: Programme) -> str:
    days = f"{one.starts_on or 'now'} to {one.ends_on or 'open'}"
    extras = [word for word, holds in (("free", one.free), ("bus", one.bus)) if holds]
    languages = ", ".join(one.title)
    facts = [
        f"grades {one.lowest_grade} to {one.highest_grade}",
        ", ".join(one.subjects),
        days,
        *extras,
        languages,
    ]
    return f"{one.title['en']}: {'; '.join(facts)}"


@click.command("grading-policy")
@click.argument("file", type=_FILE)
@_DISTRICT
@pass_installation
def grading_policy_command(installation: Installation, file: Path, code: str | None) -> None:
    """Put the lines on grades of FILE (TOML) in place of a district's; reports print the line of the school."""
    with told(ProgrammeError):
        found = programme_file.read_grading_policies(file)
    with transaction(installation.engine, ENGINE) as connection:
        district = only_district(connection, code)
        _check_schools(connection, district.id, [one.school for one in found if one.school])
        count = store.replace_policies(connection, district.id, found)
    click.echo(f"{count} lines on grades are now those of {district.code}. The next gbg reports prints them.")


def _check_schools(connection: Connection, district_id: int, schools: list[str]) -> None:
    unknown = store.unknown_schools(connection, district_id, schools)
    if unknown:
        raise CommandError(f"no school of the rosters has the id {unknown[0]!r}; nothing was changed")
