"""SQL of time that runs out: leases of what was claimed or was being sent are kept and end; what is late drops."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

# What is open is found by its campaign and day, so that a backlog is read and not everything that is planned.
_DROP_EXPIRED = text(
    """
    UPDATE message m SET state = 'dropped', finished_at = :now, not_before = NULL,
        -- Nobody approved it in time: that says more than that its time has passed.
        reason = CASE WHEN m.reason = 'not_approved' THEN m.reason ELSE 'expired' END
    FROM campaign c JOIN open_message o ON o.campaign_id = c.id AND o.due_at <= :now
    WHERE m.id = o.message_id AND m.expires_at <= :now AND m.state IN ('planned', 'retry_at')
    """
)


def drop_expired(connection: Connection, now: datetime) -> int:
    return int(connection.execute(_DROP_EXPIRED, {"now": now}).rowcount)


# Paper and calls have no lease: what is in a print run waits for a person's word, and for nothing else.
_OVER = """
    FROM campaign c JOIN open_message o ON o.campaign_id = c.id
    WHERE m.id = o.message_id AND m.state = :state AND o.channel NOT IN ('letter', 'call')
      AND (:all OR o.due_at <= :now AND m.lease_until <= :now)
"""
_RELEASE = text(
    f"""
    UPDATE message m SET state = CASE WHEN m.attempts > 0 THEN 'retry_at' ELSE 'planned' END,
        lease_owner = NULL, lease_until = NULL, fencing = m.fencing + 1
    {_OVER}
    """  # noqa: S608  what is put in stands above
)
_DOUBT = text(
    f"""
    WITH doubted AS (
        UPDATE message m SET state = 'ambiguous', reason = 'no_answer', lease_owner = NULL, lease_until = :now
        {_OVER}
        RETURNING m.id, m.district_id, m.fencing
    )
    INSERT INTO attempt (message_id, district_id, fencing, outcome, detail, at)
    SELECT id, district_id, fencing, 'ambiguous', 'no_answer', :now FROM doubted
    """  # noqa: S608  what is put in stands above
)


def end_leases(connection: Connection, now: datetime, *, everybody: bool = False) -> None:
    """Give back what was claimed and put in doubt what was being sent, where the lease is over.

    `everybody`: all leases, for a caller who knows that no other worker lives.
    """
    for statement, state in ((_RELEASE, "claimed"), (_DOUBT, "dispatching")):
        connection.execute(statement, {"now": now, "all": everybody, "state": state})


_KEEP = text(
    """
    UPDATE message SET lease_until = :until
    WHERE id = ANY (:ids) AND state = 'claimed' AND lease_owner = :owner
    """
)


def keep(connection: Connection, ids: Sequence[int], owner: str, until: datetime) -> None:
    """Say that `owner` lives and comes to these; what was taken from it meanwhile stays with whoever has it."""
    connection.execute(_KEEP, {"ids": list(ids), "owner": owner, "until": until})
