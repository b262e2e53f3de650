"""What families say back through their page: notes to the teacher, mistakes, wishes; and what staff answered.

Functions for a family or for staff run under the reader's own role, so that row-level security narrows the rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from campaign.access import Principal


class Kind(StrEnum):
    NOTE = "note"
    MISTAKE = "mistake"
    INTERPRETER = "interpreter"
    WRONG_PERSON = "wrong_person"


class State(StrEnum):
    """`NEW` and `CHECKING` wait for staff; all others are settled."""

    NEW = "new"
    READ = "read"
    ANSWERED = "answered"
    CHECKING = "checking"
    CORRECTED = "corrected"
    NOT_AGREED = "not_agreed"
    DONE = "done"


WAITING = (State.NEW, State.CHECKING)


@dataclass(frozen=True)
class NewRequest:
    """`language`: of the page. `said`: what was written or chosen, by the name of its field."""

    kind: Kind
    language: str
    said: Mapping[str, Any]
    report_number: str | None = None


@dataclass(frozen=True)
class Answer:
    """What staff wrote to the family, as written, and in which language."""

    said_by: str
    text: str
    language: str
    at: datetime


@dataclass(frozen=True)
class Thread:
    """One thing that a family sent, and what it was answered, in order."""

    request_id: int
    kind: str
    language: str
    said: Mapping[str, Any]
    state: str
    at: datetime
    answers: tuple[Answer, ...] = ()


_ADD = text(
    """
    INSERT INTO family_request (district_id, student_id, contact_id, kind, report_number, language, said, at)
    SELECT :district_id, :student_id, :contact_id, :kind, :report_number, :language, :said, :now
    WHERE NOT EXISTS (
        SELECT 1 FROM family_request r
        WHERE r.student_id = :student_id AND r.contact_id = :contact_id AND r.kind = :kind
          AND r.said = :said AND r.state IN ('new', 'checking')
    )
    """
).bindparams(bindparam("said", type_=JSONB))


def add(connection: Connection, principal: Principal, new: NewRequest, now: datetime) -> bool:
    """Keep what the family sent; False where the very same still waits, because a button was pressed twice."""
    values = {**asdict(new), "kind": str(new.kind), "said": dict(new.said)}
    who = {"district_id": principal.district_id, **_who(principal)}
    return connection.execute(_ADD, {**values, **who, "now": now}).rowcount == 1


def newest(connection: Connection, principal: Principal) -> int:
    """The id of what this contact sent last about this student."""
    query = text(
        "SELECT max(id) FROM family_request WHERE student_id = :student_id AND contact_id = :contact_id"
    )
    return int(connection.scalar(query, _who(principal)) or 0)


_THREADS = text(
    """
    SELECT r.id, r.kind, r.language, r.said, r.state, r.at,
           s.said_by, s.answer, s.language AS answer_language, s.at AS answered_at
    FROM family_request r
    LEFT JOIN family_request_step s
           ON s.family_request_id = r.id AND s.answer IS NOT NULL AND NOT s.taken_back
    WHERE r.student_id = :student_id AND r.contact_id = :contact_id AND r.kind IN ('note', 'mistake')
      AND r.forgotten_at IS NULL
    ORDER BY r.at DESC, r.id DESC, s.id
    """
)


def threads(connection: Connection, principal: Principal) -> list[Thread]:
    """All notes and mistakes that this contact sent about this student, the newest first."""
    rows = connection.execute(_THREADS, _who(principal)).all()
    return [_thread(list(some)) for _, some in groupby(rows, key=lambda row: row.id)]


def _thread(rows: Sequence[Any]) -> Thread:
    first = rows[0]
    thread = Thread(first.id, first.kind, first.language, first.said, first.state, first.at)
    answers = (
        Answer(row.said_by, row.answer, row.answer_language or "en", row.answered_at)
        for row in rows
        if row.answer is not None
    )
    return replace(thread, answers=tuple(answers))


def _who(principal: Principal) -> dict[str, int | None]:
    return {"student_id": principal.student_id, "contact_id": principal.contact_id}
