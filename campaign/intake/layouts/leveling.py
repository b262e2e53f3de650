"""Levels of a test: their order, the floor, the words files use for them; and levels projected by study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from campaign.intake.assessments.settings_file import SEASONS
from campaign.intake.layouts.checking import Checked
from campaign.intake.levels import Level
from campaign.intake.vocabulary import folded


@dataclass(frozen=True)
class LevelSet:
    """`order`: codes, lowest first. `words`: folded code, name or alias → code. `floor` by season; None = the year."""

    order: tuple[str, ...]
    names: Mapping[str, str]
    words: Mapping[str, str]
    floor: Mapping[str | None, str]

    def floor_in(self, season: str | None) -> str | None:
        return self.floor.get(season, self.floor.get(None))

    def levels(self, minimums: Mapping[str, float], maximums: Mapping[str, float]) -> list[Level]:
        return [
            Level(code, self.names.get(code, code), minimums.get(code), maximums.get(code))
            for code in self.order
        ]


@dataclass(frozen=True)
class Projection:
    """`pairs`: columns of study and level; `studies`: word in the study's name → its levels."""

    pairs: tuple[tuple[str, str], ...]
    studies: Mapping[str, LevelSet]


def read_level_sets(top: Checked) -> tuple[dict[str, LevelSet], tuple[str, ...]]:
    """All sets of levels by name, and those that hold where a score names none."""
    sets: dict[str, LevelSet] = {}
    more = top.table("level_set")
    names = tuple(top.rest(("level_set",)).get("level_set", {}))
    for name in names:
        entry = more.table(name) if more else None
        if entry is not None:
            sets[name] = _level_set(entry)
    table = top.table("levels")
    if table is None:
        top.need("no_floor", str)
        return sets, ()
    chosen = table.texts("chosen_from")
    if chosen:
        table.done()
        if unknown := set(chosen) - set(sets):
            raise table.fail(f"chosen_from names {min(unknown)}, which is no [level_set].")
        return sets, chosen
    return {"levels": _level_set(table), **sets}, ("levels",)


def _level_set(table: Checked) -> LevelSet:
    order = table.texts("order")
    names, aliases = table.words("names"), table.words("aliases")
    floor = _floor(table)
    table.done()
    if len(order) < 2 or len(set(order)) != len(order):
        raise table.fail("order must name at least two levels, lowest first, each once.")
    if unknown := ({*names, *aliases.values(), *floor.values()} - set(order)):
        raise table.fail(f"{min(unknown)} is not a level in order.")
    words = {folded(name): code for code, name in names.items()}
    words |= {folded(alias): code for alias, code in aliases.items()} | {folded(code): code for code in order}
    return LevelSet(order, names, words, floor)


def _floor(table: Checked) -> dict[str | None, str]:
    floor = table.get("floor", (str, Mapping))
    if floor is None:
        table.need("no_floor", str)
        return {}
    if isinstance(floor, str):
        return {None: floor}
    if not set(floor) <= set(SEASONS):
        raise table.fail(f"floor must be a level, or give levels for {', '.join(SEASONS)}.")
    return {**floor}


def read_projection(top: Checked) -> Projection | None:
    table = top.table("projection")
    if table is None:
        return None
    pairs = table.need("pairs", list)
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise table.fail("pairs must be pairs of columns: study, level.")
    studies = {entry.need("name", str): _level_set(entry) for entry in table.tables("study")}
    table.done()
    return Projection(tuple((study, level) for study, level in pairs), studies)
