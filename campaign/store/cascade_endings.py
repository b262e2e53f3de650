"""Where homes stand that are followed until somebody answers: as counts, and those whom a person must look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

_STANDING = text(
    """
    SELECT coalesce(h.ended, 'followed'), count(*) FROM household_cascade h JOIN occurrence o ON o.id = h.occurrence_id
    WHERE o.day BETWEEN :first AND :last GROUP BY 1
    """
)


def standing(connection: Connection, first: date, last: date) -> dict[str, int]:
    """How many homes stand where (see `Ending`; `followed`: not yet ended), of the steps of these days."""
    found = connection.execute(_STANDING, {"first": first, "last": last})
    return {ended: homes for ended, homes in found}


@dataclass(frozen=True)
class Uncallable:
    """A home that did not answer and that nobody can call, in ids and codes."""

    step: str
    student_ids: Sequence[int]
    ended_at: datetime


_UNCALLABLE = text(
    """
    SELECT o.step, h.ended_at, ARRAY(
        SELECT DISTINCT s.id FROM message m CROSS JOIN LATERAL unnest(m.student_ids) AS about (id)
        JOIN student s ON s.id = about.id
        WHERE m.occurrence_id = h.occurrence_id AND m.household = h.household ORDER BY s.id
    ) AS student_ids
    FROM household_cascade h JOIN occurrence o ON o.id = h.occurrence_id
    WHERE h.ended = 'no_phone' AND h.ended_at > :since
    ORDER BY h.ended_at DESC, h.occurrence_id, h.household LIMIT :limit
    """
)


def uncallable(connection: Connection, since: datetime, limit: int) -> list[Uncallable]:
    """Under the reader's own role: homes whose cascade ended since then because no adult has a number."""
    rows = connection.execute(_UNCALLABLE, {"since": since, "limit": limit}).mappings()
    return [Uncallable(**row) for row in rows]
