"""A list from another system of addresses that must not be written to: read row by row, each accepted or refused."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from campaign.consents import consent
from campaign.contacts import email_addresses
from campaign.store import consent as store
from campaign.store import suppressions
from campaign.store.consent import Choice, Voice
from campaign.store.suppressions import About, Why

# Names of columns, in small letters without signs → ours.
_COLUMNS = {
    "email": ("email", "emailaddress", "mail"),
    "phone": ("phone", "phonenumber", "mobile", "sms", "cell", "number", "to"),
    "reason": ("reason", "type", "status", "kind", "category"),
    "words": ("words", "text", "note", "notes", "comment", "message"),
}
# What other systems call it → why. Nothing given means that the person asked.
_REASONS = {
    Why.ASKED: ("", "asked", "unsubscribe", "unsubscribed", "unsubscribes", "optout", "optedout", "stop", "stopped"),
    Why.COMPLAINT: ("complaint", "spam", "spamreport", "spamreports", "abuse", "fbl"),
    Why.HARD_BOUNCE: ("hardbounce", "bounce", "bounced", "bounces", "undeliverable", "failed"),
    Why.INVALID: ("invalid", "invalidemail", "invalidemails", "invalidnumber", "badaddress"),
    Why.SOFT_BOUNCE: ("softbounce", "deferred", "mailboxfull"),
    Why.BLOCKED: ("block", "blocked", "blocks"),
    Why.LANDLINE: ("landline",),
    Why.WRONG_PERSON: ("wrongperson", "wrongnumber", "reassigned"),
}  # fmt: skip
_WHY = {word: why for why, words in _REASONS.items() for word in words}
LARGEST_BYTES = 20_000_000


class StopsFileError(Exception):
    """The file cannot be read as a list of addresses; the message says why and what to do. Nothing was taken over."""


@dataclass(frozen=True)
class RefusedRow:
    """A row that was not taken over: where, and what to do. It holds no address."""

    line: int
    column: str
    problem: str


@dataclass
class Taken:
    """rows_in = accepted + len(refused). `new`: addresses that were not closed before."""

    rows_in: int = 0
    accepted: int = 0
    new: int = 0
    refused: list[RefusedRow] = field(default_factory=list)


@dataclass(frozen=True)
class _Row:
    line: int
    addresses: Sequence[tuple[str, str]]
    why: Why
    words: str | None


def take(connection: Connection, name: str, content: bytes, *, actor: str, now: datetime) -> Taken:
    """Close every address of the list, as the engine; who asked for no more is taken down as having said so.

    Taken twice, the second time changes nothing. Raises StopsFileError before anything is changed.
    """
    taken = Taken()
    for row in list(_rows(name, content)):
        taken.rows_in += 1
        if isinstance(row, RefusedRow):
            taken.refused.append(row)
            continue
        taken.accepted += 1
        for channel, address in row.addresses:
            words = row.words or f"in the list {name}, line {row.line}"
            taken.new += _close(
                connection, channel, address, row.why, Voice("import", words, now, actor=actor)
            )
    return taken


def _close(connection: Connection, channel: str, address: str, why: Why, voice: Voice) -> bool:
    before = suppressions.in_force(connection, channel, address)
    about = About(voice.words, voice.actor)
    suppressions.suppress(connection, channel, address, why, voice.at, about)
    plain = suppressions.normal(channel, address)
    if why is Why.ASKED and plain:
        for contact in store.with_address(connection, channel, plain):
            consent.stop(connection, contact, [Choice(channel)], voice, revoke_all=False)
    return not any(one.contact_id == suppressions.WHOEVER for one in before)


def _rows(name: str, content: bytes) -> Iterator[_Row | RefusedRow]:
    if len(content) > LARGEST_BYTES:
        raise StopsFileError(f"{name}: is larger than {LARGEST_BYTES // 1_000_000} MB. Send it in parts.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise StopsFileError(
            f"{name}: is not UTF-8 text. Save it as “CSV UTF-8” and send it again."
        ) from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    try:
        header = next(reader, [])
        columns = _columns(name, header)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _row(reader.line_num, cells, columns, len(header))
    except csv.Error as error:
        raise StopsFileError(
            f"{name}, line {reader.line_num}: is not CSV: {error}. Export it again."
        ) from None


def _separator(text: str) -> str:
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _columns(name: str, header: Sequence[str]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for place, column in enumerate(header):
        plain = _plain(column)
        for ours, names in _COLUMNS.items():
            if plain in names:
                found.setdefault(ours, place)
    if not {"email", "phone"} & found.keys():
        raise StopsFileError(
            f"{name}, line 1: there is no column of addresses. Name one “email” or “phone”; "
            "“reason” and “words” may stand beside it."
        )
    return found


def _row(line: int, cells: Sequence[str], columns: Mapping[str, int], width: int) -> _Row | RefusedRow:
    if len(cells) > width:
        return RefusedRow(line, "", "It has more values than the first line has names.")
    cell = {name: cells[place].strip() if place < len(cells) else "" for name, place in columns.items()}
    reason = _plain(cell.get("reason", ""))
    if reason not in _WHY:
        return RefusedRow(
            line, "reason", "It is none we know: write unsubscribed, complaint, bounce or invalid."
        )
    why, email, phone = _WHY[reason], cell.get("email", ""), cell.get("phone", "")
    if not email and not phone:
        return RefusedRow(line, "email", "There is no address in it.")
    if email and email_addresses.fault(email) is email_addresses.Fault.SYNTAX:
        return RefusedRow(line, "email", "It is not an e-mail address.")
    if phone and suppressions.normal("sms", phone) is None:
        return RefusedRow(
            line, "phone", "It is not a telephone number of ten digits, or of + and the country."
        )
    addresses = [(channel, it) for channel, it in (("email", email), ("sms", phone)) if it]
    return _Row(line, addresses, why, cell.get("words") or None)


def _plain(word: str) -> str:
    return re.sub(r"[\W_]+", "", word.casefold())
