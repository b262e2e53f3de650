"""What staff pages read about the whole campaign, in sets: the gap, reach, sends.

Every function takes a transaction under the reader's own role, so that row-level security narrows the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from campaign.store.tally import COUNTED


@dataclass(frozen=True)
class SubjectGap:
    """Students of one subject whose mark and test were compared, and those for whom they could not be."""

    subject: str
    compared: int
    high_mark: int
    at: int
    close: int
    not_yet: int
    disagree: int
    high_not_yet: int
    refused: int


@dataclass(frozen=True)
class Totals:
    students: int
    students_compared: int
    students_with_report: int
    newest_comparison: datetime | None


@dataclass(frozen=True)
class Reach:
    """Contacts of one language who may receive messages; `language` is BCP 47, None = not known."""

    language: str | None
    contacts: int
    by_email: int
    by_text: int
    unreached: int


@dataclass(frozen=True)
class Withheld:
    occurrence_id: int
    reason: str | None
    messages: int


@dataclass(frozen=True)
class CampaignState:
    campaign_id: int
    title: str
    paused: bool
    district_id: int
    district: str


def totals(connection: Connection) -> Totals:
    row = connection.execute(
        text(
            """
            SELECT (SELECT count(*) FROM student WHERE NOT withdrawn) AS students,
                   c.students_compared, c.newest_comparison,
                   (SELECT count(DISTINCT student_id) FROM report WHERE superseded_at IS NULL) AS students_with_report
            FROM (
                SELECT count(DISTINCT student_id) FILTER (WHERE refusal IS NULL) AS students_compared,
                       max(computed_at) AS newest_comparison
                FROM comparison WHERE superseded_at IS NULL
            ) c
            """
        )
    ).one()
    return Totals(**row._mapping)


def gap_by_subject(connection: Connection) -> Sequence[SubjectGap]:
    """The current comparisons counted by subject, the subject with most students first."""
    rows = connection.execute(
        text(
            """
            SELECT subject,
                   count(*) FILTER (WHERE compared) AS compared,
                   count(*) FILTER (WHERE compared AND grade_band = 'HIGH') AS high_mark,
                   count(*) FILTER (WHERE compared AND evidence = 'AT') AS at,
                   count(*) FILTER (WHERE compared AND evidence = 'CLOSE') AS close,
                   count(*) FILTER (WHERE compared AND evidence = 'NOT_YET') AS not_yet,
                   count(*) FILTER (WHERE compared AND evidence IS NULL) AS disagree,
                   count(*) FILTER (WHERE category = 'HIGH_NOTYET') AS high_not_yet,
                   count(*) FILTER (WHERE NOT compared) AS refused
            FROM (
                SELECT subject, category, grade_band, evidence,
                       category NOT IN ('NOT_ENOUGH', 'OTHER_TEST') AS compared
                FROM comparison WHERE superseded_at IS NULL
            ) c
            GROUP BY subject ORDER BY compared DESC, subject
            """
        )
    )
    return [SubjectGap(**row._mapping) for row in rows]


def reach_by_language(connection: Connection) -> Sequence[Reach]:
    """Contacts who may receive messages, and how many of them an e-mail or a text message can reach."""
    rows = connection.execute(
        text(
            """
            WITH stopped AS (
                SELECT contact_id, channel FROM (
                    SELECT DISTINCT ON (contact_id, channel) contact_id, channel, action FROM consent_event
                    WHERE scope = 'all' ORDER BY contact_id, channel, at DESC, id DESC
                ) newest WHERE action = 'revoked'
            ), receiver AS (
                SELECT c.written_language AS language,
                       coalesce(c.email, '') <> '' AND NOT EXISTS (
                           SELECT 1 FROM stopped s WHERE s.contact_id = c.id AND s.channel = 'email') AS email,
                       c.phone_e164 IS NOT NULL AND c.phone_type IS DISTINCT FROM 'landline' AND NOT EXISTS (
                           SELECT 1 FROM stopped s WHERE s.contact_id = c.id AND s.channel = 'sms') AS sms
                FROM contact c
                WHERE EXISTS (SELECT 1 FROM student_contact r WHERE r.contact_id = c.id
                              AND r.may_receive AND NOT r.court_restriction)
            )
            SELECT language, count(*) AS contacts, count(*) FILTER (WHERE email) AS by_email,
                   count(*) FILTER (WHERE sms) AS by_text, count(*) FILTER (WHERE NOT email AND NOT sms) AS unreached
            FROM receiver GROUP BY language ORDER BY contacts DESC, language NULLS LAST
            """
        )
    )
    return [Reach(**row._mapping) for row in rows]


def withheld_by_reason(connection: Connection) -> Sequence[Withheld]:
    rows = connection.execute(
        text(
            f"""
            SELECT occurrence_id, reason, CAST(sum(messages) AS bigint) AS messages FROM ({COUNTED}) m
            WHERE state IN ('withheld', 'dropped') GROUP BY occurrence_id, reason ORDER BY messages DESC, reason
            """  # noqa: S608  our own text
        )
    )
    return [Withheld(**row._mapping) for row in rows]


def campaigns(connection: Connection) -> Sequence[CampaignState]:
    rows = connection.execute(
        text(
            """
            SELECT c.id AS campaign_id, c.title, c.paused, c.district_id, d.name AS district
            FROM campaign c JOIN district d ON d.id = c.district_id ORDER BY d.name, c.title
            """
        )
    )
    return [CampaignState(**row._mapping) for row in rows]


def set_paused(connection: Connection, campaign_id: int, paused: bool) -> CampaignState | None:
    """Pause or resume a campaign within the reader's scope; None when there is no such campaign."""
    row = connection.execute(
        text(
            """
            UPDATE campaign c SET paused = :paused FROM district d
            WHERE c.id = :campaign_id AND d.id = c.district_id
            RETURNING c.id AS campaign_id, c.title, c.paused, c.district_id, d.name AS district
            """
        ),
        {"campaign_id": campaign_id, "paused": paused},
    ).first()
    return CampaignState(**row._mapping) if row else None
