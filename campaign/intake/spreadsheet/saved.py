"""Mappings that a district has saved: from and to the document that a mapping file holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from collections.abc import Mapping as Values
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from campaign.intake.dates import school_year_of
from campaign.intake.problems import IntakeError
from campaign.intake.spreadsheet.mapping import Mapping, read
from campaign.intake.spreadsheet.reader import tests_of
from campaign.store import rosters, table_mappings
from campaign.store.table_mappings import SavedMapping

# What is true of one file only: a table in which it is fixed for all rows is read so under this file's name alone.
OF_ONE_FILE = (
    "school_year",
    "season",
    "period_title",
    "period_begins_on",
    "period_ends_on",
    "administered_on",
    "as_of",
)


def of_district(connection: Connection, district: str | None, now: datetime) -> list[Mapping]:
    """The mappings in use of the district with this code (None: of the only one there is), the newest first."""
    district_id = rosters.likely_district(connection, district)
    if district_id is None:
        return []
    found = []
    for one in table_mappings.in_use(connection, district_id):
        # One that an older program wrote and this one does not read: its tables are asked about again.
        with suppress(IntakeError):
            found += [] if is_over(one, now) else [mapping_of(one)]
    return found


def mapping_of(saved: SavedMapping) -> Mapping:
    """Raises IntakeError for a document that this version of the program does not read any more."""
    return read(saved.shown, dict(saved.content), header=saved.header)


def is_over(saved: SavedMapping, now: datetime) -> bool:
    """True for a mapping that fixes the school year, when another one has begun since it was saved."""
    fixed = "school_year" in saved.content.get("values", {})
    return fixed and school_year_of(saved.created_at.date()) != school_year_of(now.date())


def checked(name: str, document: Any) -> dict[str, Any]:
    """The table [mapping] of a document as it is kept. Raises IntakeError for one that cannot work."""
    found = document.get("mapping") if isinstance(document, dict) else None
    if not isinstance(found, dict):
        raise IntakeError(f"{name}: a table [mapping] is missing.", name)
    tests_of(read(name, found))
    try:
        json.dumps(found)
    except TypeError:
        raise IntakeError(f"{name}: write dates and times in quotes.", name) from None
    return found


def as_toml(document: Values[str, Any]) -> str:
    """A mapping as the file that README.md describes."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Values[str, Any]) -> Iterator[str]:
    yield "[mapping]"
    yield from (
        f"{key} = {_value(value)}" for key, value in document.items() if not isinstance(value, dict | list)
    )
    for name in ("columns", "values"):
        if document.get(name):
            yield from ("", f"[mapping.{name}]")
            yield from (f"{_key(key)} = {_value(value)}" for key, value in document[name].items())
    for entry in document.get("assessment", []):
        yield from ("", "[[mapping.assessment]]")
        yield from (f"{_key(key)} = {_value(value)}" for key, value in entry.items())


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(part)}" for key, part in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    # The strings of JSON are strings of TOML too, but for one control character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
