"""Events of providers: each stored once, weighed with all others of its message, and counted by the day."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from campaign.dispatch import receipts
from campaign.dispatch.receipts import NOT_ARRIVED, Cause, Delivery, Event, Kind, Ledger, Reported
from campaign.store import cascades, consent, dispatch
from campaign.store.dispatch import Change

WEIGH_AT_ONCE = 1000

# In one order everywhere, so that a post that comes twice at once waits for itself instead of locking up.
_KEEP = text(
    """
    WITH given AS (
        SELECT DISTINCT ON (n.event_id) n.* FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n (
            event_id text, public_id text, kind text, sending text, cause text, detail text, occurred_at timestamptz
        ) ORDER BY n.event_id
    ), known AS (
        SELECT n.*, m.id AS message_id, m.fencing FROM given n JOIN message m ON m.public_id = n.public_id
    ), kept AS (
        INSERT INTO provider_event (
            provider, event_id, message_id, kind, sending, cause, detail, fencing, waits, occurred_at, received_at
        )
        SELECT :provider, event_id, message_id, kind, sending, cause, detail, fencing, true, occurred_at, :now
        FROM known ORDER BY event_id
        ON CONFLICT (provider, event_id) DO NOTHING
        RETURNING event_id
    )
    SELECT k.event_id, k.message_id, p.event_id IS NOT NULL AS is_new
    FROM known k LEFT JOIN kept p ON p.event_id = k.event_id
    """
)


@dataclass(frozen=True)
class Kept:
    """What became of events: `new` by event id with the message each is about, and how many had come before."""

    new: Mapping[str, int]
    again: int


def keep(connection: Connection, provider: str, events: Sequence[Reported], now: datetime) -> Kept:
    """Store those of our messages that were not told before; events of messages that nobody knows are left out."""
    if not events:
        return Kept({}, 0)
    rows = [{**vars(event), "occurred_at": event.occurred_at.isoformat()} for event in events]
    values = {"rows": json.dumps(rows), "provider": provider, "now": now}
    found = connection.execute(_KEEP, values).all()
    new = {row.event_id: row.message_id for row in found if row.is_new}
    known = {row.event_id for row in found}
    return Kept(new, sum(event.event_id in known for event in events) - len(new))


# A message that a worker is just sending, or somebody else is changing, is passed over: its events wait.
_MESSAGES = text(
    """
    SELECT id, state, reason, fencing, provider FROM message
    WHERE id = ANY (:ids) AND state <> 'dispatching' ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
    """
)
_EVENTS = text(
    """
    SELECT id, message_id, kind, sending, cause, occurred_at, fencing, provider FROM provider_event
    WHERE message_id = ANY (:ids)
    """
)
_HANDED_OVER = text(
    """
    SELECT message_id, max(at) AS at FROM attempt
    WHERE message_id = ANY (:ids) AND outcome = 'dispatching' GROUP BY message_id
    """
)
_DELIVERY = text(
    """
    INSERT INTO delivery (message_id, district_id, occurrence_id, channel, status, cause, at)
    SELECT m.id, m.district_id, m.occurrence_id, m.channel, n.status, n.cause, n.at
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n (message_id bigint, status text, cause text, at timestamptz)
    JOIN message m ON m.id = n.message_id ORDER BY m.id
    ON CONFLICT (message_id) DO UPDATE SET status = excluded.status, cause = excluded.cause, at = excluded.at
    """
)


def weigh(connection: Connection, messages: Sequence[int], now: datetime) -> int:
    """Work out from all their events how far these messages have come, and what the ledger says of them; how many were
    weighed, the others being in somebody's hands.

    What proves that a message went makes it accepted, wherever it stands, so that it is not sent again.
    """
    rows = connection.execute(_MESSAGES, {"ids": sorted(set(messages))}).all()
    if not rows:
        return 0
    ids = [row.id for row in rows]
    events: dict[int, list[Event]] = defaultdict(list)
    weighed = []
    for row in connection.execute(_EVENTS, {"ids": ids}):
        weighed.append(row.id)
        events[row.message_id].append(
            Event(Kind(row.kind), row.sending, _cause(row.cause), row.occurred_at, row.fencing, row.provider)
        )
    ledgers = {row.id: Ledger(row.state, row.reason, row.fencing, row.provider) for row in rows}
    found = {id: receipts.verdict(ledger, events[id]) for id, ledger in ledgers.items()}
    _change(connection, ledgers, {id: change for id, change in found.items() if change}, now)
    shown = [
        {"message_id": row.id, **_shown(told)} for row in rows if (told := receipts.delivery(events[row.id]))
    ]
    connection.execute(_DELIVERY, {"rows": json.dumps(shown)})
    cascades.hurry(connection, [one["message_id"] for one in shown if one["status"] in NOT_ARRIVED], now)
    connection.execute(
        text("UPDATE provider_event SET waits = false WHERE id = ANY (:ids) AND waits"), {"ids": weighed}
    )
    return len(rows)


def _change(
    connection: Connection,
    ledgers: Mapping[int, Ledger],
    wanted: Mapping[int, tuple[str, str | None]],
    now: datetime,
) -> None:
    if not wanted:
        return
    ids = list(wanted)
    handed_over = {row.message_id: row.at for row in connection.execute(_HANDED_OVER, {"ids": ids})}
    changes = [
        Change(
            id,
            ledgers[id].fencing,
            state,
            reason,
            detail="told by its provider",
            finished_at=handed_over.get(id) if state == "accepted" else None,
        )
        for id, (state, reason) in wanted.items()
    ]
    states = sorted({ledgers[id].state for id in ids})
    dispatch.change(connection, changes, from_states=states, now=now, trace=True)
    consent.enrol(connection, ids, now)


def _shown(told: Delivery) -> dict[str, str | None]:
    return {"status": told.status, "cause": told.cause, "at": told.at.isoformat()}


def weigh_waiting(connection: Connection, now: datetime) -> int:
    """Weigh events that came while their message was being sent; how many messages were weighed."""
    query = text(
        """
        SELECT DISTINCT e.message_id FROM provider_event e JOIN message m ON m.id = e.message_id
        WHERE e.waits AND m.state <> 'dispatching' LIMIT :limit
        """
    )
    ids = list(connection.scalars(query, {"limit": WEIGH_AT_ONCE}))
    return weigh(connection, ids, now)


def kinds(connection: Connection, provider: str, public_id: str) -> list[str]:
    """How far the newest sending of a message has come by this provider's events; empty where none came."""
    query = text(
        """
        SELECT e.kind, e.sending, e.cause, e.occurred_at, e.fencing, m.fencing AS now
        FROM provider_event e JOIN message m ON m.id = e.message_id
        WHERE m.public_id = :public_id AND e.provider = :provider
        """
    )
    rows = connection.execute(query, {"public_id": public_id, "provider": provider}).all()
    events = [Event(Kind(r.kind), r.sending, _cause(r.cause), r.occurred_at, r.fencing) for r in rows]
    found = receipts.current(events, rows[0].now) if rows else None
    return [found.status] if found else []


def _cause(name: str | None) -> Cause | None:
    return Cause(name) if name else None


def note(connection: Connection, refusals: Mapping[int, Cause], now: datetime) -> None:
    """Show why a provider refused these messages when they were sent."""
    if refusals:
        shown = [
            {"message_id": id, **_shown(Delivery(Kind.DROPPED, cause, now))} for id, cause in refusals.items()
        ]
        connection.execute(_DELIVERY, {"rows": json.dumps(shown)})


@dataclass(frozen=True)
class Digests:
    """SHA-256 of a text, and of the address it is for."""

    text: str
    to: str


def remember_texts(connection: Connection, digests: Mapping[int, tuple[int, Digests]]) -> None:
    """Keep the digests of what is about to be sent: message → (fencing, digests)."""
    if digests:
        rows = [
            {"id": id, "fencing": fencing, "sha256": found.text, "to_sha256": found.to}
            for id, (fencing, found) in digests.items()
        ]
        connection.execute(_REMEMBER, {"rows": json.dumps(rows)})


def digests(connection: Connection, message_id: int, fencing: int) -> Digests | None:
    """Of what was handed over under this number; None where none were kept."""
    query = text("SELECT sha256, to_sha256 FROM sent_text WHERE message_id = :id AND fencing = :fencing")
    row = connection.execute(query, {"id": message_id, "fencing": fencing}).one_or_none()
    return Digests(row.sha256, row.to_sha256) if row else None


_REMEMBER = text(
    """
    INSERT INTO sent_text (message_id, fencing, sha256, to_sha256)
    SELECT n.id, n.fencing, n.sha256, n.to_sha256 FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n (
        id bigint, fencing bigint, sha256 text, to_sha256 text
    )
    ON CONFLICT (message_id) DO UPDATE
    SET fencing = excluded.fencing, sha256 = excluded.sha256, to_sha256 = excluded.to_sha256
    """
)


_COUNT = text(
    """
    INSERT INTO event_count (provider, day, outcome, count, last_at)
    VALUES (:provider, CAST(CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS date), :outcome, :count, :now)
    ON CONFLICT (provider, day, outcome) DO UPDATE
    SET count = event_count.count + excluded.count, last_at = greatest(event_count.last_at, excluded.last_at)
    """
)


def count(connection: Connection, provider: str, outcomes: Mapping[str, int], now: datetime) -> None:
    """Add to the counts of the day. Last in a transaction: the rows are held until it ends."""
    for outcome, number in sorted(outcomes.items()):
        if number:
            values = {"provider": provider, "outcome": outcome, "count": number, "now": now}
            connection.execute(_COUNT, values)


_COMPLETE = text(
    """
    SELECT EXISTS (
           SELECT 1 FROM event_count c WHERE c.provider = :provider AND c.last_at >= :heard_after
           AND c.outcome = 'taken'
       ) AND NOT EXISTS (
           SELECT 1 FROM event_count c WHERE c.provider = :provider AND c.last_at >= :handed_over_at
           AND c.outcome IN ('forged', 'stale', 'unreadable', 'limited')
       )
    """
)


def are_complete(connection: Connection, provider: str, handed_over_at: datetime, now: datetime) -> bool:
    """Whether no event about a message handed over then can still come: the provider no longer tries to tell it, its
    events reached us after that, and none was refused in the meantime."""
    told_by = handed_over_at + receipts.OLDEST_EVENT
    if now < told_by + timedelta(hours=1):
        return False
    values = {"provider": provider, "heard_after": told_by, "handed_over_at": handed_over_at}
    return bool(connection.execute(_COMPLETE, values).scalar_one())
