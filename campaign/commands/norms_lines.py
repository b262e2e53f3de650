"""What `gbg norms` prints."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import pandas as pd

from campaign.comparing.norms import SHOWN_MEANS, DistrictNorms, GradeNorm, statement_words
from content.catalog import Catalog
from reports.compare.small_cells import Shown

_NOTHING = (
    "  No final mark stands beside a valid state test of that year. Import last year's marks and results with"
    ' "gbg import".'
)


def lines(district: str, norms: DistrictNorms, catalog: Catalog) -> Iterator[str]:
    """The table of staff, then what families could read."""
    year = f"{norms.school_year - 1}-{norms.school_year % 100:02d}"
    yield f"{district}: what a grade meant in {year}, of all students with a final mark and a valid state test"
    if not norms.rows:
        yield _NOTHING
        return
    for subject, rows in groupby(norms.rows, key=lambda row: row.subject):
        yield f"  {subject}"
        yield f"    {'grade level':<12}{'grade':<10}{'students':>9}  met grade level (about 95% interval)   scale"
        yield from (_row(row) for row in rows)
    yield f"  Families could read a sentence about {len(norms.statements)} of {norms.grades} grades of courses."
    yield from (
        f"    {one.course}, {one.grade}: {statement_words(one.statement)}" for one in norms.statements
    )
    if norms.statements:
        first = norms.statements[0]
        fields = {"student": "…", "mark": first.grade, "tenths": str(first.statement.tenths)}
        yield f"  In the words of the report: {catalog.norm(first.statement.code, 'en', fields)}"


def cross_table_lines(table: pd.DataFrame, cut: float, high: tuple[float, str]) -> Iterator[str]:
    """A protected cross-table of marks and scores; `high` is the share below of the named marks together."""
    yield f"{'mark':<24}{'students':>9}{'mean':>8}  below {cut:g}"
    for row in table.to_dict("records"):
        if row["shown"] == Shown.YES:
            numbers = f"{row['students']:>9,.0f}{row['mean']:>8.1f}  {row['share_below']:.1%}"
        else:
            numbers = f"{'':>9}{'':>8}  {_coded(row['shown'], row['limit'])}{_REASONS[row['shown']]}"
        yield f"{row['mark']!s:<24}{numbers}"
    share, marks = high
    if not pd.isna(share):
        yield f"{marks} together: {share:.1%} below {cut:g}"


_REASONS = {
    Shown.YES: "",
    Shown.TOP: " (fewer than 5 are not)",
    Shown.BOTTOM: " (fewer than 5 are)",
    Shown.TOO_FEW: "fewer than 10 students",
    Shown.COVER: "hidden so that a smaller group cannot be worked out",
}


def _row(row: GradeNorm) -> str:
    start = f"    {row.grade_level:<12}{row.grade:<10}"
    if row.shown != Shown.YES or row.pooled is None or row.low is None or row.high is None:
        said = _coded(row.shown, row.limit)
        return f"{start}{'–':>9}  {said}{'. ' if said else ''}{SHOWN_MEANS[row.shown]}"
    interval = f"{row.pooled:>4.0%}  ({row.low:.0%} to {row.high:.0%})"
    return f"{start}{row.students:>9,}  {interval:<37}{row.scale}"


def _coded(shown: str, limit: int | None) -> str:
    return {Shown.TOP: f"{limit}% or more", Shown.BOTTOM: f"{limit}% or fewer"}.get(Shown(shown), "")
