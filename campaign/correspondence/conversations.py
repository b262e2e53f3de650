"""A thread's clock: it starts when the family writes, with whoever is to answer, and passes on when nobody does.

What staff do with a thread stands in `conversation_steps`. Every function takes a transaction of the engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from campaign.correspondence import conversation_routing as routing
from campaign.correspondence.conversation_routing import Route, StaffRole, Table, Turn
from campaign.correspondence.conversation_steps import State, before, record
from campaign.correspondence.crisis import fold, signs
from campaign.school_year.calendar import SchoolYear
from campaign.school_year.school_hours import OfficeHours
from campaign.settings import Settings
from campaign.store import conversations as store
from campaign.store.conversations import Place, Thread
from content.languages import languages, of_tag

# A clock that has run out so often has nobody left to pass the thread to.
MOST_ESCALATIONS = 9
_SUBJECT_WORDS = {
    "math": ("math", "mathematics", "algebra", "geometry", "matematicas", "mate", "algebra"),
    "reading": ("reading", "english class", "language arts", "lectura", "lengua", "leer"),
    "science": ("science", "biology", "chemistry", "ciencias", "biologia", "quimica"),
    "social_studies": ("history", "social studies", "historia", "estudios sociales"),
    "writing": ("writing", "escritura", "escribir"),
}


@dataclass(frozen=True)
class Said:
    """What a family wrote. Exactly one of `reply_id` and `family_request_id` says where it came from.

    `is_automatic`: a machine wrote it in its place. `asks_nothing`: it is shown and starts no clock. `may_be_answered`:
    by a machine of ours.
    """

    student_id: int
    contact_id: int
    channel: str
    text: str
    at: datetime
    language: str | None = None
    reply_id: int | None = None
    family_request_id: int | None = None
    other_address: bool = False
    is_automatic: bool = False
    asks_nothing: bool = False
    may_be_answered: bool = True


def family_wrote(connection: Connection, said: Said, settings: Settings, now: datetime) -> int:
    """Put it in the thread of its family and, where nothing waited, start the clock; the thread's id.

    Words of danger raise a flag in the same transaction. What stands in a request keeps its words there.
    """
    at_school = store.place(connection, said.student_id, said.contact_id, settings.installation.time_zone)
    known = store.of_pair(connection, said.student_id, said.contact_id)
    table = _table(at_school)
    turn = _turn(connection, said, known, table)
    waits = known is not None and known.state == State.WAITING
    values: dict[str, Any] = {
        "student_id": said.student_id,
        "contact_id": said.contact_id,
        "district_id": at_school.district_id,
        "state": str(State.CLOSED if said.asks_nothing else State.WAITING),
        "role": str(turn.role),
        "topic": str(routing.topic(said.text, table) or (known.topic if known else turn.role)),
        "account_id": turn.account_id,
        "routed_by": turn.routed_by,
        "channel": said.channel,
        "language": _language(said, at_school),
        "family_wrote_at": said.at,
    }
    if not waits and not said.asks_nothing:
        due_at = due(hours_of(at_school, settings), said.at, settings)
        values |= {"waiting_since": said.at, "due_at": due_at, "escalations": 0}
    thread_id = known.id if said.asks_nothing and known else store.put(connection, values)
    _add(connection, thread_id, said, values, now)
    if not waits and said.may_be_answered and said.reply_id and not signs(said.text):
        _say_when_closed(connection, thread_id, said, hours_of(at_school, settings), values)
    return thread_id


def _say_when_closed(
    connection: Connection, thread_id: int, said: Said, office: OfficeHours, values: dict[str, Any]
) -> None:
    """Outside the office's hours the family hears once that somebody reads it on the next school day.

    That is all a machine ever answers; and where words tell of danger, nothing.
    """
    if not office.is_open(said.at):
        store.say(
            connection,
            thread_id,
            (values["district_id"], said.student_id, said.contact_id),
            direction="out",
            channel=said.channel,
            language=values["language"],
            state="to_send",
            at=said.at,
        )


def _add(connection: Connection, thread_id: int, said: Said, values: dict[str, Any], now: datetime) -> None:
    message_id = store.say(
        connection,
        thread_id,
        (values["district_id"], said.student_id, said.contact_id),
        direction="in",
        channel=said.channel,
        text=None if said.family_request_id else said.text,
        language=values["language"],
        reply_id=said.reply_id,
        family_request_id=said.family_request_id,
        other_address=said.other_address,
        automatic=said.is_automatic,
        state="received",
        at=said.at,
    )
    thread = store.one(connection, thread_id)
    for sign in signs(said.text):
        if thread:
            store.raise_flag(connection, thread, message_id, (sign.kind, sign.words), now)
            record(connection, thread, "engine", "crisis_flag_raised", now)


def _turn(connection: Connection, said: Said, known: Thread | None, table: Table) -> Turn:
    """Who had the thread keeps it, unless the words now point elsewhere and no person decided otherwise."""
    role = routing.topic(said.text, table)
    if known and (role is None or role == known.topic or known.routed_by == "person"):
        return Turn(StaffRole(known.role), known.account_id, known.routed_by)
    if role and role is not StaffRole.TEACHER:
        return Turn(role, table[role].account_id, "words")
    teacher = _teacher(connection, said.student_id, said.text)
    if teacher is not None:
        return Turn(StaffRole.TEACHER, teacher, "default")
    office = table[StaffRole.FRONT_OFFICE]
    return Turn(StaffRole.FRONT_OFFICE, office.account_id, "default")


def _teacher(connection: Connection, student_id: int, text: str) -> int | None:
    """The child's teacher of the subject that the words name, else the one who sees the child most."""
    teachers = store.teachers(connection, student_id)
    plain = f" {fold(text)} "
    named = {subject for subject, words in _SUBJECT_WORDS.items() if any(f" {w} " in plain for w in words)}
    return next(
        (account for account, subjects in teachers if named & set(subjects)),
        teachers[0][0] if teachers else None,
    )


def _table(at_school: Place) -> Table:
    return routing.table(
        Route(
            StaffRole(row["role"]),
            tuple(row["words"]),
            row["account_id"],
            StaffRole(row["next_role"]) if row["next_role"] else None,
        )
        for row in at_school.routes
    )


def _language(said: Said, at_school: Place) -> str | None:
    found = said.language or (of_tag(at_school.written) if at_school.written else None)
    return found if found in languages() else None


def hours_of(at_school: Place, settings: Settings) -> OfficeHours:
    chosen = settings.conversations
    return OfficeHours(SchoolYear.of(at_school.calendar), chosen.opens, chosen.closes, at_school.zone)


def hours(connection: Connection, thread: Thread, settings: Settings) -> OfficeHours:
    """The office hours of the school that a thread belongs to."""
    zone = settings.installation.time_zone
    return hours_of(store.place(connection, thread.student_id, thread.contact_id, zone), settings)


def due(office: OfficeHours, since: datetime, settings: Settings) -> datetime:
    """Until when what came in at `since` is to be answered: so many school days of open hours later."""
    return office.after(since, office.day * settings.conversations.answer_within_school_days)


def escalate(connection: Connection, settings: Settings, now: datetime) -> int:
    """Pass on threads whose clock has run out to whoever comes next, with a new clock; how many were passed on."""
    passed = 0
    for conversation_id in store.overdue(connection, now, MOST_ESCALATIONS):
        thread = store.one(connection, conversation_id)
        if thread is not None:
            passed += _pass_on(connection, thread, settings, now)
    return passed


def _pass_on(connection: Connection, thread: Thread, settings: Settings, now: datetime) -> bool:
    zone = settings.installation.time_zone
    at_school = store.place(connection, thread.student_id, thread.contact_id, zone)
    after = routing.following(thread.role, _table(at_school))
    if after is None:
        # Nobody comes after: it stays where it is, late, and stands so at the top of the list.
        store.change(connection, thread.id, escalations=MOST_ESCALATIONS)
        return False
    store.add_step(
        connection,
        thread,
        kind="escalated",
        account_id=None,
        said_by=None,
        note=None,
        before=before(thread),
        at=now,
    )
    store.change(
        connection,
        thread.id,
        role=str(after.role),
        account_id=after.account_id,
        routed_by="clock",
        escalations=thread.escalations + 1,
        due_at=due(hours_of(at_school, settings), now, settings),
    )
    return True
