"""SQL of family links and the sessions behind them. Tokens come in as SHA-256 and are never stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, text
from sqlalchemy.dialects.postgresql import insert as upsert

from campaign import direct
from campaign.schema import access
from campaign.store import suppressions
from campaign.store.arrays import integers, literal
from campaign.store.attempts import Limit

# A link is live while not revoked, its time is not over, the contact may receive (no court order),
# and the student is a minor, agrees, or is the contact.
_LIVE = """
    l.revoked_at IS NULL AND l.expires_at > :now
    AND EXISTS (
        SELECT 1 FROM student s
        JOIN student_contact r ON r.student_id = s.id AND r.contact_id = l.contact_id
        JOIN district d ON d.id = s.district_id
        LEFT JOIN school c ON c.id = s.school_id
        WHERE s.id = l.student_id AND r.may_receive AND NOT r.court_restriction
          AND (
              r.relation = 'self' OR r.adult_consent OR s.birth_date IS NULL
              OR s.birth_date + interval '18 years'
                 > (:now AT TIME ZONE coalesce(c.time_zone, d.time_zone, 'UTC'))::date
          )
    )
"""

_LINK = """
    SELECT l.id, l.district_id, l.student_id, l.contact_id, l.purpose, l.wrong_tries, s.birth_date
    FROM family_link l JOIN student s ON s.id = l.student_id
"""


_ADD = text(
    """
    INSERT INTO family_link (district_id, student_id, contact_id, token_sha256, purpose, created_at, expires_at)
    SELECT n.district_id, n.student_id, n.contact_id, n.token_sha256, 'report', :now, :expires_at
    FROM unnest(
        CAST(:districts AS bigint[]), CAST(:students AS bigint[]), CAST(:contacts AS bigint[]), CAST(:tokens AS text[])
    ) n (district_id, student_id, contact_id, token_sha256)
    RETURNING id
    """
)


def add(
    connection: Connection,
    wanted: Sequence[tuple[int, int, int]],
    token_sha256s: Sequence[str],
    now: datetime,
    days: int,
) -> list[int]:
    """Add links from messages, each given as district, student and contact, that work for `days`; their ids."""
    districts, students, contacts = zip(*wanted, strict=True)
    values = {
        "districts": integers(districts),
        "students": integers(students),
        "contacts": integers(contacts),
        "tokens": literal(token_sha256s),
        "now": now,
        "expires_at": now + timedelta(days=days),
    }
    return [id for (id,) in direct.rows(connection, _ADD, values)]


def add_or_prolong(connection: Connection, values: Sequence[dict[str, Any]]) -> list[int]:
    """Add links that are not there, let those that are work longer; the ids of all. An ended link stays ended."""
    table = access.family_link
    statement = upsert(table).values(list(values))
    statement = statement.on_conflict_do_update(
        index_elements=["token_sha256"],
        set_={"expires_at": func.greatest(table.c.expires_at, statement.excluded.expires_at)},
    )
    return list(connection.scalars(statement.returning(table.c.id)))


def live(connection: Connection, token_sha256: str, now: datetime) -> RowMapping | None:
    """The live link of this token, with the student's birth date."""
    query = text(f"{_LINK} WHERE l.token_sha256 = :hash AND {_LIVE}")
    return _one(connection, query, {"hash": token_sha256, "now": now})


def live_locked(connection: Connection, link_id: int, now: datetime) -> RowMapping | None:
    """The link if it is live, locked until the transaction ends, so that tries are counted in turn."""
    query = text(f"{_LINK} WHERE l.id = :id AND {_LIVE} FOR UPDATE OF l")
    return _one(connection, query, {"id": link_id, "now": now})


def live_of_session(connection: Connection, session_sha256: str, now: datetime) -> RowMapping | None:
    """The live link behind a session that has not ended."""
    query = text(
        f"""
        {_LINK} JOIN family_session f ON f.family_link_id = l.id
        WHERE f.token_sha256 = :hash AND f.expires_at > :now AND {_LIVE}
        """
    )
    return _one(connection, query, {"hash": session_sha256, "now": now})


def count_wrong_try(connection: Connection, link_id: int, limit: int, now: datetime) -> None:
    """One wrong try more; the link ends with the last one allowed."""
    connection.execute(
        text(
            """
            UPDATE family_link SET wrong_tries = wrong_tries + 1,
                revoked_at = CASE WHEN wrong_tries + 1 >= :limit THEN :now ELSE revoked_at END,
                revoked_reason = CASE WHEN wrong_tries + 1 >= :limit THEN 'wrong_tries'
                                      ELSE revoked_reason END
            WHERE id = :id
            """
        ),
        {"id": link_id, "limit": limit, "now": now},
    )


def add_session(connection: Connection, values: dict[str, Any]) -> None:
    connection.execute(insert(access.family_session).values(values))


def end_session(connection: Connection, session_sha256: str) -> None:
    connection.execute(
        access.family_session.delete().where(access.family_session.c.token_sha256 == session_sha256)
    )


_REVOKE_OLDER = text(
    """
    UPDATE family_link l SET revoked_at = :now, revoked_reason = 'rotated'
    FROM family_link new CROSS JOIN LATERAL (
        SELECT o.id FROM family_link o
        WHERE o.student_id = new.student_id AND o.contact_id = new.contact_id
          AND o.purpose = new.purpose AND o.id < new.id
        ORDER BY o.id DESC OFFSET 1
    ) older
    WHERE new.id = ANY (CAST(:ids AS bigint[])) AND l.id = older.id AND l.revoked_at IS NULL
    """
)


def revoke_older(connection: Connection, link_ids: Sequence[int], now: datetime) -> None:
    """For each of these links: revoke its contact's older ones of its kind to its student, but for the last one."""
    if not link_ids:
        return
    direct.run(connection, _REVOKE_OLDER, {"ids": integers(link_ids), "now": now})


def revoke_reports(connection: Connection, who: dict[str, int | None], reason: str, now: datetime) -> int:
    """Revoke the links, on paper too, that match every id given in `who`; the number revoked."""
    result = connection.execute(
        text(
            """
            UPDATE family_link l SET revoked_at = :now, revoked_reason = :reason
            FROM student s
            WHERE s.id = l.student_id AND l.revoked_at IS NULL
              AND l.district_id = :district_id
              AND (CAST(:student_id AS bigint) IS NULL OR l.student_id = :student_id)
              AND (CAST(:contact_id AS bigint) IS NULL OR l.contact_id = :contact_id)
              AND (CAST(:school_id AS bigint) IS NULL OR s.school_id = :school_id)
            """
        ),
        {**who, "reason": reason, "now": now},
    )
    return int(result.rowcount)


def limit_reached(connection: Connection, key: str, limit: Limit, now: datetime) -> bool:
    """Whether the tries counted under `key` use the limit up; counts none itself."""
    query = text("SELECT count FROM attempt_counter WHERE key = :key AND window_began_at > :oldest")
    count = connection.scalar(query, {"key": key, "oldest": now - limit.window})
    return count is not None and count >= limit.tries


def suppress_contact(connection: Connection, contact_id: int, reason: str, now: datetime) -> None:
    """Write to none of the contact's addresses any more, whoever else they belong to."""
    query = text("SELECT email, phone FROM contact WHERE id = :id")
    addresses = connection.execute(query, {"id": contact_id}).one()
    for channel, address in zip(("email", "sms"), addresses, strict=True):
        if address:
            suppressions.suppress(connection, channel, address, reason, now)


def need_interpreter(connection: Connection, contact_id: int) -> None:
    connection.execute(
        text("UPDATE contact SET interpreter_needed = true WHERE id = :id"), {"id": contact_id}
    )


def _one(connection: Connection, query: Any, values: dict[str, Any]) -> RowMapping | None:
    return connection.execute(query, values).mappings().one_or_none()
