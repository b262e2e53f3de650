"""What changed from one version of a report to a later one."""

from __future__ import annotations

from collections.abc import Mapping

from reports.family.report import FamilyReport

_Said = tuple[str, str, str]


def corrected(before: FamilyReport, after: FamilyReport) -> bool:
    """Whether a grade or a test that both tell of reads otherwise in the later one. What came in new corrects nothing.

    Both are in the same language.
    """
    said = _said(after)
    return any(said.get(where, words) != words for where, words in _said(before).items())


def _said(report: FamilyReport) -> Mapping[tuple[str, str, str, str], _Said]:
    """Subject, kind, source and date of each grade and test → what is said of it."""
    return {
        (block.subject, row.kind, row.source, row.when): (row.says, row.detail, row.state)
        for block in report.subjects
        for row in block.rows
    }
