"""SQL of what happened to students: which steps follow it, on which day, and whom they concern."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from campaign.definitions.definition import Step


@dataclass(frozen=True)
class Waiting:
    """Events of one day that a step has yet to follow, and the day on which it was to."""

    step: str
    happened_on: date
    day: date | None
    students: int


@dataclass(frozen=True)
class Closed:
    """A day of a step whose events are settled."""

    step: str
    day: date
    due_at: datetime
    expires_at: datetime
    is_planned: bool


def watch(
    connection: Connection, district_id: int, campaign_id: int, steps: Iterable[Step], now: datetime
) -> None:
    """Let these steps follow events from now on; what does so already goes on as it was."""
    values = [
        {"campaign_id": campaign_id, "step": s.id, "kind": s.event, "district_id": district_id, "now": now}
        for s in steps
    ]
    add = """
        INSERT INTO event_watch (campaign_id, step, kind, district_id, since)
        VALUES (:campaign_id, :step, :kind, :district_id, :now) ON CONFLICT DO NOTHING
    """
    if values:
        connection.execute(text(add), values)


def watched(connection: Connection, campaign_id: int) -> dict[tuple[str, str], datetime]:
    """Since when which step follows which kind of event, by (step, kind)."""
    query = text("SELECT step, kind, since FROM event_watch WHERE campaign_id = :id")
    return {(step, kind): since for step, kind, since in connection.execute(query, {"id": campaign_id})}


# An event is noticed before its transaction ends, and another worker may look in between: hence the overlap.
_FOLLOW = text(
    """
    WITH watched AS (
        UPDATE event_watch SET looked_at = :now
        WHERE campaign_id = :campaign_id AND step = :step AND kind = :kind
    )
    INSERT INTO event_step (student_event_id, campaign_id, step, district_id)
    SELECT e.id, w.campaign_id, w.step, e.district_id
    FROM event_watch w JOIN student_event e ON e.district_id = w.district_id AND e.kind = w.kind
    WHERE w.campaign_id = :campaign_id AND w.step = :step AND w.kind = :kind AND e.happened_at >= w.since
      AND (w.looked_at IS NULL OR e.noticed_at >= least(w.looked_at, :now) - interval '2 days')
      AND (CAST(:at_least AS integer) IS NULL OR e.source LIKE '%:' || :at_least)
      AND NOT EXISTS (
          SELECT FROM event_step f
          WHERE f.student_event_id = e.id AND f.campaign_id = w.campaign_id AND f.step = w.step
      )
    ON CONFLICT DO NOTHING
    """
)


def follow(connection: Connection, campaign_id: int, step: Step, now: datetime) -> int:
    """Let a step follow every event of its kind since its starting line, once; the number of new ones."""
    values = {
        "campaign_id": campaign_id,
        "step": step.id,
        "kind": step.event,
        "at_least": step.at_least,
        "now": now,
    }
    return int(connection.execute(_FOLLOW, values).rowcount)


_WAITING = text(
    """
    SELECT f.step, e.on_day, f.day, count(DISTINCT e.student_id) AS students
    FROM event_step f JOIN student_event e ON e.id = f.student_event_id
    WHERE f.campaign_id = :campaign_id AND f.occurrence_id IS NULL AND NOT f.too_late
    GROUP BY f.step, e.on_day, f.day ORDER BY f.step, e.on_day
    """
)


def waiting(connection: Connection, campaign_id: int) -> list[Waiting]:
    return [Waiting(*row) for row in connection.execute(_WAITING, {"campaign_id": campaign_id})]


_CLOSED = text(
    """
    SELECT o.step, o.day, o.due_at, o.expires_at, o.planned_at IS NOT NULL AS is_planned
    FROM occurrence o
    WHERE o.campaign_id = :campaign_id AND o.step = ANY (:steps) AND (
        o.planned_at IS NOT NULL OR EXISTS (SELECT FROM event_step f WHERE f.occurrence_id = o.id)
    )
    """
)


def closed(connection: Connection, campaign_id: int, steps: Collection[str]) -> list[Closed]:
    """The days of these steps whose messages are written down, or are about to be."""
    found = connection.execute(_CLOSED, {"campaign_id": campaign_id, "steps": sorted(steps)})
    return [Closed(*row) for row in found]


_PLACE = text(
    """
    UPDATE event_step f SET day = :day, too_late = CAST(:day AS date) IS NULL
    FROM student_event e
    WHERE e.id = f.student_event_id AND f.campaign_id = :campaign_id AND f.step = :step AND e.on_day = :happened_on
      AND f.occurrence_id IS NULL AND NOT f.too_late
      AND (CAST(:day AS date) IS NULL OR f.day IS DISTINCT FROM CAST(:day AS date))
    """
)


def place(connection: Connection, campaign_id: int, found: Mapping[tuple[str, date], date | None]) -> None:
    """Give what waits its day by (step, day on which it happened); None: it is too late."""
    rows = [
        {"campaign_id": campaign_id, "step": step, "happened_on": happened_on, "day": day}
        for (step, happened_on), day in found.items()
    ]
    if rows:
        connection.execute(_PLACE, rows)


_CLOSE = text(
    """
    WITH locked AS (
        SELECT id, campaign_id, step, day FROM occurrence WHERE id = :occurrence_id FOR UPDATE
    )
    UPDATE event_step f SET occurrence_id = o.id
    FROM locked o
    WHERE f.campaign_id = o.campaign_id AND f.step = o.step AND f.day = o.day
      AND f.occurrence_id IS NULL AND NOT f.too_late
      AND NOT EXISTS (SELECT FROM event_step g WHERE g.occurrence_id = o.id)
    """
)


def close(connection: Connection, occurrence_id: int) -> None:
    """Settle whose events an occurrence follows, before its first message is written down; done again, nothing.

    What is noticed from then on comes on another day, so that no contact is passed over who was looked at before.
    """
    connection.execute(text("SELECT FROM occurrence WHERE id = :id FOR UPDATE"), {"id": occurrence_id})
    connection.execute(_CLOSE, {"occurrence_id": occurrence_id})


@dataclass(frozen=True)
class Followed:
    """How many events of a kind a step follows: those that wait for their day, that were settled with a day, and that
    came too late."""

    campaign: str
    step: str
    kind: str
    since: datetime
    waiting: int
    settled: int
    too_late: int


_FOLLOWED = text(
    """
    SELECT c.title AS campaign, w.step, w.kind, w.since,
        count(f.student_event_id) FILTER (WHERE f.occurrence_id IS NULL AND NOT f.too_late) AS waiting,
        count(f.occurrence_id) AS settled, count(*) FILTER (WHERE f.too_late) AS too_late
    FROM event_watch w JOIN campaign c ON c.id = w.campaign_id
    LEFT JOIN event_step f ON f.campaign_id = w.campaign_id AND f.step = w.step
    WHERE w.district_id = :district_id GROUP BY c.title, w.step, w.kind, w.since ORDER BY c.title, w.step
    """
)


def followed(connection: Connection, district_id: int) -> list[Followed]:
    """What became of the events of a district, by step. Runs as the engine; counts alone."""
    found = connection.execute(_FOLLOWED, {"district_id": district_id}).mappings()
    return [Followed(**row) for row in found]


_CONTACTS = text(
    """
    SELECT DISTINCT r.contact_id
    FROM event_step f JOIN student_event e ON e.id = f.student_event_id
    JOIN student_contact r ON r.student_id = e.student_id
    WHERE f.occurrence_id = :occurrence_id AND r.contact_id > :after
    ORDER BY r.contact_id LIMIT :limit
    """
)


def contacts_after(connection: Connection, occurrence_id: int, after: int, limit: int) -> list[int]:
    """The next contacts, by id, of the students whose events an occurrence follows."""
    values = {"occurrence_id": occurrence_id, "after": after, "limit": limit}
    return list(connection.scalars(_CONTACTS, values))


_CONCERNED = text(
    """
    SELECT DISTINCT e.student_id, e.contact_id
    FROM event_step f JOIN student_event e ON e.id = f.student_event_id
    WHERE f.occurrence_id = :occurrence_id AND (
        CAST(:contacts AS bigint[]) IS NULL
        OR e.student_id IN (SELECT r.student_id FROM student_contact r WHERE r.contact_id = ANY (:contacts))
    )
    """
)


def concerned(
    connection: Connection, occurrence_id: int, contacts: Sequence[int] | None = None
) -> dict[int, frozenset[int] | None]:
    """Student → the contacts whom an occurrence concerns, None for all; `contacts` narrows it to their students."""
    values = {"occurrence_id": occurrence_id, "contacts": list(contacts) if contacts is not None else None}
    return _by_student(connection.execute(_CONCERNED, values).all())


_CONCERNED_ON = text(
    """
    SELECT DISTINCT e.student_id, e.contact_id
    FROM event_step f JOIN student_event e ON e.id = f.student_event_id
    WHERE f.campaign_id = :campaign_id AND f.step = :step AND f.day = :day AND NOT f.too_late
    """
)


def concerned_on(
    connection: Connection, campaign_id: int, step: str, day: date
) -> dict[int, frozenset[int] | None]:
    """As `concerned`, of a day whose events need not be settled yet."""
    return _by_student(
        connection.execute(_CONCERNED_ON, {"campaign_id": campaign_id, "step": step, "day": day}).all()
    )


def contacts_of(connection: Connection, students: Sequence[int]) -> list[int]:
    """The contacts of these students, by id."""
    query = text(
        "SELECT DISTINCT contact_id FROM student_contact WHERE student_id = ANY (:students) ORDER BY contact_id"
    )
    return list(connection.scalars(query, {"students": list(students)}))


def _by_student(pairs: Iterable[Sequence[Any]]) -> dict[int, frozenset[int] | None]:
    found: dict[int, frozenset[int] | None] = {}
    for student, contact in pairs:
        alone = found.get(student, frozenset())
        found[student] = None if contact is None or alone is None else alone | {contact}
    return found
