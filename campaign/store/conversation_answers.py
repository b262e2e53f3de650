"""What goes with an answer: files that wait for it, notes that it settles; and what a family reads of its thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from campaign.access import Principal
from campaign.store.conversations import Thread

_WAITING_FILES = """
    FROM conversation_attachment a
    WHERE a.reply_id IS NULL AND a.conversation_message_id IS NULL AND a.stored IS NOT NULL
      AND a.student_id = :student_id AND a.contact_id = :contact_id
"""


def waiting_files(connection: Connection, thread: Thread) -> list[tuple[int, str, list[str]]]:
    """Id, media type and languages of the captions of each file that staff have put beside their next answer."""
    query = text(
        f"""
        SELECT a.id, a.media_type, ARRAY(
            SELECT language FROM caption c WHERE c.conversation_attachment_id = a.id) AS captions
        {_WAITING_FILES} ORDER BY a.id
        """  # noqa: S608  the pieces are constants
    )
    return [(row.id, row.media_type, row.captions) for row in connection.execute(query, _of(thread))]


def send_files(connection: Connection, thread: Thread, message_id: int) -> None:
    query = text(
        f"""
        UPDATE conversation_attachment SET conversation_message_id = :message_id
        WHERE id IN (SELECT a.id {_WAITING_FILES})
        """  # noqa: S608
    )
    connection.execute(query, {**_of(thread), "message_id": message_id})


def drop_file(connection: Connection, thread: Thread, file_id: int) -> bool:
    """A file that waits is not to go after all; its row stays as what it was, its place in the answer does not."""
    query = text(
        f"DELETE FROM conversation_attachment WHERE id = :id AND id IN (SELECT a.id {_WAITING_FILES})"  # noqa: S608
    )
    return connection.execute(query, {**_of(thread), "id": file_id}).rowcount == 1


def add_captions(connection: Connection, file_id: int, language: str, captions: str) -> None:
    query = text(
        """
        INSERT INTO caption (conversation_attachment_id, language, text) VALUES (:id, :language, :text)
        ON CONFLICT (conversation_attachment_id, language) DO UPDATE SET text = excluded.text
        """
    )
    connection.execute(query, {"id": file_id, "language": language, "text": captions})


def captions(connection: Connection, file_id: int, language: str) -> str | None:
    """Of the reader's scope."""
    query = text("SELECT text FROM caption WHERE conversation_attachment_id = :id AND language = :language")
    found: str | None = connection.scalar(query, {"id": file_id, "language": language})
    return found


_SETTLE = text(
    """
    WITH waiting AS (
        SELECT r.id, r.state FROM family_request r
        WHERE r.student_id = :student_id AND r.contact_id = :contact_id AND r.kind = 'note' AND r.state = 'new'
        FOR UPDATE
    ), settled AS (
        UPDATE family_request r SET state = 'answered' FROM waiting w WHERE r.id = w.id
    )
    INSERT INTO family_request_step (
        family_request_id, district_id, student_id, contact_id, account_id, said_by, before, state, at)
    SELECT id, :district_id, :student_id, :contact_id, :account_id, :name, state, 'answered', :now FROM waiting
    RETURNING id
    """
)
_UNSETTLE = text(
    """
    WITH back AS (
        UPDATE family_request_step SET taken_back = true WHERE id = ANY (:ids) AND NOT taken_back
        RETURNING family_request_id, before
    )
    UPDATE family_request r SET state = b.before FROM back b WHERE r.id = b.family_request_id
    """
)


def settle_notes(connection: Connection, thread: Thread, who: tuple[int, str], now: datetime) -> list[int]:
    """The notes on the family's page that this answers wait no more; the ids of the steps that say so."""
    account_id, name = who
    values = {
        **_of(thread),
        "district_id": thread.district_id,
        "account_id": account_id,
        "name": name,
        "now": now,
    }
    return list(connection.scalars(_SETTLE, values))


def unsettle_notes(connection: Connection, steps: Sequence[int]) -> None:
    connection.execute(_UNSETTLE, {"ids": list(steps)})


@dataclass(frozen=True)
class FamilyEntry:
    """What a family reads of its thread: its own words of a text message or e-mail, and the school's answers.

    `original`: what the school wrote, where `text` is its translation; `checked`: a person has looked at that.
    """

    direction: str
    text: str = field(repr=False)
    language: str | None
    original: str | None = field(repr=False)
    original_language: str | None
    checked: bool
    said_by: str | None
    at: datetime
    files: list[dict[str, Any]]


_FOR_FAMILY = text(
    """
    SELECT m.direction, coalesce(t.text, m.text) AS text, coalesce(t.language, m.language) AS language,
        CASE WHEN t.text IS NOT NULL THEN m.text END AS original, m.language AS original_language,
        t.account_id IS NOT NULL AS checked, m.said_by, m.at,
        coalesce((
            SELECT jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'media_type', a.media_type, 'captions',
                ARRAY(SELECT c.language FROM caption c WHERE c.conversation_attachment_id = a.id)) ORDER BY a.id)
            FROM conversation_attachment a
            WHERE a.conversation_message_id = m.id AND a.stored IS NOT NULL), '[]') AS files
    FROM conversation_message m
    LEFT JOIN LATERAL (
        SELECT text, language, account_id FROM conversation_translation
        WHERE conversation_message_id = m.id AND m.direction = 'out' ORDER BY id DESC LIMIT 1
    ) t ON true
    WHERE m.student_id = :student_id AND m.contact_id = :contact_id AND m.family_request_id IS NULL
      AND m.state <> 'taken_back' AND m.text IS NOT NULL
    ORDER BY m.at DESC, m.id DESC LIMIT 50
    """
)


def for_family(connection: Connection, principal: Principal) -> list[FamilyEntry]:
    """As the engine: what was said by text message and e-mail, and what the school answered, the newest first."""
    values: Mapping[str, Any] = {"student_id": principal.student_id, "contact_id": principal.contact_id}
    return [FamilyEntry(**row._mapping) for row in connection.execute(_FOR_FAMILY, values)]


_FORGOTTEN = text(
    """
    SELECT max(at) FROM (
        SELECT forgotten_at AS at FROM conversation_message
        WHERE student_id = :student_id AND contact_id = :contact_id
        UNION ALL
        SELECT forgotten_at FROM family_request WHERE student_id = :student_id AND contact_id = :contact_id
    ) gone
    """
)


def forgotten(connection: Connection, principal: Principal) -> datetime | None:
    """As the engine: when words of this family's thread were deleted last, or None."""
    values = {"student_id": principal.student_id, "contact_id": principal.contact_id}
    found: datetime | None = connection.scalar(_FORGOTTEN, values)
    return found


def _of(thread: Thread) -> dict[str, int]:
    return {"student_id": thread.student_id, "contact_id": thread.contact_id}
