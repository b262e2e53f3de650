"""Signing staff and partners in: by password or by a link that works once. Every try is counted and kept."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Engine

from campaign import database
from campaign.access import ENGINE
from campaign.store import accounts, attempts, audit
from campaign.store.accounts import Account, SessionRules
from campaign.store.attempts import Limit
from campaign.store.audit import Entry

LINK_LASTS = timedelta(minutes=10)
PER_ACCOUNT = Limit(10, timedelta(minutes=15))
PER_ADDRESS = Limit(100, timedelta(minutes=15))
SHORTEST_PASSWORD = 12

_hasher = PasswordHasher()


@dataclass(frozen=True)
class SignedIn:
    """The account and the token of its new session."""

    account: Account
    session_token: str


class TooManyTries(Exception):
    """The limit of tries is reached; the answer is the same whether or not the account exists."""


@dataclass(frozen=True)
class Door:
    """Where somebody asks to come in: the database, the key that hashes what is counted, the asker's address."""

    engine: Engine
    secret_key: str
    address: str

    def counter(self, kind: str, value: str) -> str:
        digest = hmac.new(self.secret_key.encode(), value.encode(), hashlib.sha256).hexdigest()
        return f"sign-in:{kind}:{digest}"


def session_rules(idle_minutes: int, session_hours: int) -> SessionRules:
    return SessionRules(idle=timedelta(minutes=idle_minutes), absolute=timedelta(hours=session_hours))


def hash_password(password: str) -> str:
    """Argon2id. Raises ValueError with a remedy for a password that is too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise ValueError(
            f"a password needs at least {SHORTEST_PASSWORD} characters; a short sentence works well"
        )
    return _hasher.hash(password)


def with_password(door: Door, email: str, password: str, now: datetime) -> SignedIn | None:
    """Sign in, or None. The same work is done for an unknown account. Raises TooManyTries."""
    _count_try(door, email, now)
    with database.transaction(door.engine, ENGINE) as connection:
        account = accounts.by_email(connection, email)
        fits = _fits(account.password_hash if account else None, password)
        if account is None or not account.active or not fits:
            _record(connection, account, "sign_in_refused", now)
            return None
        attempts.forget(connection, door.counter("account", accounts.normalized(email)))
        return _begin(connection, account, now)


def with_link(door: Door, token: str, now: datetime) -> SignedIn | None:
    """Sign in with a link that was not used yet, or None. Raises TooManyTries."""
    _count_try(door, None, now)
    with database.transaction(door.engine, ENGINE) as connection:
        account = accounts.use_sign_in_link(connection, token, now)
        return _begin(connection, account, now) if account else None


def sign_out(engine: Engine, account: Account, token: str, now: datetime) -> None:
    with database.transaction(engine, ENGINE) as connection:
        accounts.end_session(connection, token, now)
        _record(connection, account, "signed_out", now)


def _begin(connection: Connection, account: Account, now: datetime) -> SignedIn:
    _record(connection, account, "signed_in", now)
    return SignedIn(account, accounts.open_session(connection, account.account_id, now))


def _record(connection: Connection, account: Account | None, action: str, now: datetime) -> None:
    actor = account.principal.actor if account else "nobody"
    district_id = account.district_id if account else None
    audit.write(connection, Entry(at=now, actor=actor, action=action, district_id=district_id))


def _count_try(door: Door, email: str | None, now: datetime) -> None:
    """In a transaction of its own, so that a try counts even when what follows fails."""
    counted = [(door.counter("address", door.address), PER_ADDRESS)]
    if email is not None:
        counted.append((door.counter("account", accounts.normalized(email)), PER_ACCOUNT))
    with database.transaction(door.engine, ENGINE) as connection:
        within = [attempts.within(connection, key, limit, now) for key, limit in counted]
    if not all(within):
        raise TooManyTries


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash("nobody has this password")


def _fits(password_hash: str | None, password: str) -> bool:
    try:
        _hasher.verify(password_hash or _hash_of_nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None
