"""Translations of what stands in threads: the newest of each holds, and those by a person are remembered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from content.memory import Pair


@dataclass(frozen=True)
class Untranslated:
    """A message of a family that staff cannot read yet. `said`: what stands in a request, by field."""

    message_id: int
    district_id: int
    student_id: int
    contact_id: int
    language: str
    text: str = field(repr=False)


# Words of a request stand there; here its own boxes follow each other as paragraphs.
WORDS = """
    coalesce(m.text, (
        SELECT string_agg(value, E'\\n\\n' ORDER BY key) FROM jsonb_each_text(q.said)
        WHERE key NOT IN ('what', 'language')
    ), '')
"""
_WAITING = text(
    f"""
    SELECT m.id AS message_id, m.district_id, m.student_id, m.contact_id, m.language, {WORDS} AS text
    FROM conversation_message m LEFT JOIN family_request q ON q.id = m.family_request_id
    WHERE m.direction = 'in' AND m.language <> :into AND m.at >= :since
      AND (CAST(:only AS bigint) IS NULL OR m.conversation_id = :only)
      AND NOT EXISTS (
          SELECT 1 FROM conversation_translation t WHERE t.conversation_message_id = m.id AND t.language = :into)
    ORDER BY m.id DESC LIMIT :limit
    """  # noqa: S608  the pieces are constants
)


def waiting(
    connection: Connection, into: str, *, since: datetime, only: int | None = None, limit: int = 50
) -> list[Untranslated]:
    """Messages since then that have no translation `into` a language, newest first; `only`: of one thread."""
    values = {"into": into, "since": since, "only": only, "limit": limit}
    found = [Untranslated(**row._mapping) for row in connection.execute(_WAITING, values)]
    return [one for one in found if one.text.strip()]


_ADD = text(
    """
    INSERT INTO conversation_translation (
        conversation_message_id, district_id, student_id, source_language, language, source, text, translator, warnings,
        account_id, said_by, at
    )
    SELECT id, district_id, student_id, :source_language, :language, :source, :text, :translator,
        CAST(:warnings AS jsonb), :account_id, :said_by, :at
    FROM conversation_message WHERE id = :message_id AND forgotten_at IS NULL
    """
)


def add(connection: Connection, message_id: int, values: Mapping[str, Any]) -> None:
    """Values: source_language, language, source, text, translator, warnings, account_id, said_by, at."""
    people = {"account_id": None, "said_by": None, "translator": None}
    warnings = json.dumps(list(values.get("warnings", ())))
    connection.execute(_ADD, {**people, **values, "warnings": warnings, "message_id": message_id})


# What persons wrote, the newest first; texts of other districts are not lent.
_MEMORY = text(
    """
    SELECT DISTINCT ON (source) source, text FROM conversation_translation
    WHERE district_id = :district_id AND source_language = :source AND language = :target AND account_id IS NOT NULL
    ORDER BY source, id DESC LIMIT 5000
    """
)


def memory(connection: Connection, district_id: int, source: str, target: str) -> list[Pair]:
    """What persons of the district translated before."""
    values = {"district_id": district_id, "source": source, "target": target}
    return [Pair(row.source, row.text, "human_reviewed") for row in connection.execute(_MEMORY, values)]


_NAMES = text(
    """
    SELECT s.given_name, s.family_name, s.preferred_name, c.given_name, c.family_name, h.name
    FROM student s JOIN contact c ON c.id = :contact_id LEFT JOIN school h ON h.id = s.school_id
    WHERE s.id = :student_id
    UNION ALL
    SELECT t.given_name, t.family_name, NULL, NULL, NULL, NULL
    FROM enrollment e JOIN section x ON x.id = e.section_id JOIN staff_member t ON t.id = x.teacher_id
    WHERE e.student_id = :student_id
    UNION ALL
    SELECT o.given_name, o.family_name, o.preferred_name, NULL, NULL, NULL
    FROM student_contact r JOIN student_contact b ON b.contact_id = r.contact_id JOIN student o ON o.id = b.student_id
    WHERE r.student_id = :student_id AND b.student_id <> :student_id
    """
)


def names(connection: Connection, student_id: int, contact_id: int) -> Sequence[str]:
    """Names that may stand in what a family and its school write: of the child, its home, its teachers, its school."""
    rows: Iterable[Any] = connection.execute(_NAMES, {"student_id": student_id, "contact_id": contact_id})
    whole = {str(name) for row in rows for name in row if name}
    return sorted(
        whole | {part for name in whole for part in name.split() if len(part) > 2 and part[0].isupper()}
    )
