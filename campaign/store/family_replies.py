"""What staff read of the things families sent, and the steps they take. See `family_requests` for the family's side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, text

from campaign.schema.family_requests import family_request_step
from campaign.store.family_requests import WAITING


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; None narrows nothing. `waiting`: what waits for staff, or what is settled."""

    waiting: bool = True
    kind: str | None = None
    school_id: int | None = None


@dataclass(frozen=True)
class Listed:
    """One thing that a family sent, without its words."""

    request_id: int
    district_id: int
    kind: str
    state: str
    language: str
    at: datetime
    student_id: int
    student: str
    grade_level: int | None
    school: str | None
    contact: str
    relation: str | None
    settled_by: str | None
    settled_at: datetime | None


@dataclass(frozen=True)
class Request:
    """One of them with its words. `contact_id` and `newest_step` go into the next step."""

    request_id: int
    district_id: int
    student_id: int
    contact_id: int
    student: str
    grade_level: int | None
    school: str | None
    contact: str
    relation: str | None
    interpreter_needed: bool
    kind: str
    state: str
    language: str
    said: Mapping[str, Any]
    report_number: str | None
    at: datetime
    forgotten_at: datetime | None
    kept_days: int | None


@dataclass(frozen=True)
class Step:
    step_id: int
    said_by: str
    before: str
    state: str
    answer: str | None
    language: str | None
    taken_back: bool
    at: datetime


@dataclass(frozen=True)
class NewStep:
    """What a person of the staff did: into which state it comes, and what was written to the family, if anything."""

    account_id: int
    said_by: str
    state: str
    answer: str | None
    language: str | None
    at: datetime


_ABOUT = """
    FROM family_request r
    JOIN student s ON s.id = r.student_id
    JOIN contact c ON c.id = r.contact_id
    LEFT JOIN school h ON h.id = s.school_id
    LEFT JOIN student_contact k ON k.student_id = r.student_id AND k.contact_id = r.contact_id
"""
_NARROWED = """
    WHERE (r.state = ANY (:waiting_states)) = :waiting
      AND (CAST(:kind AS text) IS NULL OR r.kind = :kind)
      AND (CAST(:school_id AS bigint) IS NULL OR s.school_id = :school_id)
"""
_NAMES = """
    r.id AS request_id, r.district_id, r.student_id, r.kind, r.state, r.language, r.at,
    concat_ws(' ', s.given_name, s.family_name) AS student, s.grade_level, h.name AS school,
    concat_ws(' ', c.given_name, c.family_name) AS contact, k.relation
"""
# Who waits longest comes first; of what is settled, the newest.
_LIST = text(
    f"""
    SELECT {_NAMES}, t.said_by AS settled_by, t.at AS settled_at
    {_ABOUT} LEFT JOIN LATERAL (
        SELECT said_by, at FROM family_request_step
        WHERE family_request_id = r.id AND NOT taken_back ORDER BY id DESC LIMIT 1
    ) t ON r.state <> 'new'
    {_NARROWED}
    ORDER BY CASE WHEN CAST(:waiting AS boolean) THEN r.at END, coalesce(t.at, r.at) DESC, r.id
    LIMIT :limit OFFSET :offset
    """  # noqa: S608  the pieces are constants
)


def find(connection: Connection, wanted: Wanted, *, limit: int, offset: int = 0) -> list[Listed]:
    values = {**_values(wanted), "limit": limit, "offset": offset}
    return [Listed(**row._mapping) for row in connection.execute(_LIST, values)]


def counts(connection: Connection, wanted: Wanted) -> dict[str, int]:
    """How many there are of each kind; `wanted.kind` is not looked at."""
    query = text(f"SELECT r.kind, count(*) {_ABOUT} {_NARROWED} GROUP BY 1")
    rows = connection.execute(query, {**_values(wanted), "kind": None})
    return {str(kind): int(number) for kind, number in rows}


def _values(wanted: Wanted) -> dict[str, Any]:
    return {**asdict(wanted), "waiting_states": [str(state) for state in WAITING]}


def one(connection: Connection, request_id: int) -> Request | None:
    """None outside the reader's scope."""
    query = text(
        f"""
        SELECT {_NAMES}, r.contact_id, r.said, r.report_number, c.interpreter_needed,
            r.forgotten_at, r.kept_days
        {_ABOUT} WHERE r.id = :id
        """
    )
    row = connection.execute(query, {"id": request_id}).first()
    return Request(**row._mapping) if row else None


def steps(connection: Connection, request_id: int) -> Sequence[Step]:
    """All that was done, the oldest first."""
    query = text(
        """
        SELECT id AS step_id, said_by, before, state, answer, language, taken_back, at
        FROM family_request_step WHERE family_request_id = :id ORDER BY id
        """
    )
    return [Step(**row._mapping) for row in connection.execute(query, {"id": request_id})]


def lock(connection: Connection, request_id: int) -> None:
    """Steps on one request wait for each other until the transaction ends."""
    connection.execute(text("SELECT 1 FROM family_request WHERE id = :id FOR UPDATE"), {"id": request_id})


def add_step(connection: Connection, request: Request, new: NewStep) -> None:
    values = {
        **asdict(new),
        "family_request_id": request.request_id,
        "district_id": request.district_id,
        "student_id": request.student_id,
        "contact_id": request.contact_id,
        "before": request.state,
    }
    connection.execute(insert(family_request_step).values(values))
    _come_into(connection, request.request_id, new.state)


def take_back(connection: Connection, request: Request, step: Step) -> None:
    """The step counts no more, and the request is where it was before it."""
    connection.execute(
        text("UPDATE family_request_step SET taken_back = true WHERE id = :id"), {"id": step.step_id}
    )
    _come_into(connection, request.request_id, step.before)


def _come_into(connection: Connection, request_id: int, state: str) -> None:
    connection.execute(
        text("UPDATE family_request SET state = :state WHERE id = :id"), {"id": request_id, "state": state}
    )
