"""Which rows of the cube may be shown, and what they say: ranges, wider the smaller the group.

1. A row is hidden when it holds fewer students than the minimum, or when all but fewer than the minimum of its
   total are in it: the few could be worked out by subtraction.
2. Where a total is the sum of rows, either none of them is hidden or at least two, which together hold at least the
   minimum, and whose statements the shown ranges do not settle. A school whose total is hidden is hidden entirely.
3. Hidden rows that an outsider can still narrow down to fewer than WIDTH values (`audit`) get one more neighbour
   hidden, until there is none.
4. A shown row says its number of students and a range of percent for each statement, never a count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from reports.groups.audit import pinned_down
from reports.groups.counts import ALL, DISTRICT, KEYS, SCHOOL, STATEMENTS

WIDTH: Final = 3

# From this many students on, a share is told in steps of this many percent (NCES 2011-603 for the widening).
_STEPS: Final = ((300, 1), (60, 5), (20, 10), (0, 20))

Mask = np.ndarray


def protect(rows: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """What may leave: KEYS, measure, shown, students, percent_low, percent_high (integers, <NA> where hidden).

    `rows` is a cube; `minimum` the smallest group that may be shown.
    """
    return cells(rows, hidden_rows(rows, minimum))


def cells(rows: pd.DataFrame, hidden: Mask) -> pd.DataFrame:
    """One cell a row and statement, with nothing but `shown` = False where the row is hidden."""
    frames = []
    for statement in STATEMENTS:
        low, high = share_range(rows[statement].to_numpy(), rows["students"].to_numpy())
        numbers = pd.DataFrame({"students": rows["students"], "percent_low": low, "percent_high": high})
        numbers = numbers.astype("Int64").mask(pd.Series(hidden, index=rows.index))
        frames.append(pd.concat([rows[KEYS].assign(measure=statement, shown=~hidden), numbers], axis=1))
    return pd.concat(frames, ignore_index=True)


def share_range(counts: np.ndarray, students: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Percent from (included) and to (excluded, but 100 is included) of each share; never a single value."""
    step = _step(students)
    percent = 100 * counts // np.maximum(students, 1)
    low = np.minimum(percent // step * step, 100 - step)
    return low, low + step


def _step(students: np.ndarray) -> np.ndarray:
    return np.select([students >= least for least, _ in _STEPS], [step for _, step in _STEPS])


def count_bounds(counts: np.ndarray, students: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest count that the shown range of each share leaves open."""
    low, high = share_range(counts, students)
    smallest = -(-low * students // 100)
    return smallest, np.where(high == 100, students, -(-high * students // 100) - 1)


@dataclass(frozen=True)
class _Sum:
    """A total that is the sum of its parts; all are positions of rows."""

    total: int
    parts: np.ndarray


def hidden_rows(rows: pd.DataFrame, minimum: int, also: Mask | None = None) -> Mask:
    """True for each row of the cube that must not be shown; `also` are rows to be hidden anyway."""
    sums = _sums(rows)
    hidden = _primary(rows["students"].to_numpy(), sums, minimum)
    if also is not None:
        hidden |= also
    while True:
        _hide_whole_schools(rows, hidden)
        if _complete(rows, sums, hidden, minimum):
            continue
        pinned = pinned_down(rows, hidden, WIDTH)
        # With every row hidden there is nothing left to learn any from.
        if not any([_hide_neighbour(rows, sums, hidden, row) for row in pinned]):
            return hidden


def batch_rows(batch: pd.DataFrame, minimum: int) -> Mask:
    """True for each row whose students that changed may be seen by comparing two dates.

    `batch` is the cube of the changed students. A row that changed by fewer than `minimum` may not; nor may one
    more of a sum in which a single row, or few students together, would stay behind.
    """
    changed = batch["students"].to_numpy()
    held = (changed > 0) & (changed < minimum)
    sums = _sums(batch)
    again = True
    while again:
        again = False
        for relation in sums:
            together = np.append(relation.parts, relation.total)
            behind = together[held[together]]
            moving = together[~held[together] & (changed[together] > 0)]
            enough = len(behind) == 0 or (len(behind) > 1 and changed[behind].sum() >= minimum)
            if not enough and len(moving):
                held[moving[np.argmin(changed[moving])]] = True
                again = True
    return ~held


def _sums(rows: pd.DataFrame) -> list[_Sum]:
    """Each school's and the district's total over the members; each member's district total over the schools."""
    position = {tuple(keys): i for i, keys in enumerate(rows[KEYS].itertuples(index=False, name=None))}
    by_place = rows[rows["dimension"] != ALL].groupby(["geography", "place", "dimension"], sort=True)
    sums = [
        _Sum(position[geography, place, ALL, ALL], members.index.to_numpy())
        for (geography, place, _), members in by_place
    ]
    by_member = rows[rows["geography"] == SCHOOL].groupby(["dimension", "member"], sort=True)
    return sums + [
        _Sum(position[DISTRICT, DISTRICT, dimension, member], schools.index.to_numpy())
        for (dimension, member), schools in by_member
    ]


def _primary(students: np.ndarray, sums: list[_Sum], minimum: int) -> Mask:
    hidden: Mask = students < minimum
    for relation in sums:
        rest = students[relation.total] - students[relation.parts]
        hidden[relation.parts[(rest > 0) & (rest < minimum)]] = True
    return hidden


def _hide_whole_schools(rows: pd.DataFrame, hidden: Mask) -> None:
    totals = rows[hidden & (rows["dimension"] == ALL).to_numpy()]
    if (totals["geography"] == DISTRICT).any():
        hidden[:] = True
    hidden[(rows["geography"] == SCHOOL) & rows["place"].isin(totals["place"])] = True


def _complete(rows: pd.DataFrame, sums: list[_Sum], hidden: Mask, minimum: int) -> bool:
    """Hide one more row in each sum that would give its hidden rows away; whether any was hidden."""
    students = rows["students"].to_numpy()
    crossing = _crossing(sums, len(rows))
    before = hidden.sum()
    for relation in sums:
        while _gives_away(rows, relation, hidden, minimum):
            visible = relation.parts[~hidden[relation.parts]]
            if len(visible) == 0:
                hidden[relation.total] = True
                break
            # Rows whose other sum has hidden rows already cost least: no further row has to follow them.
            alone = [not any(hidden[sums[s].parts].any() for s in crossing[row]) for row in visible]
            hidden[visible[np.lexsort((visible, students[visible], alone))[0]]] = True
    return bool(hidden.sum() > before)


def _crossing(sums: list[_Sum], count: int) -> list[list[int]]:
    crossing: list[list[int]] = [[] for _ in range(count)]
    for number, relation in enumerate(sums):
        for row in relation.parts:
            crossing[row].append(number)
    return crossing


def _gives_away(rows: pd.DataFrame, relation: _Sum, hidden: Mask, minimum: int) -> bool:
    parts = relation.parts[hidden[relation.parts]]
    if hidden[relation.total]:
        return len(parts) == 0
    if len(parts) == 0:
        return False
    pool = rows["students"].to_numpy()[parts].sum()
    return len(parts) < 2 or pool < minimum or _settled(rows, relation, hidden, int(pool))


def _settled(rows: pd.DataFrame, relation: _Sum, hidden: Mask, pool: int) -> bool:
    """Whether the ranges of the total and of the shown rows leave one count only for the hidden rows together."""
    shown = np.append(relation.parts[~hidden[relation.parts]], relation.total)
    students = rows["students"].to_numpy()[shown]
    for statement in STATEMENTS:
        least, most = count_bounds(rows[statement].to_numpy()[shown], students)
        smallest = max(0, least[-1] - most[:-1].sum())
        largest = min(pool, most[-1] - least[:-1].sum())
        if smallest >= largest:
            return True
    return False


def _hide_neighbour(rows: pd.DataFrame, sums: list[_Sum], hidden: Mask, row: int) -> bool:
    """Hide the smallest shown row that is summed up together with `row`, else of its dimension, else of all."""
    together = {i for s in sums if row in s.parts or row == s.total for i in (*s.parts, s.total)}
    dimension = rows["dimension"].iloc[row]
    near = np.isin(np.arange(len(rows)), list(together))
    for candidates in (near, (rows["dimension"] == dimension).to_numpy(), np.ones(len(rows), dtype=bool)):
        visible = np.flatnonzero(candidates & ~hidden)
        if len(visible):
            hidden[visible[np.argmin(rows["students"].to_numpy()[visible])]] = True
            return True
    return False
