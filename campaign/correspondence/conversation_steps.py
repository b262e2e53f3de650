"""What staff do with a thread: answer, hand over, close, clear a flag; each kept with who and when, and undone.

Every function takes a transaction of the engine; who asks must have been let in to the student before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from campaign.correspondence.conversation_routing import StaffRole
from campaign.store import audit
from campaign.store import conversations as store
from campaign.store.conversation_answers import unsettle_notes
from campaign.store.conversations import Thread

LONGEST_ANSWER = 2000


class State(StrEnum):
    WAITING = "waiting"
    ANSWERED = "answered"
    CLOSED = "closed"


class Told(StrEnum):
    """What became of a step, for the page that follows."""

    ANSWERED = "answered"
    HANDED_OVER = "handed_over"
    CLOSED = "closed"
    REOPENED = "reopened"
    TAKEN_BACK = "taken_back"
    CLEARED = "cleared"
    CORRECTED = "corrected"
    CHANGED = "changed"
    FLAGGED = "flagged"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    NOT_CONFIRMED = "not_confirmed"
    NEEDS_REASON = "needs_reason"
    GONE_OUT = "gone_out"
    NO_CAPTIONS = "no_captions"
    FILE_REFUSED = "file_refused"


@dataclass(frozen=True)
class Doer:
    """Who does it, as the page knows them."""

    account_id: int
    name: str
    actor: str


def before(thread: Thread) -> dict[str, Any]:
    """What taking a step back restores."""
    names = ("state", "role", "account_id", "routed_by", "waiting_since", "due_at", "escalations")
    return {name: getattr(thread, name) for name in names}


def step(  # noqa: PLR0913  who, what, when and why
    connection: Connection,
    thread: Thread,
    doer: Doer,
    kind: str,
    changes: dict[str, Any],
    *,
    now: datetime,
    note: str = "",
    restores: Mapping[str, Any] | None = None,
) -> int:
    """Change a thread and keep who did it, with what undoes it; the id of the step."""
    step_id = store.add_step(
        connection,
        thread,
        kind=kind,
        account_id=doer.account_id,
        said_by=doer.name,
        note=note or None,
        before=before(thread) | dict(restores or {}),
        at=now,
    )
    store.change(connection, thread.id, **changes)
    record(connection, thread, doer.actor, f"conversation_{kind}", now)
    return step_id


def hand_over(
    connection: Connection,
    thread: Thread,
    doer: Doer,
    to: tuple[str, int | None],
    note: str,
    *,
    now: datetime,
) -> Told:
    """To a role, and to a person of it if one is named; the clock runs on."""
    role, account_id = to
    if not note.strip():
        return Told.NEEDS_REASON
    changes = {"role": str(StaffRole(role)), "account_id": account_id, "routed_by": "person"}
    step(connection, thread, doer, "handed_over", changes, now=now, note=note.strip())
    return Told.HANDED_OVER


def close(connection: Connection, thread: Thread, doer: Doer, note: str, now: datetime) -> Told:
    """It needs no (further) answer. Not while words of danger stand in it that nobody has cleared."""
    if thread.state == State.CLOSED:
        return Told.CHANGED
    if store.open_flags(connection, thread.id):
        return Told.FLAGGED
    changes = {"state": str(State.CLOSED), "due_at": None, "waiting_since": None}
    step(connection, thread, doer, "closed", changes, now=now, note=note.strip())
    return Told.CLOSED


def reopen(connection: Connection, thread: Thread, doer: Doer, due_at: datetime, *, now: datetime) -> Told:
    """It waits for an answer again, until `due_at`."""
    if thread.state == State.WAITING:
        return Told.CHANGED
    changes = {"state": str(State.WAITING), "waiting_since": now, "due_at": due_at, "escalations": 0}
    step(connection, thread, doer, "reopened", changes, now=now)
    return Told.REOPENED


def take_back(connection: Connection, thread: Thread, doer: Doer, now: datetime) -> Told:
    """Undo the newest step; an answer is taken back with it, unless it has gone out."""
    newest = store.newest_step(connection, thread.id)
    if newest is None:
        return Told.CHANGED
    kept = dict(newest["before"])
    message_id, settled = kept.pop("message_id", None), kept.pop("settled", [])
    if message_id is not None and not store.take_message_back(connection, message_id, now):
        return Told.GONE_OUT
    store.take_step_back(connection, newest["id"])
    unsettle_notes(connection, settled)
    for name in ("waiting_since", "due_at"):
        kept[name] = datetime.fromisoformat(kept[name]) if kept[name] else None
    store.change(connection, thread.id, **kept)
    record(connection, thread, doer.actor, "conversation_step_taken_back", now)
    return Told.TAKEN_BACK


def clear_flag(
    connection: Connection, thread: Thread, doer: Doer, flag_id: int, reason: str, *, now: datetime
) -> Told:
    """A person has looked and says with their name what it was."""
    if not reason.strip():
        return Told.NEEDS_REASON
    who = {"account_id": doer.account_id, "name": doer.name, "reason": reason.strip(), "now": now}
    if not store.clear_flag(connection, thread.id, flag_id, **who):
        return Told.CHANGED
    record(connection, thread, doer.actor, "crisis_flag_cleared", now)
    return Told.CLEARED


def answered_elsewhere(connection: Connection, pair: tuple[int, int], doer: Doer, now: datetime) -> None:
    """The family was answered on the page of what it sent: nothing waits in its thread (`pair`: student, contact)."""
    thread = store.of_pair(connection, *pair)
    if thread is not None and thread.state == State.WAITING:
        changes = {"state": str(State.ANSWERED), "due_at": None, "waiting_since": None}
        step(connection, thread, doer, "answered", changes, now=now, note="On the page From families")


def record(connection: Connection, thread: Thread, actor: str, action: str, now: datetime) -> None:
    entry = audit.Entry(
        at=now,
        actor=actor,
        action=action,
        target=f"student:{thread.student_id}",
        district_id=thread.district_id,
        detail={"conversation": thread.id},
    )
    audit.write(connection, entry)
