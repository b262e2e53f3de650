"""Answers of staff and the rows of the message ledger that tell families of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Answered:
    """An answer that has no message yet, or whose message was too late to go out at once (`was_handed_over`).

    `is_automatic`: the program says that somebody reads it when the office opens.
    """

    message_id: int
    district_id: int
    student_id: int
    contact_id: int
    channel: str
    family_wrote_at: datetime
    was_handed_over: bool
    is_automatic: bool


@dataclass(frozen=True)
class NewMessage:
    """A row of the ledger, as table `message` has it."""

    public_id: str
    occurrence_id: int
    step: str
    household: str
    channel: str
    language: str
    template: str
    template_version: int
    template_hash: str
    dedupe_key: str
    due_at: datetime
    expires_at: datetime


# Words that were taken back are not among them. What could not go at once goes in its hours.
_WAITING = text(
    """
    SELECT m.id AS message_id, m.district_id, m.student_id, m.contact_id, m.channel, v.family_wrote_at,
        m.message_id IS NOT NULL AS was_handed_over, m.account_id IS NULL AS is_automatic
    FROM conversation_message m JOIN conversation v ON v.id = m.conversation_id
    LEFT JOIN message l ON l.id = m.message_id
    WHERE m.direction = 'out' AND (
        m.state = 'to_send'
        OR m.state = 'in_ledger' AND l.state = 'dropped' AND l.reason = 'expired' AND l.step = 'answer_at_once')
    ORDER BY m.id LIMIT 500
    FOR UPDATE OF m SKIP LOCKED
    """
)


def waiting(connection: Connection, now: datetime) -> list[Answered]:
    return [Answered(**row._mapping) for row in connection.execute(_WAITING, {"now": now})]


def stays_on_page(connection: Connection, message_id: int) -> None:
    connection.execute(
        text("UPDATE conversation_message SET state = 'on_page' WHERE id = :id"), {"id": message_id}
    )


_OCCURRENCE = text(
    """
    INSERT INTO occurrence (
        campaign_revision_id, campaign_id, district_id, step, day, due_at, expires_at, planned_at)
    VALUES (:revision, :campaign, :district, :step, :day, :now, CAST(:now AS timestamptz) + interval '10 days', :now)
    ON CONFLICT (campaign_id, step, day) DO UPDATE SET planned_at = occurrence.planned_at RETURNING id
    """
)


def occurrence(
    connection: Connection, of: tuple[int, int, int], step: str, day: date, *, now: datetime
) -> int:
    """The occurrence of a day's answers; `of`: district, campaign and revision."""
    district, campaign, revision = of
    values = {
        "district": district,
        "campaign": campaign,
        "revision": revision,
        "step": step,
        "day": day,
        "now": now,
    }
    return int(connection.execute(_OCCURRENCE, values).scalar_one())


_WRITE = text(
    """
    WITH new AS (
        INSERT INTO message (
            public_id, district_id, campaign_id, occurrence_id, step, contact_id, student_ids, household, channel,
            language, template, template_version, template_hash, dedupe_key, state, due_at, expires_at, planned_at)
        SELECT :public_id, o.district_id, o.campaign_id, o.id, :step, :contact_id, ARRAY[CAST(:student_id AS bigint)],
            :household, :channel, :language, :template, :template_version, :template_hash, :dedupe_key, 'planned',
            :due_at, :expires_at, :now
        FROM occurrence o WHERE o.id = :occurrence_id
        ON CONFLICT (dedupe_key) DO NOTHING RETURNING id
    )
    UPDATE conversation_message m SET state = 'in_ledger', message_id = new.id FROM new WHERE m.id = :answer
    """
)


def write(connection: Connection, one: Answered, new: NewMessage, now: datetime) -> bool:
    """One row for one answer, however often this is called."""
    values = {**asdict(new), "answer": one.message_id, "contact_id": one.contact_id, "now": now}
    return connection.execute(_WRITE, {**values, "student_id": one.student_id}).rowcount == 1
