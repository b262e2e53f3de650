"""The parts a campaign runs with, and what holds in a district at the moment it is asked for."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from campaign import rules
from campaign.approval.approvals import Approvals, Approved
from campaign.definitions.campaigns import Campaigns, messages_of
from campaign.definitions.definition import BY_PEOPLE, CampaignDefinition
from campaign.gate import Rules
from campaign.school_year.calendar import SchoolYear
from campaign.senders.contract import Sender
from campaign.settings import Settings
from campaign.wordings import required_languages
from campaign.wordings.required_languages import MissingLanguage
from campaign.wordings.texts import Shelf, Texts
from campaign.wordings.wording import Sendable
from content.catalog import Catalog


@dataclass(frozen=True)
class Delivery:
    """The parts a campaign runs with. `catalog` and `definitions` are what ships; `owner` names this worker in leases,
    each its own. `others`: senders of other channels, or of the same for when the first has trouble."""

    engine: Engine
    settings: Settings
    catalog: Catalog
    sender: Sender
    definitions: tuple[CampaignDefinition, ...]
    owner: str
    others: tuple[Sender, ...] = ()
    shelf: Shelf = field(init=False)
    own: Campaigns = field(init=False)
    approvals: Approvals = field(init=False)
    _sendable: dict[int, tuple[object, Sendable]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shelf", Shelf(self.catalog))
        object.__setattr__(self, "own", Campaigns(self.definitions))
        object.__setattr__(self, "approvals", Approvals(self.settings))

    @property
    def senders(self) -> tuple[Sender, ...]:
        return (self.sender, *self.others)

    @property
    def channels(self) -> frozenset[str]:
        """What can be sent at all, by a sender or by people."""
        return BY_PEOPLE.union(*(sender.channels for sender in self.senders))

    def campaigns(self, connection: Connection, district_id: int) -> tuple[CampaignDefinition, ...]:
        """The campaigns of a district as they hold now: what ships, and what it made or changed itself."""
        return self.own.of(connection, district_id)

    def approved(self, connection: Connection, district_id: int, year: SchoolYear) -> Approved:
        """What the district's persons have approved as it is now."""
        campaigns, texts = self.campaigns(connection, district_id), self.texts(connection, district_id)
        return self.approvals.of(connection, district_id, campaigns, texts, year)

    def texts(self, connection: Connection, district_id: int) -> Texts:
        """The texts of a district as they hold now."""
        return self.shelf.of(connection, district_id)

    def rules(self, connection: Connection, district_id: int) -> Rules:
        texts, campaigns = self.texts(connection, district_id), self.campaigns(connection, district_id)
        kept = self._sendable.get(district_id)
        if kept is None or kept[0] != (texts, campaigns):
            kept = (texts, campaigns), rules.sendable(campaigns, texts, self.settings)
            self._sendable[district_id] = kept
        chosen = self.settings.languages
        wanted = required_languages.required(connection, district_id, chosen)
        return rules.read(
            connection,
            district_id,
            self.settings,
            channels=self.channels,
            sendable=kept[1],
            held=required_languages.held(wanted, texts, messages_of(campaigns, texts), chosen)
            if wanted
            else {},
        )

    def awaited(self, connection: Connection, district_id: int) -> Sequence[MissingLanguage]:
        """What the schools of a district wait for before the messages may leave for them."""
        texts, chosen = self.texts(connection, district_id), self.settings.languages
        messages = messages_of(self.campaigns(connection, district_id), texts)
        return required_languages.awaited(connection, district_id, texts, messages, chosen)

    def public_id(self, dedupe_key: str) -> str:
        """Always the same for one message of this installation, and says nothing about it to anybody else.

        After a restored backup a message planned anew is therefore known to its sender as the one it already has.
        """
        key = self.settings.secrets.secret_key.encode()
        return hmac.digest(key, dedupe_key.encode(), "sha256").hex()[:32]
