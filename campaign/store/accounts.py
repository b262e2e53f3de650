"""Accounts of staff and partners, their sign-in links and their sessions. Only hashes of tokens are kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from campaign.access import Principal, Role


@dataclass(frozen=True)
class Account:
    """One account. `place` is what it works for, in words: schools, a district, or all districts."""

    account_id: int
    email: str
    name: str
    role: Role
    active: bool
    district_id: int | None
    school_ids: tuple[int, ...]
    staff_member_id: int | None
    password_hash: str | None
    place: str

    @property
    def principal(self) -> Principal:
        return Principal(
            role=self.role,
            district_id=self.district_id,
            school_ids=self.school_ids,
            account_id=self.account_id,
            staff_member_id=self.staff_member_id,
        )


@dataclass(frozen=True)
class SessionRules:
    """A session ends after `idle` without a request, and `absolute` after sign-in whatever happens."""

    idle: timedelta
    absolute: timedelta


# A teacher's students may sit in any school of the district; row-level security narrows it to the own sections.
_ACCOUNT = """
    SELECT a.id AS account_id, a.email, a.name, a.role, a.active, a.district_id, a.staff_member_id, a.password_hash,
           CASE WHEN a.role = 'teacher'
                THEN ARRAY(SELECT s.id FROM school s WHERE s.district_id = a.district_id ORDER BY s.id)
                ELSE a.school_ids END AS school_ids,
           coalesce((SELECT string_agg(s.name, ', ' ORDER BY s.name) FROM school s WHERE s.id = ANY (a.school_ids)),
                    d.name, 'All districts') AS place
    FROM account a LEFT JOIN district d ON d.id = a.district_id
"""


def _account(row: Row[Any] | None) -> Account | None:
    if row is None:
        return None
    values = dict(row._mapping)
    return Account(**{**values, "role": Role(values["role"]), "school_ids": tuple(values["school_ids"])})


def hash_of(token: str) -> str:
    """What the store keeps of a token: its SHA-256. The tokens are random 256 bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def normalized(email: str) -> str:
    return email.strip().casefold()


def add(connection: Connection, account: dict[str, Any]) -> int:
    """Write one account; keys as in table `account`. Raises IntegrityError when the e-mail address is taken."""
    account_id: int = connection.execute(
        text(
            """
            INSERT INTO account (district_id, email, name, role, school_ids, staff_member_id, password_hash)
            VALUES (:district_id, :email, :name, :role, :school_ids, :staff_member_id, :password_hash)
            RETURNING id
            """
        ),
        {**account, "email": normalized(account["email"])},
    ).scalar_one()
    return account_id


def everyone(connection: Connection) -> Sequence[Account]:
    rows = connection.execute(text(_ACCOUNT + " ORDER BY a.role, a.email"))
    return [account for row in rows if (account := _account(row))]


def by_email(connection: Connection, email: str) -> Account | None:
    """The account, active or not."""
    return _account(
        connection.execute(text(_ACCOUNT + " WHERE a.email = :email"), {"email": normalized(email)}).first()
    )


def disable(connection: Connection, account_id: int, now: datetime) -> None:
    """Close the account and end its sessions and links at once."""
    values = {"account_id": account_id, "now": now}
    connection.execute(text("UPDATE account SET active = false WHERE id = :account_id"), values)
    connection.execute(
        text("UPDATE session SET ended_at = :now WHERE account_id = :account_id AND ended_at IS NULL"), values
    )
    connection.execute(
        text("DELETE FROM sign_in_link WHERE account_id = :account_id AND used_at IS NULL"), values
    )


def issue_sign_in_link(connection: Connection, account_id: int, now: datetime, lasts: timedelta) -> str:
    """A token that signs this account in once, until `now + lasts`."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        text(
            """
            INSERT INTO sign_in_link (token_sha256, account_id, expires_at) VALUES (:token, :account_id, :expires_at)
            """
        ),
        {"token": hash_of(token), "account_id": account_id, "expires_at": now + lasts},
    )
    return token


def use_sign_in_link(connection: Connection, token: str, now: datetime) -> Account | None:
    """The link's account, once: a used, expired or unknown link, or one of a closed account, gives None."""
    account_id = connection.scalar(
        text(
            """
            UPDATE sign_in_link SET used_at = :now
            WHERE token_sha256 = :token AND used_at IS NULL AND expires_at > :now
            RETURNING account_id
            """
        ),
        {"token": hash_of(token), "now": now},
    )
    row = connection.execute(text(_ACCOUNT + " WHERE a.id = :id AND a.active"), {"id": account_id}).first()
    return _account(row)


def open_session(connection: Connection, account_id: int, now: datetime) -> str:
    """A new session; returns its token, which only the browser keeps."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        text(
            """
            INSERT INTO session (token_sha256, account_id, created_at, last_seen_at)
            VALUES (:token, :account_id, :now, :now)
            """
        ),
        {"token": hash_of(token), "account_id": account_id, "now": now},
    )
    return token


def of_session(connection: Connection, token: str, rules: SessionRules, now: datetime) -> Account | None:
    """Who is signed in with this token, or None when the session has ended, idled out or its account is closed."""
    found = connection.execute(
        text(
            """
            UPDATE session SET last_seen_at = :now
            WHERE token_sha256 = :token AND ended_at IS NULL
              AND last_seen_at > :idle_since AND created_at > :began_after
            RETURNING account_id
            """
        ),
        {
            "token": hash_of(token),
            "now": now,
            "idle_since": now - rules.idle,
            "began_after": now - rules.absolute,
        },
    ).scalar()
    row = connection.execute(text(_ACCOUNT + " WHERE a.id = :id AND a.active"), {"id": found}).first()
    return _account(row)


def end_session(connection: Connection, token: str, now: datetime) -> None:
    connection.execute(
        text("UPDATE session SET ended_at = :now WHERE token_sha256 = :token AND ended_at IS NULL"),
        {"token": hash_of(token), "now": now},
    )
