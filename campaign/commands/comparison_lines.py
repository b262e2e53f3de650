"""What `gbg compare` prints of a district."""

from __future__ import annotations

from collections.abc import Iterator

from campaign.comparing.comparisons import ComparisonSummary
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
