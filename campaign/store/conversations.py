"""Threads between families and their school: rows that say whose turn it is, what was said, done and flagged."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, text
from sqlalchemy.dialects.postgresql import insert as upsert

from campaign.schema.conversations import (
    conversation,
    conversation_flag,
    conversation_look,
    conversation_message,
    conversation_step,
)


@dataclass(frozen=True)
class Thread:
    """The row of one thread. `account_id`: the person whose turn it is, None = anybody with the role."""

    id: int
    district_id: int
    student_id: int
    contact_id: int
    state: str
    role: str
    topic: str
    account_id: int | None
    routed_by: str
    channel: str
    language: str | None
    escalations: int
    waiting_since: datetime | None
    due_at: datetime | None
    family_wrote_at: datetime
    told_closed_at: datetime | None


@dataclass(frozen=True)
class Place:
    """Where a student is: whose hours, table and people count. `written`: the language the contact reads."""

    district_id: int
    school_id: int | None
    zone: str
    calendar: Sequence[tuple[date, str]]
    routes: Sequence[RowMapping]
    written: str | None


_COLUMNS = ", ".join(Thread.__dataclass_fields__)


def of_pair(connection: Connection, student_id: int, contact_id: int) -> Thread | None:
    """The thread of this contact about this student, locked until the transaction ends."""
    query = text(
        f"SELECT {_COLUMNS} FROM conversation WHERE student_id = :s AND contact_id = :c FOR UPDATE"  # noqa: S608
    )
    return _thread(connection.execute(query, {"s": student_id, "c": contact_id}).first())


def one(connection: Connection, conversation_id: int, *, lock: bool = False) -> Thread | None:
    """None outside the reader's scope."""
    query = f"SELECT {_COLUMNS} FROM conversation WHERE id = :id" + (" FOR UPDATE" if lock else "")  # noqa: S608
    return _thread(connection.execute(text(query), {"id": conversation_id}).first())


def _thread(row: Any) -> Thread | None:
    return Thread(**row._mapping) if row else None


def put(connection: Connection, values: Mapping[str, Any]) -> int:
    """Write the thread of a pair as `values` say; its id."""
    keys = ("student_id", "contact_id", "district_id")
    statement = upsert(conversation).values(**values)
    changed = {name: value for name, value in values.items() if name not in keys}
    statement = statement.on_conflict_do_update(index_elements=["student_id", "contact_id"], set_=changed)
    return int(connection.execute(statement.returning(conversation.c.id)).scalar_one())


def change(connection: Connection, conversation_id: int, **values: Any) -> None:
    connection.execute(conversation.update().where(conversation.c.id == conversation_id).values(**values))


def say(connection: Connection, thread_id: int, of: tuple[int, int, int], **values: Any) -> int:
    """Add one message; `of`: district, student and contact. Its id."""
    district_id, student_id, contact_id = of
    statement = insert(conversation_message).values(
        conversation_id=thread_id,
        district_id=district_id,
        student_id=student_id,
        contact_id=contact_id,
        **values,
    )
    return int(connection.execute(statement.returning(conversation_message.c.id)).scalar_one())


_STOP_IN_LEDGER = text(
    """
    UPDATE message SET state = 'dropped', reason = 'cancelled', finished_at = :now, not_before = NULL
    WHERE id = (SELECT message_id FROM conversation_message WHERE id = :id) AND state IN ('planned', 'retry_at')
    """
)
_TAKE_BACK = text(
    """
    UPDATE conversation_message m SET state = 'taken_back'
    WHERE id = :id AND (message_id IS NULL OR EXISTS (
        SELECT 1 FROM message l WHERE l.id = m.message_id AND l.state IN ('dropped', 'withheld')))
    """
)


def take_message_back(connection: Connection, message_id: int, now: datetime) -> bool:
    """The family sees it no more; False where it has gone out, or is just going."""
    connection.execute(_STOP_IN_LEDGER, {"id": message_id, "now": now})
    return connection.execute(_TAKE_BACK, {"id": message_id}).rowcount == 1


def open_flags(connection: Connection, conversation_id: int) -> int:
    query = text("SELECT count(*) FROM conversation_flag WHERE conversation_id = :id AND cleared_at IS NULL")
    return int(connection.scalar(query, {"id": conversation_id}) or 0)


def raise_flag(
    connection: Connection, thread: Thread, message_id: int, sign: tuple[str, str], now: datetime
) -> None:
    """`sign`: the kind of danger and the words that told of it."""
    kind, words = sign
    connection.execute(
        insert(conversation_flag).values(
            conversation_id=thread.id,
            district_id=thread.district_id,
            student_id=thread.student_id,
            conversation_message_id=message_id,
            kind=kind,
            words=words,
            raised_at=now,
        )
    )


_CLEAR = text(
    """
    UPDATE conversation_flag SET account_id = :account_id, cleared_by = :name, reason = :reason, cleared_at = :now
    WHERE id = :flag_id AND conversation_id = :conversation_id AND cleared_at IS NULL
    """
)


def clear_flag(connection: Connection, conversation_id: int, flag_id: int, **who: Any) -> bool:
    """Who: account_id, name, reason, now. False where it is cleared already or of another thread."""
    values = {**who, "flag_id": flag_id, "conversation_id": conversation_id}
    return connection.execute(_CLEAR, values).rowcount == 1


def add_step(connection: Connection, thread: Thread, **values: Any) -> int:
    """Values: kind, account_id, said_by, note, before (what taking it back restores), at."""
    before = json.loads(json.dumps(values.pop("before"), default=str))
    statement = insert(conversation_step).values(
        conversation_id=thread.id,
        district_id=thread.district_id,
        student_id=thread.student_id,
        before=before,
        **values,
    )
    return int(connection.execute(statement.returning(conversation_step.c.id)).scalar_one())


def newest_step(connection: Connection, conversation_id: int) -> RowMapping | None:
    """The newest step that counts: id, kind, before."""
    query = text(
        """
        SELECT id, kind, before FROM conversation_step
        WHERE conversation_id = :id AND NOT taken_back ORDER BY id DESC LIMIT 1
        """
    )
    return connection.execute(query, {"id": conversation_id}).mappings().first()


def take_step_back(connection: Connection, step_id: int) -> None:
    connection.execute(
        conversation_step.update().where(conversation_step.c.id == step_id).values(taken_back=True)
    )


_PLACE = text(
    """
    SELECT s.district_id, s.school_id, coalesce(h.time_zone, d.time_zone, :zone) AS zone, c.written_language AS written
    FROM student s JOIN district d ON d.id = s.district_id LEFT JOIN school h ON h.id = s.school_id
    LEFT JOIN contact c ON c.id = :contact_id
    WHERE s.id = :student_id
    """
)
_ROUTES = text(
    "SELECT role, words, account_id, next_role FROM conversation_route WHERE school_id = :school_id"
)
_CALENDAR = text("SELECT day, kind FROM calendar_day WHERE district_id = :district_id ORDER BY day")


def place(connection: Connection, student_id: int, contact_id: int, zone: str) -> Place:
    """`zone`: of an installation whose district and school have none."""
    values = {"student_id": student_id, "contact_id": contact_id, "zone": zone}
    row = connection.execute(_PLACE, values).one()
    routes = connection.execute(_ROUTES, {"school_id": row.school_id}).mappings().all()
    return Place(
        row.district_id, row.school_id, row.zone, calendar(connection, row.district_id), routes, row.written
    )


def calendar(connection: Connection, district_id: int) -> list[tuple[date, str]]:
    return [(row.day, row.kind) for row in connection.execute(_CALENDAR, {"district_id": district_id})]


# The child's own teachers who have an account here, each with the subjects taught to the child.
_TEACHERS = text(
    """
    SELECT a.id, array_remove(array_agg(DISTINCT k.subject), NULL) AS subjects
    FROM enrollment e JOIN section c ON c.id = e.section_id
    JOIN account a ON a.staff_member_id = c.teacher_id AND a.active AND a.role = 'teacher'
    LEFT JOIN course k ON k.id = c.course_id
    WHERE e.student_id = :student_id GROUP BY a.id ORDER BY count(*) DESC, a.id
    """
)


def teachers(connection: Connection, student_id: int) -> list[tuple[int, list[str]]]:
    """Account and subjects of each teacher of the student; who sees the student most comes first."""
    return [(row.id, row.subjects) for row in connection.execute(_TEACHERS, {"student_id": student_id})]


_OVERDUE = text(
    """
    SELECT id FROM conversation
    WHERE state = 'waiting' AND due_at <= :now AND escalations < :most ORDER BY due_at, id LIMIT :limit
    FOR UPDATE SKIP LOCKED
    """
)


def overdue(connection: Connection, now: datetime, most: int, limit: int = 200) -> list[int]:
    """Threads whose clock has run out and that have somebody after whoever has them; locked."""
    return list(connection.scalars(_OVERDUE, {"now": now, "most": most, "limit": limit}))


def next_end(connection: Connection, most: int) -> datetime | None:
    """When the next clock runs out of a thread that has somebody after whoever has it; None where none does."""
    query = text("SELECT min(due_at) FROM conversation WHERE state = 'waiting' AND escalations < :most")
    found: datetime | None = connection.scalar(query, {"most": most})
    return found


def look(connection: Connection, conversation_id: int, account_id: int) -> None:
    """This account has now seen all that stands in the thread."""
    newest = text("SELECT coalesce(max(id), 0) FROM conversation_message WHERE conversation_id = :id")
    seen = connection.scalar(newest, {"id": conversation_id})
    statement = upsert(conversation_look).values(
        conversation_id=conversation_id, account_id=account_id, message_id=seen
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["conversation_id", "account_id"],
            set_={"message_id": statement.excluded.message_id},
        )
    )
