"""Deleting what families and staff said to each other once its time is over; that it was said, and when, stays.

What keeps its words is decided here alone: whatever waits for somebody, and whatever was touched since `before`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, TextClause, text

_STEPPED_SINCE = (
    "EXISTS (SELECT FROM family_request_step p WHERE p.family_request_id = r.id AND p.at > :before)"
)
_THREAD_IS_OVER = f"""
    v.state <> 'waiting' AND v.family_wrote_at <= :before
    AND NOT EXISTS (SELECT FROM conversation_message m WHERE m.conversation_id = v.id AND m.at > :before)
    AND NOT EXISTS (SELECT FROM conversation_step t WHERE t.conversation_id = v.id AND t.at > :before)
    AND NOT EXISTS (
        SELECT FROM conversation_flag f
        WHERE f.conversation_id = v.id AND (f.cleared_at IS NULL OR f.cleared_at > :before))
    AND NOT EXISTS (
        SELECT FROM family_request r WHERE r.student_id = v.student_id AND r.contact_id = v.contact_id
          AND (r.state IN ('new', 'checking') OR r.at > :before OR {_STEPPED_SINCE}))
    AND (EXISTS (
        SELECT FROM conversation_message m WHERE m.conversation_id = v.id AND m.forgotten_at IS NULL)
      OR EXISTS (
        SELECT FROM family_request r
        WHERE r.student_id = v.student_id AND r.contact_id = v.contact_id AND r.forgotten_at IS NULL))
"""  # noqa: S608  the pieces are constants
# A wish or note of a family that has no thread.
_REQUEST_IS_OVER = f"""
    r.forgotten_at IS NULL AND r.state NOT IN ('new', 'checking') AND r.at <= :before AND NOT {_STEPPED_SINCE}
    AND NOT EXISTS (SELECT FROM conversation v WHERE v.student_id = r.student_id AND v.contact_id = r.contact_id)
"""
# What went into a thread goes with it; what a person has yet to place waits.
_REPLY_IS_OVER = """
    r.forgotten_at IS NULL AND r.state IN ('obeyed', 'set_aside') AND greatest(r.received_at, r.settled_at) <= :before
"""
# What a family asked for on the phone.
_CALL_IS_OVER = "t.note IS NOT NULL AND t.at <= :before"
_OVER = {
    "conversations": ("conversation v", "v", _THREAD_IS_OVER),
    "requests": ("family_request r", "r", _REQUEST_IS_OVER),
    "replies": ("reply r", "r", _REPLY_IS_OVER),
    "calls": ("call_try t", "t", _CALL_IS_OVER),
}
KINDS = tuple(_OVER)

# A thread locks its messages for whoever adds to it, so that nobody writes into it while its words go.
_OF_THREADS = {
    "translations": """
        DELETE FROM conversation_translation WHERE conversation_message_id IN (
            SELECT id FROM conversation_message WHERE conversation_id = ANY (:ids))
    """,
    "messages": """
        UPDATE conversation_message SET text = NULL, forgotten_at = :now, kept_days = :days
        WHERE conversation_id = ANY (:ids) AND forgotten_at IS NULL
    """,
    "notes": "UPDATE conversation_step SET note = NULL WHERE conversation_id = ANY (:ids) AND note IS NOT NULL",
    "flags": """
        UPDATE conversation_flag SET words = '', reason = NULL WHERE conversation_id = ANY (:ids) AND words <> ''
    """,
}
_OF_REQUESTS = {
    "answers": """
        UPDATE family_request_step SET answer = '' WHERE family_request_id = ANY (:ids) AND answer <> ''
    """,
    # What was chosen from our list is no word of the family's, and is counted.
    "requests": """
        UPDATE family_request SET said = jsonb_strip_nulls(jsonb_build_object('what', said -> 'what')),
            forgotten_at = :now, kept_days = :days
        WHERE id = ANY (:ids) AND forgotten_at IS NULL
    """,
}
# The provider's id may be made from the words, or name the sender's own server.
_OF_REPLIES = {
    "replies": """
        UPDATE reply SET text = '', subject = NULL, from_address = '', to_address = '', candidates = '[]',
            provider_id = 'forgotten:' || id, forgotten_at = :now
        WHERE id = ANY (:ids) AND forgotten_at IS NULL
    """
}
_OF_CALLS = {"calls": "UPDATE call_try SET note = NULL WHERE id = ANY (:ids)"}
_THEIR_REPLIES = text(
    "SELECT reply_id FROM conversation_message WHERE conversation_id = ANY (:ids) AND reply_id IS NOT NULL"
)
_THEIR_REQUESTS = text(
    """
    SELECT r.id FROM family_request r
    JOIN conversation v ON v.student_id = r.student_id AND v.contact_id = r.contact_id WHERE v.id = ANY (:ids)
    """
)
# The file itself lies on the disk until `attachments.forgotten` finds that no row names it.
_FORGET_FILES = text(
    """
    WITH gone AS (
        UPDATE conversation_attachment SET name = '', sha256 = '', stored = NULL, state = 'forgotten'
        WHERE state <> 'forgotten' AND id = ANY (:files) RETURNING id
    ), captions AS (
        DELETE FROM caption WHERE conversation_attachment_id = ANY (:files)
    )
    SELECT count(*) FROM gone
    """
)
_FILES_OF_REPLIES = text("SELECT id FROM conversation_attachment WHERE reply_id = ANY (:ids)")
# Also those that staff put beside an answer which they never gave.
_FILES_OF_THREADS = text(
    """
    SELECT a.id FROM conversation_attachment a JOIN conversation_message m ON m.id = a.conversation_message_id
    WHERE m.conversation_id = ANY (:ids)
    UNION ALL
    SELECT a.id FROM conversation v
    JOIN conversation_attachment a ON a.student_id = v.student_id AND a.contact_id = v.contact_id
    WHERE v.id = ANY (:ids) AND a.conversation_message_id IS NULL AND a.reply_id IS NULL AND a.at <= :before
    """
)


@dataclass(frozen=True)
class Portion:
    """Rows of one kind (see `KINDS`) whose time is over. `days`: how long words are kept, `before`: since when that is
    over at `now`."""

    kind: str
    ids: Sequence[int]
    days: int
    before: datetime
    now: datetime


def over(
    connection: Connection, kind: str, district_id: int | None, before: datetime, limit: int
) -> list[int]:
    """Rows whose time is over, locked; what another transaction is busy with is left for the next time.

    `district_id` None: answers that belong to no district.
    """
    values = {"district_id": district_id, "before": before, "limit": limit}
    locked = list(
        connection.scalars(_query(kind, "ORDER BY {0}.id LIMIT :limit FOR UPDATE SKIP LOCKED"), values)
    )
    # Asked again with the locks held: whatever came in meanwhile is seen now, or waits until we are done.
    again = _query(kind, "AND {0}.id = ANY (:ids) ORDER BY {0}.id")
    return list(connection.scalars(again, values | {"ids": locked})) if locked else []


def count(connection: Connection, kind: str, before: datetime) -> int:
    """How many rows of all districts are over."""
    table, _, condition = _OVER[kind]
    query = text(f"SELECT count(*) FROM {table} WHERE {condition}")  # noqa: S608  the pieces are constants
    return int(connection.scalar(query, {"before": before}) or 0)


def forget(connection: Connection, portion: Portion) -> Counter[str]:
    """Delete the words and files of a portion; how many rows of what lost theirs."""
    if portion.kind == "conversations":
        return _forget_threads(connection, portion)
    if portion.kind == "requests":
        return _run(connection, portion, _OF_REQUESTS, portion.ids)
    if portion.kind == "replies":
        return _forget_replies(connection, portion, portion.ids)
    return _run(connection, portion, _OF_CALLS, portion.ids)


def _forget_threads(connection: Connection, portion: Portion) -> Counter[str]:
    ids = {"ids": list(portion.ids)}
    files = list(connection.scalars(_FILES_OF_THREADS, ids | {"before": portion.before}))
    replies = list(connection.scalars(_THEIR_REPLIES, ids))
    requests = list(connection.scalars(_THEIR_REQUESTS, ids))
    done = Counter(conversations=len(portion.ids))
    done["files"] += _forget_files(connection, files)
    done += _run(connection, portion, _OF_THREADS, portion.ids)
    done += _forget_replies(connection, portion, replies)
    return done + _run(connection, portion, _OF_REQUESTS, requests)


def _forget_replies(connection: Connection, portion: Portion, ids: Sequence[int]) -> Counter[str]:
    files = list(connection.scalars(_FILES_OF_REPLIES, {"ids": list(ids)}))
    done = Counter(files=_forget_files(connection, files))
    return done + _run(connection, portion, _OF_REPLIES, ids)


def _forget_files(connection: Connection, files: Sequence[int]) -> int:
    return int(connection.scalar(_FORGET_FILES, {"files": list(files)}) or 0)


def _run(
    connection: Connection, portion: Portion, statements: dict[str, str], ids: Sequence[int]
) -> Counter[str]:
    values = {"ids": list(ids), "now": portion.now, "days": portion.days}
    done: Counter[str] = Counter()
    for name, statement in statements.items():
        done[name] += connection.execute(text(statement), values).rowcount
    return done


def _query(kind: str, rest: str) -> TextClause:
    table, name, condition = _OVER[kind]
    of_district = f"{name}.district_id IS NOT DISTINCT FROM CAST(:district_id AS bigint)"
    return text(f"SELECT {name}.id FROM {table} WHERE {of_district} AND {condition} {rest.format(name)}")  # noqa: S608
