"""Rows that belong together: sorted by a whole-number key, so that one sweep answers for all keys at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from reports.compare.codes import BoolArray, IntArray

Array = npt.NDArray[Any]

_DIGIT = 16


def order_of(values: IntArray) -> npt.NDArray[np.intp]:
    """Positions that sort whole numbers from 0 up, equal ones in the order given; radix sort, 16 bits at a time."""
    order = np.argsort((values & 0xFFFF).astype(np.uint16), kind="stable")
    highest = int(values.max(initial=0))
    shift = _DIGIT
    while highest >> shift:
        digit = ((values >> shift) & 0xFFFF).astype(np.uint16)
        order = order[np.argsort(digit[order], kind="stable")]
        shift += _DIGIT
    return order


@dataclass(frozen=True)
class Groups:
    """Rows sorted by `key` (whole numbers below `count`), and where each key that has rows begins."""

    key: npt.NDArray[np.intp]
    count: int
    held: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]

    @classmethod
    def of(cls, key: IntArray, count: int) -> Groups:
        """`key` must be sorted already."""
        sorted_key = np.asarray(key, np.intp)
        begins = np.flatnonzero(np.diff(sorted_key, prepend=-1))
        return cls(sorted_key, count, sorted_key[begins], begins)

    def top(self, values: Array, nothing: float) -> Array:
        """The largest value of each key; `nothing` for a key without rows."""
        return self._reduced(np.maximum, values, nothing)

    def least(self, values: Array, nothing: float) -> Array:
        """The smallest value of each key; `nothing` for a key without rows."""
        return self._reduced(np.minimum, values, nothing)

    def bits(self, values: Array) -> Array:
        """All bits set in any value of each key."""
        return self._reduced(np.bitwise_or, values, 0)

    def number(self, rows: BoolArray) -> npt.NDArray[np.int32]:
        """How many of `rows` each key has."""
        return np.asarray(self._reduced(np.add, rows.astype(np.int32), 0), np.int32)

    def any(self, rows: BoolArray) -> BoolArray:
        """For each key, whether one of `rows` belongs to it."""
        hit = np.zeros(self.count, bool)
        hit[self.key[rows]] = True
        return hit

    def spread(self, of_key: Array) -> Array:
        """A value of each key, handed to each of its rows."""
        return np.take(of_key, self.key)

    def place(self, rows: BoolArray) -> npt.NDArray[np.int64]:
        """The position of the one row of each key that is chosen, the first of several; -1 where there is none."""
        found = np.full(self.count, -1, np.int64)
        chosen = np.flatnonzero(rows)[::-1]
        found[self.key[chosen]] = chosen
        return found

    def only(self, rows: BoolArray) -> tuple[npt.NDArray[np.intp], Groups]:
        """The positions of some rows, and the groups of these alone."""
        positions = np.flatnonzero(rows)
        return positions, Groups.of(self.key[positions], self.count)

    def _reduced(self, reduce: np.ufunc, values: Array, nothing: float) -> Array:
        reduced = np.full(self.count, nothing, values.dtype)
        if len(self.starts):
            reduced[self.held] = reduce.reduceat(values, self.starts)
        return reduced
