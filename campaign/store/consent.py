"""The consent ledger: who agreed to or stopped which messages, from where, in which words. Append-only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, text

from campaign.schema.messages import consent_event

CHANNELS = ("email", "sms", "letter")
SOURCES = frozenset({"roster", "family_page", "one_click", "staff", "reply", "import"})
EVERYTHING = "all"


@dataclass(frozen=True)
class Voice:
    """Where a choice came from. `words`: what the person saw or said."""

    source: str
    words: str | None
    at: datetime

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise ValueError(f"{self.source} is not a source; write one of {', '.join(sorted(SOURCES))}")


@dataclass(frozen=True)
class ConsentEvent:
    channel: str
    scope: str
    action: str
    source: str
    words: str | None
    at: datetime


def grant(
    connection: Connection, contact_id: int, channel: str, voice: Voice, *, scope: str = EVERYTHING
) -> None:
    """Record that the contact wants messages on `channel` ("email", "sms", "letter" or "all")."""
    _add(connection, contact_id, channel, scope, action="granted", voice=voice)


def revoke(
    connection: Connection, contact_id: int, channel: str, voice: Voice, *, scope: str = EVERYTHING
) -> None:
    """Record a stop; it holds from the next look before sending on. `scope`: "all" or a campaign's slug."""
    _add(connection, contact_id, channel, scope, action="revoked", voice=voice)


def _add(
    connection: Connection, contact_id: int, channel: str, scope: str, *, action: str, voice: Voice
) -> None:
    # A choice about everything speaks for each channel, so that a later one about one channel can differ.
    channels = CHANNELS if channel == EVERYTHING else (channel,)
    district = text("SELECT district_id FROM contact WHERE id = :id")
    district_id = connection.execute(district, {"id": contact_id}).scalar_one()
    connection.execute(
        insert(consent_event),
        [
            {
                "district_id": district_id,
                "contact_id": contact_id,
                "channel": each,
                "scope": scope,
                "action": action,
                "source": voice.source,
                "words": voice.words,
                "at": voice.at,
            }
            for each in channels
        ],
    )


_ENROL = text(
    """
    INSERT INTO consent_event (district_id, contact_id, channel, scope, action, source, words, at)
    SELECT DISTINCT ON (m.contact_id, m.channel)
        m.district_id, m.contact_id, m.channel, 'all', 'granted', 'roster',
        'notice in message ' || m.public_id || ': ' || m.template || ' version ' || m.template_version
            || ', ' || m.language || ', sha256 ' || m.template_hash,
        :now
    FROM message m
    WHERE m.id = ANY (:messages) AND m.state = 'accepted' AND NOT EXISTS (
        SELECT 1 FROM consent_event e WHERE e.contact_id = m.contact_id AND e.channel = m.channel
    )
    ORDER BY m.contact_id, m.channel, m.id
    """
)


def enrol(connection: Connection, messages: Sequence[int], now: datetime) -> int:
    """Record, for contacts of whom nothing is known yet, that the roster enrolled them and which text told them so."""
    return int(connection.execute(_ENROL, {"messages": list(messages), "now": now}).rowcount)


def history(connection: Connection, contact_id: int) -> list[ConsentEvent]:
    """All choices of a contact, oldest first."""
    query = text(
        """
        SELECT channel, scope, action, source, words, at FROM consent_event
        WHERE contact_id = :id ORDER BY at, id
        """
    )
    return [ConsentEvent(**row) for row in connection.execute(query, {"id": contact_id}).mappings()]


def revoked_channels(connection: Connection, contact_id: int, slug: str = "") -> frozenset[str]:
    """Channels on which the contact wants nothing, from any campaign or from the campaign `slug`."""
    query = text(
        """
        SELECT channel FROM (
            SELECT DISTINCT ON (channel, scope) channel, action FROM consent_event
            WHERE contact_id = :id AND scope IN ('all', :slug) ORDER BY channel, scope, at DESC, id DESC
        ) latest WHERE action = 'revoked'
        """
    )
    return frozenset(connection.scalars(query, {"id": contact_id, "slug": slug}))
