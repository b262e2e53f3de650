"""Can families be reached? What is wrong with contacts, one finding a fault, before a campaign starts.

Below GOOD_SHARE of households in reach a campaign does not begin, unless a named person says why it should.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from campaign.contacts import email_addresses, phones
from campaign.store import audit as trace
from campaign.store import contacts as store
from campaign.store.contacts import ContactRow, KeptAudit, LonelyStudent, Override
from campaign.store.suppressions import Why
from content.languages import is_in_other_script, languages, of_tag

# Share of households in reach from which on a campaign may begin.
GOOD_SHARE = 0.85
# A word against it ends by itself, and when the share falls this much below what the person saw.
OVERRIDE_HOLDS = timedelta(days=30)
_OVERRIDE_SLACK = 0.05
LONGEST_REASON, LONGEST_NAME = 500, 80
# A person may leave messages without being out of reach.
_BY_CHOICE = frozenset({Why.ASKED})


class Kind(StrEnum):
    """What is wrong. The gravest stand first."""

    NO_CONTACT = "no_contact"
    NO_ADDRESS = "no_address"
    WRONG_NUMBER = "wrong_number"
    BOUNCED = "bounced"
    IMPOSSIBLE_EMAIL = "impossible_email"
    INVALID_PHONE = "invalid_phone"
    EMAIL_SLIP = "email_slip"
    LANDLINE = "landline"
    MISSING_LANGUAGE = "missing_language"
    LANGUAGE_WITHOUT_TEXT = "language_without_text"
    OTHER_SCRIPT = "other_script"
    DUPLICATE = "duplicate"
    NO_PHONE = "no_phone"


@dataclass(frozen=True)
class Finding:
    """One fault of one contact (None: of a student without any). `value`: what stands in the register; `proposal`:
    what was probably meant, for a person to decide."""

    kind: Kind
    student_id: int
    student: str
    school: str | None
    contact_id: int | None = None
    contact: str = ""
    value: str = ""
    proposal: str = ""


@dataclass(frozen=True)
class ContactAudit:
    """Everything at one moment. A household is in reach if an e-mail or a text message can arrive with somebody in it
    who may be written to; who asked for no more messages counts as in reach."""

    at: datetime
    contacts: int
    households: int
    reachable: int
    findings: Sequence[Finding]
    before: KeptAudit | None
    override: Override | None

    @property
    def reachable_share(self) -> float:
        """0 to 1; 0 where nobody is known at all."""
        return self.reachable / self.households if self.households else 0.0

    @property
    def is_good(self) -> bool:
        return self.reachable_share >= GOOD_SHARE

    @property
    def blocks(self) -> bool:
        """Whether no campaign may begin now."""
        return not self.is_good and not self.is_overridden

    @property
    def is_overridden(self) -> bool:
        """Whether a person's word holds: it is not too old, and things have not become much worse since."""
        word = self.override
        if word is None:
            return False
        seen = word.reachable / word.households if word.households else 0.0
        return self.reachable_share >= seen - _OVERRIDE_SLACK

    @property
    def counts(self) -> dict[Kind, int]:
        """Findings of each kind, those without any too."""
        found = Counter(finding.kind for finding in self.findings)
        return {kind: found[kind] for kind in Kind}

    @property
    def missing(self) -> int:
        """Households that must come into reach before a campaign may begin."""
        needed = -(-self.households * GOOD_SHARE // 1)
        return max(int(needed) - self.reachable, 0)


def audit(
    connection: Connection, district: int, now: datetime, *, offered: Collection[str] | None = None
) -> ContactAudit:
    """Look at all contacts of a district that the connection's role may see. `offered`: languages that families may
    get (default: all that are written)."""
    rows, lonely = store.contacts(connection, district), store.lonely_students(connection, district)
    in_reach = {row.household for row in rows if open_channels(row)}
    households = {row.household for row in rows}
    earlier = store.kept(connection, district, limit=1)
    return ContactAudit(
        at=now,
        contacts=len(rows),
        households=len(households) + len(lonely),
        reachable=len(in_reach),
        findings=list(examine(rows, lonely, frozenset(offered or languages()))),
        before=earlier[0] if earlier else None,
        override=store.override(connection, district, now),
    )


def examine(
    rows: Sequence[ContactRow], lonely: Iterable[LonelyStudent], offered: Collection[str]
) -> Iterator[Finding]:
    """Every fault of these contacts, contact by contact, then the students without any."""
    first_of: dict[tuple[str, str], int] = {}
    can_be_called = {row.household for row in rows if row.phone}
    for row in rows:
        yield from _addresses(row)
        yield from _language(row, offered)
        if any(first_of.setdefault(key, row.contact_id) != row.contact_id for key in _who(row)):
            yield _finding(Kind.DUPLICATE, row)
        # Once a home. Who has no address at all is named as that.
        if row.email and row.household not in can_be_called:
            can_be_called.add(row.household)
            yield _finding(Kind.NO_PHONE, row)
    for student in lonely:
        yield Finding(Kind.NO_CONTACT, student.student_id, student.student, student.school)


def open_channels(row: ContactRow) -> frozenset[str]:
    """Ways on which something can arrive, e-mail and text message."""
    closed = {channel for channel, why in row.closed if why not in _BY_CHOICE}
    has_email = row.email is not None and email_addresses.fault(row.email) is None
    has_mobile = row.phone is not None and _phone_fault(row) is None
    found = ({"email"} if has_email else set()) | ({"sms"} if has_mobile else set())
    return frozenset(found - closed)


def keep(connection: Connection, district: int, found: ContactAudit, actor: str) -> None:
    """Remember the counts, for the next audit to be held against; as the engine."""
    counts = {str(kind): count for kind, count in found.counts.items() if count}
    store.keep(connection, district, KeptAudit(found.at, found.households, found.reachable, counts), actor)


class OverrideRefused(Exception):
    """A word to begin all the same lacks a name or a reason; the message says what to write."""


def override(
    connection: Connection, district: int, found: ContactAudit, *, said_by: str, reason: str, actor: str
) -> None:
    """Let campaigns begin although too few households are in reach; as the engine. Raises OverrideRefused."""
    said_by, reason = " ".join(said_by.split())[:LONGEST_NAME], " ".join(reason.split())[:LONGEST_REASON]
    if not said_by or not reason:
        raise OverrideRefused("Write the name of the person who answers for it, and why it should begin now.")
    word = Override(
        0, found.households, found.reachable, said_by, reason, found.at, found.at + OVERRIDE_HOLDS
    )
    store.add_override(connection, district, word, actor)
    detail = {"households": found.households, "reachable": found.reachable}
    entry = trace.Entry(found.at, actor, "launch_overridden", f"district:{district}", district, detail)
    trace.write(connection, entry)


def withdraw_override(
    connection: Connection, district: int, override_id: int, *, actor: str, now: datetime
) -> bool:
    """Take the word back; False if it did not hold any more."""
    if not store.withdraw_override(connection, district, override_id, now):
        return False
    entry = trace.Entry(now, actor, "launch_override_withdrawn", f"district:{district}", district)
    trace.write(connection, entry)
    return True


def _addresses(row: ContactRow) -> Iterator[Finding]:
    closed = dict(row.closed)
    email, phone = row.email, row.phone
    if email and email_addresses.fault(email):
        proposal = email_addresses.proposal(email) or ""
        yield _finding(Kind.IMPOSSIBLE_EMAIL, row, email, proposal)
    elif email and (proposal := email_addresses.proposal(email) or ""):
        yield _finding(Kind.EMAIL_SLIP, row, email, proposal)
    fault = _phone_fault(row) if phone else None
    if phone and fault is not None:
        yield _finding(Kind.LANDLINE if fault == _LANDLINE else Kind.INVALID_PHONE, row, phone)
    for channel, address in (("email", email), ("sms", phone)):
        why = closed.get(channel)
        if address and why in {Why.WRONG_NUMBER, Why.WRONG_PERSON}:
            yield _finding(Kind.WRONG_NUMBER, row, address)
        elif address and why and why not in _BY_CHOICE and not (channel == "sms" and fault):
            yield _finding(Kind.BOUNCED, row, address)
    if not email and not phone:
        yield _finding(Kind.NO_ADDRESS, row)


_LANDLINE = "landline"


def _phone_fault(row: ContactRow) -> str | None:
    """Why no text message arrives at the phone. A number of an example is seen, and tried all the same."""
    found = phones.fault(row.phone or "")
    if found not in (None, phones.Fault.MADE_UP):
        return found
    closed_as_landline = ("sms", Why.LANDLINE) in row.closed
    return _LANDLINE if row.phone_type == "landline" or closed_as_landline else None


def _language(row: ContactRow, offered: Collection[str]) -> Iterator[Finding]:
    if row.language is None:
        yield _finding(Kind.MISSING_LANGUAGE, row)
    elif of_tag(row.language) not in offered:
        yield _finding(Kind.LANGUAGE_WITHOUT_TEXT, row, row.language)
    elif is_in_other_script(row.language):
        yield _finding(Kind.OTHER_SCRIPT, row, row.language)


def _who(row: ContactRow) -> list[tuple[str, str]]:
    """An adult listed twice has the same name and an address in common."""
    plain = unicodedata.normalize("NFKD", row.name).casefold()
    name = "".join(letter for letter in plain if letter.isalpha())
    addresses = [row.email.strip().lower() if row.email else None, row.phone_e164]
    return [(name, address) for address in addresses if name and address]


def _finding(kind: Kind, row: ContactRow, value: str = "", proposal: str = "") -> Finding:
    return Finding(kind, row.student_id, row.student, row.school, row.contact_id, row.name, value, proposal)
