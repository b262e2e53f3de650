"""Rule 12: whether a score went up, went down, or stayed about the same between two tests of one scale.

A difference counts only where it is larger than what error alone gives in one of five cases:
|Δ| > 1.28·√(SEM₁² + SEM₂²), on the same version of the same scale. Anything else is not compared at all.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
ObjectArray = npt.NDArray[Any]

# z above which a difference is called one: errors alone pass it upwards in 1 of 10 cases, downwards in 1 of 10.
CERTAIN_Z: Final = 1.28


class Change(StrEnum):
    HIGHER = "higher"
    LOWER = "lower"
    ABOUT_THE_SAME = "about_the_same"


def change(
    earlier: FloatArray,
    later: FloatArray,
    earlier_error: FloatArray,
    later_error: FloatArray,
    same_scale: npt.NDArray[np.bool_],
) -> ObjectArray:
    """A Change for each pair of scores; None where the scales differ or a score or error is unknown.

    Scores and their standard errors in points of the scale, all arrays of one shape.
    """
    difference = np.asarray(later, float) - earlier
    with np.errstate(over="ignore"):
        needed = CERTAIN_Z * np.hypot(earlier_error, later_error)
    found: ObjectArray = np.full(difference.shape, None, object)
    known = np.isfinite(difference) & np.isfinite(needed) & np.asarray(same_scale, bool)
    known &= (np.asarray(earlier_error) > 0) & (np.asarray(later_error) > 0)
    found[known] = Change.ABOUT_THE_SAME
    found[known & (difference > needed)] = Change.HIGHER
    found[known & (difference < -needed)] = Change.LOWER
    return found
