"""The rules a district's messages go by: its calendar, the settings, and which texts may go out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from campaign.consents import opt_out
from campaign.definitions.definition import CHANNELS, CampaignDefinition
from campaign.dispatch import writing
from campaign.gate import Rules
from campaign.school_year.calendar import SchoolYear, Window
from campaign.school_year.weekly import Weekly
from campaign.settings import Settings
from campaign.store import occurrences
from campaign.wordings import by_people
from campaign.wordings.texts import Texts
from campaign.wordings.wording import ENGLISH, Sendable
from content.catalog import MessageTemplate

# Of conversations, as `writing.READ_LATER`, and so of no campaign of a district: an answer is there.
ANSWER = "answer"
# What holds all that can wait, for who wants one message a week.
DIGEST = "digest"


def read(
    connection: Connection,
    district_id: int,
    settings: Settings,
    *,
    channels: frozenset[str],
    sendable: Sendable,
    held: Mapping[str, frozenset[int]],
) -> Rules:
    """The rules of one district for a sender that carries `channels`; for `held` see `gate.Rules`."""
    limits = settings.campaign
    zone = occurrences.zone_of(connection, district_id) or settings.installation.time_zone
    days = occurrences.calendar(connection, district_id)
    return Rules(
        year=SchoolYear.of([*days, *occurrences.corrections(connection, district_id, zone)]),
        window=Window.of(limits.window_opens, limits.window_closes),
        household_cap=limits.household_cap,
        household_cap_days=limits.household_cap_days,
        teacher_preview_days=limits.teacher_preview_days,
        channels=channels,
        sendable=sendable,
        weekly=Weekly.of(limits.digest_day, limits.digest_at),
        held=held,
    )


def sendable(definitions: Iterable[CampaignDefinition], texts: Texts, settings: Settings) -> Sendable:
    """What may go out: offered here, and read by a person or let out as a draft by the district."""
    catalog = texts.catalog
    steps = [step for definition in definitions for step in definition.steps.values()]
    messages = {step.message for step in steps} | {ANSWER, writing.READ_LATER, DIGEST}
    free = frozenset(
        (message, channel, language)
        for message in messages & catalog.messages.keys()
        for channel in catalog.messages[message].bodies.keys() & set(CHANNELS)
        for language in settings.languages.offered
        if texts.may_go_out(f"messages/{message}", language)
    )
    english = {message for message, channel, language in free if (channel, language) == ("sms", ENGLISH)}
    base_url = settings.installation.base_url
    room = {
        (message, language): writing.room(catalog.message(message, "sms", ENGLISH), line, base_url)
        for message in english
        for language, line in catalog.interpreter_lines.items()
    }
    notices = {
        (message, channel, language)
        for message, channel, language in free
        if says_how_to_stop(catalog.message(message, channel, language))
    }
    people = frozenset(by_people.sendable(steps, texts, settings.languages.offered))
    return Sendable(free | people, room, frozenset(notices) | people)


def says_how_to_stop(template: MessageTemplate) -> bool:
    """Whether the text says how to get no more: an e-mail by its link, a text message by a word to answer."""
    if template.channel == "sms":
        return any(word in template.text for word in opt_out.words_in_notices())
    return "stop_link" in template.fields
