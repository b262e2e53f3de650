"""SQL of the weekly message: what waits for it, what travels in it, and what goes its own way again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from campaign import direct
from campaign.store.arrays import integers
from campaign.store.dispatch import LOCK_HOUSEHOLDS

# What is due to the same people by e-mail or text message, also what another worker has claimed and not looked at yet:
# with the household locked and a new fencing number, that worker finds it gone. What is locked is being looked at.
_COMPANY = text(
    """
    WITH known AS MATERIALIZED (
        SELECT m.contact_id, bool_or(m.reason = 'digest') AS waits, coalesce((
            SELECT e.weekly_limit = 1 FROM consent_event e
            WHERE e.contact_id = m.contact_id AND e.scope = 'frequency' ORDER BY e.at DESC, e.id DESC LIMIT 1
        ), false) AS weekly
        FROM message m WHERE m.id = ANY (CAST(:ids AS bigint[])) GROUP BY m.contact_id
    )
    UPDATE message SET state = 'claimed', lease_owner = :owner, lease_until = :until, fencing = fencing + 1
    WHERE id IN (
        SELECT m.id FROM known k JOIN message m ON m.contact_id = k.contact_id
        -- First what is known of the contact, so that the messages of all others are not looked up.
        WHERE (k.weekly OR k.waits) AND (k.weekly OR m.reason = 'digest')
          AND m.finished_at IS NULL AND m.due_at <= :now AND m.id <> ALL (CAST(:ids AS bigint[]))
          AND m.state IN ('planned', 'retry_at', 'claimed') AND m.channel IN ('email', 'sms')
          AND (m.not_before IS NULL OR m.not_before <= :now OR m.reason = 'digest')
        FOR UPDATE OF m SKIP LOCKED
    )
    RETURNING id
    """
)
_JOIN = text(
    """
    INSERT INTO digest_line (message_id, lead_id, district_id, gathered_at)
    SELECT l.message_id, l.lead_id, m.district_id, :now
    FROM unnest(CAST(:lines AS bigint[]), CAST(:leads AS bigint[])) AS l (message_id, lead_id)
    JOIN message m ON m.id = l.message_id
    ON CONFLICT (message_id) DO UPDATE SET lead_id = excluded.lead_id, gathered_at = excluded.gathered_at
    """
)
_RELEASE = text(
    """
    UPDATE message SET not_before = NULL, reason = NULL
    WHERE contact_id = :contact_id AND reason = 'digest' AND state IN ('planned', 'retry_at')
    """
)


def company(
    connection: Connection, ids: Sequence[int], owner: str, until: datetime, now: datetime
) -> list[int]:
    """Claim what else is due to the contacts of these messages that get one message a week, or that waits for it.

    Their households are locked until the transaction ends.
    """
    wanted = integers(ids)
    direct.run(connection, LOCK_HOUSEHOLDS, {"ids": wanted})
    values = {"ids": wanted, "owner": owner, "until": until, "now": now}
    return [id for (id,) in direct.rows(connection, _COMPANY, values)]


def join(connection: Connection, lines: Mapping[int, int], now: datetime) -> None:
    """Each of these messages travels in another one: message → lead."""
    if lines:
        values = {"lines": list(lines), "leads": list(lines.values()), "now": now}
        connection.execute(_JOIN, values)


def release(connection: Connection, contact_id: int) -> None:
    """What waits for the weekly message of a contact is looked at anew: the contact has said how often it wants one."""
    connection.execute(_RELEASE, {"contact_id": contact_id})


_OF_WEEK = text(
    """
    SELECT m.template FROM message m
    WHERE m.contact_id = :contact_id AND :student_id = ANY (m.student_ids)
      AND (m.state IN ('dispatching', 'ambiguous') OR m.state = 'accepted' AND m.finished_at > :since)
      AND EXISTS (SELECT FROM digest_line l WHERE m.id IN (l.message_id, l.lead_id))
    GROUP BY m.template ORDER BY max(m.id)
    """
)


def of_week(connection: Connection, contact_id: int, student_id: int, since: datetime) -> list[str]:
    """The messages about this student that came to the contact in a weekly one since then."""
    values = {"contact_id": contact_id, "student_id": student_id, "since": since}
    return list(connection.scalars(_OF_WEEK, values))
