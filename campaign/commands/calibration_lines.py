"""What `gbg calibrate` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import pandas as pd

from campaign.comparing.calibration import WORDS, CalibrationReport, reason, right
from reports.compare.calibration import QUESTION_MEANS, Calibration
from reports.compare.small_cells import Shown

_HEADING = (
    f"    {'subject':<16}{'grade level':<13}{'forecasts':>9}{'came true':>11}{'Brier':>8}{'ECE':>8}{'decided':>9}"
    "  right of the decided"
)
_NOTHING = (
    "  No earlier test stands beside a later state test of the same student and subject. Import the results of past"
    ' years with "gbg import": last year\'s interim and state tests are enough.'
)


def lines(district: str, found: CalibrationReport) -> Iterator[str]:
    """By question and source a row a subject and grade, then how often each word came true."""
    yield f"{district}: how often forecasts came true on the next state test ({found.forecasts:,} forecasts)"
    if not found.forecasts:
        yield _NOTHING
        return
    for key, rows in found.table.groupby(["question", "source"]):
        question, source = cast("tuple[str, str]", key)
        yield f"  {QUESTION_MEANS[question]} Said by: {source}"
        yield _HEADING
        yield from (_row(row) for row in rows.to_dict("records"))
    yield "  (a) is held against a test with an error of its own; (b) is about that test's score. Never compare them."
    if len(found.evidence):
        yield "  How many reached grade level on the state test, by what the earlier test said"
        yield from (_word(row) for row in found.evidence.to_dict("records"))


def _row(row: Mapping[Any, Any]) -> str:
    level = row["grade_level"]
    grade = "all" if pd.isna(level) else f"{level:.0f}"
    start = f"    {row['subject']:<16}{grade:<13}"
    found = row["calibration"]
    if not isinstance(found, Calibration):
        return f"{start}{'–':>9}  {reason(str(row['shown']))}"
    return (
        f"{start}{found.students:>9,}{found.came_true:>11.0%}{found.brier:>8.3f}{found.ece:>8.3f}"
        f"{found.decided:>9.0%}  {right(found)}"
    )


def _word(row: Mapping[Any, Any]) -> str:
    start = f"    {row['source']:<28}{row['subject']:<16}{WORDS[row['evidence']]:<24}"
    if row["shown"] == Shown.YES:
        return f"{start}{row['came_true']:>5.0%} of {row['students']:,.0f}"
    limits = {Shown.TOP: f"{row['limit']}% or more. ", Shown.BOTTOM: f"{row['limit']}% or fewer. "}
    return f"{start}{limits.get(Shown(str(row['shown'])), '')}{reason(str(row['shown']))}"
