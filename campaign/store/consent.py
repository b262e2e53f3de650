"""The consent ledger: who agreed to or stopped which messages, from where, in which words. Append-only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, text

from campaign import direct
from campaign.schema.consent import consent_event
from campaign.store import digests
from campaign.store.arrays import integers

CHANNELS = ("email", "sms", "letter", "call")
SOURCES = frozenset({"roster", "family_page", "one_click", "staff", "reply", "import", "provider"})
EVERYTHING = "all"
FREQUENCY = "frequency"
# Beginnings of scopes that speak of one kind of message, or of one child.
TOPIC, STUDENT = "topic:", "student:"


@dataclass(frozen=True)
class Voice:
    """Where a choice came from. `words`: what the person saw or said; `entered_by`: the name of whoever at the school
    wrote it down, and `actor` the same as the audit has it."""

    source: str
    words: str | None
    at: datetime
    entered_by: str | None = None
    actor: str | None = None

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise ValueError(f"{self.source} is not a source; write one of {', '.join(sorted(SOURCES))}")


@dataclass(frozen=True)
class Choice:
    """What is granted, revoked or not clear. `scope`: "all", a campaign's slug, TOPIC + a message's id, or
    STUDENT + an id; `channel`: one of CHANNELS, or "all" for each of them."""

    channel: str
    scope: str = EVERYTHING


@dataclass(frozen=True)
class ConsentEvent:
    event_id: int
    channel: str
    scope: str
    action: str
    source: str
    words: str | None
    entered_by: str | None
    weekly_limit: int | None
    undoes: int | None
    at: datetime


def grant(
    connection: Connection, contact_id: int, channel: str, voice: Voice, *, scope: str = EVERYTHING
) -> None:
    """Record that the contact wants messages on `channel` (one of CHANNELS, or "all")."""
    record(connection, contact_id, [Choice(channel, scope)], "granted", voice)


def revoke(
    connection: Connection, contact_id: int, channel: str, voice: Voice, *, scope: str = EVERYTHING
) -> None:
    """Record a stop; it holds from the next look before sending on. For `scope` see `Choice`."""
    record(connection, contact_id, [Choice(channel, scope)], "revoked", voice)


def record(
    connection: Connection, contact_id: int, choices: Iterable[Choice], action: str, voice: Voice
) -> None:
    """Append what was said about each of the choices; `action`: granted, revoked or unclear.

    A choice about everything speaks for each channel, so that a later one about one channel can differ.
    """
    rows = [
        {"channel": channel, "scope": choice.scope, "action": action}
        for choice in choices
        for channel in (CHANNELS if choice.channel == EVERYTHING else (choice.channel,))
    ]
    _append(connection, contact_id, rows, voice)


def limit(connection: Connection, contact_id: int, most: int | None, voice: Voice) -> None:
    """Record how many messages the contact wants in seven days at most; None: as many as are planned."""
    action = "granted" if most is None else "limited"
    row = {"channel": EVERYTHING, "scope": FREQUENCY, "action": action, "weekly_limit": most}
    _append(connection, contact_id, [row], voice)
    digests.release(connection, contact_id)


def undo(connection: Connection, contact_id: int, event_id: int, voice: Voice) -> bool:
    """Make the newest choice of its channel and scope not have been; False if it is not there or not the newest.

    The ledger keeps it: a new event says again what held before, or "undone" where nothing was said before.
    """
    same = [
        event
        for event in history(connection, contact_id)
        if (event.channel, event.scope) == _place(connection, contact_id, event_id)
    ]
    if not same or same[-1].event_id != event_id or same[-1].undoes is not None:
        return False
    before = same[-2] if len(same) > 1 else None
    row = {
        "channel": same[-1].channel,
        "scope": same[-1].scope,
        "action": before.action if before else "undone",
        "weekly_limit": before.weekly_limit if before else None,
        "undoes": event_id,
    }
    _append(connection, contact_id, [row], voice)
    digests.release(connection, contact_id)
    return True


def _place(connection: Connection, contact_id: int, event_id: int) -> tuple[str, str] | None:
    query = text("SELECT channel, scope FROM consent_event WHERE id = :id AND contact_id = :contact_id")
    found = connection.execute(query, {"id": event_id, "contact_id": contact_id}).one_or_none()
    return (found.channel, found.scope) if found else None


def _append(
    connection: Connection, contact_id: int, rows: Sequence[Mapping[str, object]], voice: Voice
) -> None:
    # Whoever says two things at once is heard one after the other.
    contact = text("SELECT district_id FROM contact WHERE id = :id FOR NO KEY UPDATE")
    said = {
        "district_id": connection.execute(contact, {"id": contact_id}).scalar_one(),
        "contact_id": contact_id,
        "source": voice.source,
        "words": voice.words,
        "entered_by": voice.entered_by,
        "actor": voice.actor,
        "at": voice.at,
    }
    nothing = {"weekly_limit": None, "undoes": None}
    connection.execute(insert(consent_event), [{**nothing, **row, **said} for row in rows])


_ENROL = text(
    """
    INSERT INTO consent_event (district_id, contact_id, channel, scope, action, source, words, at)
    SELECT DISTINCT ON (m.contact_id, m.channel)
        m.district_id, m.contact_id, m.channel, 'all', 'granted', 'roster',
        'notice in message ' || m.public_id || ': ' || m.template || ' version ' || m.template_version
            || ', ' || m.language || ', sha256 ' || m.template_hash,
        :now
    FROM message m
    WHERE m.id = ANY (CAST(:messages AS bigint[])) AND m.state = 'accepted' AND NOT EXISTS (
        SELECT 1 FROM consent_event e
        WHERE e.contact_id = m.contact_id AND e.channel = m.channel AND e.scope = 'all'
    )
    ORDER BY m.contact_id, m.channel, m.id
    """
)


def enrol(connection: Connection, messages: Sequence[int], now: datetime) -> int:
    """Record, for contacts of whom nothing is known yet, that the roster enrolled them and which text told them so."""
    return direct.run(connection, _ENROL, {"messages": integers(messages), "now": now})


def history(connection: Connection, contact_id: int) -> list[ConsentEvent]:
    """All choices of a contact, in the order in which they were written down."""
    query = text(
        """
        SELECT id AS event_id, channel, scope, action, source, words, entered_by, weekly_limit, undoes, at
        FROM consent_event WHERE contact_id = :id ORDER BY at, id
        """
    )
    return [ConsentEvent(**row) for row in connection.execute(query, {"id": contact_id}).mappings()]


def lock(connection: Connection, contacts: Sequence[int]) -> None:
    """Let nobody else write down what these contacts say until the transaction ends."""
    query = text("SELECT id FROM contact WHERE id = ANY (:ids) ORDER BY id FOR NO KEY UPDATE")
    connection.execute(query, {"ids": list(contacts)})


def with_address(connection: Connection, channel: str, address: str) -> list[int]:
    """Contacts who have this address, in its normal form (see `store.suppressions.normal`)."""
    column = "email_lower" if channel == "email" else "phone_e164"
    query = text(f"SELECT id FROM contact WHERE {column} = :address ORDER BY id")  # noqa: S608  two constants
    return list(connection.scalars(query, {"address": address}))


def address(connection: Connection, contact_id: int, channel: str) -> str | None:
    """The contact's own address on a channel as the register has it; None without one."""
    query = text("SELECT email, phone FROM contact WHERE id = :id")
    found = connection.execute(query, {"id": contact_id}).one_or_none()
    own: str | None = None
    if found is not None:
        own = found.email if channel == "email" else found.phone
    return own


def newest(connection: Connection, contact_id: int) -> list[ConsentEvent]:
    """What holds: the newest event of each channel and scope."""
    last = {(event.channel, event.scope): event for event in history(connection, contact_id)}
    return list(last.values())


def revoked_channels(connection: Connection, contact_id: int, slug: str = "") -> frozenset[str]:
    """Channels on which the contact wants nothing, from any campaign or from the campaign `slug`."""
    scopes = {EVERYTHING, slug}
    return frozenset(
        event.channel
        for event in newest(connection, contact_id)
        if event.scope in scopes and event.action == "revoked"
    )


def campaign_titles(connection: Connection, district_id: int) -> dict[str, str]:
    """What a choice can be about: slug → title of the district's campaigns."""
    query = text("SELECT slug, title FROM campaign WHERE district_id = :id ORDER BY title, slug")
    return {slug: title for slug, title in connection.execute(query, {"id": district_id})}
