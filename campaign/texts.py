"""The one door to the texts as they hold now: what ships, with a district's own wording, and what of it may go out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from campaign.store import draft_permissions, wordings
from campaign.store.draft_permissions import Permission
from content.catalog import Catalog, ContentError

REVIEWED, DRAFT, STALE = "human_reviewed", "draft", "stale"
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
    _states: dict[tuple[str, str], str | None] = field(default_factory=dict, repr=False)

    def state(self, unit: str, language: str) -> str | None:
        """REVIEWED, DRAFT or STALE; None where the unit is not written in the language."""
        key = (unit, language)
        if key not in self._states:
            try:
                self._states[key] = self.catalog.state(unit, language)
            except ContentError:
                self._states[key] = None
        return self._states[key]

    def may_go_out(self, unit: str, language: str) -> bool:
        """Whether families may read it: a person has reviewed it, or the district lets it out as it is."""
        state, word = self.state(unit, language), self.allowed.get(language)
        if state == REVIEWED:
            return True
        return word is not None and (state == DRAFT or (state == STALE and word.stale))


def read(connection: Connection, shipped: Catalog, district_id: int | None) -> Texts:
    """The texts of a district, read anew; of None: those of the only one, else what holds in every district."""
    district_id = district_id or _only_district(connection)
    if district_id is None:
        return Texts(shipped, draft_permissions.in_force_everywhere(connection))
    return Texts(shipped, draft_permissions.in_force(connection, district_id))


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
