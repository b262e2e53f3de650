"""What holds for all messages of a district at the moment they are looked at, asked for anew every second.

Pauses, cancellations, consent and the household's cap belong to single messages and are read with each group of them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from campaign.approval.approvals import Approved
from campaign.definitions.definition import CampaignDefinition, parse
from campaign.dispatch.delivery import Delivery
from campaign.gate import Rules
from campaign.schema.messages import campaign_revision
from content.catalog import Catalog, MessageTemplate

_FRESH_SECONDS = 1.0


@dataclass(frozen=True)
class District:
    """Its texts, rules and approvals as they were at one moment. `templates` are kept once made."""

    catalog: Catalog
    rules: Rules
    approved: Approved
    _templates: dict[tuple[str, str, str], MessageTemplate] = field(default_factory=dict)

    def template(self, message: str, channel: str, language: str) -> MessageTemplate:
        """Raises ContentError for a text that there is not."""
        key = message, channel, language
        if key not in self._templates:
            self._templates[key] = self.catalog.message(*key)
        return self._templates[key]


class InForce:
    """One a dispatch; not for several threads."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._districts: dict[int, District] = {}
        self._definitions: dict[int, CampaignDefinition] = {}
        self._until = 0.0

    def refresh(self) -> None:
        """Forget what is no longer fresh."""
        if time.monotonic() >= self._until:
            self._until = time.monotonic() + _FRESH_SECONDS
            self._districts.clear()

    def district(self, connection: Connection, district_id: int) -> District:
        found = self._districts.get(district_id)
        if found is None:
            rules = self._delivery.rules(connection, district_id)
            approved = self._delivery.approved(connection, district_id, rules.year)
            catalog = self._delivery.texts(connection, district_id).catalog
            found = self._districts[district_id] = District(catalog, rules, approved)
        return found

    def definition(self, connection: Connection, revision_id: int) -> CampaignDefinition:
        """A revision is never changed, so it is kept."""
        if revision_id not in self._definitions:
            query = select(campaign_revision.c.definition).where(campaign_revision.c.id == revision_id)
            document: Any = connection.scalars(query).one()
            self._definitions[revision_id] = parse(document, f"revision {revision_id}")
        return self._definitions[revision_id]
