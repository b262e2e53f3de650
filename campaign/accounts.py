"""Looking after accounts of staff and partners: add, list, close, and a link that signs in once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from campaign import database
from campaign.access import ENGINE, Role
from campaign.plain_error import PlainError
from campaign.sign_in import LINK_LASTS, hash_password
from campaign.store import accounts as store
from campaign.store import audit
from campaign.store.accounts import Account
from campaign.store.audit import Entry

ROLES = (Role.STATE, Role.DISTRICT, Role.SCHOOL, Role.TEACHER, Role.PARTNER)


class AccountError(PlainError):
    """What was asked cannot be done; the message says why and what to do."""


@dataclass(frozen=True)
class NewAccount:
    """Who is to come in. `schools` and `staff_id` are ids of the school's own system; `password` None: links only."""

    email: str
    name: str
    role: Role
    district: str | None = None
    schools: Sequence[str] = ()
    staff_id: str | None = None
    password: str | None = None


def add(engine: Engine, new: NewAccount, now: datetime) -> int:
    """Open an account; returns its id. Raises AccountError for a taken address or a scope that does not exist."""
    if "@" not in new.email:
        raise AccountError(f"{new.email} is not an e-mail address.")
    try:
        password_hash = hash_password(new.password) if new.password else None
    except ValueError as error:
        raise AccountError(f"The password is too short: {error}.") from None
    with database.transaction(engine, ENGINE) as connection:
        if store.by_email(connection, new.email):
            raise AccountError(f"There is already an account for {new.email}.")
        scope = _scope(connection, new)
        values = {"email": new.email, "name": new.name, "role": str(new.role), "password_hash": password_hash}
        account_id = store.add(connection, values | scope)
        _record(connection, "opened_account", account_id, scope["district_id"], now)
    return account_id


def everyone(engine: Engine) -> Sequence[Account]:
    with database.transaction(engine, ENGINE) as connection:
        return store.everyone(connection)


def disable(engine: Engine, email: str, now: datetime) -> None:
    """Close the account; whoever is signed in with it is out at once. Raises AccountError."""
    with database.transaction(engine, ENGINE) as connection:
        account = _known(connection, email)
        store.disable(connection, account.account_id, now)
        _record(connection, "closed_account", account.account_id, account.district_id, now)


def sign_in_link(engine: Engine, email: str, base_url: str, now: datetime) -> str:
    """The address that signs this account in once, within ten minutes. Raises AccountError."""
    with database.transaction(engine, ENGINE) as connection:
        account = _known(connection, email)
        if not account.active:
            raise AccountError(f"The account of {email} is closed.")
        token = store.issue_sign_in_link(connection, account.account_id, now, LINK_LASTS)
        _record(connection, "made_sign_in_link", account.account_id, account.district_id, now)
    return f"{base_url}/sign-in/link/{token}"


def _known(connection: Connection, email: str) -> Account:
    account = store.by_email(connection, email)
    if account is None:
        raise AccountError(f"There is no account for {email}; gbg account list shows all.")
    return account


def _record(
    connection: Connection, action: str, account_id: int, district_id: int | None, now: datetime
) -> None:
    audit.write(
        connection,
        Entry(
            at=now,
            actor=str(Role.ENGINE),
            action=action,
            target=f"account:{account_id}",
            district_id=district_id,
        ),
    )


def _scope(connection: Connection, new: NewAccount) -> dict[str, Any]:
    """The ids that the account reaches; every role but the state's needs a district, a school's its schools."""
    if new.role == Role.STATE:
        return {"district_id": None, "school_ids": [], "staff_member_id": None}
    district_id = _one(connection, "SELECT id FROM district WHERE code = :it", {"it": new.district})
    if district_id is None:
        known = ", ".join(connection.scalars(text("SELECT code FROM district ORDER BY code"))) or "none yet"
        raise AccountError(f"There is no district {new.district or '(none given)'}; known: {known}.")
    schools = [_school(connection, district_id, school) for school in new.schools]
    if new.role == Role.SCHOOL and not schools:
        raise AccountError("An account of a school needs at least one school: --school ID.")
    teacher = _teacher(connection, district_id, new.staff_id) if new.role == Role.TEACHER else None
    return {"district_id": district_id, "school_ids": schools, "staff_member_id": teacher}


def _school(connection: Connection, district_id: int, source_id: str) -> int:
    statement = "SELECT id FROM school WHERE district_id = :district AND (source_id = :it OR name = :it)"
    school_id = _one(connection, statement, {"district": district_id, "it": source_id})
    if school_id is None:
        raise AccountError(
            f"There is no school {source_id} in this district; write its id or name as imported."
        )
    return school_id


def _teacher(connection: Connection, district_id: int, source_id: str | None) -> int:
    statement = (
        "SELECT id FROM staff_member WHERE district_id = :district AND (source_id = :it OR email = :it)"
    )
    staff_member_id = _one(connection, statement, {"district": district_id, "it": source_id})
    if staff_member_id is None:
        raise AccountError(
            "A teacher's account needs --staff ID: the id or e-mail address in the imported roster."
        )
    return staff_member_id


def _one(connection: Connection, statement: str, values: dict[str, object]) -> int | None:
    found: int | None = connection.scalar(text(statement), values)
    return found
