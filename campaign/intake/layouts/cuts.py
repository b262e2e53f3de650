"""Numbers by grade: lowest scores of levels, and what a scale can reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from campaign.intake.assessments.settings_file import SEASONS
from campaign.intake.layouts.checking import Checked, by_number


@dataclass(frozen=True)
class Cuts:
    """Numbers by grade that hold for some school years: lowest scores of the levels, or the ends of the scale."""

    subject: str
    season: str | None
    years: range
    grades: Mapping[int, tuple[float, ...]]


def read_cuts(top: Checked, key: str) -> tuple[Cuts, ...]:
    found = []
    for entry in top.tables(key):
        first, last = entry.get("first_year", int, 1900), entry.get("last_year", int, 2100)
        numbers = by_number(entry, "grades", lambda values: tuple(float(value) for value in values))
        season = entry.one_of("season", (*SEASONS, ""), "") or None
        found.append(Cuts(entry.need("subject", str), season, range(first, last + 1), numbers))
        entry.need("source", str)
        entry.done()
    return tuple(found)


def check_cuts(top: Checked, cuts: Sequence[Cuts], steps: Set[int]) -> None:
    for cut in cuts:
        if any(len(found) not in steps or list(found) != sorted(set(found)) for found in cut.grades.values()):
            raise top.fail("[[cut]] grades must give the lowest score of each level above the first, rising.")


def check_ranges(top: Checked, ranges: Sequence[Cuts]) -> None:
    for limits in ranges:
        if any(len(ends) != 2 or ends[0] >= ends[1] for ends in limits.grades.values()):
            raise top.fail("[[range]] grades must give the lowest and the highest score.")
