"""Whom messages can reach: contacts by language and channel, students with nobody, and those who must not be reached.

Every function takes a transaction under the reader's own role, so that row-level security narrows the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from sqlalchemy import Connection, RowMapping, text


@dataclass(frozen=True)
class Channels:
    """Contacts of one language who may receive messages; `language` is BCP 47, None = not known.

    A channel counts those who have an address for it and have not stopped it; `stopped` asked for no more messages on
    any channel; `nothing` have no address at all.
    """

    language: str | None
    contacts: int
    email: int
    text: int
    paper: int
    stopped: int
    nothing: int
    interpreter: int


@dataclass(frozen=True)
class Students:
    """Enrolled students by how their families can be reached."""

    students: int
    without_contact: int
    unreached: int
    paper_only: int
    confidential: int
    court: int
    language_unknown: int


@dataclass(frozen=True)
class UnknownLanguage:
    """What a school's system writes for a language that the program does not know; None = nothing is written."""

    raw: str | None
    contacts: int


@dataclass(frozen=True)
class Unreached:
    student_id: int
    name: str
    school: str | None
    contacts: int


# A contact who may get messages, with the channels that are open: an address, and no stop that came last.
_RECEIVERS = """
    WITH stop AS (
        SELECT contact_id, array_agg(channel) AS channels FROM (
            SELECT DISTINCT ON (contact_id, channel) contact_id, channel, action FROM consent_event
            WHERE scope = 'all' ORDER BY contact_id, channel, at DESC, id DESC
        ) newest WHERE action = 'revoked' GROUP BY contact_id
    ), may AS (
        SELECT DISTINCT contact_id FROM student_contact WHERE may_receive AND NOT court_restriction
    ), receiver AS (
        SELECT c.id, c.written_language, c.language_raw, c.interpreter_needed,
               coalesce(c.email, '') <> '' AS has_email,
               c.phone_e164 IS NOT NULL AND c.phone_type IS DISTINCT FROM 'landline' AS has_text,
               coalesce(c.address_line, '') <> '' AND NOT c.confidential AS has_paper,
               coalesce('email' = ANY (s.channels), false) AS no_email,
               coalesce('sms' = ANY (s.channels), false) AS no_text,
               coalesce('letter' = ANY (s.channels), false) AS no_paper
        FROM contact c JOIN may ON may.contact_id = c.id LEFT JOIN stop s ON s.contact_id = c.id
    ), open AS MATERIALIZED (
        SELECT *, has_email AND NOT no_email AS email, has_text AND NOT no_text AS text,
               has_paper AND NOT no_paper AS paper
        FROM receiver
    )
"""
_BY_STUDENT = """
    , held AS (
        SELECT r.student_id, count(*) AS contacts, bool_or(o.email OR o.text) AS online, bool_or(o.paper) AS on_paper,
               bool_or(r.court_restriction) AS court
        FROM student_contact r LEFT JOIN open o ON o.id = r.contact_id AND r.may_receive AND NOT r.court_restriction
        GROUP BY r.student_id
    ), reached AS (
        SELECT s.id, s.school_id, s.given_name, s.family_name, s.confidential, s.home_language,
               coalesce(h.contacts, 0) AS contacts,
               coalesce(h.online, false) AND NOT s.confidential AS online,
               coalesce(h.on_paper, false) AND NOT s.confidential AS on_paper,
               coalesce(h.court, false) AS court
        FROM student s LEFT JOIN held h ON h.student_id = s.id WHERE NOT s.withdrawn
    )
"""
_STUDENTS = """
    SELECT count(*) AS students, count(*) FILTER (WHERE contacts = 0) AS without_contact,
           count(*) FILTER (WHERE NOT online AND NOT on_paper) AS unreached,
           count(*) FILTER (WHERE NOT online AND on_paper) AS paper_only,
           count(*) FILTER (WHERE confidential) AS confidential, count(*) FILTER (WHERE court) AS court,
           count(*) FILTER (WHERE home_language IS NULL) AS language_unknown
    FROM reached
"""


def reach(connection: Connection) -> tuple[Sequence[Channels], Sequence[UnknownLanguage], Students]:
    """Contacts by language, what is written where it is not known, and the students, in one pass over the contacts."""
    found = (
        connection.execute(
            text(
                f"""{_RECEIVERS}{_BY_STUDENT}
            , spoken AS (
                SELECT written_language AS language, nullif(language_raw, '') AS raw,
                       grouping(nullif(language_raw, '')) AS whole, count(*) AS contacts,
                       count(*) FILTER (WHERE email) AS email, count(*) FILTER (WHERE text) AS text,
                       count(*) FILTER (WHERE paper) AS paper, count(*) FILTER (WHERE no_email AND no_text) AS stopped,
                       count(*) FILTER (WHERE NOT has_email AND NOT has_text AND NOT has_paper) AS nothing,
                       count(*) FILTER (WHERE interpreter_needed) AS interpreter
                FROM open GROUP BY GROUPING SETS ((written_language), (written_language, nullif(language_raw, '')))
                ORDER BY contacts DESC, written_language NULLS LAST, raw NULLS LAST
            )
            SELECT (SELECT coalesce(jsonb_agg(spoken), '[]') FROM spoken) AS languages, students.*
            FROM ({_STUDENTS}) students
            """  # noqa: S608  the pieces are constants
            )
        )
        .mappings()
        .one()
    )
    rows = found["languages"]
    names = [field.name for field in fields(Channels)]
    known = [Channels(**{name: row[name] for name in names}) for row in rows if row["whole"]]
    unknown = [
        UnknownLanguage(row["raw"], row["contacts"])
        for row in rows
        if not row["whole"] and row["language"] is None
    ]
    return known, unknown, _students(found)


def students(connection: Connection) -> Students:
    return _students(
        connection.execute(text(f"{_RECEIVERS}{_BY_STUDENT}{_STUDENTS}")).mappings().one()  # constants
    )


def _students(row: RowMapping) -> Students:
    return Students(**{field.name: row[field.name] for field in fields(Students)})


def unreached(connection: Connection, *, limit: int, offset: int = 0) -> Sequence[Unreached]:
    """Enrolled students with nobody whom any message can reach, by school and family name."""
    rows = connection.execute(
        text(
            f"""{_RECEIVERS}{_BY_STUDENT}
            SELECT r.id AS student_id, concat_ws(' ', r.given_name, r.family_name) AS name, c.name AS school, r.contacts
            FROM reached r LEFT JOIN school c ON c.id = r.school_id WHERE NOT r.online AND NOT r.on_paper
            ORDER BY c.name NULLS LAST, r.family_name, r.given_name, r.id LIMIT :limit OFFSET :offset
            """  # noqa: S608  the pieces are constants
        ),
        {"limit": limit, "offset": offset},
    )
    return [Unreached(**row._mapping) for row in rows]
