"""SQL of cascades: which families are to be looked at now, what they have done, and what is written down for them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

REACHED_NOBODY = frozenset({"withheld", "rejected", "failed"})
"""States after which it is decided at once what comes next."""


@dataclass(frozen=True)
class Followed:
    """A step on a day whose families are watched, or are to be. `held`: why none of its rungs may leave now."""

    id: int
    campaign_id: int
    slug: str
    document: Mapping[str, Any]
    step: str
    day: date
    expires_at: datetime
    is_watched: bool
    held: str | None


# Of what is watched only the index of what is due is asked; the years before hold nothing that is.
_FOLLOWED = text(
    """
    SELECT o.id, o.campaign_id, c.slug, r.definition AS document, o.step, o.day, o.expires_at,
        o.followed_at IS NOT NULL AS is_watched,
        CASE
            WHEN o.withdrawn_at IS NOT NULL THEN 'calendar_changed'
            WHEN EXISTS (
                SELECT FROM cancellation x WHERE x.campaign_id = o.campaign_id AND x.undone_at IS NULL
                  AND (x.step IS NULL OR x.step = o.step AND x.day = o.day)
            ) THEN 'cancelled'
            WHEN c.paused OR EXISTS (SELECT FROM sending_pause p WHERE p.district_id = o.district_id) THEN 'paused'
        END AS held
    FROM occurrence o
    JOIN campaign c ON c.id = o.campaign_id
    JOIN campaign_revision r ON r.id = o.campaign_revision_id
    WHERE o.district_id = :district_id AND o.planned_at IS NOT NULL AND CASE
        WHEN o.followed_at IS NULL THEN o.expires_at > :oldest AND jsonb_path_exists(
            r.definition, '$.step[*] ? (@.id == $id && exists(@.follow_up))', jsonb_build_object('id', o.step))
        ELSE EXISTS (SELECT FROM household_cascade h WHERE h.occurrence_id = o.id AND h.look_at <= :now)
    END
    ORDER BY o.due_at, o.id
    """
)
_OLDEST = timedelta(days=60)


def followed(connection: Connection, district_id: int, now: datetime) -> list[Followed]:
    """Where there is somebody to look at, or to begin with."""
    values = {"district_id": district_id, "now": now, "oldest": now - _OLDEST}
    return [Followed(**row) for row in connection.execute(_FOLLOWED, values).mappings()]


_WATCH = text(
    """
    INSERT INTO household_cascade (occurrence_id, household, district_id, rung, look_at)
    SELECT m.occurrence_id, m.household, min(m.district_id), max(m.rung), greatest(max(m.due_at), :now)
        + CASE WHEN bool_or(m.finished_at IS NULL) THEN CAST(:after AS interval) ELSE interval '0' END
    FROM message m WHERE m.occurrence_id = :id GROUP BY m.occurrence_id, m.household ORDER BY m.household
    ON CONFLICT DO NOTHING
    """
)


def watch(connection: Connection, occurrence_id: int, after: timedelta, now: datetime) -> None:
    """Begin with every household of the occurrence: who was written to has time to answer, the others have not."""
    connection.execute(_WATCH, {"id": occurrence_id, "after": after, "now": now})
    connection.execute(
        text("UPDATE occurrence SET followed_at = :now WHERE id = :id"), {"id": occurrence_id, "now": now}
    )


_DUE = text(
    """
    SELECT household, rung FROM household_cascade
    WHERE occurrence_id = :id AND look_at <= :now ORDER BY look_at, household LIMIT :limit
    FOR UPDATE SKIP LOCKED
    """
)


def due(connection: Connection, occurrence_id: int, now: datetime, limit: int) -> dict[str, int]:
    """Households to be looked at, each with its rung; they are this transaction's alone."""
    values = {"id": occurrence_id, "now": now, "limit": limit}
    return {household: rung for household, rung in connection.execute(_DUE, values)}


_LINES = text(
    """
    SELECT m.household, m.id, m.contact_id, m.student_ids, m.channel, m.rung, d.status AS delivery,
        -- What is too late is dropped with this pulse, if a little later.
        CASE WHEN late THEN 'dropped' ELSE m.state END AS state,
        CASE WHEN late AND m.reason IS DISTINCT FROM 'not_approved' THEN 'expired' ELSE m.reason END AS reason,
        coalesce(m.not_before, m.due_at) AS opens, m.expires_at AS closes,
        coalesce(
            m.finished_at, (SELECT max(a.at) FROM attempt a WHERE a.message_id = m.id), m.due_at
        ) AS at
    FROM message m LEFT JOIN delivery d ON d.message_id = m.id
    CROSS JOIN LATERAL (SELECT m.state IN ('planned', 'retry_at') AND m.expires_at <= :now AS late) l
    WHERE m.household = ANY (:households) AND m.occurrence_id = :id
    ORDER BY m.household, m.id
    """
)


def lines(
    connection: Connection, occurrence_id: int, households: Collection[str], now: datetime
) -> list[dict[str, Any]]:
    """All rows of the ledger of these households, with `household` and the fields of a Line."""
    values = {"id": occurrence_id, "households": list(households), "now": now}
    found = connection.execute(_LINES, values).mappings()
    return [{**row, "student_ids": tuple(row["student_ids"])} for row in found]


# Since the first message could go, by anybody of the household it was written down for.
_HEARD = text(
    """
    WITH family AS (
        SELECT m.occurrence_id, m.household, min(m.due_at) AS since,
            array_agg(DISTINCT m.contact_id) AS contacts, array_agg(DISTINCT s.id) AS students
        FROM message m CROSS JOIN LATERAL unnest(m.student_ids) AS s (id)
        WHERE m.household = ANY (:households) AND m.occurrence_id = ANY (:occurrences)
        GROUP BY m.occurrence_id, m.household
    )
    SELECT f.occurrence_id, f.household,
        EXISTS (
            SELECT FROM consent_event e
            WHERE e.contact_id = ANY (f.contacts) AND e.action = 'revoked' AND e.at >= f.since
        ) AS stopped,
        EXISTS (
            SELECT FROM report_look l WHERE l.student_id = ANY (f.students) AND l.contact_id = ANY (f.contacts)
              AND l.at >= f.since
        ) OR EXISTS (
            SELECT FROM family_link l JOIN family_session s ON s.family_link_id = l.id
            WHERE l.student_id = ANY (f.students) AND l.contact_id = ANY (f.contacts) AND s.created_at >= f.since
        ) OR EXISTS (
            SELECT FROM belief_answer b WHERE b.student_id = ANY (f.students) AND b.contact_id = ANY (f.contacts)
              AND b.at >= f.since
        ) OR EXISTS (
            SELECT FROM family_request q WHERE q.student_id = ANY (f.students) AND q.contact_id = ANY (f.contacts)
              AND q.at >= f.since
        ) OR EXISTS (
            SELECT FROM reply r WHERE r.contact_id = ANY (f.contacts) AND NOT r.automatic AND r.received_at >= f.since
        ) OR EXISTS (
            SELECT FROM student_event v WHERE v.student_id = ANY (f.students) AND v.kind = 'booking'
              AND v.noticed_at >= f.since
        ) AS answered
    FROM family f
    """
)


@dataclass(frozen=True)
class Heard:
    """What came back from a household since its cascade began."""

    stopped: bool = False
    answered: bool = False


def heard(connection: Connection, wanted: Collection[tuple[int, str]]) -> dict[tuple[int, str], Heard]:
    """For each (occurrence, household)."""
    if not wanted:
        return {}
    values = {"occurrences": sorted({one for one, _ in wanted}), "households": sorted({h for _, h in wanted})}
    return {
        (row.occurrence_id, row.household): Heard(row.stopped, row.answered)
        for row in connection.execute(_HEARD, values)
    }


def contacts_of(connection: Connection, students: Collection[int]) -> list[int]:
    """Everybody who is related to these students."""
    query = text("SELECT DISTINCT contact_id FROM student_contact WHERE student_id = ANY (:students)")
    return sorted(connection.scalars(query, {"students": sorted(students)}))


_WRITE = text(
    """
    INSERT INTO message (
        public_id, district_id, campaign_id, occurrence_id, step, contact_id, student_ids, household, channel, language,
        fallback_from, template, template_version, template_hash, dedupe_key, rung, follows_id, state, due_at,
        expires_at, planned_at
    )
    SELECT n.public_id, o.district_id, o.campaign_id, o.id, o.step, n.contact_id, n.student_ids, n.household,
        n.channel, n.language, n.fallback_from, :template, n.template_version, n.template_hash, n.dedupe_key, n.rung,
        n.follows_id, 'planned', n.due_at, n.expires_at, :now
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n (
        public_id text, contact_id bigint, student_ids bigint[], household text, channel text, language text,
        fallback_from text, template_version int, template_hash text, dedupe_key text, rung smallint,
        follows_id bigint, due_at timestamptz, expires_at timestamptz
    ) JOIN occurrence o ON o.id = :id
    ORDER BY n.household, n.dedupe_key
    ON CONFLICT (dedupe_key) DO NOTHING
    """
)


def write(
    connection: Connection,
    occurrence_id: int,
    template: str,
    rows: Sequence[Mapping[str, Any]],
    now: datetime,
) -> int:
    """Write rungs down, all in one statement that adds nothing when it is said again; the number of new rows."""
    if not rows:
        return 0
    values = {"id": occurrence_id, "template": template, "rows": json.dumps(rows), "now": now}
    return int(connection.execute(_WRITE, values).rowcount)


_SETTLE = text(
    """
    UPDATE household_cascade h SET rung = n.rung, look_at = n.look_at, ended = n.ended, reason = n.reason,
        ended_at = CASE WHEN n.ended IS NOT NULL THEN CAST(:now AS timestamptz) END
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n (
        household text, rung smallint, look_at timestamptz, ended text, reason text
    )
    WHERE h.occurrence_id = :id AND h.household = n.household
    """
)


def settle(
    connection: Connection, occurrence_id: int, rows: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """Note where each household stands now, and when it is looked at again."""
    connection.execute(_SETTLE, {"id": occurrence_id, "rows": json.dumps(rows), "now": now})


def close(connection: Connection, occurrence_id: int, reason: str, now: datetime) -> None:
    """End what is still open of an occurrence whose time is over."""
    statement = text(
        """
        UPDATE household_cascade SET look_at = NULL, ended = 'stopped', reason = :reason, ended_at = :now
        WHERE occurrence_id = :id AND look_at IS NOT NULL
        """
    )
    connection.execute(statement, {"id": occurrence_id, "reason": reason, "now": now})


# In one order, so that two who hurry the same families wait for each other and do not lock up.
_HURRY = text(
    """
    UPDATE household_cascade h SET look_at = :now
    FROM (
        SELECT c.occurrence_id, c.household FROM household_cascade c
        WHERE c.look_at > :now AND (c.occurrence_id, c.household) IN (
            SELECT m.occurrence_id, m.household FROM message m WHERE m.id = ANY (:ids)
        )
        ORDER BY c.occurrence_id, c.household FOR UPDATE
    ) n
    WHERE h.occurrence_id = n.occurrence_id AND h.household = n.household
    """
)


def hurry(connection: Connection, messages: Collection[int], now: datetime) -> None:
    """These reached nobody: what comes next for their families is decided with the next pulse."""
    if messages:
        connection.execute(_HURRY, {"ids": sorted(messages), "now": now})
