"""Rule 5: what several current tests of one student and subject say together. Scores are never averaged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reports.compare.codes import AT, CLOSE, NONE, NOT_YET, OPPOSITE, BoolArray, none, rule_code
from reports.compare.groups import Groups
from reports.compare.rules import Rule
from reports.compare.seasons import NO_DAY
from reports.records import ComparisonPolicy


@dataclass(frozen=True)
class Together:
    """For each student and subject the common evidence (a code, or OPPOSITE; -1 = no test) and how it came about.

    `counts` is over the tests: False where a test is not current, or too far in time from the newest to count.
    """

    common: npt.NDArray[np.int8]
    rule: npt.NDArray[np.int8]
    counts: BoolArray


def together(
    evidence: npt.NDArray[np.int8],
    day: npt.NDArray[np.int32],
    is_current: BoolArray,
    keys: Groups,
    policy: ComparisonPolicy,
) -> Together:
    """What the current tests of each key say together; `evidence` and `day` are over the tests, sorted by key."""
    says = np.where(is_current, np.left_shift(1, evidence, dtype=np.int8), np.int8(0))
    said = keys.bits(says)
    near = opposite_ends(evidence, day, is_current, keys, said, policy)
    counts = is_current & ~_set_aside(day, is_current, keys, _both(said) & ~near, policy)
    aside = is_current & ~counts
    if aside.any():
        said = keys.bits(np.where(counts, says, np.int8(0)))
    at, close, not_yet = (said >> state & 1 > 0 for state in (AT, CLOSE, NOT_YET))
    common = np.select([near, at, not_yet, close], [OPPOSITE, AT, NOT_YET, CLOSE], NONE).astype(np.int8)
    several = keys.number(counts) > 1
    rule = none(keys.count)
    rule[several] = rule_code(Rule.TESTS_AGREE)
    rule[several & close & (at | not_yet)] = rule_code(Rule.ONE_TEST_CLOSE)
    rule[keys.any(aside)] = rule_code(Rule.NEWEST_TESTS_DECIDE)
    rule[near] = rule_code(Rule.OPPOSITE_ENDS)
    return Together(common, rule, counts)


def _both(said: npt.NDArray[np.int8]) -> BoolArray:
    ends = 1 << AT | 1 << NOT_YET
    return np.asarray(said & ends == ends, dtype=bool)


def opposite_ends(
    evidence: npt.NDArray[np.int8],
    day: npt.NDArray[np.int32],
    is_current: BoolArray,
    keys: Groups,
    said: npt.NDArray[np.int8],
    policy: ComparisonPolicy,
) -> BoolArray:
    """For each key: does it have an AT and a NOT_YET within the days of disagreement?"""
    found = np.zeros(keys.count, bool)
    both = _both(said)
    if not both.any():
        return found
    rows = np.flatnonzero(keys.spread(both) & is_current)
    # Day and key in one number: the nearest NOT_YET of the same key stands beside each AT.
    placed = (keys.key[rows].astype(np.int64) << 32) + (day[rows].astype(np.int64) - NO_DAY)
    at = placed[evidence[rows] == AT]
    not_yet = np.sort(placed[evidence[rows] == NOT_YET])
    after = np.searchsorted(not_yet, at)
    for beside in (np.minimum(after, len(not_yet) - 1), np.maximum(after - 1, 0)):
        close_by = np.abs(not_yet[beside] - at) <= policy.disagreement_days
        found[at[close_by] >> 32] = True
    return found


def _set_aside(
    day: npt.NDArray[np.int32],
    is_current: BoolArray,
    keys: Groups,
    apart: BoolArray,
    policy: ComparisonPolicy,
) -> BoolArray:
    """Tests at opposite ends far apart in time: only those near the newest count."""
    if not apart.any():
        return np.zeros(len(day), bool)
    newest = keys.spread(keys.top(np.where(is_current, day, NO_DAY), NO_DAY))
    return np.asarray(keys.spread(apart) & (newest - day > policy.disagreement_days), dtype=bool)
