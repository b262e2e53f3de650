"""SQL that lets what is written down follow a changed calendar: what is not sent moves, what was sent stays sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

from campaign.plans.plan import Occurrence
from campaign.school_year.calendar import moved


@dataclass(frozen=True)
class Begun:
    """An occurrence of which messages are written down, and whose time is not over."""

    id: int
    step: str
    day: date
    is_withdrawn: bool


_BEGUN = text(
    """
    SELECT o.id, o.step, o.day, o.withdrawn_at IS NOT NULL AS is_withdrawn FROM occurrence o
    WHERE o.campaign_id = :campaign_id AND o.step = ANY (:steps) AND o.expires_at > :now
      AND EXISTS (SELECT FROM message m WHERE m.occurrence_id = o.id)
    ORDER BY o.id
    """
)
_DAYS = text("SELECT step, day FROM occurrence WHERE campaign_id = :campaign_id AND step = ANY (:steps)")


def follow_calendar(
    connection: Connection,
    campaign_id: int,
    steps: Collection[str],
    found: Iterable[Occurrence],
    now: datetime,
) -> None:
    """Before `occurrences.put`: move what is written down to the days in `found`, or withdraw it.

    `steps` hang on the calendar. A day that is gone and a new one of the same step near it are one that was moved: the
    occurrence stays one, so that whoever has its message gets no second. Without a new day its messages are dropped
    with that reason, and come back with the day.
    """
    values = {"campaign_id": campaign_id, "steps": sorted(steps), "now": now}
    begun = [Begun(*row) for row in connection.execute(_BEGUN, values)]
    if not begun:
        return
    stored = {(step, day) for step, day in connection.execute(_DAYS, values)}
    wanted = {(o.step.id, o.day): o for o in found}
    for step in sorted({one.step for one in begun}):
        of_step = [one for one in begun if one.step == step]
        gone = {one.day: one for one in of_step if (step, one.day) not in wanted}
        new = [day for found_step, day in wanted.keys() - stored if found_step == step]
        pairs = moved(gone, new)
        for day, to in pairs.items():
            _move(connection, gone[day].id, wanted[step, to])
        _withdraw(connection, [one.id for day, one in gone.items() if day not in pairs], now)
        _restore(connection, [one.id for one in of_step if one.is_withdrawn and one.day not in gone])


# What was never handed to a sender is planned anew on the new day; what was tried goes on then.
_MOVE = (
    """
    DELETE FROM message m
    WHERE m.occurrence_id = :id AND m.attempts = 0
      AND (m.state IN ('planned', 'withheld') OR m.state = 'dropped' AND m.reason = 'calendar_changed')
      AND NOT EXISTS (SELECT FROM attempt a WHERE a.message_id = m.id)
    """,
    """
    UPDATE message m SET
        state = CASE WHEN m.state = 'dropped' THEN 'retry_at' ELSE m.state END, reason = NULL, finished_at = NULL,
        due_at = m.due_at + (:due_at - o.due_at), expires_at = m.expires_at + (:due_at - o.due_at), not_before = NULL
    FROM occurrence o
    WHERE o.id = :id AND m.occurrence_id = o.id
      AND (m.state IN ('planned', 'retry_at') OR m.state = 'dropped' AND m.reason = 'calendar_changed')
    """,
    """
    UPDATE occurrence SET day = :day, due_at = :due_at, expires_at = :expires_at, planned_at = NULL,
        withdrawn_at = NULL, followed_at = NULL
    WHERE id = :id
    """,
    "DELETE FROM household_cascade WHERE occurrence_id = :id",
)
_WITHDRAW = (
    """
    UPDATE message SET state = 'dropped', reason = 'calendar_changed', finished_at = :now, not_before = NULL
    WHERE occurrence_id = ANY (:ids) AND state IN ('planned', 'retry_at')
    """,
    "UPDATE occurrence SET withdrawn_at = :now WHERE id = ANY (:ids) AND withdrawn_at IS NULL",
)
_RESTORE = (
    """
    UPDATE message SET state = CASE WHEN attempts > 0 THEN 'retry_at' ELSE 'planned' END, reason = NULL,
        finished_at = NULL
    WHERE occurrence_id = ANY (:ids) AND state = 'dropped' AND reason = 'calendar_changed'
    """,
    "UPDATE occurrence SET withdrawn_at = NULL WHERE id = ANY (:ids)",
)


def _move(connection: Connection, occurrence_id: int, to: Occurrence) -> None:
    values = {"id": occurrence_id, "day": to.day, "due_at": to.due_at, "expires_at": to.expires_at}
    for statement in _MOVE:
        connection.execute(text(statement), values)


def _withdraw(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    for statement in _WITHDRAW if ids else ():
        connection.execute(text(statement), {"ids": list(ids), "now": now})


def _restore(connection: Connection, ids: Sequence[int]) -> None:
    for statement in _RESTORE if ids else ():
        connection.execute(text(statement), {"ids": list(ids)})
