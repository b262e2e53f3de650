"""Who let texts out that nobody has reviewed, in which language, and why: a history of which the newest row holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, RowMapping, insert, text

from campaign.schema.translations import draft_permission
from campaign.store import wordings


@dataclass(frozen=True)
class Permission:
    """One word of a district on one language. `stale`: also texts whose English has changed since they were written.

    `said_by` is the person who answers for it, `actor` who typed it, as the audit names them.
    """

    district_id: int
    language: str
    drafts: bool
    stale: bool
    said_by: str
    reason: str
    actor: str
    at: datetime


def add(connection: Connection, permission: Permission) -> None:
    wordings.take_turn(connection)
    connection.execute(insert(draft_permission).values(**vars(permission)))


def in_force(connection: Connection, district_id: int) -> Mapping[str, Permission]:
    """Language → the word that lets its drafts out."""
    newest = {permission.language: permission for permission in reversed(history(connection, district_id))}
    return MappingProxyType({language: word for language, word in newest.items() if word.drafts})


def in_force_everywhere(connection: Connection) -> Mapping[str, Permission]:
    """Language → the newest word on it, where every district lets its drafts out."""
    found = connection.execute(
        text(
            """
            WITH newest AS (
                SELECT DISTINCT ON (district_id, language) * FROM draft_permission
                ORDER BY district_id, language, id DESC
            ), common AS (
                SELECT language, bool_and(stale) AS stale FROM newest WHERE drafts
                GROUP BY language HAVING count(*) = (SELECT count(*) FROM district)
            )
            SELECT DISTINCT ON (n.language) n.district_id, n.language, n.drafts, c.stale, n.said_by, n.reason,
                   n.actor, n.at, n.id
            FROM newest n JOIN common c USING (language) ORDER BY n.language, n.id DESC
            """
        )
    )
    return MappingProxyType({row["language"]: _permission(row) for row in found.mappings()})


def history(connection: Connection, district_id: int) -> Sequence[Permission]:
    """All that was said, the newest first."""
    found = connection.execute(
        text("SELECT * FROM draft_permission WHERE district_id = :district ORDER BY id DESC"),
        {"district": district_id},
    )
    return [_permission(row) for row in found.mappings()]


def _permission(row: RowMapping) -> Permission:
    return Permission(**{name: value for name, value in row.items() if name != "id"})
