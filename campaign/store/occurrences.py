"""SQL of campaigns: the calendar they hang on, the revisions they ran under, and their steps on resolved days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from campaign.definitions.definition import CHANNELS
from campaign.plans.plan import Occurrence
from campaign.schema import messages, rosters

# Advisory locks of this kind let one run at a time bring a district's occurrences up to date.
_LOCK = 7281615


@dataclass(frozen=True)
class District:
    id: int
    code: str
    time_zone: str | None


@dataclass(frozen=True)
class DueOccurrence:
    """An occurrence whose messages are to be written down now; `document` is the campaign as it then stood."""

    id: int
    campaign_id: int
    slug: str
    document: Mapping[str, Any]
    step: str
    day: date
    due_at: datetime
    expires_at: datetime


def districts(connection: Connection) -> list[District]:
    table = rosters.district
    found = connection.execute(select(table.c.id, table.c.code, table.c.time_zone).order_by(table.c.id))
    return [District(*row) for row in found]


def zone_of(connection: Connection, district_id: int) -> str | None:
    """The district's own time zone, if it has one."""
    found: str | None = connection.scalar(
        text("SELECT time_zone FROM district WHERE id = :id"), {"id": district_id}
    )
    return found


def lock(connection: Connection, district_id: int) -> None:
    """Wait for whoever brings this district's occurrences up to date; held until the end of the transaction.

    Two who did so at once would write the same events and days in orders of their own, and wait for each other.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:kind, :id)"), {"kind": _LOCK, "id": district_id})


def calendar(connection: Connection, district_id: int) -> list[tuple[date, str]]:
    table = messages.calendar_day
    found = connection.execute(
        select(table.c.day, table.c.kind).where(table.c.district_id == district_id).order_by(table.c.day)
    )
    return [(day, kind) for day, kind in found]


def corrections(connection: Connection, district_id: int, zone: str) -> list[tuple[date, str]]:
    """The day after each day on which reports were corrected, as days of the calendar: then families are told."""
    query = text(
        """
        SELECT DISTINCT (created_at AT TIME ZONE :zone)::date + 1 AS day FROM report
        WHERE district_id = :district_id AND corrects ORDER BY day
        """
    )
    found = connection.scalars(query, {"district_id": district_id, "zone": zone})
    return [(day, "correction") for day in found]


def replace_calendar(
    connection: Connection, district_id: int, days: Iterable[tuple[date, str, str | None]]
) -> int:
    """Put these (day, kind, title) in place of the district's calendar; the number of days."""
    table = messages.calendar_day
    connection.execute(delete(table).where(table.c.district_id == district_id))
    values = [{"district_id": district_id, "day": d, "kind": k, "title": t} for d, k, t in days]
    if values:
        connection.execute(insert(table), values)
    return len(values)


def ensure_campaign(connection: Connection, district_id: int, slug: str, title: str) -> int:
    """The campaign's id; a change of title is taken over."""
    table = messages.campaign
    statement = upsert(table).values(district_id=district_id, slug=slug, title=title)
    statement = statement.on_conflict_do_update(
        index_elements=["district_id", "slug"], set_={"title": statement.excluded.title}
    )
    return int(connection.execute(statement.returning(table.c.id)).scalar_one())


def ensure_revision(
    connection: Connection,
    campaign_id: int,
    district_id: int,
    content_hash: str,
    *,
    document: Any,
    now: datetime,
) -> int:
    table = messages.campaign_revision
    values = {
        "campaign_id": campaign_id,
        "district_id": district_id,
        "content_hash": content_hash,
        "definition": document,
        "created_at": now,
    }
    connection.execute(upsert(table).values(values).on_conflict_do_nothing())
    query = select(table.c.id).where(table.c.campaign_id == campaign_id, table.c.content_hash == content_hash)
    return int(connection.execute(query).scalar_one())


def put(
    connection: Connection,
    campaign_id: int,
    revision_id: int,
    district_id: int,
    *,
    found: Sequence[Occurrence],
    now: datetime,
) -> None:
    """Bring the occurrences of which nothing is written down yet in line with `found`; the others stay as they were
    (see `campaign.store.calendar_moves`).

    What was over before it was known is not added. What was known and then missed stays, so that its messages are
    written down as dropped instead of being forgotten.
    """
    table = messages.occurrence
    begun = exists().where(messages.message.c.occurrence_id == table.c.id)
    waiting = (table.c.campaign_id == campaign_id) & table.c.planned_at.is_(None) & ~begun
    wanted = {(o.step.id, o.day) for o in found}
    for row in connection.execute(select(table.c.id, table.c.step, table.c.day).where(waiting)).all():
        if (row.step, row.day) not in wanted:
            connection.execute(delete(table).where(table.c.id == row.id))
    open_still = [o for o in found if o.expires_at > now]
    if not open_still:
        return
    values = [
        {
            "campaign_revision_id": revision_id,
            "campaign_id": campaign_id,
            "district_id": district_id,
            "step": o.step.id,
            "day": o.day,
            "due_at": o.due_at,
            "expires_at": o.expires_at,
        }
        for o in open_still
    ]
    statement = upsert(table).values(values)
    changed = {name: statement.excluded[name] for name in ("campaign_revision_id", "due_at", "expires_at")}
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["campaign_id", "step", "day"], set_=changed, where=table.c.planned_at.is_(None)
        )
    )


_TO_PLAN = text(
    """
    SELECT o.id, o.campaign_id, c.slug, r.definition AS document, o.step, o.day, o.due_at, o.expires_at
    FROM occurrence o
    JOIN campaign c ON c.id = o.campaign_id
    JOIN campaign_revision r ON r.id = o.campaign_revision_id
    WHERE o.district_id = :district_id AND o.planned_at IS NULL AND o.withdrawn_at IS NULL AND o.due_at <= :horizon
    ORDER BY o.due_at, coalesce((r.definition ->> 'priority')::integer, 50) DESC, (
        SELECT (s ->> 'priority')::integer FROM jsonb_array_elements(r.definition -> 'step') s WHERE s ->> 'id' = o.step
    ) DESC, o.id
    """
)


def to_plan(connection: Connection, district_id: int, horizon: datetime) -> list[DueOccurrence]:
    """What is to be written down by `horizon`; of what is due at once, the campaign and the step of higher priority
    first."""
    found = connection.execute(_TO_PLAN, {"district_id": district_id, "horizon": horizon}).mappings()
    return [DueOccurrence(**row) for row in found]


def mark_planned(connection: Connection, occurrence_id: int, now: datetime) -> None:
    table = messages.occurrence
    connection.execute(update(table).where(table.c.id == occurrence_id).values(planned_at=now))


def pause(connection: Connection, slug: str, *, paused: bool, district_id: int | None = None) -> int:
    """Pause or resume a campaign, in one district or in all; the number of campaigns it was."""
    table = messages.campaign
    statement = update(table).where(table.c.slug == slug).values(paused=paused)
    if district_id is not None:
        statement = statement.where(table.c.district_id == district_id)
    return int(connection.execute(statement).rowcount)


def slugs(connection: Connection) -> list[str]:
    table = messages.campaign
    return list(connection.scalars(select(table.c.slug).distinct().order_by(table.c.slug)))


_NEXT = text(
    """
    SELECT least(
        (SELECT min(due_at) - :ahead FROM occurrence WHERE planned_at IS NULL AND withdrawn_at IS NULL),
        (SELECT min(greatest(m.due_at, coalesce(m.not_before, m.due_at)))
         FROM message m JOIN campaign c ON c.id = m.campaign_id
         WHERE m.state IN ('planned', 'retry_at') AND m.channel = ANY (:channels) AND NOT c.paused
           AND m.reason IS DISTINCT FROM 'not_approved'
           AND NOT EXISTS (SELECT 1 FROM sending_pause p WHERE p.district_id = m.district_id)),
        (SELECT min(m.expires_at) FROM message m WHERE m.state IN ('planned', 'retry_at')),
        (SELECT min(h.look_at) FROM household_cascade h
         JOIN occurrence o ON o.id = h.occurrence_id JOIN campaign c ON c.id = o.campaign_id
         WHERE h.look_at IS NOT NULL AND NOT c.paused
           AND NOT EXISTS (SELECT 1 FROM sending_pause p WHERE p.district_id = h.district_id)
           AND NOT EXISTS (SELECT 1 FROM cancellation x WHERE x.campaign_id = o.campaign_id AND x.undone_at IS NULL
                           AND (x.step IS NULL OR x.step = o.step AND x.day = o.day))),
        (SELECT min(lease_until) FROM message WHERE state IN ('claimed', 'dispatching', 'ambiguous'))
    )
    """
)


def next_event(connection: Connection, ahead: Any) -> datetime | None:
    """The next instant at which there is something to plan, send, drop or settle; None when nothing is left. Letters
    and calls wait for people."""
    found: datetime | None = connection.scalar(_NEXT, {"ahead": ahead, "channels": sorted(CHANNELS)})
    return found
