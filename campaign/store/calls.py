"""SQL of the call list: whom to call, the tries so far, and what people wrote down, names and numbers not in `repr`.

Reads run under the reader's own role, so that row-level security narrows the rows; the engine writes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, text

from campaign.schema.calls import call_try

_OPEN = """
    o.channel = 'call' AND o.due_at <= :now AND m.state IN ('planned', 'retry_at')
    AND (m.not_before IS NULL OR m.not_before <= :now)
"""


@dataclass(frozen=True)
class Call:
    """One adult to be called. `children`: (name, school) of the students the reader sees; `tries` that still count."""

    message_id: int
    public_id: str
    district_id: int
    step: str
    template: str
    contact_id: int
    language: str
    due_at: datetime
    expires_at: datetime
    tries: int
    last_outcome: str | None
    last_at: datetime | None
    name: str = field(repr=False)
    phone: str = field(repr=False)
    children: Sequence[Sequence[str]] = field(repr=False)
    school: str = ""


_CALLS = text(
    f"""
    SELECT m.id AS message_id, m.public_id, m.district_id, m.step, m.template, m.contact_id,
           coalesce(m.fallback_from, m.language) AS language, m.due_at, m.expires_at,
           t.tries, t.last_outcome, t.last_at,
           concat_ws(' ', c.given_name, c.family_name) AS name, coalesce(c.phone_e164, c.phone, '') AS phone,
           s.children, s.school
    FROM open_message o JOIN message m ON m.id = o.message_id JOIN contact c ON c.id = m.contact_id
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array(coalesce(nullif(s.preferred_name, ''), s.given_name), h.name)
                         ORDER BY s.id) AS children, min(h.name) AS school, min(s.school_id) AS school_id
        FROM student s LEFT JOIN school h ON h.id = s.school_id WHERE s.id = ANY (m.student_ids)
    ) s
    CROSS JOIN LATERAL (
        SELECT count(*) AS tries, (array_agg(outcome ORDER BY at DESC, id DESC))[1] AS last_outcome, max(at) AS last_at
        FROM call_try WHERE message_id = m.id AND undone_at IS NULL
    ) t
    WHERE {_OPEN} AND s.children IS NOT NULL AND (CAST(:school AS bigint) IS NULL OR s.school_id = :school)
      AND (CAST(:ids AS bigint[]) IS NULL OR m.id = ANY (:ids))
    ORDER BY s.school NULLS LAST, m.due_at, m.id LIMIT :limit OFFSET :offset
    """  # noqa: S608  our own text
)


def waiting(
    connection: Connection,
    now: datetime,
    *,
    limit: int,
    offset: int = 0,
    school: int | None = None,
    ids: Collection[int] | None = None,
) -> list[Call]:
    """Calls to be made now, by school, the oldest first."""
    values = {"now": now, "limit": limit, "offset": offset, "school": school}
    values["ids"] = None if ids is None else list(ids)
    found = connection.execute(_CALLS, values).mappings()
    return [Call(**{**row, "school": row["school"] or ""}) for row in found]


def count(connection: Connection, now: datetime, *, school: int | None = None) -> int:
    """How many calls wait in the reader's scope; some may turn out refused when the list is shown."""
    query = text(
        f"""
        SELECT count(*) FROM open_message o JOIN message m ON m.id = o.message_id CROSS JOIN LATERAL (
            SELECT count(*) AS children, min(s.school_id) AS school_id FROM student s WHERE s.id = ANY (m.student_ids)
        ) s
        WHERE {_OPEN} AND s.children > 0 AND (CAST(:school AS bigint) IS NULL OR s.school_id = :school)
        """  # noqa: S608  our own text
    )
    return int(connection.scalar(query, {"now": now, "school": school}) or 0)


@dataclass(frozen=True)
class Try:
    """One entry of a call, as the list of what was done shows it."""

    try_id: int
    message_id: int
    step: str
    outcome: str
    note: str | None = field(repr=False)
    said_by: str
    at: datetime
    undone_at: datetime | None
    undone_by: str | None
    is_last: bool
    state: str
    reason: str | None
    name: str = field(repr=False)
    school: str = ""


_TRIES = text(
    """
    SELECT t.id AS try_id, t.message_id, m.step, t.outcome, t.note, t.said_by, t.at, t.undone_at, t.undone_by,
           t.undone_at IS NULL AND NOT EXISTS (
               SELECT FROM call_try o WHERE o.message_id = t.message_id AND o.id > t.id AND o.undone_at IS NULL
           ) AS is_last,
           m.state, m.reason, concat_ws(' ', c.given_name, c.family_name) AS name,
           (SELECT min(h.name) FROM student s JOIN school h ON h.id = s.school_id
            WHERE s.id = ANY (m.student_ids)) AS school
    FROM call_try t JOIN message m ON m.id = t.message_id JOIN contact c ON c.id = m.contact_id
    ORDER BY t.at DESC, t.id DESC LIMIT :limit
    """
)


def tries(connection: Connection, limit: int) -> list[Try]:
    """What was entered last, the newest first."""
    found = connection.execute(_TRIES, {"limit": limit}).mappings()
    return [Try(**{**row, "school": row["school"] or ""}) for row in found]


_WRONG = text(
    """
    SELECT c.id FROM contact c JOIN suppression x ON x.address = c.phone_e164 AND x.contact_id IN (0, c.id)
    WHERE c.id = ANY (:contacts) AND x.lifted_at IS NULL AND x.channel IN ('sms', 'call')
      AND x.reason IN ('wrong_number', 'wrong_person')
    """
)


def with_wrong_number(connection: Connection, contacts: Collection[int]) -> set[int]:
    """Those of the contacts whose number is known to be somebody else's."""
    return set(connection.scalars(_WRONG, {"contacts": list(contacts)}))


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    return int(connection.execute(insert(call_try).values(values).returning(call_try.c.id)).scalar_one())


def count_tries(connection: Connection, message_id: int, outcomes: Collection[str]) -> int:
    """Tries of a message with one of these outcomes that were not taken back."""
    query = text(
        "SELECT count(*) FROM call_try WHERE message_id = :id AND outcome = ANY (:outcomes) AND undone_at IS NULL"
    )
    return int(connection.execute(query, {"id": message_id, "outcomes": list(outcomes)}).scalar_one())


@dataclass(frozen=True)
class Kept:
    """A try with what is needed to take it back."""

    id: int
    message_id: int
    district_id: int
    contact_id: int
    fencing: int
    outcome: str
    state: str
    consent_events: list[int]


_LAST = text(
    """
    SELECT t.id, t.message_id, t.district_id, m.contact_id, m.fencing, t.outcome, m.state, t.consent_events
    FROM call_try t JOIN message m ON m.id = t.message_id
    WHERE t.id = :id AND t.undone_at IS NULL AND NOT EXISTS (
        SELECT FROM call_try o WHERE o.message_id = t.message_id AND o.id > t.id AND o.undone_at IS NULL
    )
    FOR UPDATE OF t, m
    """
)


def last(connection: Connection, try_id: int) -> Kept | None:
    """The try, locked with its message; None where it is not the last of its message that counts."""
    row = connection.execute(_LAST, {"id": try_id}).mappings().first()
    return Kept(**row) if row else None


def undo(connection: Connection, try_id: int, said_by: str, now: datetime) -> None:
    query = text("UPDATE call_try SET undone_at = :now, undone_by = :by WHERE id = :id")
    connection.execute(query, {"id": try_id, "by": said_by, "now": now})


def is_within_scope(connection: Connection, try_id: int) -> bool:
    query = text("SELECT EXISTS (SELECT 1 FROM call_try WHERE id = :id)")
    return bool(connection.execute(query, {"id": try_id}).scalar_one())


_ON_PAPER = text(
    """
    INSERT INTO message (
        public_id, district_id, campaign_id, occurrence_id, step, contact_id, student_ids, household, channel, language,
        fallback_from, template, template_version, template_hash, dedupe_key, state, due_at, expires_at, planned_at,
        rung, follows_id
    )
    SELECT :public_id, district_id, campaign_id, occurrence_id, step, contact_id, student_ids, household, 'letter',
        language, fallback_from, template, 0, '', :key, 'planned', :now, :expires_at, :now, rung + 1, id
    FROM message WHERE id = :id
    ON CONFLICT (dedupe_key) DO NOTHING
    """
)


def write_on_paper(connection: Connection, message_id: int, values: Mapping[str, Any]) -> bool:
    """Plan a letter behind a call; False where the family asked for it before."""
    return connection.execute(_ON_PAPER, {**values, "id": message_id}).rowcount == 1


def call_off_paper(connection: Connection, message_id: int, now: datetime) -> None:
    """Withhold the letter that was planned behind a call, unless a print run has taken it."""
    query = text(
        """
        UPDATE message SET state = 'withheld', reason = 'cancelled', finished_at = :now
        WHERE follows_id = :id AND channel = 'letter' AND state IN ('planned', 'retry_at')
        """
    )
    connection.execute(query, {"id": message_id, "now": now})
