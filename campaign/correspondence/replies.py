"""One door for what families write back, whatever brings it: kept whole once, then consent, danger, and the thread.

Whoever calls has proved that the provider sent it. Nothing is lost: what cannot be placed waits for a person.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from campaign.consents import consent
from campaign.consents.consent import Heard
from campaign.consents.opt_out import Confidence, Kind, interpret
from campaign.correspondence import attachments, conversations
from campaign.correspondence.attachments import Attachment, Of
from campaign.correspondence.conversations import Said
from campaign.correspondence.crisis import fold, signs
from campaign.correspondence.reply_text import clean, own_words, with_subject
from campaign.school_year.calendar import SchoolYear
from campaign.school_year.school_hours import OfficeHours
from campaign.settings import Settings
from campaign.store import confirmations
from campaign.store import conversations as threads
from campaign.store import replies as store
from campaign.store.replies import NewReply, Pair

# What PostgreSQL and a reader can take; a mail beyond it is cut, and its length stays in the provider's records.
LONGEST_KEPT = 1_000_000
_ABOUT_MESSAGES = frozenset({Kind.STOP, Kind.START, Kind.HELP})
# A stop holds whoever passes it on; nobody agrees to messages, or needs help, through a machine.
_NOT_BY_MACHINES = frozenset({Kind.START, Kind.HELP})
_REPLY_TOKEN = re.compile(r"\+([0-9a-f]{32})@")


class Became(StrEnum):
    """What became of a reply. `KNOWN`: the provider delivered it before, and nothing was done. `OBEYED`: it was about
    messages alone (stop, start, help), and nobody needs to answer it. `SET_ASIDE`: a machine wrote it, and
    nobody knows for whom."""

    KNOWN = "known"
    SET_ASIDE = "set_aside"
    IN_THREAD = "in_thread"
    UNPLACED = "unplaced"
    OBEYED = "obeyed"


class Why(StrEnum):
    """Why a person has to say whose thread a reply belongs to."""

    UNKNOWN_SENDER = "unknown_sender"
    SHARED_ADDRESS = "shared_address"
    SEVERAL_CHILDREN = "several_children"
    WRONG_NUMBER = "wrong_number"
    AUTOMATIC = "automatic"


@dataclass(frozen=True)
class Reply:
    """`channel`: sms or email. `provider_id`: the provider's own id of this reply; "" where it gives none.

    `is_automatic`: a machine wrote it. `may_be_answered`: by a machine of ours.
    """

    channel: str
    from_address: str = field(repr=False)
    to_address: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime
    subject: str = field(default="", repr=False)
    attachments: Sequence[Attachment] = field(default=(), repr=False)
    provider_id: str = ""
    is_automatic: bool = False
    may_be_answered: bool = True


@dataclass(frozen=True)
class Received:
    """`conversation_id`: the thread it went into. `confirmation`: the key of the one message that goes back (see
    `consent.Heard`): a text by whoever asks, at once; an e-mail with the next round. None = nothing."""

    became: Became
    reply_id: int | None = None
    conversation_id: int | None = None
    confirmation: str | None = None


@dataclass(frozen=True)
class _Arrived:
    """A reply that is kept; `actor`: the person who placed it, None = its address did. `may_be_answered`: as in Reply;
    `asks_nothing`: a machine wrote it, and no word in it is for a person."""

    reply_id: int
    kept: NewReply
    actor: str | None = None
    may_be_answered: bool = True
    asks_nothing: bool = False


def receive(connection: Connection, reply: Reply, now: datetime, settings: Settings) -> Received:
    """Take in one reply, in the caller's transaction as the engine. The same one delivered again changes nothing."""
    kept = _kept(reply)
    reply_id = store.keep(connection, kept, now)
    if reply_id is None:
        return Received(Became.KNOWN)
    for file in reply.attachments:
        attachments.keep(connection, file, Of(reply_id=reply_id), settings, now)
    pairs = _pairs(connection, kept)
    chosen = _choose(connection, kept, pairs, now)
    heard = _obey(connection, kept, chosen, settings, now)
    may_be_answered = reply.may_be_answered and not reply.is_automatic
    confirmation = heard.confirmation if may_be_answered else None
    if confirmation and kept.channel == "email":
        confirmations.will_confirm(connection, reply_id, confirmation)
    arrived = _Arrived(reply_id, kept, may_be_answered=may_be_answered)
    found = _take_in(connection, arrived, (chosen, pairs, heard), settings, now)
    return replace(found, confirmation=confirmation)


def _obey(
    connection: Connection, kept: NewReply, chosen: Pair | Why, settings: Settings, now: datetime
) -> Heard:
    """What the words mean for messages comes first, and holds from here on."""
    sender = bare_address(kept.from_address) if kept.channel == "email" else kept.from_address
    who = chosen.contact_id if isinstance(chosen, Pair) else sender
    today = now.astimezone(ZoneInfo(settings.installation.time_zone)).date()
    words = kept.text if kept.text.strip() else kept.subject or ""
    if kept.automatic and interpret(words).kind in _NOT_BY_MACHINES:
        return Heard(Kind.NONE, Confidence.SURE, None)
    return consent.heard(
        connection, who, kept.channel, words, now, revoke_all=settings.consent.stops_all(today)
    )


def _take_in(
    connection: Connection,
    arrived: _Arrived,
    found: tuple[Pair | Why, Sequence[Pair], Heard],
    settings: Settings,
    now: datetime,
) -> Received:
    (chosen, pairs, heard), kept = found, arrived.kept
    danger = [str(sign.kind) for sign in signs(_words(kept))]
    if heard.kind in _ABOUT_MESSAGES and not heard.needs_a_person and not danger:
        store.change_state(connection, arrived.reply_id, ("unplaced", "obeyed"), None, now)
        return Received(Became.OBEYED, arrived.reply_id)
    quiet = kept.automatic and heard.kind is Kind.NONE and not danger
    arrived = replace(arrived, asks_nothing=quiet)
    if isinstance(chosen, Pair) and heard.kind is not Kind.WRONG:
        return _into_thread(connection, arrived, chosen, settings, now)
    districts = {pair.district_id for pair in pairs}
    district_id = districts.pop() if len(districts) == 1 else None
    if not pairs:
        district_id = store.only_district(connection)
    store.leave_to_a_person(
        connection,
        arrived.reply_id,
        district_id=district_id,
        why=str(Why.AUTOMATIC if quiet else Why.WRONG_NUMBER if heard.kind is Kind.WRONG else chosen),
        candidates=[[pair.contact_id, pair.student_id] for pair in pairs] if district_id else [],
        crisis=danger,
        due_at=_due(connection, district_id, kept.at, settings),
    )
    if quiet:
        store.change_state(connection, arrived.reply_id, ("unplaced", "set_aside"), None, now)
    return Received(Became.SET_ASIDE if quiet else Became.UNPLACED, arrived.reply_id)


def place(
    connection: Connection, reply_id: int, pair: Pair, actor: str, settings: Settings, *, now: datetime
) -> Received:
    """A person says whose it is. The clock runs from when it came in, not from now."""
    waiting = store.one(connection, reply_id)
    if waiting is None:
        return Received(Became.KNOWN)
    kept = NewReply(waiting.channel, "", waiting.from_address, "", waiting.subject, waiting.text, waiting.at)
    arrived = _Arrived(reply_id, kept, actor, may_be_answered=not waiting.automatic)
    return _into_thread(connection, arrived, pair, settings, now)


def _into_thread(
    connection: Connection, arrived: _Arrived, pair: Pair, settings: Settings, now: datetime
) -> Received:
    reply_id, kept = arrived.reply_id, arrived.kept
    if not store.place(connection, reply_id, pair, arrived.actor, now):
        return Received(Became.KNOWN, reply_id)
    said = Said(
        student_id=pair.student_id,
        contact_id=pair.contact_id,
        channel=kept.channel,
        text=_words(kept),
        at=kept.at,
        reply_id=reply_id,
        other_address=not _is_own(connection, kept, pair),
        is_automatic=kept.automatic,
        asks_nothing=arrived.asks_nothing,
        may_be_answered=arrived.may_be_answered,
    )
    thread_id = conversations.family_wrote(connection, said, settings, now)
    return Received(Became.IN_THREAD, reply_id, thread_id)


def _kept(reply: Reply) -> NewReply:
    """The reply as it is kept: text that the database takes, and an id for one to which the provider gave none."""
    if reply.channel not in {"sms", "email"}:
        raise ValueError(f"{reply.channel!r} brings no replies; write sms or email")
    text = clean(reply.text)[:LONGEST_KEPT]
    parts = (reply.from_address, reply.to_address, reply.subject, text, reply.at.isoformat())
    own_id = "sha256:" + hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
    return NewReply(
        channel=reply.channel,
        provider_id=clean(reply.provider_id)[:300] or own_id,
        from_address=clean(reply.from_address)[:300],
        to_address=clean(reply.to_address)[:2000],
        subject=clean(reply.subject)[:500] or None,
        text=text,
        at=reply.at,
        automatic=reply.is_automatic,
    )


def _words(kept: NewReply) -> str:
    if kept.channel != "email":
        return kept.text.strip()
    return with_subject(kept.subject, own_words(kept.text))


def _pairs(connection: Connection, kept: NewReply) -> list[Pair]:
    """Whom it may be from and about: the message it answers knows best, then the address it came from."""
    if kept.channel == "sms":
        return store.of_phone(connection, kept.from_address)
    token = _REPLY_TOKEN.search(kept.to_address.lower())
    answered = store.of_message(connection, token[1]) if token else []
    return answered or store.of_email(connection, bare_address(kept.from_address))


def bare_address(sender: str) -> str:
    """The address of `Rosa Abrego <rosa@example.org>`."""
    _, mark, rest = sender.rpartition("<")
    return (rest.partition(">")[0] if mark else sender).strip()


def _choose(connection: Connection, kept: NewReply, pairs: Sequence[Pair], now: datetime) -> Pair | Why:
    """The one contact and child that it can only be; else why a person has to look."""
    contacts = {pair.contact_id for pair in pairs}
    if not contacts:
        return Why.UNKNOWN_SENDER
    if len(contacts) > 1:
        return Why.SHARED_ADDRESS
    if len(pairs) == 1:
        return pairs[0]
    named = _named(connection, kept, pairs)
    if len(named) == 1:
        return named[0]
    about = store.last_about(connection, pairs[0].contact_id, kept.channel, now)
    told = [pair for pair in pairs if pair.student_id in about]
    return told[0] if len(told) == 1 and not named else Why.SEVERAL_CHILDREN


def _named(connection: Connection, kept: NewReply, pairs: Sequence[Pair]) -> list[Pair]:
    names = store.names(connection, [pair.student_id for pair in pairs])
    plain = f" {fold(_words(kept))} "
    return [pair for pair in pairs if any(f" {fold(name)} " in plain for name in names[pair.student_id])]


def _is_own(connection: Connection, kept: NewReply, pair: Pair) -> bool:
    """Whether it came from an address that the school knows of this contact: a forwarded link may be answered too."""
    if kept.channel == "sms":
        return pair.contact_id in {one.contact_id for one in store.of_phone(connection, kept.from_address)}
    email, _ = store.addresses(connection, pair.contact_id)
    return bare_address(kept.from_address).casefold() == email.strip().casefold()


def _due(connection: Connection, district_id: int | None, at: datetime, settings: Settings) -> datetime:
    days = threads.calendar(connection, district_id) if district_id else []
    chosen = settings.conversations
    zone = settings.installation.time_zone
    office = OfficeHours(SchoolYear.of(days), chosen.opens, chosen.closes, zone)
    return conversations.due(office, at, settings)
