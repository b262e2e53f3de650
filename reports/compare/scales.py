"""Report-card marks: which band a mark falls into on its grade scale, or why it cannot be compared.

Scales are data (`grade_scales.toml`, which explains their shape). A mark that its scale does not list has no band.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.compare.codes import BANDS, NONE, BoolArray, ObjectArray, words
from reports.records import GradeBand

SHIPPED: Final = Path(__file__).with_name("grade_scales.toml")
NOT_ON_SCALE: Final = "the mark does not stand on its grade scale"
SCALE_NOT_KNOWN: Final = "the grade scale is not known"

_KEYS = {"title", "standards", "comparable", *GradeBand}
_DASHES = str.maketrans("−–—", "---")


class ScaleError(Exception):
    """A file of grade scales cannot be used; the message names the file, the scale and what to change."""


@dataclass(frozen=True)
class BandRange:
    """Numbers of one band: `minimum` ≤ mark, and mark < `below` or, for the highest band, mark ≤ `maximum`."""

    band: GradeBand
    minimum: float
    end: float
    end_included: bool


@dataclass(frozen=True)
class GradeScale:
    id: str
    title: str
    standards: bool = False
    refused_because: str | None = None
    marks: Mapping[str, GradeBand] = field(default_factory=dict)
    ranges: tuple[BandRange, ...] = ()


@dataclass(frozen=True)
class GradeScales:
    version: str
    scales: Mapping[str, GradeScale]
    not_comparable: Mapping[str, str]

    def bands(self, marks: pd.Series[Any], scales: pd.Series[Any]) -> pd.DataFrame:
        """The band of each mark (text as printed) on its scale (id), in the order and index given.

        Columns: `band` (a GradeBand, or None), `reason` (why there is no band, or None), `standards` (bool).
        """
        mark, printed = pd.factorize(marks.to_numpy(object))
        scale, ids = pd.factorize(scales.to_numpy(object))
        read = self.reading(np.asarray(printed, object), np.asarray(ids, object))
        return pd.DataFrame(
            {
                "band": words(read.band[scale, mark], BANDS),
                "reason": read.reason[scale, mark],
                "standards": read.standards[scale],
            },
            index=marks.index,
        )

    def reading(self, printed: ObjectArray, ids: ObjectArray) -> Reading:
        """What each of these marks means on each of these scales; the last row and column are for missing ones."""
        folded = ["" if mark is None else _fold_one(mark) for mark in [*printed, None]]
        number = pd.to_numeric(pd.Series(folded, dtype=object), errors="coerce").to_numpy(float)
        band = np.full((len(ids) + 1, len(folded)), NONE, np.int8)
        reason = np.full(band.shape, SCALE_NOT_KNOWN, object)
        standards = np.zeros(len(ids) + 1, bool)
        for row, scale in enumerate(self.scales.get(scale_id) for scale_id in ids):
            if scale is not None:
                band[row] = _bands_on(scale, folded, number)
                reason[row] = scale.refused_because or NOT_ON_SCALE
                standards[row] = scale.standards
        for column, mark in enumerate(folded):
            if mark in self.not_comparable:
                reason[:, column] = self.not_comparable[mark]
        reason[band >= 0] = None
        return Reading(band, reason, standards)


@dataclass(frozen=True)
class Reading:
    """Tables of scale × mark: codes of bands (-1 = none), the reason where there is none; and per scale, standards."""

    band: npt.NDArray[np.int8]
    reason: ObjectArray
    standards: BoolArray


def _fold_one(mark: object) -> str:
    """A mark without what does not matter: capitals, blanks around, kinds of dash, a percent sign."""
    return str(mark).translate(_DASHES).strip().upper().removesuffix("%").strip()


def _bands_on(scale: GradeScale, folded: list[str], number: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    band = np.full(len(folded), NONE, np.int8)
    if scale.marks:
        of_mark = {mark: BANDS.index(band) for mark, band in scale.marks.items()}
        band[:] = [of_mark.get(mark, NONE) for mark in folded]
    for part in scale.ranges:
        ends = number <= part.end if part.end_included else number < part.end
        band[(number >= part.minimum) & ends & (band < 0)] = BANDS.index(part.band)
    return band


def load(own: Path | None = None) -> GradeScales:
    """The shipped scales, with a district's own file over them. Raises ScaleError for what cannot be used."""
    shipped = _read(SHIPPED)
    if own is None:
        return shipped
    more = _read(own)
    return GradeScales(
        version=f"{shipped.version}+{more.version}",
        scales={**shipped.scales, **more.scales},
        not_comparable={**shipped.not_comparable, **more.not_comparable},
    )


@cache
def _read(path: Path) -> GradeScales:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScaleError(f"{path}: cannot be read as TOML: {error}") from error
    if "version" not in document:
        raise ScaleError(f'{path}: a line such as version = "2026.1" is missing')
    scales = {
        name: _scale(f"{path}: [scale.{name}]", name, table)
        for name, table in document.get("scale", {}).items()
    }
    if not scales:
        raise ScaleError(f"{path}: there is no [scale.ID] in it")
    reasons = {
        _fold_one(mark): reason
        for reason, marks in document.get("not_comparable", {}).items()
        for mark in marks
    }
    return GradeScales(str(document["version"]), scales, reasons)


def _scale(where: str, name: str, table: Mapping[str, Any]) -> GradeScale:
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        raise ScaleError(f"{where} {unknown[0]} is not known; write one of {', '.join(sorted(_KEYS))}")
    title = str(table.get("title", name))
    given = {band: table[band] for band in GradeBand if band in table}
    if "comparable" in table:
        if given:
            raise ScaleError(f"{where} is not comparable and yet has bands; remove one or the other")
        return GradeScale(name, title, refused_because=str(table["comparable"]))
    for band in (GradeBand.HIGH, GradeBand.LOW):
        if band not in given:
            raise ScaleError(f'{where} has no {band} band; list its marks, as in {band} = ["A", "B"]')
    lists = {band: value for band, value in given.items() if isinstance(value, list)}
    tables = {band: value for band, value in given.items() if band not in lists}
    return GradeScale(
        name,
        title,
        standards=bool(table.get("standards", False)),
        marks=_marks(where, lists),
        ranges=_ranges(where, tables),
    )


def _marks(where: str, bands: Mapping[GradeBand, list[Any]]) -> dict[str, GradeBand]:
    found: dict[str, GradeBand] = {}
    for band, marks in bands.items():
        for mark in marks:
            key = _fold_one(mark)
            if found.get(key, band) != band:
                raise ScaleError(f"{where} the mark {mark} stands in {found[key]} and in {band}; keep one")
            found[key] = band
    return found


def _ranges(where: str, bands: Mapping[GradeBand, Any]) -> tuple[BandRange, ...]:
    parts = sorted((_range(where, band, value) for band, value in bands.items()), key=lambda p: p.minimum)
    for lower, upper in pairwise(parts):
        if lower.end > upper.minimum or (lower.end_included and lower.end == upper.minimum):
            raise ScaleError(f"{where} {lower.band} and {upper.band} overlap at {upper.minimum:g}")
        if lower.end < upper.minimum:
            raise ScaleError(f"{where} nothing covers {lower.end:g} to {upper.minimum:g}; close the hole")
    return tuple(parts)


def _range(where: str, band: GradeBand, value: Any) -> BandRange:
    ends = {"below", "maximum"} & set(value) if isinstance(value, dict) else set()
    numbers = list(value.values()) if isinstance(value, dict) else []
    plain = all(isinstance(n, int | float) and math.isfinite(n) for n in numbers)
    if not plain or len(ends) != 1 or set(value) - ends != {"minimum"}:
        raise ScaleError(f"{where} {band} must be a list of marks, or {{ minimum = 70, below = 80 }}")
    end = ends.pop()
    if value[end] <= value["minimum"]:
        raise ScaleError(f"{where} {band} ends at {value[end]:g}, below its minimum {value['minimum']:g}")
    return BandRange(band, float(value["minimum"]), float(value[end]), end == "maximum")
