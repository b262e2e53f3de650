"""Pupils of a district by school and home language, as the register has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class PupilCount:
    """Pupils of one school with one home language; `home_language` is BCP 47, None = not known."""

    school_id: int
    school: str
    home_language: str | None
    pupils: int


def state_code(connection: Connection, district_id: int) -> str | None:
    """The postal code of the district's state, such as CA."""
    found = connection.scalar(
        text("SELECT upper(state_code) FROM district WHERE id = :district"), {"district": district_id}
    )
    return None if found is None else str(found)


def counts(connection: Connection, district_id: int) -> Sequence[PupilCount]:
    """Enrolled pupils; those of no school are left out."""
    rows = connection.execute(
        text(
            """
            SELECT h.id AS school_id, h.name AS school, s.home_language, count(*) AS pupils
            FROM student s JOIN school h ON h.id = s.school_id
            WHERE s.district_id = :district AND NOT s.withdrawn
            GROUP BY h.id, h.name, s.home_language
            """
        ),
        {"district": district_id},
    )
    return [PupilCount(**row._mapping) for row in rows]
