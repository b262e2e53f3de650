"""SQL of the versions of a district's campaigns: a history to which rows are added; the newest of a campaign holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

# Writers take turns, so that a row with a lower number never comes after one with a higher: `newest_id` rests on that.
_TURN = text("SELECT pg_advisory_xact_lock(7281614)")


@dataclass(frozen=True)
class Version:
    """A campaign as a district made it; `definition` None = removed. `by`: who, by name, or as the audit names them."""

    id: int
    campaign_id: int
    slug: str
    definition: Mapping[str, Any] | None
    note: str
    actor: str
    by: str
    at: datetime


_VERSION = """
    SELECT v.id, v.campaign_id, c.slug, v.definition, v.note, v.actor, coalesce(a.name, v.actor) AS by, v.at
    FROM campaign_version v JOIN campaign c ON c.id = v.campaign_id
    LEFT JOIN account a ON v.actor = 'account:' || a.id
"""


def newest_id(connection: Connection, district_id: int) -> int:
    """Another number as soon as a campaign of the district has changed; 0 where none was ever made."""
    query = text("SELECT coalesce(max(id), 0) FROM campaign_version WHERE district_id = :district_id")
    return int(connection.execute(query, {"district_id": district_id}).scalar_one())


def newest(connection: Connection, district_id: int) -> Sequence[Version]:
    """The version of each campaign that holds."""
    query = text(
        f"""
        SELECT DISTINCT ON (campaign_id) * FROM ({_VERSION} WHERE v.district_id = :district_id) n
        ORDER BY campaign_id, id DESC
        """  # noqa: S608  no value stands in it
    )
    return [Version(**row) for row in connection.execute(query, {"district_id": district_id}).mappings()]


def history(connection: Connection, campaign_id: int) -> Sequence[Version]:
    """All versions of one campaign, the newest first."""
    query = text(f"{_VERSION} WHERE v.campaign_id = :campaign_id ORDER BY v.id DESC")
    return [Version(**row) for row in connection.execute(query, {"campaign_id": campaign_id}).mappings()]


_ADD = text(
    """
    INSERT INTO campaign_version (campaign_id, district_id, definition, note, actor, at)
    VALUES (:campaign_id, :district_id, :definition, :note, :actor, :at) RETURNING id
    """
).bindparams(bindparam("definition", type_=JSONB(none_as_null=True)))


def take_turn(connection: Connection) -> None:
    """Before the newest version is read in order to change it."""
    connection.execute(_TURN)


def add(connection: Connection, campaign_id: int, district_id: int, **version: Any) -> int:
    """Add a version: definition, note, actor, at. The connection acts as the engine."""
    values = {"campaign_id": campaign_id, "district_id": district_id, **version}
    return int(connection.execute(_ADD, values).scalar_one())
