"""Texts as districts have them: a history of which the newest row of each text holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, text

from campaign.schema.translations import wording

# Writers take turns, so that a row with a lower number never comes after one with a higher: `version` rests on that.
_TURN = text("SELECT pg_advisory_xact_lock(7281613)")

_VERSION = text(
    """
    SELECT coalesce((SELECT max(id) FROM wording WHERE district_id IS NULL), 0),
           coalesce((SELECT max(id) FROM wording WHERE district_id = :district), 0),
           coalesce((SELECT max(id) FROM draft_permission WHERE district_id = :district), 0)
    """
)
_VERSION_EVERYWHERE = text(
    """
    SELECT coalesce((SELECT max(id) FROM wording), 0), coalesce((SELECT max(id) FROM draft_permission), 0),
           (SELECT count(*) FROM district)
    """
)


def take_turn(connection: Connection) -> None:
    """Before anything is added to the texts of a district or to what it says on drafts."""
    connection.execute(_TURN)


def version(connection: Connection, district_id: int | None) -> tuple[int, ...]:
    """Another one as soon as something was added that holds in this district (None: in all of them)."""
    query = _VERSION_EVERYWHERE if district_id is None else _VERSION
    return tuple(connection.execute(query, {"district": district_id} if district_id else {}).one())


@dataclass(frozen=True)
class TextId:
    """One text of one district, or (None) of the whole installation."""

    district_id: int | None
    language: str
    unit: str
    key: str


@dataclass(frozen=True)
class NewWording:
    """What somebody makes of a text; `text` None = as it is shipped. `source`: the English it was written for."""

    of: TextId
    text: str | None
    state: str
    source: str
    source_hash: str
    note: str | None
    actor: str
    at: datetime


@dataclass(frozen=True)
class KeptWording:
    """One row of the history; `by` is the name of who wrote it, or how the audit names them."""

    id: int
    district_id: int | None
    language: str
    unit: str
    key: str
    text: str | None
    state: str
    source: str
    source_hash: str
    note: str | None
    by: str
    at: datetime


def add(connection: Connection, new: Iterable[NewWording]) -> int:
    """Add rows to the histories of their texts; how many. The connection acts as the engine."""
    rows = [
        {**asdict(one.of), **{name: value for name, value in vars(one).items() if name != "of"}}
        for one in new
    ]
    if rows:
        take_turn(connection)
        connection.execute(insert(wording), rows)
    return len(rows)


_KEPT = """
    SELECT w.id, w.district_id, w.language, w.unit, w.key, w.text, w.state, w.source, w.source_hash, w.note,
           coalesce(a.name, w.actor) AS by, w.at
    FROM wording w LEFT JOIN account a ON w.actor = 'account:' || a.id
"""


def newest(
    connection: Connection, district_id: int | None, language: str | None = None
) -> Sequence[KeptWording]:
    """The newest row of each text of this place alone, in one language or in all."""
    found = connection.execute(
        text(
            f"""
            SELECT DISTINCT ON (language, unit, key) * FROM ({_KEPT}) w
            WHERE district_id IS NOT DISTINCT FROM CAST(:district AS bigint)
              AND (CAST(:language AS text) IS NULL OR language = :language)
            ORDER BY language, unit, key, id DESC
            """  # noqa: S608  no value stands in it
        ),
        {"district": district_id, "language": language},
    )
    return [KeptWording(**row._mapping) for row in found]


def history(connection: Connection, of: TextId) -> Sequence[KeptWording]:
    """All rows of one text, the newest first."""
    found = connection.execute(
        text(
            f"""
            SELECT * FROM ({_KEPT}) w
            WHERE district_id IS NOT DISTINCT FROM CAST(:district_id AS bigint)
              AND language = :language AND unit = :unit AND key = :key
            ORDER BY id DESC
            """  # noqa: S608  no value stands in it
        ),
        vars(of),
    )
    return [KeptWording(**row._mapping) for row in found]
