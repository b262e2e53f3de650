"""What staff read of threads, under their own role: the inbox, and all that was said in one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from campaign.store.conversation_translations import WORDS


@dataclass(frozen=True)
class Wanted:
    """What the inbox is narrowed to; None narrows nothing. `mine`: the account whose turn it is."""

    state: str = "waiting"
    school_id: int | None = None
    language: str | None = None
    topic: str | None = None
    mine: int | None = None


@dataclass(frozen=True)
class Listed:
    """A thread in the inbox, without its words. `unread`: messages of the family that this account has not seen."""

    id: int
    district_id: int
    student_id: int
    student: str
    grade_level: int | None
    school: str | None
    zone: str
    contact: str
    relation: str | None
    state: str
    role: str
    topic: str
    channel: str
    language: str | None
    escalations: int
    waiting_since: datetime | None
    due_at: datetime | None
    family_wrote_at: datetime
    flags: int
    unread: int


@dataclass(frozen=True)
class Said:
    """One entry of a thread. `kind`: message, request (what stands in `said`, with a page of its own) or answer (given
    on that page). `translation`: newest into the reader's language, with who made it and what may be wrong."""

    kind: str
    message_id: int | None
    request_id: int | None
    request_kind: str | None
    direction: str
    channel: str
    text: str = field(repr=False)
    said: Mapping[str, Any] | None = field(repr=False)
    language: str | None
    said_by: str | None
    state: str
    other_address: bool
    automatic: bool
    reply_id: int | None
    at: datetime
    forgotten_at: datetime | None
    kept_days: int | None
    translation: str | None = field(repr=False)
    translator: str | None
    translated_by: str | None
    warnings: list[list[str]] | None
    files: list[dict[str, Any]]


@dataclass(frozen=True)
class About:
    """Whom a thread is with, and about whom."""

    student: str
    given_name: str
    grade_level: int | None
    school: str | None
    school_id: int | None
    contact: str
    relation: str | None
    written_language: str | None
    interpreter_needed: bool


_FROM = """
    FROM conversation v
    JOIN student s ON s.id = v.student_id
    JOIN contact c ON c.id = v.contact_id
    JOIN district d ON d.id = v.district_id
    LEFT JOIN school h ON h.id = s.school_id
    LEFT JOIN student_contact k ON k.student_id = v.student_id AND k.contact_id = v.contact_id
"""
_NARROWED = """
    WHERE (:state = 'all' OR v.state = :state)
      AND (CAST(:school_id AS bigint) IS NULL OR s.school_id = :school_id)
      AND (CAST(:language AS text) IS NULL OR v.language = :language)
      AND (CAST(:topic AS text) IS NULL OR v.role = :topic)
      AND (CAST(:mine AS bigint) IS NULL OR v.account_id = :mine)
"""
_OPEN_FLAGS = (
    "(SELECT count(*) FROM conversation_flag f WHERE f.conversation_id = v.id AND f.cleared_at IS NULL)"
)
# What a machine wrote is a person's to read only where somebody waits for an answer.
_UNREAD = """
    (SELECT count(*) FROM conversation_message m
     WHERE m.conversation_id = v.id AND m.direction = 'in' AND (NOT m.automatic OR v.state = 'waiting')
       AND m.id > coalesce((
         SELECT l.message_id FROM conversation_look l
         WHERE l.conversation_id = v.id AND l.account_id = :account_id), 0))
"""
# Danger first, then who waits longest; of what is settled, the newest.
_LIST = text(
    f"""
    SELECT v.id, v.district_id, v.student_id, concat_ws(' ', s.given_name, s.family_name) AS student, s.grade_level,
        h.name AS school, coalesce(h.time_zone, d.time_zone, :zone) AS zone,
        concat_ws(' ', c.given_name, c.family_name) AS contact, k.relation, v.state, v.role, v.topic,
        v.channel, v.language, v.escalations, v.waiting_since, v.due_at, v.family_wrote_at,
        {_OPEN_FLAGS} AS flags, {_UNREAD} AS unread, v.account_id
    {_FROM} {_NARROWED}
    ORDER BY {_OPEN_FLAGS} = 0, v.waiting_since ASC NULLS LAST, v.family_wrote_at DESC, v.id
    LIMIT :limit OFFSET :offset
    """
)


def find(
    connection: Connection, wanted: Wanted, account_id: int, zone: str, *, limit: int, offset: int = 0
) -> list[tuple[Listed, int | None]]:
    """Each thread with the account whose turn it is. `zone`: where district and school have none."""
    values = {**asdict(wanted), "account_id": account_id, "zone": zone, "limit": limit, "offset": offset}
    found = []
    for row in connection.execute(_LIST, values).mappings():
        columns = dict(row)
        turn = columns.pop("account_id")
        found.append((Listed(**columns), turn))
    return found


def counts(connection: Connection, wanted: Wanted, account_id: int) -> Mapping[str, int]:
    """How many threads fit, how many of these have unread words, and how many of all are in each state.

    `unplaced`: replies that are in no thread yet, where the reader can place them; `unplaced_danger`: those
    with words of danger.
    """
    query = text(
        f"""
        SELECT count(*) AS total, count(*) FILTER (WHERE {_UNREAD} > 0) AS unread
        {_FROM} {_NARROWED}
        """
    )
    row = connection.execute(query, {**asdict(wanted), "account_id": account_id}).mappings().one()
    states = connection.execute(
        text(
            f"""
            SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
                count(*) FILTER (WHERE state = 'waiting' AND account_id = :account_id) AS mine,
                count(*) FILTER (WHERE state = 'answered') AS answered,
                count(*) FILTER (WHERE state = 'closed') AS closed,
                count(*) FILTER (WHERE {_OPEN_FLAGS} > 0) AS flagged,
                (SELECT count(*) FROM reply WHERE state = 'unplaced') AS unplaced,
                (SELECT count(*) FROM reply WHERE state = 'unplaced' AND crisis <> '{{}}') AS unplaced_danger
            FROM conversation v
            """  # noqa: S608
        ),
        {"account_id": account_id},
    )
    return {**row, **states.mappings().one()}


def choices(connection: Connection) -> tuple[Sequence[str], Sequence[str]]:
    """The languages and the roles that threads of the reader's scope have."""
    languages = connection.scalars(
        text("SELECT DISTINCT language FROM conversation WHERE language IS NOT NULL")
    )
    roles = connection.scalars(text("SELECT DISTINCT role FROM conversation"))
    return sorted(languages), sorted(roles)


# The people of an installation stand in a table that staff may not read; their names alone are no secret among them.
def names_of(connection: Connection, account_ids: Sequence[int]) -> dict[int, str]:
    """As the engine: the names of accounts."""
    query = text("SELECT id, name FROM account WHERE id = ANY (:ids)")
    return {row.id: row.name for row in connection.execute(query, {"ids": list(account_ids)})}


def colleagues(connection: Connection, district_id: int, school_id: int | None) -> list[tuple[int, str, str]]:
    """As the engine: id, name and role of the active accounts that see a school's students."""
    query = text(
        """
        SELECT id, name, role FROM account
        WHERE active AND district_id = :district_id AND role IN ('district', 'school', 'teacher')
          AND (role <> 'school' OR :school_id = ANY (school_ids)) ORDER BY name, id
        """
    )
    rows = connection.execute(query, {"district_id": district_id, "school_id": school_id})
    return [(row.id, row.name, row.role) for row in rows]


def about(connection: Connection, conversation_id: int) -> About | None:
    query = text(
        f"""
        SELECT concat_ws(' ', s.given_name, s.family_name) AS student, s.given_name, s.grade_level, h.name AS school,
            s.school_id, concat_ws(' ', c.given_name, c.family_name) AS contact, k.relation, c.written_language,
            c.interpreter_needed
        {_FROM} WHERE v.id = :id
        """
    )
    row = connection.execute(query, {"id": conversation_id}).first()
    return About(**row._mapping) if row else None


_FILES = """
    coalesce((SELECT jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'media_type', a.media_type,
            'bytes', a.bytes, 'state', a.state, 'kept', a.stored IS NOT NULL) ORDER BY a.id)
        FROM conversation_attachment a
        WHERE a.conversation_message_id = m.id OR (m.reply_id IS NOT NULL AND a.reply_id = m.reply_id)), '[]')
"""
_ENTRIES = text(
    f"""
    SELECT 'message' AS kind, m.id AS message_id, m.family_request_id AS request_id, q.kind AS request_kind,
        m.direction, m.channel, {WORDS} AS text, q.said, m.language, m.said_by, m.state, m.other_address, m.automatic,
        m.reply_id, m.at, m.forgotten_at, m.kept_days, t.text AS translation, t.translator,
        t.said_by AS translated_by, t.warnings, {_FILES} AS files
    FROM conversation_message m
    JOIN conversation v ON v.id = m.conversation_id
    LEFT JOIN family_request q ON q.id = m.family_request_id
    LEFT JOIN LATERAL (
        SELECT text, translator, said_by, warnings FROM conversation_translation
        WHERE conversation_message_id = m.id AND (m.direction = 'out' OR language = :into) ORDER BY id DESC LIMIT 1
    ) t ON true
    WHERE m.conversation_id = :id
    UNION ALL
    SELECT 'answer', NULL, r.id, r.kind, 'out', 'page', p.answer, NULL, p.language, p.said_by,
        CASE WHEN p.taken_back THEN 'taken_back' ELSE 'on_page' END, false, false, NULL, p.at,
        r.forgotten_at, r.kept_days, NULL, NULL, NULL, NULL, '[]'
    FROM conversation v
    JOIN family_request r ON r.student_id = v.student_id AND r.contact_id = v.contact_id
    JOIN family_request_step p ON p.family_request_id = r.id AND p.answer IS NOT NULL
    WHERE v.id = :id
    UNION ALL
    SELECT 'request', NULL, r.id, r.kind, 'in', 'page', '', r.said, r.language, NULL, r.state, false, false, NULL, r.at,
        r.forgotten_at, r.kept_days, NULL, NULL, NULL, NULL, '[]'
    FROM conversation v JOIN family_request r ON r.student_id = v.student_id AND r.contact_id = v.contact_id
    WHERE v.id = :id AND NOT EXISTS (SELECT 1 FROM conversation_message m WHERE m.family_request_id = r.id)
    ORDER BY at, message_id NULLS LAST
    """  # noqa: S608  the pieces are constants
)


def entries(connection: Connection, conversation_id: int, into: str = "en") -> list[Said]:
    """All that was said between the family and the school about the student, the oldest first, wherever it was said."""
    rows = connection.execute(_ENTRIES, {"id": conversation_id, "into": into})
    return [Said(**row._mapping) for row in rows]


def steps(connection: Connection, conversation_id: int) -> list[Mapping[str, Any]]:
    query = text(
        """
        SELECT id, kind, said_by, note, taken_back, before, at FROM conversation_step
        WHERE conversation_id = :id ORDER BY id
        """
    )
    return [dict(row) for row in connection.execute(query, {"id": conversation_id}).mappings()]


def flags(connection: Connection, conversation_id: int) -> list[Mapping[str, Any]]:
    query = text(
        """
        SELECT id, kind, words, raised_at, cleared_by, reason, cleared_at FROM conversation_flag
        WHERE conversation_id = :id ORDER BY cleared_at IS NOT NULL, id
        """
    )
    return [dict(row) for row in connection.execute(query, {"id": conversation_id}).mappings()]


def file(connection: Connection, file_id: int) -> RowMapping | None:
    """Of the reader's scope: id, name, media_type, stored, and whether it stands in a thread."""
    query = text(
        """
        SELECT id, name, media_type, stored, reply_id IS NOT NULL OR conversation_message_id IS NOT NULL AS is_sent
        FROM conversation_attachment WHERE id = :id
        """
    )
    return connection.execute(query, {"id": file_id}).mappings().first()


def protocol(connection: Connection, district_id: int) -> RowMapping | None:
    query = text("SELECT text, account_ids, at FROM crisis_protocol WHERE district_id = :id")
    return connection.execute(query, {"id": district_id}).mappings().first()
