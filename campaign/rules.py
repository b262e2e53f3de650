"""The rules a district's messages go by: its calendar, the settings, and which texts may go out."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from campaign import writing
from campaign.calendar import SchoolYear, Window
from campaign.definition import CHANNELS, CampaignDefinition
from campaign.gate import Rules
from campaign.settings import Settings
from campaign.store import occurrences
from campaign.wording import ENGLISH, Sendable
from content.catalog import Catalog, ContentError


def read(
    connection: Connection,
    district_id: int,
    settings: Settings,
    *,
    channels: frozenset[str],
    sendable: Sendable,
) -> Rules:
    """The rules of one district for a sender that carries `channels`."""
    limits = settings.campaign
    return Rules(
        year=SchoolYear.of(occurrences.calendar(connection, district_id)),
        window=Window.of(limits.window_opens, limits.window_closes),
        household_cap=limits.household_cap,
        household_cap_days=limits.household_cap_days,
        teacher_preview_days=limits.teacher_preview_days,
        channels=channels,
        sendable=sendable,
    )


def sendable(definitions: Iterable[CampaignDefinition], catalog: Catalog, settings: Settings) -> Sendable:
    """What may go out: offered here, and read by a person or allowed as a draft."""
    allowed = {"human_reviewed", "draft"} if settings.languages.drafts_allowed else {"human_reviewed"}
    messages = {step.message for definition in definitions for step in definition.steps.values()}
    texts = frozenset(
        (message, channel, language)
        for message in messages
        for channel in CHANNELS
        for language in settings.languages.offered
        if _state(catalog, message, channel, language) in allowed
    )
    english = {message for message, channel, language in texts if (channel, language) == ("sms", ENGLISH)}
    base_url = settings.installation.base_url
    room = {
        (message, language): writing.room(catalog.message(message, "sms", ENGLISH), line, base_url)
        for message in english
        for language, line in catalog.interpreter_lines.items()
    }
    return Sendable(texts, room)


def _state(catalog: Catalog, message: str, channel: str, language: str) -> str | None:
    try:
        return catalog.message(message, channel, language).state
    except ContentError:
        return None
