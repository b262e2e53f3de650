"""A campaign of a district as a file, and a file as a campaign of a district."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from campaign.approval import worst_cases
from campaign.definitions import building, own_messages, steps
from campaign.definitions.building import Draft
from campaign.definitions.campaign_file import CampaignFile, OwnText
from campaign.definitions.definition import CampaignError
from campaign.definitions.own_messages import OwnMessage, Written
from campaign.dispatch.deliver import Delivery
from campaign.wordings.translations import Author
from campaign.wordings.wording import ENGLISH
from content.catalog import ContentError


def file_of(draft: Draft, own: Mapping[str, OwnMessage]) -> CampaignFile:
    """The campaign with those of the district's own messages that its steps use."""
    used = {entry["message"] for entry in steps.entries(draft.document)}
    texts = [OwnText(one.id, one.about, one.texts) for id, one in own.items() if id in used]
    return CampaignFile(draft.document, tuple(texts))


def drafts(delivery: Delivery, connection: Connection, district_id: int) -> dict[str, Draft]:
    """All campaigns of a district by slug. The connection acts as the engine."""
    shipped = {one.slug: one for one in delivery.definitions}
    return {one.slug: one for one in building.every(connection, district_id, shipped)}


def take_in(
    delivery: Delivery, connection: Connection, district_id: int, file: CampaignFile, author: Author
) -> int:
    """A new campaign, or the next version of the one of its slug, with its messages; its id.

    Raises CampaignError and ContentError; the caller's transaction then takes nothing. The connection acts as the
    engine.
    """
    worst = worst_cases.extremes(connection, district_id)
    longest = own_messages.longest(worst.school, delivery.settings.installation.base_url)
    for message in file.messages:
        for language in sorted(message.texts, key=lambda code: code != ENGLISH):
            new = Written(message.id, language, message.texts[language], message.about)
            own_messages.save(connection, district_id, new, author)
            if long := own_messages.too_long(new.parts.get("sms.text", ""), *longest):
                raise ContentError(f"message {message.id}, {language}: {long}")
    slug, title = building.slug_of(str(file.document["slug"])), str(file.document["title"])
    if not slug:
        raise CampaignError("slug: write small letters, digits and hyphens, such as reading-nights")
    if slug not in drafts(delivery, connection, district_id):
        building.create(connection, district_id, title, {}, author, slug=slug)
    draft = drafts(delivery, connection, district_id)[slug]
    catalog = delivery.texts(connection, district_id).catalog
    building.save(connection, draft, file.document, "taken from a file", author, catalog)
    return draft.campaign_id
