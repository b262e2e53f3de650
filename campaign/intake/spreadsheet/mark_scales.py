"""Which grade scale a column of marks is written on, told by all its marks together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from reports.compare.scales import GradeScales, load
from reports.records import GradeBand

# Marks of at most so much could as well be 1 to 4, or a grade level: they do not speak for percent.
_PERCENT_ABOVE = 12
# Of this share of the distinct marks a scale must read, to be proposed though some do not stand on it.
_MOST = 0.8
_NAMED = 6


@dataclass(frozen=True)
class ScaleGuess:
    """`scale`: its id, None where the marks do not tell. It `reads` so many of the distinct `marks`."""

    scale: str | None
    reads: int
    marks: int
    why: str


def scales() -> GradeScales:
    """The shipped scales."""
    return load()


def bands_of(marks: Iterable[str], scale: str) -> dict[str, GradeBand | str]:
    """Each mark → its band on the scale, or the reason why it has none."""
    asked = pd.DataFrame({"mark": list(marks)}, dtype=object)
    asked["scale"] = scale
    found = scales().bands(asked["mark"], asked["scale"])
    return {
        mark: GradeBand(band) if isinstance(band, str) else str(reason)
        for mark, band, reason in zip(asked["mark"], found["band"], found["reason"], strict=True)
    }


def comparable(marks: Iterable[str]) -> list[str]:
    """Without the marks that mean nothing on any scale, such as incomplete or not assessed."""
    return [mark for mark in marks if mark.strip().upper() not in scales().not_comparable]


def read_by_scale(marks: Collection[str]) -> dict[str, list[str]]:
    """Scale → those of the marks that stand on it; scales that read none are left out."""
    found = {}
    for name, scale in scales().scales.items():
        if not scale.refused_because and not (name == "percent" and _low(marks)):
            read = [mark for mark, band in bands_of(marks, name).items() if isinstance(band, GradeBand)]
            if read:
                found[name] = read
    return found


def guess(marks: Sequence[str]) -> ScaleGuess:
    """The one scale that all marks fit; or one that reads most of them where no other does."""
    asked = comparable(marks)
    if not asked:
        return ScaleGuess(None, 0, 0, "There is no mark that could tell the scale.")
    read = {name: len(found) for name, found in read_by_scale(asked).items()}
    best = sorted(read, key=lambda name: -read[name])
    fits = [name for name in best if read[name] == len(asked)]
    if len(fits) == 1:
        title = scales().scales[fits[0]].title
        return ScaleGuess(
            fits[0], len(asked), len(asked), f"All {len(asked)} different marks stand on “{title}”."
        )
    if fits:
        titles = ", ".join(scales().scales[name].title for name in fits)
        return ScaleGuess(
            None, len(asked), len(asked), f"The marks fit several scales: {titles}. Choose one."
        )
    if best and read[best[0]] >= _MOST * len(asked) and (len(best) == 1 or read[best[1]] < read[best[0]] / 2):
        left = [mark for mark in asked if mark not in set(read_by_scale(asked)[best[0]])]
        shown = ", ".join(left[:_NAMED]) + (" …" if len(left) > _NAMED else "")
        title = scales().scales[best[0]].title
        why = f"{read[best[0]]} of {len(asked)} different marks stand on “{title}”; these do not: {shown}."
        return ScaleGuess(best[0], read[best[0]], len(asked), why)
    return ScaleGuess(
        None, 0, len(asked), "The marks fit no scale the program knows. Choose one, or ask your district."
    )


def _low(marks: Collection[str]) -> bool:
    numbers = pd.to_numeric(pd.Series([mark.removesuffix("%") for mark in marks]), errors="coerce")
    return not (numbers > _PERCENT_ABOVE).any()
