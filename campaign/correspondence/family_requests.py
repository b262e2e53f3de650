"""The steps that staff may take on what families sent, each kept with who and when, and each to be taken back.

An answer that is taken back is shown to the family no more; its step stays for staff and in the audit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from campaign.access import Role
from campaign.school_year.calendar import SchoolYear
from campaign.store import audit
from campaign.store import family_replies as store
from campaign.store.family_replies import NewStep, Request
from campaign.store.family_requests import Kind, State

LONGEST_ANSWER = 2000

# Into which states staff may bring each kind, and those that a decision of the school needs: a teacher's word is none.
STEPS: dict[Kind, tuple[State, ...]] = {
    Kind.NOTE: (State.ANSWERED, State.READ),
    Kind.MISTAKE: (State.CHECKING, State.CORRECTED, State.NOT_AGREED),
    Kind.INTERPRETER: (State.DONE,),
    Kind.WRONG_PERSON: (State.DONE,),
}
_FOR_OFFICES = {State.CORRECTED, State.NOT_AGREED}
# What is not to be said any more of one in this state; an answer can be followed by another.
_OVER = {State.ANSWERED: (State.READ,)}
# Who wrote a note or told of a mistake can be written to; the others are called.
ANSWERABLE = frozenset({Kind.NOTE, Kind.MISTAKE})


class Told(StrEnum):
    """What became of a step, for the page that follows."""

    KEPT = "kept"
    TAKEN_BACK = "taken_back"
    CHANGED = "changed"
    NEEDS_ANSWER = "needs_answer"
    TOO_LONG = "too_long"


@dataclass(frozen=True)
class Doer:
    """Who does it, as the page knows them. `seen`: the newest step on the page, 0 = none."""

    role: Role
    account_id: int
    name: str
    actor: str
    seen: int


def possible(request: Request, role: Role) -> list[State]:
    """The states this person may bring the request into."""
    now = State(request.state)
    states = [state for state in STEPS[Kind(request.kind)] if state not in _OVER.get(now, (now,))]
    return [state for state in states if role != Role.TEACHER or state not in _FOR_OFFICES]


def answer_is_needed(state: str) -> bool:
    """A family that is told no must be told why, and that it may ask for a hearing (34 CFR 99.20)."""
    return state == State.NOT_AGREED


def take(
    connection: Connection, request: Request, doer: Doer, step: tuple[str, str, str], now: datetime
) -> Told:
    """Take one step: the state, the answer ("" = none) and its language. The connection acts as the engine."""
    state, answer, language = step
    answer = answer.strip()
    if len(answer) > LONGEST_ANSWER:
        return Told.TOO_LONG
    if answer_is_needed(state) and not answer:
        return Told.NEEDS_ANSWER
    store.lock(connection, request.request_id)
    if _newest(connection, request) != doer.seen or state not in possible(request, doer.role):
        return Told.CHANGED
    if Kind(request.kind) not in ANSWERABLE:
        answer = ""
    new = NewStep(doer.account_id, doer.name, state, answer or None, language if answer else None, now)
    store.add_step(connection, request, new)
    _record(connection, request, doer, f"family_request_{state}", now)
    return Told.KEPT


def take_back(connection: Connection, request: Request, doer: Doer, now: datetime) -> Told:
    """Undo the newest step that counts. The connection acts as the engine."""
    store.lock(connection, request.request_id)
    counting = [step for step in store.steps(connection, request.request_id) if not step.taken_back]
    if (
        not counting
        or _newest(connection, request) != doer.seen
        or not may_undo(counting[-1].state, doer.role)
    ):
        return Told.CHANGED
    store.take_back(connection, request, counting[-1])
    _record(connection, request, doer, "family_request_step_taken_back", now)
    return Told.TAKEN_BACK


def may_undo(state: str, role: Role) -> bool:
    return role != Role.TEACHER or state not in _FOR_OFFICES


def _newest(connection: Connection, request: Request) -> int:
    """The newest step that counts, 0 = none: what a page must have seen to go on from."""
    counting = [step for step in store.steps(connection, request.request_id) if not step.taken_back]
    return counting[-1].step_id if counting else 0


def school_days_waited(year: SchoolYear, since: date, today: date) -> int:
    """School days after the day it came in, up to and with today."""
    days = (since + timedelta(days=n) for n in range(1, (today - since).days + 1))
    return sum(year.is_school_day(day) for day in days)


def _record(connection: Connection, request: Request, doer: Doer, action: str, now: datetime) -> None:
    entry = audit.Entry(
        at=now,
        actor=doer.actor,
        action=action,
        target=f"student:{request.student_id}",
        district_id=request.district_id,
        detail={"family_request": request.request_id},
    )
    audit.write(connection, entry)
