"""SQL of the messages of one step on one day, one by one: in ids and codes, page by page from where one has read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Wanted:
    """`states` of the message ledger; None leaves nothing out. `whole`: the reader sees the whole district."""

    occurrence_id: int
    whole: bool
    states: Sequence[str] | None = None
    reason: str | None = None
    channel: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class PlannedMessage:
    message_id: int
    contact_id: int
    student_ids: Sequence[int]
    channel: str
    language: str
    fallback_from: str | None
    state: str
    reason: str | None
    due_at: datetime
    not_before: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class Occasion:
    """A step on a day, as the head of a page names it."""

    occurrence_id: int
    campaign: str
    step: str
    day: date
    due_at: datetime


# By contact, as the index of the occurrence has them. Who sees a few schools asks for the contacts of their students
# first: else the rights to each of a million messages would be looked up.
_OWN = """
    AND m.contact_id IN (
        SELECT r.contact_id FROM student s JOIN student_contact r ON r.student_id = s.id
        WHERE s.district_id = gbg_number('gbg.district_id') AND s.school_id = ANY (gbg_schools())
    )
"""
_FIND = """
    SELECT m.id AS message_id, m.contact_id, m.student_ids, m.channel, m.language, m.fallback_from, m.state, m.reason,
           m.due_at, m.not_before, m.finished_at
    FROM message m
    WHERE m.occurrence_id = :occurrence_id AND (m.contact_id, m.id) > (:contact, :message)
      AND (CAST(:states AS text[]) IS NULL OR m.state = ANY (:states))
      AND (CAST(:reason AS text) IS NULL OR m.reason = :reason)
      AND (CAST(:channel AS text) IS NULL OR m.channel = :channel)
      AND (CAST(:language AS text) IS NULL OR m.language = :language) {own}
    ORDER BY m.contact_id, m.id LIMIT :limit
"""


def find(connection: Connection, wanted: Wanted, after: tuple[int, int], limit: int) -> list[PlannedMessage]:
    """The next messages after (contact, message)."""
    values = {
        "occurrence_id": wanted.occurrence_id,
        "states": list(wanted.states) if wanted.states is not None else None,
        "reason": wanted.reason,
        "channel": wanted.channel,
        "language": wanted.language,
        "contact": after[0],
        "message": after[1],
        "limit": limit,
    }
    query = text(_FIND.format(own="" if wanted.whole else _OWN))
    return [PlannedMessage(**row._mapping) for row in connection.execute(query, values)]


def occasion(connection: Connection, occurrence_id: int) -> Occasion | None:
    query = text(
        """
        SELECT o.id AS occurrence_id, c.title AS campaign, o.step, o.day, o.due_at
        FROM occurrence o JOIN campaign c ON c.id = o.campaign_id WHERE o.id = :id
        """
    )
    row = connection.execute(query, {"id": occurrence_id}).first()
    return Occasion(**row._mapping) if row else None
