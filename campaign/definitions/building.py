"""Campaigns as a district makes them: every change is a new version of the whole, and the newest holds.

A version may be unfinished: without a step nothing of it is planned. What was written down for a step and has not
left is written down anew when the step changes.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Set
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import Connection, text

from campaign.definitions.campaign_file import checked
from campaign.definitions.campaigns import readable
from campaign.definitions.definition import ANSWERS, BY_PEOPLE, CampaignDefinition, CampaignError, Step
from campaign.definitions.follow_ups import needs_link
from campaign.store import audit, occurrences, versions
from campaign.store.versions import Version
from campaign.wordings.translations import Author
from content.catalog import Catalog

_SLUG = re.compile(r"[^a-z0-9_]+")
_ID = re.compile(r"[a-z][a-z0-9_-]{0,39}\Z")
LONGEST_TITLE = 80
MOST_STEPS = 200
_KNOWN = text(
    """
    SELECT c.slug, c.title, coalesce(v.definition IS NULL AND v.id IS NOT NULL, false) AS removed FROM campaign c
    LEFT JOIN LATERAL (
        SELECT id, definition FROM campaign_version WHERE campaign_id = c.id ORDER BY id DESC LIMIT 1
    ) v ON true WHERE c.district_id = :district_id
    """
)


@dataclass(frozen=True)
class Draft:
    """A campaign as it stands; `version` is 0 while it is as it ships. `definition` None: not ready to run."""

    campaign_id: int
    district_id: int
    slug: str
    document: Mapping[str, Any]
    definition: CampaignDefinition | None
    version: int
    removed: bool = False


def every(connection: Connection, district_id: int, shipped: Mapping[str, CampaignDefinition]) -> list[Draft]:
    """All campaigns of a district, also unfinished and removed ones; those that ship first, the others by title."""
    own = {one.slug: one for one in versions.newest(connection, district_id)}
    found = []
    for slug, definition in shipped.items():
        if slug not in own:
            id = occurrences.ensure_campaign(connection, district_id, slug, definition.title)
            found.append(Draft(id, district_id, slug, definition.document, definition, 0))
    for slug, one in sorted(own.items(), key=lambda item: (item[0] not in shipped, item[0])):
        document = one.definition or {"slug": slug, "title": slug}
        removed = one.definition is None
        found.append(
            Draft(one.campaign_id, district_id, slug, document, readable(one), one.id, removed=removed)
        )
    return found


def create(
    connection: Connection, district_id: int, title: str, document: Any, author: Author, slug: str = ""
) -> int:
    """A new campaign of a title, with the steps of `document`; its id. Raises CampaignError."""
    title = " ".join(title.split())
    known = connection.execute(_KNOWN, {"district_id": district_id}).all()
    if not any(map(str.isalnum, title)):
        raise CampaignError("Write a title with letters, for example: Reading nights")
    if any(one.title == title and not one.removed for one in known):
        raise CampaignError(f"There is a campaign “{title}” already; choose another title.")
    slug = slug or _new_slug(title, {ANSWERS, *(one.slug for one in known)})
    whole = {**document, "slug": slug, "title": title}
    _check(whole, None)
    campaign_id = occurrences.ensure_campaign(connection, district_id, slug, title)
    draft = Draft(campaign_id, district_id, slug, whole, None, 0)
    _add(connection, draft, whole, "made", author)
    return campaign_id


def copy(connection: Connection, draft: Draft, author: Author) -> int:
    """A second campaign with the same steps, under a title that no other has; its id."""
    stem = f"Copy of {draft.document['title']}"[: LONGEST_TITLE - 4]
    known = connection.execute(_KNOWN, {"district_id": draft.district_id}).all()
    taken = {one.title for one in known}
    title = next(title for n in count(1) if (title := stem if n == 1 else f"{stem} {n}") not in taken)
    return create(connection, draft.district_id, title, draft.document, author)


def save(
    connection: Connection,
    draft: Draft,
    document: Mapping[str, Any],
    note: str,
    author: Author,
    catalog: Catalog | None = None,
) -> None:
    """Make `document` the newest version of what was seen as `draft`, if nobody changed it in between.

    With `catalog` the messages of its steps must be written there. Raises CampaignError; then all is as it was.
    """
    versions.take_turn(connection)
    newest = next(iter(versions.history(connection, draft.campaign_id)), None)
    if draft.version != (newest.id if newest else 0):
        raise CampaignError("Somebody else has changed this campaign since you opened it. Look at it again.")
    definition = _check({**document, "slug": draft.slug}, catalog)
    _add(connection, draft, {**document, "slug": draft.slug}, note, author)
    title = str(document["title"])
    occurrences.ensure_campaign(connection, draft.district_id, draft.slug, title)
    _write_anew(connection, draft, definition, author)


def undo(connection: Connection, draft: Draft, author: Author) -> str:
    """Bring back what stood before the newest version; what was undone, as a sentence. Raises CampaignError."""
    versions.take_turn(connection)
    made = versions.history(connection, draft.campaign_id)
    if len(made) < 2:
        raise CampaignError("There is nothing to undo: this campaign is as it was made.")
    before, last = made[1], made[0]
    _hold_again(connection, draft, before, f"undone: {last.note}", author)
    return last.note


def bring_back(connection: Connection, draft: Draft, version: int, author: Author) -> None:
    """Make what stood after an earlier version hold again. Raises CampaignError."""
    versions.take_turn(connection)
    made = versions.history(connection, draft.campaign_id)
    found = next((one for one in made if one.id == version and one.definition), None)
    if found is None:
        raise CampaignError("There is no such version of this campaign. Look at it again.")
    _hold_again(connection, draft, found, f"brought back as it was after: {found.note}", author)


def _hold_again(connection: Connection, draft: Draft, version: Version, note: str, author: Author) -> None:
    _add(connection, draft, version.definition, note, author)
    if version.definition:
        title = str(version.definition["title"])
        occurrences.ensure_campaign(connection, draft.district_id, draft.slug, title)
    _write_anew(connection, draft, readable(version), author)


def remove(connection: Connection, draft: Draft, author: Author) -> None:
    """Take the campaign away; undo brings it back. What was not sent of it is not written down any more."""
    versions.take_turn(connection)
    if not draft.version:
        _add(connection, draft, draft.document, "as it ships", author)
    _add(connection, draft, None, "removed", author)
    _write_anew(connection, draft, None, author)


def _check(document: Mapping[str, Any], catalog: Catalog | None) -> CampaignDefinition | None:
    if "\\u0000" in json.dumps(document):
        raise CampaignError("Somewhere stands a sign that cannot be kept; take it out.")
    title = str(document.get("title", ""))
    if len(title) > LONGEST_TITLE:
        raise CampaignError(f"title: at most {LONGEST_TITLE} letters")
    if len(document.get("step", [])) > MOST_STEPS:
        raise CampaignError(f"step: at most {MOST_STEPS} steps")
    definition = checked(document, "The campaign")
    for step in definition.steps.values() if definition else ():
        if not _ID.match(step.id):
            raise CampaignError(f"step {step.id}: id: write a short name such as tip_2")
        _check_message(step, catalog)
    return definition


def _check_message(step: Step, catalog: Catalog | None) -> None:
    if catalog is None:
        return
    unit = catalog.messages.get(step.message)
    if unit is None:
        raise CampaignError(
            f"step {step.id}: message: there is no message {step.message!r}; choose one of the list"
        )
    if missing := set(step.channels) - BY_PEOPLE - unit.bodies.keys():
        raise CampaignError(
            f"step {step.id}: channels: the message is not written for {', '.join(sorted(missing))}"
        )
    for channel in sorted(set(step.channels) - BY_PEOPLE) if step.follow_ups else ():
        needs_link(step.id, step.follow_ups, catalog.message(step.message, channel, "en").fields)


def _add(connection: Connection, draft: Draft, document: Any, note: str, author: Author) -> None:
    versions.take_turn(connection)
    version = versions.add(
        connection,
        draft.campaign_id,
        draft.district_id,
        definition=document,
        note=note,
        actor=author.actor,
        at=author.at,
    )
    detail = {"version": version}
    target = f"campaign:{draft.campaign_id}"
    audit.write(
        connection,
        audit.Entry(author.at, author.actor, "changed_campaign", target, draft.district_id, detail),
    )


# What was never handed to a sender is written down anew, by the rules of the new version.
_FORGET = text(
    """
    DELETE FROM message m USING occurrence o
    WHERE o.id = m.occurrence_id AND o.campaign_id = :campaign_id AND o.step = ANY (:steps) AND o.expires_at > :now
      AND m.attempts = 0 AND m.rung = 0 AND m.state IN ('planned', 'withheld')
      AND NOT EXISTS (SELECT FROM attempt a WHERE a.message_id = m.id)
    """
)
_PLAN_ANEW = text(
    """
    UPDATE occurrence o SET planned_at = NULL, followed_at = NULL
    WHERE o.campaign_id = :campaign_id AND o.step = ANY (:steps) AND o.expires_at > :now
      AND (o.step = ANY (:same_day) OR NOT EXISTS (SELECT FROM message m WHERE m.occurrence_id = o.id))
    """
)
# Rungs of a step that says something else now do not leave; whose step is planned anew is followed anew.
_REPLACE = text(
    """
    UPDATE message m SET state = 'withheld', reason = 'replaced', finished_at = :now, not_before = NULL
    FROM occurrence o
    WHERE o.id = m.occurrence_id AND o.campaign_id = :campaign_id AND o.step = ANY (:steps)
      AND m.rung > 0 AND m.state IN ('planned', 'retry_at') AND m.finished_at IS NULL
    """
)
_FOLLOW_ANEW = text(
    """
    DELETE FROM household_cascade h USING occurrence o
    WHERE o.id = h.occurrence_id AND o.campaign_id = :campaign_id AND o.step = ANY (:steps) AND o.expires_at > :now
    """
)
_FORGET_DAYS = text(
    """
    DELETE FROM occurrence o WHERE o.campaign_id = :campaign_id AND o.step = ANY (:gone) AND o.planned_at IS NULL
      AND NOT EXISTS (SELECT FROM message m WHERE m.occurrence_id = o.id)
    """
)


def _write_anew(
    connection: Connection, draft: Draft, now_holds: CampaignDefinition | None, author: Author
) -> None:
    before = draft.definition.steps if draft.definition else {}
    after = now_holds.steps if now_holds else {}
    changed = [id for id, step in before.items() if after.get(id) != step]
    when = {id: (s.anchor, s.event, s.offset, s.unit, s.send_on) for id, s in before.items()}
    same_day = [
        id
        for id in changed
        if (step := after.get(id))
        and when[id] == (step.anchor, step.event, step.offset, step.unit, step.send_on)
    ]
    values = {
        "campaign_id": draft.campaign_id,
        "steps": changed,
        "same_day": same_day,
        "gone": [id for id in before if id not in after],
        "now": author.at,
    }
    for statement in (_REPLACE, _FORGET, _PLAN_ANEW, _FOLLOW_ANEW, _FORGET_DAYS) if changed else ():
        connection.execute(statement, values)


def slug_of(title: str) -> str:
    """Small Latin letters, digits and hyphens; "" where nothing of the kind stands in it."""
    plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    return _SLUG.sub("-", plain).strip("-")[:60]


def _new_slug(title: str, taken: Set[str]) -> str:
    stem = slug_of(title) or "campaign"
    return next(slug for n in count(1) if (slug := stem if n == 1 else f"{stem}-{n}") not in taken)
