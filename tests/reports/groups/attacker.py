"""An outsider with pencil and paper: solves what is published for what is hidden, exactly, by linear programming.

It knows the shape of the tables, every shown number and range, and that no group holds fewer than none. It knows
nothing of how the protection works and shares no code with it.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor, inf

import pandas as pd

Row = list[Fraction]


def smallest_and_largest(cells: pd.DataFrame) -> dict[tuple[str, ...], tuple[float, float]]:
    """For each hidden row of the published cells the range of students that fits all that is shown."""
    rows = cells.drop_duplicates(["geography", "place", "dimension", "member"])
    keys = [tuple(k) for k in rows[["geography", "place", "dimension", "member"]].itertuples(index=False)]
    known = {k: int(n) for k, n, shown in zip(keys, rows["students"], rows["shown"], strict=True) if shown}
    unknown = [k for k in keys if k not in known]
    equations = []
    for total, parts in relations(keys):
        terms = dict.fromkeys([*parts], 1) | {total: -1}
        left = [Fraction(terms.get(k, 0)) for k in unknown]
        right = Fraction(-sum(sign * known[k] for k, sign in terms.items() if k in known))
        equations.append([*left, right])
    found = {}
    for number, key in enumerate(unknown):
        least = minimum(equations, number, +1)
        most = -minimum(equations, number, -1)
        found[key] = (ceil(least), floor(most) if most != inf else inf)
    return found


def relations(keys: list[tuple[str, ...]]) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """Sums over the members of a dimension in one place, and over the schools for one member."""
    found = []
    for total in keys:
        geography, place, dimension, member = total
        if dimension == "all":
            for other in {k[2] for k in keys} - {"all"}:
                found.append((total, [k for k in keys if k[:3] == (geography, place, other)]))
        if geography == "district":
            schools = [k for k in keys if k[0] == "school" and k[2:] == (dimension, member)]
            if schools:
                found.append((total, schools))
    return found


def minimum(equations: list[Row], variable: int, sign: int) -> float | Fraction:
    """The least value of sign × variable with all variables at least 0; -inf without a bound. Simplex, Bland's rule."""
    count = len(equations[0]) - 1
    table, basis = _feasible([list(row) for row in equations], count)
    costs = [Fraction(0)] * (count + 1)
    costs[variable] = Fraction(sign)
    return _descend(table, basis, costs, count)


def _feasible(table: list[Row], count: int) -> tuple[list[Row], list[int]]:
    """A starting solution: one artificial variable a row, driven to nought."""
    size = len(table)
    for i, row in enumerate(table):
        if row[-1] < 0:
            table[i] = row = [-x for x in row]
        table[i] = [*row[:-1], *[Fraction(int(i == j)) for j in range(size)], row[-1]]
    basis = [count + i for i in range(size)]
    left = _descend(table, basis, [Fraction(0)] * count + [Fraction(1)] * size + [Fraction(0)], count + size)
    assert left == 0, "what is published fits the truth, so there is a solution"
    for i in range(size):
        if basis[i] >= count:
            column = next((j for j in range(count) if table[i][j]), None)
            if column is not None:
                _pivot(table, basis, i, column)
    kept = [i for i in range(size) if basis[i] < count]
    return [[*table[i][:count], table[i][-1]] for i in kept], [basis[i] for i in kept]


def _descend(table: list[Row], basis: list[int], costs: Row, count: int) -> float | Fraction:
    costs = list(costs)
    for i, b in enumerate(basis):
        if costs[b]:
            factor = costs[b]
            costs = [c - factor * x for c, x in zip(costs, table[i], strict=True)]
    while True:
        column = next((j for j in range(count) if costs[j] < 0), None)
        if column is None:
            return -costs[-1]
        ratios = [(row[-1] / row[column], basis[i], i) for i, row in enumerate(table) if row[column] > 0]
        if not ratios:
            return -inf
        line = min(ratios)[2]
        _pivot(table, basis, line, column)
        factor = costs[column]
        costs = [c - factor * x for c, x in zip(costs, table[line], strict=True)]


def _pivot(table: list[Row], basis: list[int], line: int, column: int) -> None:
    pivot = table[line][column]
    table[line] = [x / pivot for x in table[line]]
    for i, row in enumerate(table):
        if i != line and row[column]:
            factor = row[column]
            table[i] = [x - factor * y for x, y in zip(row, table[line], strict=True)]
    basis[line] = column
