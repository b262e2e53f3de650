"""The campaigns of a district as they hold now: what ships, and in its place or beside it what the district made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from campaign.definitions.definition import CampaignDefinition, CampaignError, parse
from campaign.store import versions
from campaign.store.versions import Version
from campaign.wordings.texts import Texts


class Campaigns:
    """The campaigns of each district, kept until one is changed. Threads may share one."""

    def __init__(self, shipped: Sequence[CampaignDefinition]) -> None:
        self.shipped = tuple(shipped)
        self._kept: dict[int, tuple[int, tuple[CampaignDefinition, ...]]] = {}

    def of(self, connection: Connection, district_id: int) -> tuple[CampaignDefinition, ...]:
        """The connection acts as the engine."""
        newest = versions.newest_id(connection, district_id)
        kept = self._kept.get(district_id)
        if kept is None or kept[0] != newest:
            own = versions.newest(connection, district_id) if newest else ()
            kept = newest, in_force(self.shipped, own)
            self._kept[district_id] = kept
        return kept[1]


def in_force(shipped: Iterable[CampaignDefinition], own: Iterable[Version]) -> tuple[CampaignDefinition, ...]:
    """What ships, under what a district has; one that it removed or that has no step yet is not there."""
    found: dict[str, CampaignDefinition | None] = {one.slug: one for one in shipped}
    for version in own:
        found[version.slug] = readable(version)
    return tuple(one for one in found.values() if one is not None)


def readable(version: Version) -> CampaignDefinition | None:
    """The version as a campaign that can run; None while something is missing from it."""
    if version.definition is None:
        return None
    try:
        return parse(version.definition, f"campaign {version.slug}")
    except CampaignError:
        return None


def messages_of(campaigns: Iterable[CampaignDefinition], texts: Texts) -> frozenset[str]:
    """The messages of all these campaigns, as far as they are written."""
    wanted = frozenset(step.message for one in campaigns for step in one.steps.values())
    return wanted & texts.catalog.messages.keys()
