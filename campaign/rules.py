"""The rules a district's messages go by: its calendar, the settings, and which texts may go out."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from campaign.calendar import SchoolYear, Window
from campaign.definition import CHANNELS, CampaignDefinition
from campaign.gate import Rules
from campaign.settings import Settings
from campaign.store import occurrences
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


Sendable = frozenset[tuple[str, str, str]]


def sendable(definitions: Iterable[CampaignDefinition], catalog: Catalog, settings: Settings) -> Sendable:
    """(message, channel, language) that may go out: offered here, and read by a person or allowed as a draft."""
    allowed = {"human_reviewed", "draft"} if settings.languages.drafts_allowed else {"human_reviewed"}
    messages = {step.message for definition in definitions for step in definition.steps.values()}
    return frozenset(
        (message, channel, language)
        for message in messages
        for channel in CHANNELS
        for language in settings.languages.offered
        if _state(catalog, message, channel, language) in allowed
    )


def _state(catalog: Catalog, message: str, channel: str, language: str) -> str | None:
    try:
        return catalog.message(message, channel, language).state
    except ContentError:
        return None
