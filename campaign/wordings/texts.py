"""The one door to the texts as they hold now: what ships, with a district's own wording, and what of it may go out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from campaign.store import draft_permissions, wordings
from campaign.store.draft_permissions import Permission
from campaign.wordings.wording import ENGLISH
from content import own_messages
from content.catalog import Catalog
from content.messages import MessageUnit
from content.wordings import Wording, source_hash

REVIEWED, DRAFT, STALE = "human_reviewed", "draft", "stale"
# The row of an own message that says what it is about, for staff alone.
ABOUT = "about"
# What a family report is written from, and what stands around it on the family page.
REPORT_UNITS = ("report", "questions", "activities", "glossary")
PAGE_UNIT = "page"
# So many districts' texts are kept before all are read anew.
_MOST_KEPT = 200


@dataclass(frozen=True, eq=False)
class Texts:
    """The texts of one district. `allowed`: language → the district's word that lets its drafts out."""

    catalog: Catalog
    allowed: Mapping[str, Permission]

    def states(self, unit: str, language: str) -> frozenset[str]:
        """States of the unit's texts: REVIEWED, DRAFT, STALE; none where it is not written in the language."""
        return frozenset(self.catalog.states[unit].get(language, {}).values())

    def is_reviewed(self, unit: str, language: str) -> bool:
        """Whether a person has reviewed every text of the unit."""
        return self.states(unit, language) == {REVIEWED}

    def may_go_out(self, unit: str, language: str) -> bool:
        """Whether families may read it: a person has reviewed it, or the district lets it out as it is."""
        word = self.allowed.get(language)
        let_out = {REVIEWED} | ({DRAFT} if word else set()) | ({STALE} if word and word.stale else set())
        states = self.states(unit, language)
        return bool(states) and states <= let_out


def read(connection: Connection, shipped: Catalog, district_id: int | None) -> Texts:
    """The texts of a district, read anew; of None: those of the only one, else what holds in every district.

    The connection acts as the engine.
    """
    district_id = district_id or _only_district(connection)
    if district_id is None:
        return Texts(overlaid(connection, shipped, None), draft_permissions.in_force_everywhere(connection))
    return Texts(
        overlaid(connection, shipped, district_id), draft_permissions.in_force(connection, district_id)
    )


def overlaid(connection: Connection, shipped: Catalog, district_id: int | None) -> Catalog:
    """What ships, under the texts of the installation, under those of the district."""
    kept = {(one.language, one.unit, one.key): one for one in _written(connection, None)}
    if district_id is not None:
        kept |= {(one.language, one.unit, one.key): one for one in _written(connection, district_id)}
    if not kept:
        return shipped
    return with_own(shipped, kept.values()).with_wording(kept.values())


def with_own(shipped: Catalog, written: Iterable[Wording]) -> Catalog:
    """What ships, and the messages that a district wrote itself, as far as their English is whole."""
    found: dict[str, dict[str, dict[str, Wording]]] = {}
    for one in written:
        message = one.unit.removeprefix("messages/")
        if one.unit != message and own_messages.is_own(message):
            found.setdefault(message, {}).setdefault(one.language, {})[one.key] = one
    units = [unit for id, said in found.items() if (unit := _own_message(id, said))]
    states = {unit.id: _own_states(unit, found[unit.id]) for unit in units}
    return shipped.with_messages(units, states) if units else shipped


def _own_message(id: str, said: Mapping[str, Mapping[str, Wording]]) -> MessageUnit | None:
    texts = {
        language: {key: one.text for key, one in parts.items() if key != ABOUT}
        for language, parts in said.items()
    }
    about = said.get(ENGLISH, {}).get(ABOUT)
    return own_messages.message(id, 1, about.text if about else id, texts)


def _own_states(unit: MessageUnit, said: Mapping[str, Mapping[str, Wording]]) -> dict[str, dict[str, str]]:
    """A translation of an English that has changed since is stale."""
    now = {key: source_hash(text) for key, text in unit.strings(ENGLISH).items()}
    return {
        language: {
            key: said[language][key].state
            if language == ENGLISH or said[language][key].source_hash == digest
            else STALE
            for key, digest in now.items()
        }
        for language in unit.languages
    }


def _written(connection: Connection, district_id: int | None) -> list[Wording]:
    """Texts of this place that are not as they ship."""
    return [
        Wording(one.unit, one.key, one.language, one.text, one.state, one.source_hash)
        for one in wordings.newest(connection, district_id)
        if one.text is not None
    ]


def _only_district(connection: Connection) -> int | None:
    ids = list(connection.scalars(text("SELECT id FROM district ORDER BY id LIMIT 2")))
    return int(ids[0]) if len(ids) == 1 else None


class Shelf:
    """The texts of each district, kept until something is added to them. Threads may share one."""

    def __init__(self, shipped: Catalog) -> None:
        self.shipped = shipped
        self._kept: dict[int | None, tuple[tuple[int, ...], Texts]] = {}

    def of(self, connection: Connection, district_id: int | None) -> Texts:
        """The connection acts as the engine. None: for pages that do not know their district yet."""
        version = wordings.version(connection, district_id)
        kept = self._kept.get(district_id)
        if kept is not None and kept[0] == version:
            return kept[1]
        texts = read(connection, self.shipped, district_id)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[district_id] = (version, texts)
        return texts
