"""`gbg mappings`: how a district's own tables are read, as files out of the database and into it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from campaign.access import ENGINE
from campaign.commands.errors import CommandError
from campaign.commands.installation import FILE, pass_installation
from campaign.database import transaction
from campaign.installation import Installation, utc_now
from campaign.intake.problems import IntakeError
from campaign.intake.spreadsheet import saved as documents
from campaign.store import audit, rosters, table_mappings
from campaign.store.table_mappings import NewVersion, SavedMapping

ACTOR = "command line"
_DISTRICT = click.option("--district", "code", help="Code of the district; needed where there are several.")


@click.group("mappings")
def mappings_group() -> None:
    """How tables of a district's own are read, as described on the staff page."""


@mappings_group.command("list")
@pass_installation
def list_command(installation: Installation) -> None:
    """List all versions, the newest first."""
    with transaction(installation.engine, ENGINE) as connection:
        for one in table_mappings.all_of(connection):
            click.echo(_line(one))


@mappings_group.command("export")
@click.argument("name")
@click.argument("file", type=FILE)
@_DISTRICT
@pass_installation
def export_command(installation: Installation, name: str, file: Path, code: str | None) -> None:
    """Write the newest version of the mapping NAME to FILE (TOML)."""
    with transaction(installation.engine, ENGINE) as connection:
        saved = table_mappings.current(connection, _district(connection, code), name)
    if saved is None:
        raise CommandError(f"there is no mapping “{name}”: look at gbg mappings list")
    file.write_text(documents.as_toml(saved.content), encoding="utf-8")
    click.echo(f"{saved.shown} written to {file}")


@mappings_group.command("save")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--name", help="Without it, the name of the file.")
@_DISTRICT
@pass_installation
def save_command(installation: Installation, file: Path, name: str | None, code: str | None) -> None:
    """Save the mapping in FILE (TOML) as the next version; later tables of its columns are read with it."""
    content, now = _read(file), utc_now()
    with transaction(installation.engine, ENGINE) as connection:
        new = NewVersion(_district(connection, code), name or file.stem, content, None, ACTOR)
        saved = table_mappings.save(connection, new, now)
        target = f"table_mapping:{saved.mapping_id}"
        audit.write(connection, audit.Entry(now, ACTOR, "saved_mapping", target, saved.district_id))
    click.echo(f"{saved.shown} saved")


def _read(file: Path) -> dict[str, Any]:
    try:
        return documents.checked(file.name, tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CommandError(f"{file} cannot be read as TOML: {error}") from None
    except IntakeError as error:
        raise CommandError(str(error)) from None


def _district(connection: Connection, code: str | None) -> int:
    district_id = rosters.likely_district(connection, code)
    if district_id is None:
        raise CommandError("say which district with --district CODE")
    return district_id


def _line(one: SavedMapping) -> str:
    state = "in use" if one.superseded_at is None else "not in use"
    used = f"last used {one.last_used_at:%Y-%m-%d}" if one.last_used_at else "not used yet"
    return f"{one.district}: {one.shown} ({one.content['kind']}), {state}, {used}"
