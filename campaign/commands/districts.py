"""The districts that `--district CODE` means."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from campaign.access import ENGINE
from campaign.commands.errors import CommandError
from campaign.database import transaction
from campaign.plain_error import NotFound
from campaign.store import occurrences, rosters


@dataclass(frozen=True)
class District:
    id: int
    code: str
    name: str
    students: int


def districts(engine: Engine, code: str | None) -> list[District]:
    """The district of this code, or all. Raises NotFound where there is none."""
    with transaction(engine, ENGINE) as connection:
        found = [District(**row) for row in rosters.districts(connection, code)]
        known = ", ".join(rosters.district_codes(connection))
    if not known:
        raise NotFound("There is no district yet; import a roster first.")
    if not found:
        raise NotFound(f"There is no district {code}; known: {known}.")
    return found


def only_district(connection: Connection, code: str | None) -> occurrences.District:
    """The district of this code, or the only one there is. Raises CommandError naming those that could be meant."""
    known = occurrences.districts(connection)
    chosen = [district for district in known if code in (None, district.code)]
    if len(chosen) == 1:
        return chosen[0]
    codes = ", ".join(district.code for district in known) or "none yet; import a roster first"
    raise CommandError(f"say which district with --district CODE; known: {codes}")
