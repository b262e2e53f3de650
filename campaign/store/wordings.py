"""Texts as districts have them: a history of which the newest row of each text holds."""

from __future__ import annotations

from sqlalchemy import Connection, text

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
