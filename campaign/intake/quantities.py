"""Numbers and truth values as sources write them."""

from __future__ import annotations

import math

from campaign.intake.problems import RowRefused

_TRUE = frozenset({"true", "1", "y", "yes", "t"})
_FALSE = frozenset({"false", "0", "n", "no", "f"})


def read_number(
    value: str, column: str, minimum: float | None = None, maximum: float | None = None
) -> float | None:
    """A finite number within the bounds; blank gives None. Raises RowRefused."""
    value = value.strip().removesuffix("%").strip()
    if not value:
        return None
    try:
        number = float(value)
    except ValueError:
        raise RowRefused("unreadable_number", column) from None
    if not math.isfinite(number) or "_" in value:
        raise RowRefused("unreadable_number", column)
    if (minimum is not None and number < minimum) or (maximum is not None and number > maximum):
        raise RowRefused("number_out_of_range", column, f"{minimum} to {maximum}")
    return number


def read_truth(value: str, column: str) -> bool | None:
    """true, 1, Y, yes … or false, 0, N, no …; blank gives None. Raises RowRefused."""
    folded = value.strip().casefold()
    if not folded:
        return None
    if folded in _TRUE:
        return True
    if folded in _FALSE:
        return False
    raise RowRefused("unreadable_truth_value", column)
