"""Rule 12: a change over time is named only where error alone would seldom make one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reports.compare.change import Change, change


def changed(earlier: float, later: float, *errors: float, same_scale: bool = True) -> str | None:
    first, second = errors or (26.0, 26.0)
    return change(*(np.array([v]) for v in (earlier, later, first, second)), np.array([same_scale]))[0]


NEEDED = 1.28 * math.sqrt(26.0**2 + 26.0**2)


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        (0.0, Change.ABOUT_THE_SAME),
        (NEEDED - 0.01, Change.ABOUT_THE_SAME),
        (NEEDED + 0.01, Change.HIGHER),
        (0.01 - NEEDED, Change.ABOUT_THE_SAME),
        (-NEEDED - 0.01, Change.LOWER),
    ],
)
def test_rule_12_a_change_must_be_larger_than_error(difference: float, expected: str) -> None:
    assert changed(2500.0, 2500.0 + difference) == expected


def test_rule_12_both_errors_count() -> None:
    assert changed(2500.0, 2540.0, 20.0, 20.0) == Change.HIGHER
    assert changed(2500.0, 2540.0, 20.0, 30.0) == Change.ABOUT_THE_SAME


@pytest.mark.parametrize(
    ("earlier", "later", "first", "second", "same_scale"),
    [
        (2500.0, 2700.0, 26.0, 26.0, False),
        (math.nan, 2700.0, 26.0, 26.0, True),
        (2500.0, math.nan, 26.0, 26.0, True),
        (2500.0, math.inf, 26.0, 26.0, True),
        (2500.0, 2700.0, math.nan, 26.0, True),
        (2500.0, 2700.0, 26.0, math.nan, True),
        (2500.0, 2700.0, 0.0, 26.0, True),
    ],
)
def test_rule_12_what_cannot_be_compared_is_not_called_a_change(
    earlier: float, later: float, first: float, second: float, same_scale: bool
) -> None:
    assert changed(earlier, later, first, second, same_scale=same_scale) is None
