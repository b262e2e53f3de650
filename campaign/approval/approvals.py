"""Approval of a campaign: bound to a hash of everything that will be said and to whom, by different persons.

The content of a campaign is its definition (audiences with it), every text that will go out, in every language, the
days of the calendar it hangs on, and who it comes from. Any other content has another hash, for which nobody has
given a word yet. A campaign that is not approved is planned, and nothing of it is sent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from campaign.access import Role
from campaign.definitions.definition import CampaignDefinition, Step
from campaign.plain_error import PlainError
from campaign.rules import DIGEST
from campaign.school_year.calendar import ANCHORS, DayKind, SchoolYear
from campaign.settings import Settings
from campaign.store import approvals as store
from campaign.store import audit, versions
from campaign.store.approvals import Approval, NewApproval
from campaign.wordings import by_people
from campaign.wordings.required_languages import units_of
from campaign.wordings.texts import Texts
from content.messages import MessageUnit
from content.units import Unit

APPROVERS = frozenset({Role.STATE, Role.DISTRICT})


class ApprovalError(PlainError):
    """The approval cannot be given so; the message says why and what to do."""


@dataclass(frozen=True)
class Content:
    """Everything a campaign says and to whom; `document` is JSON-ready, `hash` its SHA-256."""

    document: Mapping[str, Any]
    hash: str


@dataclass(frozen=True)
class Person:
    """Who approves: an account that may, and its name in the audit."""

    account_id: int
    role: Role
    actor: str


@dataclass(frozen=True)
class Standing:
    """How a campaign stands: `given` are the words on its content as it is now, `needed` how many it takes.

    `author` is the account that changed it last, or None. `before` is the content last approved in full, if it was
    another one.
    """

    content: Content
    needed: int
    given: Sequence[Approval]
    author: str | None
    before: Mapping[str, Any] | None

    @property
    def approved(self) -> bool:
        return len(self.given) >= self.needed

    @property
    def voided(self) -> bool:
        """It was approved once, and something has changed since."""
        return not self.approved and self.before is not None


def content_of(definition: CampaignDefinition, texts: Texts, year: SchoolYear, settings: Settings) -> Content:
    """What the campaign says now in the district of these texts and this year."""
    document = {
        "definition": _plain(definition.document),
        "days": _days(definition, year),
        "sender": _sender(settings),
        "interpreter": dict(texts.catalog.interpreter_lines),
        "texts": _texts(definition, texts, settings),
    }
    return Content(document, _hash(document))


def standing(connection: Connection, campaign_id: int, content: Content, needed: int) -> Standing:
    """The connection acts as the engine."""
    every = store.given(connection, campaign_id)
    given = [one for one in every if one.content_hash == content.hash]
    made = versions.history(connection, campaign_id)
    before = None
    if len(given) < needed:
        last = _last_approved(every, needed)
        before = store.document(connection, campaign_id, last) if last else None
    return Standing(content, needed, given, made[0].actor if made else None, before)


def objection(at: Standing, person: Person) -> str | None:
    """Why this person may not approve now, or None. The last word is never the author's."""
    if person.role not in APPROVERS:
        return "Only the district's office and the state may approve a campaign."
    if any(one.account_id == person.account_id for one in at.given):
        return "You have approved this already. Somebody else has to give the next approval."
    if at.approved:
        return "It is approved already."
    if person.actor == at.author and len(at.given) + 1 >= at.needed:
        return "You changed this campaign last. The last approval has to come from somebody else."
    return None


def approve(
    connection: Connection, campaign_id: int, district_id: int, at: Standing, person: Person, now: datetime
) -> Standing:
    """Add a person's word on the content of `at`. Raises ApprovalError. The connection acts as the engine."""
    store.lock(connection, campaign_id)
    fresh = standing(connection, campaign_id, at.content, at.needed)
    if problem := objection(fresh, person):
        raise ApprovalError(problem)
    content = fresh.content
    word = NewApproval(campaign_id, district_id, content.hash, content.document, person.account_id, now)
    store.add(connection, word)
    _trace(connection, "approved_campaign", campaign_id, district_id, person, now, content=content.hash)
    given = standing(connection, campaign_id, content, fresh.needed)
    if given.approved:
        store.release(connection, campaign_id)
    return given


def withdraw(
    connection: Connection, campaign_id: int, district_id: int, person: Person, now: datetime
) -> None:
    """Take back whatever this person said for the campaign. Raises ApprovalError where there was nothing."""
    if not store.withdraw(connection, campaign_id, person.account_id, now):
        raise ApprovalError("You have not approved this campaign; there is nothing to take back.")
    _trace(connection, "withdrew_approval", campaign_id, district_id, person, now)


@dataclass(frozen=True)
class Approved:
    """The campaigns of a district whose content is approved as it is now, by slug; None = no approval is needed."""

    definitions: Mapping[str, CampaignDefinition] | None

    def covers(self, slug: str, step: Step) -> bool:
        """Whether a message of this step may leave: the campaign is approved, and the step still stands in it so."""
        if self.definitions is None:
            return True
        definition = self.definitions.get(slug)
        return definition is not None and definition.steps.get(step.id) == step


@dataclass
class Approvals:
    """The approvals of each district; hashes are kept until something that is said changes. Threads may share one."""

    settings: Settings
    _kept: dict[tuple[int, str], tuple[tuple[object, ...], str]] = field(default_factory=dict)

    def of(
        self,
        connection: Connection,
        district_id: int,
        campaigns: Iterable[CampaignDefinition],
        texts: Texts,
        year: SchoolYear,
    ) -> Approved:
        """The connection acts as the engine."""
        needed = self.settings.campaign.approvals
        if not needed:
            return Approved(None)
        words = store.in_force(connection, district_id, needed)
        asked = {slug for slug, _ in words}
        return Approved(
            {
                one.slug: one
                for one in campaigns
                if one.slug in asked and (one.slug, self._hash(district_id, one, texts, year)) in words
            }
        )

    def _hash(self, district_id: int, definition: CampaignDefinition, texts: Texts, year: SchoolYear) -> str:
        days = tuple((kind, *found) for kind, found in sorted(_days(definition, year).items()))
        key = (texts, definition.content_hash, days)
        kept = self._kept.get((district_id, definition.slug))
        if kept is None or kept[0] != key:
            kept = key, content_of(definition, texts, year, self.settings).hash
            self._kept[district_id, definition.slug] = kept
        return kept[1]


def _plain(document: Mapping[str, Any]) -> Any:
    """As it comes back from the database: TOML has times and days of its own, JSON has none."""
    return json.loads(json.dumps(document, default=str))


def _hash(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _days(definition: CampaignDefinition, year: SchoolYear) -> dict[str, list[str]]:
    """The days of the district's calendar that steps hang on. A day of corrections is made by the corrections."""
    used = {entry.get("anchor") for entry in definition.document.get("step", [])}
    kinds = sorted((ANCHORS - {DayKind.CORRECTION}) & used)
    return {str(kind): [day.isoformat() for day in year.anchors(DayKind(kind))] for kind in kinds}


def _sender(settings: Settings) -> dict[str, str]:
    mail = settings.mail
    return {
        "name": mail.from_name,
        "address": mail.from_address,
        "postal_address": mail.postal_address,
        "pages": settings.installation.base_url,
    }


def _texts(
    definition: CampaignDefinition, texts: Texts, settings: Settings
) -> dict[str, dict[str, dict[str, str]]]:
    """Unit → language → key → text, of all that goes out with its messages."""
    known = texts.catalog.messages
    # The weekly message goes out in the place of any of them.
    messages = {DIGEST, *(step.message for step in definition.steps.values())} & known.keys()
    units = sorted({unit for message in messages for unit in units_of(message, texts)})
    units += by_people.units_of(definition.steps.values())
    every: dict[str, MessageUnit | Unit] = {f"messages/{name}": unit for name, unit in known.items()}
    every |= texts.catalog.units
    return {
        unit: {
            language: dict(every[unit].strings(language))
            for language in sorted(settings.languages.offered)
            if texts.may_go_out(unit, language)
        }
        for unit in units
    }


def _last_approved(every: Sequence[Approval], needed: int) -> str | None:
    """The content that was the last to have words enough."""
    persons: dict[str, set[int]] = {}
    last = None
    for one in every:
        persons.setdefault(one.content_hash, set()).add(one.account_id)
        if len(persons[one.content_hash]) == needed:
            last = one.content_hash
    return last


def _trace(
    connection: Connection,
    action: str,
    campaign_id: int,
    district_id: int,
    person: Person,
    now: datetime,
    **detail: str,
) -> None:
    target = f"campaign:{campaign_id}"
    audit.write(connection, audit.Entry(now, person.actor, action, target, district_id, detail))
