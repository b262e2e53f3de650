"""What a file says about its tests, apart from children: levels, floor, cuts. Gathered while rows are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from campaign.intake.layouts.language import Assessment, Identity
from campaign.intake.layouts.leveling import LevelSet
from campaign.intake.levels import as_json
from campaign.intake.staging import FileTally
from campaign.intake.vocabulary import folded

if TYPE_CHECKING:
    from campaign.intake.layouts.shapes import Shape

COLUMNS = (
    "family", "version", "title", "kind", "subject", "grade_level", "season", "levels", "floor_level", "cut",
    "score_minimum", "score_maximum", "applies_to_all_grades",
)  # fmt: skip
_GRADES = range(13)
_Key = tuple[str, str, str | None]
_Ends = dict[str, tuple[float | None, float | None]]


class Descriptions:
    """Of one file. A test's set of levels is the first of its sets that has every word met so far."""

    def __init__(self, test: Assessment, tally: FileTally) -> None:
        self._test, self._tally = test, tally
        self._sets: dict[tuple[str, str | None], list[LevelSet]] = {}
        self._tests: dict[_Key, tuple[Shape, Identity]] = {}
        self._grades: dict[tuple[_Key, int | None, str | None, int | None], None] = {}
        self._studies: dict[_Key, LevelSet] = {}
        self._stated: dict[tuple[_Key, int | None, str | None], _Ends] = {}
        self._contradicted: set[tuple[_Key, int | None, str | None]] = set()

    def seen(self, shape: Shape, identity: Identity) -> None:
        key = _key(shape)
        self._tests.setdefault(key, (shape, identity))
        self._grades[(key, shape.grade_level, shape.season, shape.school_year)] = None

    def level(self, identity: Identity, subject: str | None, text: str) -> str | None:
        """The code a word of the file stands for; None if no set of levels has it."""
        key = (identity.family, subject)
        known = self._sets.setdefault(key, [self._test.level_sets[name] for name in identity.levels])
        fitting = [levels for levels in known if folded(text) in levels.words]
        if not fitting:
            return None
        self._sets[key] = fitting
        return fitting[0].words[folded(text)]

    def projected(self, shape: Shape, study: str, level: str) -> str | None:
        """The level a known study projects. One test has the levels of one study: the first that was met."""
        projection = self._test.projection
        studies = projection.studies if projection else {}
        found = next((s for name, s in studies.items() if name.casefold() in study.casefold()), None)
        code = found.words.get(folded(level)) if found else None
        if found is None or code is None or self._studies.setdefault(_key(shape), found) is not found:
            return None
        return code

    def stated(self, shape: Shape, level: str, low: float | None, high: float | None) -> None:
        place = (_key(shape), shape.grade_level, shape.season)
        if self._stated.setdefault(place, {}).setdefault(level, (low, high)) != (low, high):
            self._contradicted.add(place)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Rows for the staging table `assessment`, each test once for all grades and once where a grade differs."""
        for key, (shape, identity) in self._tests.items():
            levels = self._levels(key, identity)
            if levels is not None:
                yield self._row(shape, levels, None, None) | {"applies_to_all_grades": True}
                yield from self._by_grade(key, shape, levels)

    def _levels(self, key: _Key, identity: Identity) -> LevelSet | None:
        if key in self._studies:
            return self._studies[key]
        names = identity.levels
        sets = self._sets.get((identity.family, key[2])) or [self._test.level_sets[name] for name in names]
        return sets[0] if sets else None

    def _by_grade(self, key: _Key, shape: Shape, levels: LevelSet) -> Iterator[dict[str, Any]]:
        said: set[tuple[int, str | None]] = set()
        for mine, grade, season, year in self._grades:
            for one in _GRADES if grade is None else (grade,):
                if mine != key or (one, season) in said:
                    continue
                row = self._graded(shape, levels, (key, one, season), year)
                if row is not None:
                    said.add((one, season))
                    yield row

    def _graded(
        self, shape: Shape, levels: LevelSet, place: tuple[_Key, int, str | None], year: int | None
    ) -> dict[str, Any] | None:
        key, grade, season = place
        minimums = self._cut_scores(key, grade, season, year, levels)
        ends = self._stated.get(place, {})
        if place in self._contradicted:
            self._tally.note("cuts_differ", f"{shape.title} {key[2] or ''} {grade} {season or ''}".strip())
            ends = {}
        minimums |= {code: low for code, (low, _) in ends.items() if low is not None}
        maximums = {code: high for code, (_, high) in ends.items() if high is not None}
        limits = self._limits(key, grade, year)
        if not minimums and not limits and set(levels.floor) <= {None}:
            return None
        row = self._row(shape, levels, grade, season, minimums, maximums)
        return row | dict(zip(("score_minimum", "score_maximum"), limits or (None, None), strict=True))

    def _cut_scores(
        self, key: _Key, grade: int, season: str | None, year: int | None, levels: LevelSet
    ) -> dict[str, float]:
        for cuts in self._test.cuts:
            applies = cuts.subject == key[2] and cuts.season in (None, season) and grade in cuts.grades
            if applies and year in cuts.years and len(cuts.grades[grade]) == len(levels.order) - 1:
                return dict(zip(levels.order[1:], cuts.grades[grade], strict=True))
        return {}

    def _limits(self, key: _Key, grade: int, year: int | None) -> tuple[float, ...] | None:
        return self._test.limits(key[2], grade, year)

    def _row(
        self,
        shape: Shape,
        levels: LevelSet,
        grade: int | None,
        season: str | None,
        minimums: Mapping[str, float] | None = None,
        maximums: Mapping[str, float] | None = None,
    ) -> dict[str, Any]:
        floor = levels.floor_in(season)
        return {
            **dict.fromkeys(COLUMNS),
            "family": shape.family,
            "version": shape.version,
            "title": shape.title,
            "kind": shape.kind,
            "subject": shape.subject,
            "grade_level": grade,
            "season": season,
            "levels": as_json(levels.levels(minimums or {}, maximums or {})),
            "floor_level": floor,
            "cut": (minimums or {}).get(floor or ""),
            "applies_to_all_grades": False,
        }


def _key(shape: Shape) -> _Key:
    return shape.family, shape.version, shape.subject
