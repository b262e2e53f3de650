"""Family links: make, open, check, end. The token travels in one message or on one sheet; the store keeps its SHA-256.

A link is an address, not a sign-in: it says nothing about a child. The second step, the child's birth date
sent by POST behind the link, opens a session of half an hour. Every function takes the caller's transaction,
which must run as the engine and be committed even when the answer is None, so that wrong tries stay counted.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, RowMapping

from campaign.access import Principal, Role
from campaign.store import audit
from campaign.store import links as store
from campaign.store.audit import Entry

WRONG_TRIES_ALLOWED = 5
SESSION_LENGTH = timedelta(minutes=30)
_TOKEN_BYTES = 32
# In URL-safe base64 without padding.
TOKEN_LENGTH = -(-_TOKEN_BYTES * 4 // 3)
# Tokens on paper are typed: Crockford's letters, in groups.
PRINT_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
PRINT_TOKEN_LETTERS = 28
_GROUP = 4
_TAKEN_FOR = str.maketrans("oil", "011", "- ")


class Purpose(StrEnum):
    REPORT = "report"
    PRINT = "print"


@dataclass(frozen=True)
class FamilyLink:
    """A live link. Not `checkable`: the student has no birth date on file, so no second step can succeed."""

    id: int
    district_id: int
    student_id: int
    contact_id: int
    purpose: Purpose
    checkable: bool
    tries_left: int

    @property
    def principal(self) -> Principal:
        return Principal(
            Role.FAMILY,
            district_id=self.district_id,
            student_id=self.student_id,
            contact_id=self.contact_id,
            family_link_id=self.id,
        )


class NewLink(NamedTuple):
    """A link to be made: whose page, and for whom."""

    district_id: int
    student_id: int
    contact_id: int


@dataclass(frozen=True)
class Reach:
    """Which links to end: all of the district that match every id given."""

    district_id: int
    student_id: int | None = None
    contact_id: int | None = None
    school_id: int | None = None


def issue(
    connection: Connection, *, district_id: int, student_id: int, contact_id: int, now: datetime, days: int
) -> str:
    """Make a link that works for `days`; return its token (256 random bits, 43 URL-safe characters).

    The link before this one keeps working, older ones end.
    """
    (token,) = issue_many(connection, [NewLink(district_id, student_id, contact_id)], now, days=days)
    return token


def issue_many(connection: Connection, wanted: Sequence[NewLink], now: datetime, *, days: int) -> list[str]:
    """Make many links at once; their tokens in the order of `wanted`. See `issue`."""
    if not wanted:
        return []
    tokens = _tokens(len(wanted))
    made = store.add(connection, wanted, [fingerprint(token) for token in tokens], now, days)
    store.revoke_older(connection, made, now)
    return tokens


def _tokens(count: int) -> list[str]:
    """Each as `secrets.token_urlsafe` makes them; asking the system once is quicker than asking for each."""
    drawn = secrets.token_bytes(_TOKEN_BYTES * count)
    single = (drawn[at : at + _TOKEN_BYTES] for at in range(0, len(drawn), _TOKEN_BYTES))
    return [base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in single]


def open_link(connection: Connection, token: str, now: datetime) -> FamilyLink | None:
    """The link of this token, from a message or from paper, if it is live; unknown, expired, revoked all give None."""
    return _link(store.live(connection, fingerprint(as_printed(token)), now))


def second_step(connection: Connection, link: FamilyLink, birth_date: date, now: datetime) -> str | None:
    """The token of a new session if `birth_date` is the student's, else None and one wrong try counted.

    Tries on one link wait for each other, so that the fifth wrong one ends it however many come at once.
    """
    row = store.live_locked(connection, link.id, now)
    if row is None or row["birth_date"] is None:
        return None
    if not _same(birth_date, row["birth_date"]):
        store.count_wrong_try(connection, link.id, WRONG_TRIES_ALLOWED, now)
        _record(connection, link, "family_page_refused", now)
        return None
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    store.add_session(
        connection,
        {
            "token_sha256": fingerprint(token),
            "family_link_id": link.id,
            "created_at": now,
            "expires_at": now + SESSION_LENGTH,
        },
    )
    _record(connection, link, "family_page_opened", now)
    return token


def open_session(connection: Connection, session_token: str, now: datetime) -> FamilyLink | None:
    """The live link behind a session; None once the session is over or the link has ended."""
    return _link(store.live_of_session(connection, fingerprint(session_token), now))


def end_session(connection: Connection, session_token: str) -> None:
    store.end_session(connection, fingerprint(session_token))


def revoke(connection: Connection, reach: Reach, *, reason: str, now: datetime) -> int:
    """End the links in reach, and with them their open sessions; the number of links ended."""
    return store.revoke_reports(connection, asdict(reach), reason, now)


def wrong_person(connection: Connection, link: FamilyLink, now: datetime) -> None:
    """The holder of the link is not the family: end all of the contact's links, write to its addresses no more."""
    revoke(connection, Reach(link.district_id, contact_id=link.contact_id), reason="wrong_person", now=now)
    store.suppress_contact(connection, link.contact_id, "wrong_person", now)
    _record(connection, link, "wrong_person_reported", now)


def ask_interpreter(connection: Connection, link: FamilyLink, now: datetime) -> None:
    store.need_interpreter(connection, link.contact_id)
    _record(connection, link, "interpreter_asked", now)


def _record(connection: Connection, link: FamilyLink, action: str, now: datetime) -> None:
    actor = link.principal.actor
    audit.write(connection, Entry(now, actor, action, f"student:{link.student_id}", link.district_id))


def as_printed(token: str) -> str:
    """A token from paper as it was printed, however it was typed; any other token as it is."""
    letters = token.lower().translate(_TAKEN_FOR)
    is_from_paper = len(letters) == PRINT_TOKEN_LETTERS and set(letters) <= set(PRINT_LETTERS)
    return grouped(letters) if is_from_paper else token


def grouped(letters: str) -> str:
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))


def fingerprint(token: str) -> str:
    """SHA-256 of a token, in hexadecimal: all that is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def _link(row: RowMapping | None) -> FamilyLink | None:
    if row is None:
        return None
    return FamilyLink(
        id=row["id"],
        district_id=row["district_id"],
        student_id=row["student_id"],
        contact_id=row["contact_id"],
        purpose=Purpose(row["purpose"]),
        checkable=row["birth_date"] is not None,
        tries_left=WRONG_TRIES_ALLOWED - row["wrong_tries"],
    )


def _same(given: date, known: date) -> bool:
    return hmac.compare_digest(given.isoformat(), known.isoformat())
