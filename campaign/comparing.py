"""The command that compares: districts one after the other, and what it prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Engine

from campaign import comparisons
from campaign.access import ENGINE
from campaign.comparisons import ComparisonSummary, NotFound, Terms
from campaign.database import transaction
from campaign.settings import Settings
from campaign.store import comparisons as store
from campaign.store.comparisons import Written
from reports.compare.rules import REFUSAL_MEANING
from reports.records import Category, Refusal

_SAYS = {
    Category.MATCH_AT: "mark high, test at grade level",
    Category.HIGH_CLOSE: "mark high, test close to the line",
    Category.HIGH_NOTYET: "mark high, test not yet at grade level",
    Category.MID_AT: "mark middle, test at grade level",
    Category.MID_CLOSE: "mark middle, test close to the line",
    Category.MID_NOTYET: "mark middle, test not yet at grade level",
    Category.LOW_AT: "mark low, test at grade level",
    Category.LOW_CLOSE: "mark low, test close to the line",
    Category.BOTH_NEED: "mark low, test not yet at grade level",
    Category.TESTS_DISAGREE: "two current tests at opposite ends",
    Category.NOT_ENOUGH: "not enough to compare",
    Category.OTHER_TEST: "alternate assessment",
}


@dataclass(frozen=True)
class District:
    id: int
    code: str
    name: str
    students: int


def districts(engine: Engine, code: str | None) -> list[District]:
    """The district of this code, or all. Raises NotFound where there is none."""
    with transaction(engine, ENGINE) as connection:
        found = [District(**row) for row in store.districts(connection, code)]
    if not found:
        raise NotFound(
            f"There is no district {code}." if code else "There is no district yet; import a roster first."
        )
    return found


def compare_one(
    engine: Engine,
    settings: Settings,
    district: District,
    as_of: date,
    now: datetime,
    progress: Callable[[int], None],
) -> ComparisonSummary:
    """Compare one district with its own grade scales; `progress` is told the students of each chunk as it is done."""
    terms = Terms(
        comparisons.policy_of(settings.comparison), as_of, comparisons.scales_of(settings.home, district.code)
    )
    written = Written()
    for students, part in comparisons.compare_chunks(engine, district.id, terms, now):
        written += part
        progress(students)
    return comparisons.summary(engine, district.id, district.students, written)


def export(engine: Engine, chosen: Sequence[District], file: Path) -> int:
    """Write the outcomes of these districts into one CSV; returns the number of rows."""
    with transaction(engine, ENGINE) as connection:
        return comparisons.export(connection, [district.id for district in chosen], file)


def lines(district: str, summary: ComparisonSummary) -> Iterator[str]:
    """The district's comparisons by category, what changed, and each refusal with its meaning and remedy."""
    written = summary.written
    yield f"{district}: {summary.students:,} students, {summary.total:,} comparisons"
    yield f"  {written.new:,} new, {written.changed:,} replaced by a new version, {written.unchanged:,} as before"
    if not summary.total:
        yield '  There is nothing to compare yet; import marks and test results with "gbg import".'
        return
    for category in Category:
        yield f"  {category:<15} {summary.by_category.get(category, 0):>9,}  {_SAYS[category]}"
    if summary.by_refusal:
        yield "  Why not:"
    for name, count in sorted(summary.by_refusal.items(), key=lambda item: (-item[1], item[0])):
        meaning, remedy = REFUSAL_MEANING[Refusal(name)]
        yield f"  {name:<20} {count:>9,}  {meaning} {remedy}"
