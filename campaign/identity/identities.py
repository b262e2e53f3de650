"""Decisions on who is who: taken by a person, kept with the account, and free to be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from campaign.store import audit
from campaign.store import identity_decisions as store


class Decision(StrEnum):
    """SAME: a student we have. REPLACE: the same, and the new id takes the old one's place. ANOTHER: none of those
    shown. WAIT: not now."""

    SAME = "same"
    REPLACE = "replace"
    ANOTHER = "another"
    WAIT = "wait"


class Told(StrEnum):
    """What came of it. CHANGED: the case is no longer as the person saw it, so nothing was done."""

    DECIDED = "decided"
    WAITING = "waiting"
    TAKEN_BACK = "taken_back"
    CHANGED = "changed"


@dataclass(frozen=True)
class Answer:
    """A person's word on one case; `student_id` for SAME and REPLACE."""

    case_id: int
    decision: Decision
    student_id: int | None = None


def decide(connection: Connection, answer: Answer, *, actor: str, now: datetime) -> Told:
    """Keep the decision; the files concerned are then to be imported again. As the engine; the caller checks the scope.

    Somebody who was matched by name alone and is now said to be another loses what came in by that match.
    """
    case = store.lock(connection, answer.case_id)
    takes_student = answer.decision in {Decision.SAME, Decision.REPLACE}
    if (
        case is None
        or case.state == "decided"
        or (takes_student and answer.student_id not in case.candidates)
    ):
        return Told.CHANGED
    if answer.decision is Decision.WAIT:
        return _wait(connection, case)
    if case.state == "accepted" and case.student_id != answer.student_id:
        store.undo(connection, case)
    student = answer.student_id if takes_student else None
    store.settle(connection, case, store.Settled("decided", str(answer.decision), student, actor, now))
    if student is not None:
        if answer.decision is Decision.REPLACE:
            store.replace_ids(connection, case, student)
        store.keep_ids(connection, case, student)
    detail: dict[str, object] = {"decision": str(answer.decision), "student": student}
    audit.write(connection, _entry(case, "decided_identity", actor, now, detail))
    return Told.DECIDED


def _wait(connection: Connection, case: store.Locked) -> Told:
    if case.state not in {"open", "waiting"}:
        return Told.CHANGED
    store.settle(connection, case, store.Settled("waiting"))
    return Told.WAITING


def take_back(connection: Connection, case_id: int, *, actor: str, now: datetime) -> Told:
    """Open a decided or waiting case again and remove what came in because of the decision. As the engine."""
    case = store.lock(connection, case_id)
    if case is None or case.state not in {"decided", "waiting"}:
        return Told.CHANGED
    store.undo(connection, case)
    store.settle(connection, case, store.Settled("open"))
    detail: dict[str, object] = {"decision": case.decision}
    audit.write(connection, _entry(case, "took_back_identity", actor, now, detail))
    return Told.TAKEN_BACK


def accept_sure_ones(
    connection: Connection, sure: list[tuple[int, int]], *, actor: str, now: datetime
) -> int:
    """Say of each (case, student) that it is the same; how many were decided. As the engine."""
    told = [
        decide(connection, Answer(case_id, Decision.SAME, student_id), actor=actor, now=now)
        for case_id, student_id in sure
    ]
    return told.count(Told.DECIDED)


def _entry(
    case: store.Locked, action: str, actor: str, now: datetime, detail: dict[str, object]
) -> audit.Entry:
    target = f"identity_case:{case.id}"
    return audit.Entry(now, actor, action, target, case.district_id, detail)
