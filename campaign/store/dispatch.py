"""SQL that moves message rows from state to state. A row is changed only from the states named, by the holder of its
fencing number, so that two workers, a late answer or a second tick change nothing twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from campaign import direct
from campaign.definitions.definition import CHANNELS
from campaign.store import cascades
from campaign.store.arrays import integers, texts


@lru_cache(maxsize=64)
def _plain(value: Any) -> str:
    """Of moments, which many changes at a time share."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


# Every campaign of every district gets an equal part of a claim, so that a large one does not keep the others waiting.
_DUE = """
    SELECT m.id FROM (
        SELECT message_id FROM open_message
        WHERE campaign_id = {campaign} AND due_at <= :now AND channel = ANY (:channels) ORDER BY due_at, message_id
    ) o CROSS JOIN LATERAL (
        SELECT id FROM message
        WHERE id = o.message_id AND state IN ('planned', 'retry_at') AND (not_before IS NULL OR not_before <= :now)
        {locked}
    ) m
"""
_CLAIM = text(
    f"""
    WITH lane AS MATERIALIZED (
        SELECT c.id FROM campaign c
        WHERE NOT c.paused AND (CAST(:district_id AS bigint) IS NULL OR c.district_id = :district_id)
          AND NOT EXISTS (SELECT 1 FROM sending_pause p WHERE p.district_id = c.district_id)
          -- The first one in their order, not any one, or all that is open would be read to find it.
          AND ({_DUE.format(campaign="c.id", locked="OFFSET 0")} LIMIT 1) IS NOT NULL
    )
    UPDATE message SET state = 'claimed', lease_owner = :owner, lease_until = :until, fencing = fencing + 1
    WHERE id = ANY (ARRAY(
        SELECT due.id FROM lane CROSS JOIN LATERAL (
            {_DUE.format(campaign="lane.id", locked="FOR UPDATE SKIP LOCKED")}
            LIMIT (SELECT ceil(CAST(:limit AS numeric) / greatest(count(*), 1)) FROM lane)
        ) due
    ))
    RETURNING id
    """  # noqa: S608  what is put in stands above
)


@dataclass(frozen=True)
class Claim:
    """Who takes how many messages of which channels, until when; `district_id` None: of all districts. Letters and
    calls are people's work: who claims them is refused with a ValueError."""

    owner: str
    until: datetime
    limit: int
    channels: frozenset[str]
    district_id: int | None = None

    def __post_init__(self) -> None:
        if by_hand := self.channels - CHANNELS:
            raise ValueError(f"no worker sends by {', '.join(sorted(by_hand))}")


def claim(connection: Connection, wanted: Claim, now: datetime) -> list[int]:
    """Take due messages: of each campaign those due first and planned first."""
    values = {**vars(wanted), "channels": sorted(wanted.channels), "now": now}
    return sorted(id for (id,) in direct.rows(connection, _CLAIM, values))


class Claimed(NamedTuple):
    """A message in hand with what is needed to look at it and write it; addresses and names stay out of `repr`."""

    id: int
    public_id: str
    fencing: int
    district_id: int
    occurrence_id: int
    rung: int
    slug: str
    document_id: int
    step: str
    contact_id: int
    student_ids: list[int]
    household: str
    channel: str
    template: str
    attempts: int
    due_at: datetime
    expires_at: datetime
    reason: str | None
    paused: bool
    cancelled: bool


LOCK_HOUSEHOLDS = text(
    """
    SELECT pg_advisory_xact_lock(h.key) FROM (
        SELECT DISTINCT hashtextextended(household, 0) AS key FROM message
        WHERE id = ANY (CAST(:ids AS bigint[])) ORDER BY 1
    ) h
    """
)
# In the order of Claimed.
_IN_HAND = """
    SELECT m.id, m.public_id, m.fencing, m.district_id, m.occurrence_id, m.rung, c.slug,
        o.campaign_revision_id AS document_id, m.step, m.contact_id, m.student_ids, m.household, m.channel,
        m.template, m.attempts, m.due_at, m.expires_at, m.reason,
        c.paused OR EXISTS (SELECT 1 FROM sending_pause p WHERE p.district_id = m.district_id) AS paused,
        EXISTS (
            SELECT 1 FROM cancellation x WHERE x.campaign_id = m.campaign_id AND x.undone_at IS NULL
              AND (x.step IS NULL OR (x.step = o.step AND x.day = o.day))
        ) AS cancelled
    FROM message m JOIN campaign c ON c.id = m.campaign_id JOIN occurrence o ON o.id = m.occurrence_id
    WHERE m.id = ANY (CAST(:ids AS bigint[]))
"""
_HELD = text(
    f"{_IN_HAND} AND m.state = 'claimed' AND m.lease_owner = :owner ORDER BY m.due_at, m.id FOR UPDATE OF m"
)
# A call is in nobody's hand but that of the person who looks at it.
_OPEN_CALLS = text(
    f"""{_IN_HAND} AND m.channel = 'call' AND m.state IN ('planned', 'retry_at') ORDER BY m.due_at, m.id
    FOR UPDATE OF m"""
)


def held(
    connection: Connection, ids: Sequence[int], owner: str, *, households_locked: bool = False
) -> list[Claimed]:
    """Those of `ids` that `owner` still holds, locked with their households until the transaction ends.

    With the households locked, no other worker can send to them in between: the cap holds.
    """
    wanted = integers(ids)
    if not households_locked:
        direct.run(connection, LOCK_HOUSEHOLDS, {"ids": wanted})
    return [*map(Claimed._make, direct.rows(connection, _HELD, {"ids": wanted, "owner": owner}))]


def open_calls(connection: Connection, ids: Sequence[int]) -> list[Claimed]:
    """Those of `ids` that are calls still to be made, locked until the transaction ends."""
    return [Claimed(*row) for row in connection.execute(_OPEN_CALLS, {"ids": integers(ids)}).all()]


_HOUSEHOLD_SENT = text(
    """
    SELECT household, occurrence_id, rung, min(coalesce(finished_at, CASE WHEN state = 'ambiguous' THEN (
        SELECT max(a.at) FROM attempt a WHERE a.message_id = message.id AND a.outcome = 'dispatching'
    ) END, :now)) AS at FROM message
    WHERE household = ANY (:households) AND channel = ANY (:channels)
      AND (state IN ('dispatching', 'ambiguous') OR state = 'accepted' AND finished_at > :since)
      -- The weekly message counts once.
      AND NOT EXISTS (SELECT FROM digest_line l WHERE l.message_id = message.id)
    GROUP BY household, occurrence_id, rung
    """
)


def household_sent(
    connection: Connection, households: Sequence[str], *, since: datetime, now: datetime
) -> dict[str, dict[tuple[int, int], datetime]]:
    """Household → (occurrence, rung) → when it was (or may have been) sent. Copies to two adults of a home count once;
    paper and calls do not count."""
    sent: dict[str, dict[tuple[int, int], datetime]] = {household: {} for household in households}
    values = {"households": list(set(households)), "channels": sorted(CHANNELS), "since": since, "now": now}
    for household, occurrence_id, rung, at in direct.rows(connection, _HOUSEHOLD_SENT, values):
        sent[household][occurrence_id, rung] = at
    return sent


class Change(NamedTuple):
    """What becomes of one message. `look_again`: when an ambiguous one is asked after, and when one that is being sent
    is in doubt; `finished_at`: when it ended, if not now."""

    id: int
    fencing: int
    state: str
    reason: str | None = None
    not_before: datetime | None = None
    student_ids: tuple[int, ...] | None = None
    language: str | None = None
    fallback_from: str | None = None
    template_version: int | None = None
    template_hash: str | None = None
    detail: str | None = None
    provider: str | None = None
    look_again: datetime | None = None
    finished_at: datetime | None = None
    provider_message_id: str | None = None


# Of many messages most become the same: what that is comes once for all of them, and beside it who becomes which.
_CHANGE = text(
    """
    WITH said AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:said AS json)) AS k (
            number int, state text, reason text, not_before timestamptz, student_ids bigint[], language text,
            fallback_from text, template_version int, template_hash text, detail text, provider text,
            look_again timestamptz, finished_at timestamptz
        )
    ), changed AS (
        UPDATE message m SET
            state = n.state, reason = n.reason, not_before = n.not_before,
            student_ids = coalesce(n.student_ids, m.student_ids),
            language = coalesce(n.language, m.language),
            fallback_from = CASE WHEN n.language IS NULL THEN m.fallback_from ELSE n.fallback_from END,
            template_version = coalesce(n.template_version, m.template_version),
            template_hash = coalesce(n.template_hash, m.template_hash),
            provider = coalesce(n.provider, m.provider),
            provider_message_id = coalesce(w.provider_message_id, m.provider_message_id),
            -- What had failed begins anew, or one busy moment would end it again.
            attempts = CASE WHEN m.state = 'failed' THEN 0 WHEN n.state = 'dispatching' THEN m.attempts + 1
                            ELSE m.attempts END,
            lease_owner = CASE WHEN n.state = 'dispatching' THEN m.lease_owner END,
            lease_until = CASE WHEN n.state IN ('dispatching', 'ambiguous') THEN n.look_again END,
            finished_at = CASE
                WHEN n.state IN ('accepted', 'rejected', 'failed', 'withheld', 'dropped')
                THEN coalesce(n.finished_at, CAST(:now AS timestamptz))
            END
        FROM unnest(CAST(:ids AS bigint[]), CAST(:fencings AS bigint[]), CAST(:numbers AS int[]),
                    CAST(:provider_ids AS text[])) w (id, fencing, number, provider_message_id)
        JOIN said n ON n.number = w.number
        -- By its ids alone: what is known of the states of yesterday would mislead the search for those of today.
        WHERE m.id = w.id AND m.id = ANY (CAST(:ids AS bigint[])) AND m.fencing = w.fencing
          AND (w.id IS NULL OR m.state = ANY (:from_states))
        RETURNING m.id, m.district_id, w.fencing, n.state, coalesce(n.detail, n.reason) AS detail
    ), traced AS (
        INSERT INTO attempt (message_id, district_id, fencing, outcome, detail, at)
        SELECT id, district_id, fencing, state, detail, :now FROM changed WHERE :trace
    )
    SELECT id FROM changed
    """
)
_TRACE_LATE = text(
    """
    INSERT INTO attempt (message_id, district_id, fencing, outcome, detail, at)
    SELECT m.id, m.district_id, w.fencing, n.state, coalesce(n.detail, n.reason), :now
    FROM unnest(CAST(:ids AS bigint[]), CAST(:fencings AS bigint[]), CAST(:numbers AS int[])) w (id, fencing, number)
    JOIN json_to_recordset(CAST(:said AS json)) AS n (number int, state text, reason text, detail text)
        ON n.number = w.number
    JOIN message m ON m.id = w.id
    """
)


def change(
    connection: Connection,
    changes: Sequence[Change],
    *,
    from_states: Sequence[str],
    now: datetime,
    trace: bool,
) -> int:
    """Apply `changes` to rows in `from_states` whose fencing number still fits; the number applied.

    With `trace`, each is added to the attempts, applied or not: an answer that came too late is still a fact.
    """
    if not changes:
        return 0
    values = {**_columns(changes), "from_states": list(from_states), "now": now, "trace": trace}
    applied = [id for (id,) in direct.rows(connection, _CHANGE, values)]
    if trace and len(applied) < len(changes):
        done = set(applied)
        late = [change for change in changes if change.id not in done]
        connection.execute(_TRACE_LATE, {**_columns(late), "now": now})
    cascades.hurry(connection, [one.id for one in changes if one.state in cascades.REACHED_NOBODY], now)
    return len(applied)


def _columns(changes: Sequence[Change]) -> dict[str, str]:
    """Who, and what becomes of them; what is not known is not said."""
    numbers: dict[tuple[Any, ...], int] = {}
    which = [numbers.setdefault(one[2:-1], len(numbers)) for one in changes]
    names = Change._fields[2:-1]
    said = [
        {"number": number, **{n: v for n, v in zip(names, kind, strict=True) if v is not None}}
        for kind, number in numbers.items()
    ]
    return {
        "ids": integers([one.id for one in changes]),
        "fencings": integers([one.fencing for one in changes]),
        "numbers": integers(which),
        "provider_ids": texts([one.provider_message_id for one in changes]),
        "said": json.dumps(said, default=_plain),
    }
