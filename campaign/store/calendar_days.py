"""SQL of a district's calendar as staff keep it: its days, each change with what was before, zones of schools."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

from campaign.school_year.calendar_file import Day
from campaign.store import audit, occurrences


@dataclass(frozen=True)
class Change:
    """One change of the calendar; `said` is a sentence."""

    id: int
    said: str
    at: datetime
    is_undone: bool


@dataclass(frozen=True)
class Place:
    """A school with its zone; None: the district's counts."""

    school_id: int
    name: str
    time_zone: str | None


def listed(connection: Connection, district_id: int) -> list[Day]:
    """All days as (day, kind, title), in order."""
    query = text("SELECT day, kind, title FROM calendar_day WHERE district_id = :id ORDER BY day, kind")
    return [(day, kind, title) for day, kind, title in connection.execute(query, {"id": district_id})]


def replace(
    connection: Connection, district_id: int, days: Iterable[Day], *, said: str, actor: str, now: datetime
) -> int:
    """Put these days in place of the calendar and keep what was before; the number of days. Runs as the engine."""
    before = listed(connection, district_id)
    add = text(
        """
        INSERT INTO calendar_change (district_id, said, before, actor, at)
        VALUES (:district_id, :said, CAST(:before AS jsonb), :actor, :now) RETURNING id
        """
    )
    plain = json.dumps([[day.isoformat(), kind, title] for day, kind, title in before], ensure_ascii=False)
    values = {"district_id": district_id, "said": said, "before": plain, "actor": actor, "now": now}
    change_id = connection.scalar(add, values)
    count = occurrences.replace_calendar(connection, district_id, days)
    entry = audit.Entry(now, actor, "calendar_changed", f"calendar_change:{change_id}", district_id)
    audit.write(connection, entry)
    return count


def changes(connection: Connection, district_id: int, limit: int = 10) -> Sequence[Change]:
    """The newest changes first."""
    query = text(
        """
        SELECT id, said, at, undone_at IS NOT NULL FROM calendar_change
        WHERE district_id = :district_id ORDER BY id DESC LIMIT :limit
        """
    )
    return [Change(*row) for row in connection.execute(query, {"district_id": district_id, "limit": limit})]


def undo(connection: Connection, district_id: int, change_id: int, *, actor: str, now: datetime) -> bool:
    """Bring back what was before a change; False where it is not the newest one that still stands. As the engine."""
    newest = text(
        """
        SELECT id, before FROM calendar_change WHERE district_id = :district_id AND undone_at IS NULL
        ORDER BY id DESC LIMIT 1 FOR UPDATE
        """
    )
    row = connection.execute(newest, {"district_id": district_id}).one_or_none()
    if row is None or row.id != change_id:
        return False
    days = [(date.fromisoformat(day), kind, title) for day, kind, title in row.before]
    occurrences.replace_calendar(connection, district_id, days)
    connection.execute(
        text("UPDATE calendar_change SET undone_at = :now WHERE id = :id"), {"now": now, "id": change_id}
    )
    entry = audit.Entry(now, actor, "calendar_change_undone", f"calendar_change:{change_id}", district_id)
    audit.write(connection, entry)
    return True


def set_zone_of(connection: Connection, district_id: int, zone: str, *, source_id: str | None) -> bool:
    """The same for a school by its id in the rosters; False where there is none. Without one the district's."""
    if source_id is None:
        return set_zone(connection, district_id, zone)
    query = text("SELECT id FROM school WHERE district_id = :district_id AND source_id = :source_id")
    school_id = connection.scalar(query, {"district_id": district_id, "source_id": source_id})
    return school_id is not None and set_zone(connection, district_id, zone, school_id=school_id)


def places(connection: Connection, district_id: int) -> Sequence[Place]:
    query = text("SELECT id, name, time_zone FROM school WHERE district_id = :id ORDER BY name, id")
    return [Place(*row) for row in connection.execute(query, {"id": district_id})]


def set_zone(
    connection: Connection, district_id: int, zone: str | None, *, school_id: int | None = None
) -> bool:
    """Set the zone of a school, or of the district; None: that of the next larger. False without such a school."""
    table = "school" if school_id else "district"
    own = "id = :school_id AND district_id = :district_id" if school_id else "id = :district_id"
    statement = f"UPDATE {table} SET time_zone = :zone WHERE {own}"  # noqa: S608  both stand above
    values = {"zone": zone, "district_id": district_id, "school_id": school_id}
    return connection.execute(text(statement), values).rowcount == 1
