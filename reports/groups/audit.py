"""Can an outsider work a hidden group out? The exact answer for the sizes of groups.

Within one dimension the sizes form a circulation: students flow from "all students" to a school, to a member (a
grade level, a language), to the district's row of that member, and back. A hidden row is an arc whose flow the
outsider does not know. How far it can be more or less than it is, with everything shown unchanged and nothing
below zero, is a largest flow through the other hidden arcs; by the integrality of flows the bound is met by whole
students (Ahuja, Magnanti, Orlin, Network Flows, 1993, sections 6 and 9).

A school whose row of all students is hidden is hidden as a whole (see `protect`), so that what a dimension moves
between such schools every other dimension can move too, and the dimensions may be looked at one by one.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Iterable

import numpy as np
import pandas as pd

from reports.groups.counts import ALL, DISTRICT

Node = Hashable
Arc = tuple[Node, Node]


def pinned_down(rows: pd.DataFrame, hidden: np.ndarray, width: int) -> list[int]:
    """Positions of hidden rows of the cube that an outsider knows within fewer than `width` students."""
    found = []
    for dimension in rows["dimension"].unique():
        if dimension == ALL:
            continue
        in_network = np.flatnonzero(hidden & rows["dimension"].isin([ALL, dimension]).to_numpy())
        arcs = {int(i): _arc(rows.iloc[i]) for i in in_network}
        network = _Network(arcs, {i: int(rows["students"].iloc[i]) for i in arcs})
        found += [i for i in arcs if network.width(i, width) < width]
    return sorted(set(found))


def _arc(row: pd.Series) -> Arc:
    place: Node = DISTRICT if row["geography"] == DISTRICT else ("school", row["place"])
    member: Node = ALL if row["dimension"] == ALL else ("member", row["member"])
    if (place == DISTRICT) == (member == ALL):
        return (place, member)
    return (member, place)


class _Network:
    """Hidden arcs with the flow they carry; a residual step forward has no limit, one back is limited by the flow."""

    def __init__(self, arcs: dict[int, Arc], flow: dict[int, int]) -> None:
        self.arcs = arcs
        self.flow = flow
        self.steps: dict[Node, list[tuple[int, int, Node]]] = defaultdict(list)
        for i, (tail, head) in arcs.items():
            self.steps[tail].append((i, +1, head))
            self.steps[head].append((i, -1, tail))

    def width(self, i: int, enough: int) -> int:
        """Values that the flow of arc `i` can take besides its own, counted up to `enough`."""
        tail, head = self.arcs[i]
        more = self._largest_flow(i, head, tail, enough)
        if more >= enough:
            return more
        return more + min(self.flow[i], self._largest_flow(i, tail, head, enough))

    def _largest_flow(self, without: int, start: Node, goal: Node, enough: int) -> int:
        flow = dict(self.flow)
        total = 0
        while total < enough:
            path = self._path(flow, without, start, goal)
            if path is None:
                break
            amount = min([enough - total, *(flow[i] for i, sign in path if sign < 0)])
            for i, sign in path:
                flow[i] += sign * amount
            total += amount
        return total

    def _path(
        self, flow: dict[int, int], without: int, start: Node, goal: Node
    ) -> Iterable[tuple[int, int]] | None:
        came: dict[Node, tuple[Node, int, int]] = {}
        waiting = deque([start])
        while waiting and goal not in came:
            node = waiting.popleft()
            for i, sign, other in self.steps[node]:
                if i != without and other != start and other not in came and (sign > 0 or flow[i] > 0):
                    came[other] = (node, i, sign)
                    waiting.append(other)
        if goal not in came:
            return None
        path, node = [], goal
        while node != start:
            node, i, sign = came[node]
            path.append((i, sign))
        return path
