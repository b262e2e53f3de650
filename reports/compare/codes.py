"""The shared vocabulary as small whole numbers, in which whole columns are worked on; words return at the door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.compare.rules import Rule
from reports.records import Category, Evidence, GradeBand, Refusal

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.integer[Any]]
ObjectArray = npt.NDArray[Any]

NONE: Final = -1

EVIDENCE: Final = tuple(Evidence)
REFUSALS: Final = tuple(Refusal)
RULES: Final = tuple(Rule)
BANDS: Final = tuple(GradeBand)
CATEGORIES: Final = tuple(Category)
# Where the error of a score came from, best first.
SOURCES: Final = ("csem", "test_sem", "quarter_sd", "level", "projection")

AT: Final = EVIDENCE.index(Evidence.AT)
CLOSE: Final = EVIDENCE.index(Evidence.CLOSE)
NOT_YET: Final = EVIDENCE.index(Evidence.NOT_YET)
# Tests at opposite ends: what several say together, never what one says.
OPPOSITE: Final = len(EVIDENCE)

_REFUSAL: Final = {refusal: code for code, refusal in enumerate(REFUSALS)}
_RULE: Final = {rule: code for code, rule in enumerate(RULES)}


def refusal_code(refusal: Refusal) -> int:
    return _REFUSAL[refusal]


def rule_code(rule: Rule) -> int:
    return _RULE[rule]


def none(count: int) -> npt.NDArray[np.int8]:
    """`count` codes that name nothing."""
    return np.full(count, NONE, np.int8)


def words(codes: IntArray, named: Sequence[Any]) -> ObjectArray:
    """The named value of each code, None for -1."""
    listed = np.empty(len(named) + 1, object)
    listed[:-1] = list(named)
    return np.asarray(listed[codes], dtype=object)


def labelled(codes: IntArray, named: Sequence[StrEnum] | Sequence[str]) -> pd.Categorical:
    """The same as a pandas Categorical of text, which keeps one code a row; NaN for -1."""
    place, different = pd.factorize(np.array([str(name) for name in named], object))
    code = np.append(place, NONE)[codes] if len(different) < len(named) else codes
    return pd.Categorical.from_codes(code, categories=pd.Index(different, dtype=object))


@dataclass
class Verdicts:
    """Refusals of rows, in the order in which the rules are asked: the first one stays. -1 = not refused."""

    count: int
    refusal: npt.NDArray[np.int8] = field(init=False)
    rule: npt.NDArray[np.int8] = field(init=False)

    def __post_init__(self) -> None:
        self.refusal, self.rule = none(self.count), none(self.count)

    @property
    def open(self) -> BoolArray:
        return np.asarray(self.refusal < 0, dtype=bool)

    def refuse(self, rows: BoolArray, refusal: Refusal, rule: Rule) -> None:
        if rows.any():
            rows = rows & self.open
            self.refusal[rows], self.rule[rows] = refusal_code(refusal), rule_code(rule)

    def adopt(self, rows: BoolArray, refusal: IntArray, rule: IntArray) -> None:
        """Take over refusals found elsewhere, one for each of `rows`; -1 refuses nothing."""
        taken = rows & self.open
        chosen = taken[rows]
        self.refusal[taken], self.rule[taken] = refusal[chosen], rule[chosen]


def rule_bits(*rules: Rule) -> int:
    """The bit mask in which each of these rules is set: bit number = place in `Rule`."""
    return sum(1 << rule_code(rule) for rule in rules)


def rule_names(mask: int) -> list[str]:
    """The names of the rules set in a bit mask, in their own order."""
    return [str(rule) for code, rule in enumerate(RULES) if mask >> code & 1]


def rule_labels(masks: npt.NDArray[np.int64]) -> pd.Categorical:
    """The rules of each row as one text, names in their own order with a blank between. One look per combination."""
    different, code = np.unique(masks, return_inverse=True)
    return labelled(code.astype(np.int32), [" ".join(rule_names(int(mask))) for mask in different])
