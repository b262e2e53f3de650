"""Mappings of tables that districts have saved: versions, the one in use, and when each was last used."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class SavedMapping:
    """One version. `content` is the table [mapping] of a mapping file; `superseded_at`: None = in use."""

    mapping_id: int
    district_id: int
    district: str
    name: str
    version: int
    content: Mapping[str, Any]
    header: str | None
    created_by: str
    created_at: datetime
    superseded_at: datetime | None
    last_file_id: int | None
    last_used_at: datetime | None

    @property
    def shown(self) -> str:
        """As imports name it."""
        return shown(self.name, self.version)


@dataclass(frozen=True)
class NewVersion:
    """What somebody saves under a name."""

    district_id: int
    name: str
    content: Mapping[str, Any]
    header: str | None
    created_by: str


def shown(name: str, version: int) -> str:
    return f"{name}, version {version}"


def save(connection: Connection, new: NewVersion, now: datetime) -> SavedMapping:
    """The next version of the mapping of this name; the one before is superseded."""
    connection.execute(
        text("SELECT id FROM district WHERE id = :district FOR UPDATE"), {"district": new.district_id}
    )
    which = {"district": new.district_id, "name": new.name, "now": now}
    connection.execute(
        text(
            """
            UPDATE table_mapping SET superseded_at = :now
            WHERE district_id = :district AND name = :name AND superseded_at IS NULL
            """
        ),
        which,
    )
    made = connection.execute(
        text(
            """
            INSERT INTO table_mapping (district_id, name, version, content, header, created_by, created_at)
            SELECT :district, :name, coalesce(max(version), 0) + 1, CAST(:content AS jsonb), :header, :by, :now
            FROM table_mapping WHERE district_id = :district AND name = :name RETURNING id
            """
        ),
        {**which, "content": json.dumps(new.content), "header": new.header, "by": new.created_by},
    ).scalar_one()
    found = one(connection, int(made))
    assert found is not None  # noqa: S101  just written
    return found


def retire(connection: Connection, mapping_id: int, now: datetime) -> None:
    """Use no version of it any more; all stay to be looked at and brought back."""
    connection.execute(
        text("UPDATE table_mapping SET superseded_at = :now WHERE id = :id AND superseded_at IS NULL"),
        {"id": mapping_id, "now": now},
    )


_SAVED = """
    SELECT m.id AS mapping_id, m.district_id, d.name AS district, m.name, m.version, m.content, m.header, m.created_by,
           m.created_at, m.superseded_at, f.id AS last_file_id, f.started_at AS last_used_at
    FROM table_mapping m JOIN district d ON d.id = m.district_id
    LEFT JOIN LATERAL (
        SELECT s.id, r.started_at FROM source_file s JOIN import_run r ON r.id = s.import_run_id,
               concat('read with the mapping ', m.name, ', version ', m.version) AS told
        WHERE s.district_id = m.district_id AND (s.message = told OR starts_with(s.message, told || ';'))
        ORDER BY s.id DESC LIMIT 1
    ) f ON true
"""


def one(connection: Connection, mapping_id: int) -> SavedMapping | None:
    found = _select(connection, "m.id = :id", id=mapping_id)
    return found[0] if found else None


def in_use(connection: Connection, district_id: int) -> Sequence[SavedMapping]:
    """The newest first."""
    return _select(connection, "m.superseded_at IS NULL AND m.district_id = :district", district=district_id)


def all_of(connection: Connection) -> Sequence[SavedMapping]:
    """All versions of all mappings that the connection's principal sees, the newest first."""
    return _select(connection, "true")


def current(connection: Connection, district_id: int, name: str) -> SavedMapping | None:
    """The newest version of the mapping of this name, in use or not."""
    found = _select(
        connection, "m.district_id = :district AND m.name = :name", district=district_id, name=name
    )
    return found[0] if found else None


def _select(connection: Connection, which: str, **values: object) -> Sequence[SavedMapping]:
    rows = connection.execute(text(f"{_SAVED} WHERE {which} ORDER BY m.id DESC"), values)
    return [SavedMapping(**row._mapping) for row in rows]
