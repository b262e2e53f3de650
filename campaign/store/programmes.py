"""Programmes of a district and its line on grades, as reports print them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Connection, delete, insert, select, text, update

from campaign.schema.programmes import grading_policy, programme


@dataclass(frozen=True)
class Programme:
    """Something to sign up for. `title` and `details` by language; the dates are None where there is no limit."""

    title: Mapping[str, str]
    details: Mapping[str, str]
    subjects: Sequence[str]
    lowest_grade: int
    highest_grade: int
    starts_on: date | None
    ends_on: date | None
    free: bool
    bus: bool
    contact: str


@dataclass(frozen=True)
class GradingPolicy:
    """What a school says about its grades, by language; `school` is its id in the rosters, None for all schools."""

    school: str | None
    line: Mapping[str, str]


def programmes(connection: Connection, district_id: int, as_of: date | None = None) -> list[Programme]:
    """Those that have not ended on `as_of` (all without it), the soonest first."""
    found = select(*(programme.c[name] for name in Programme.__dataclass_fields__))
    found = found.where(programme.c.district_id == district_id)
    if as_of:
        found = found.where((programme.c.ends_on.is_(None)) | (programme.c.ends_on >= as_of))
    rows = connection.execute(found.order_by(programme.c.starts_on.asc().nulls_last(), programme.c.id))
    return [Programme(**row._mapping) for row in rows]


def numbered(connection: Connection, district_id: int) -> list[tuple[int, Programme]]:
    """All of a district with their ids; those that have ended come last."""
    columns = (programme.c[name] for name in Programme.__dataclass_fields__)
    found = select(programme.c.id, *columns).where(programme.c.district_id == district_id)
    rows = connection.execute(found.order_by(programme.c.ends_on.desc().nulls_first(), programme.c.id))
    return [(row.id, Programme(*row[1:])) for row in rows]


def one(connection: Connection, programme_id: int) -> tuple[int, Programme] | None:
    """A programme and its district; None outside the reader's scope."""
    columns = (programme.c[name] for name in Programme.__dataclass_fields__)
    found = select(programme.c.district_id, *columns).where(programme.c.id == programme_id)
    row = connection.execute(found).first()
    return (row.district_id, Programme(*row[1:])) if row else None


def put(connection: Connection, district_id: int, programme_id: int | None, given: Programme) -> int:
    """Add a programme, or change the one of this id; its id. The connection acts as the engine."""
    values = asdict(given)
    if programme_id is None:
        added = insert(programme).values(district_id=district_id, **values).returning(programme.c.id)
        return int(connection.execute(added).scalar_one())
    own = (programme.c.id == programme_id) & (programme.c.district_id == district_id)
    connection.execute(update(programme).where(own).values(values))
    return programme_id


def replace_programmes(connection: Connection, district_id: int, given: Sequence[Programme]) -> int:
    """Put these in place of the district's programmes; how many they are."""
    connection.execute(delete(programme).where(programme.c.district_id == district_id))
    if given:
        connection.execute(insert(programme), [{"district_id": district_id, **asdict(one)} for one in given])
    return len(given)


def grading_policies(connection: Connection, district_id: int) -> dict[int | None, Mapping[str, str]]:
    """The line on grades by the store's id of the school; None holds for schools without one."""
    found = select(grading_policy.c.school_id, grading_policy.c.line)
    rows = connection.execute(found.where(grading_policy.c.district_id == district_id))
    return {school_id: line for school_id, line in rows}


def unknown_schools(connection: Connection, district_id: int, schools: Sequence[str]) -> list[str]:
    """Ids that no school of the district has in the rosters."""
    known = set(
        connection.scalars(text("SELECT source_id FROM school WHERE district_id = :id"), {"id": district_id})
    )
    return [school for school in schools if school not in known]


def replace_policies(connection: Connection, district_id: int, given: Sequence[GradingPolicy]) -> int:
    """Put these in place of the district's lines on grades; how many they are."""
    connection.execute(delete(grading_policy).where(grading_policy.c.district_id == district_id))
    known = connection.execute(
        text("SELECT source_id, id FROM school WHERE district_id = :id"), {"id": district_id}
    )
    ids = {row.source_id: row.id for row in known}
    rows = [
        {"district_id": district_id, "school_id": ids[one.school] if one.school else None, "line": one.line}
        for one in given
    ]
    if rows:
        connection.execute(insert(grading_policy), rows)
    return len(rows)
