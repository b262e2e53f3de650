"""From a step on a day to its messages: the contacts of a district chunk by chunk, read ahead and decided in groups."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.definitions.definition import CampaignDefinition, parse
from campaign.dispatch.deliver import Delivery
from campaign.gate import Rules
from campaign.plans.alike import Alike, Asked, Told, asked, decide_alike, one_by_one
from campaign.plans.plan import Decision, Occurrence, decide
from campaign.store import alike, audience, events, occurrences, planning
from campaign.store.audience import Reading
from campaign.store.occurrences import District, DueOccurrence
from campaign.store.planning import Text
from campaign.wordings.by_people import brings_report
from content.catalog import Catalog, ContentError

Item = TypeVar("Item")

CONTACTS_AT_ONCE = 100_000
# Read by so many at a time where nothing is written: enough for both to have work in a district of some size.
FORESEEN_AT_ONCE = 20_000
_READERS = 2
# Those of students to whom something happened are few, and are decided one by one.
CONCERNED_AT_ONCE = 2000


@dataclass(frozen=True)
class Planner:
    """What planning in one district needs; `at_once` contacts are written down in one transaction."""

    delivery: Delivery
    district: District
    rules: Rules
    at_once: int = CONTACTS_AT_ONCE

    @property
    def zone(self) -> str:
        return self.district.time_zone or self.delivery.settings.installation.time_zone

    def write_down(self, due: DueOccurrence, now: datetime) -> Iterator[list[Told]]:
        """What was decided, after each chunk is written down; begun again, it goes on where rows are missing."""
        definition = parse(due.document, f"campaign {due.slug}")
        occurrence = Occurrence(definition.steps[due.step], due.day, due.due_at, due.expires_at)
        decided = (
            self._concerned(definition, occurrence, due.id)
            if occurrence.step.event
            else self._everybody(definition, occurrence)
        )
        for told, values in ahead(self._prepared(due, decided, now)):
            with transaction(self.delivery.engine, ENGINE) as connection:
                planning.write(connection, values)
            yield told
        with transaction(self.delivery.engine, ENGINE) as connection:
            occurrences.mark_planned(connection, due.id, now)

    def groups(self, definition: CampaignDefinition, found: Collection[Occurrence]) -> Iterator[list[Alike]]:
        """All contacts, chunk by chunk."""
        facts = asked(found, self.rules)
        for chunk in self._chunks(self.at_once):
            yield self._read(definition, facts, chunk)

    def foreseen(
        self, definition: CampaignDefinition, found: Collection[Occurrence]
    ) -> Iterator[list[Alike]]:
        """As `groups`, for what is only counted: several chunks are read at a time, for nothing is written."""
        facts, chunks = asked(found, self.rules), self._chunks(min(self.at_once, FORESEEN_AT_ONCE))
        with ThreadPoolExecutor(max_workers=_READERS) as readers:
            coming = deque(
                readers.submit(self._read, definition, facts, chunk) for chunk in islice(chunks, _READERS)
            )
            while coming:
                read = coming.popleft().result()
                coming.extend(
                    readers.submit(self._read, definition, facts, chunk) for chunk in islice(chunks, 1)
                )
                yield read

    def _prepared(
        self, due: DueOccurrence, decided: Iterator[list[Told]], now: datetime
    ) -> Iterator[tuple[list[Told], dict[str, Any]]]:
        """What is decided, and what is to be written of it."""
        for told in decided:
            with transaction(self.delivery.engine, ENGINE) as connection:
                catalog = self.delivery.texts(connection, self.district.id).catalog
            texts = [(one, _text(catalog, one.decision)) for one in told]
            values = planning.values(
                due, texts, district_id=self.district.id, public_id=self.delivery.public_id, now=now
            )
            yield told, values

    def _chunks(self, at_once: int) -> Iterator[tuple[int, int]]:
        """Contacts by id: above the first, up to the second."""
        after: int | None = 0
        while after is not None:
            with transaction(self.delivery.engine, ENGINE) as connection:
                last = alike.last_contact(connection, self.district.id, after, at_once)
            if last is not None:
                yield after, last
            after = last

    def _read(self, definition: CampaignDefinition, facts: Asked, chunk: tuple[int, int]) -> list[Alike]:
        with transaction(self.delivery.engine, ENGINE) as connection:
            catalog = self.delivery.texts(connection, self.district.id).catalog
            read = Reading(definition.slug, self.zone, report_messages(catalog, definition))
            return alike.groups(connection, self.district.id, chunk, facts, read)

    def _everybody(self, definition: CampaignDefinition, occurrence: Occurrence) -> Iterator[list[Told]]:
        for groups in self.groups(definition, [occurrence]):
            yield list(decide_alike(occurrence, groups, self.rules))

    def _concerned(
        self, definition: CampaignDefinition, occurrence: Occurrence, occurrence_id: int
    ) -> Iterator[list[Told]]:
        """The contacts of the students whose events the occurrence follows."""
        with transaction(self.delivery.engine, ENGINE) as connection:
            events.close(connection, occurrence_id)
        at_once, after = min(self.at_once, CONCERNED_AT_ONCE), 0
        while True:
            with transaction(self.delivery.engine, ENGINE) as connection:
                contacts = events.contacts_after(connection, occurrence_id, after, at_once)
                if not contacts:
                    return
                concerned = events.concerned(connection, occurrence_id, contacts)
                catalog = self.delivery.texts(connection, self.district.id).catalog
                rows = audience.rows(
                    connection,
                    contacts,
                    slug=definition.slug,
                    zone=self.zone,
                    report_templates=report_messages(catalog, definition),
                )
            yield list(one_by_one(decide(replace(occurrence, concerned=concerned), rows, self.rules)))
            after = contacts[-1]


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same, each made in a thread of its own while the one before it is worked on."""
    with ThreadPoolExecutor(max_workers=1) as maker:
        coming = maker.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = maker.submit(next, items, None)
            yield item


def _text(catalog: Catalog, decision: Decision) -> Text:
    try:
        template = catalog.message(decision.template, decision.channel, decision.wording.language)
    except ContentError:
        return Text(0, "")
    return Text(template.version, template.hash)


def report_messages(catalog: Catalog, definition: CampaignDefinition) -> list[str]:
    """The messages of a campaign that carry a link to the report."""
    messages = {step.message for step in definition.steps.values()}
    return sorted(message for message in messages if brings_report(catalog, message))
