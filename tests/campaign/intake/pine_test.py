"""A made-up test, described as a district would describe its own, and what its exports gave."""

from __future__ import annotations

from pathlib import Path

from tests.campaign.intake.layout_samples import Outcome, read_export

PINE = """
family = "Pine Test"
title = "Pine Test of Reading"
version = "2026"
kind = "summative"
error_unit = "points"
date_order = "mdy"
no_value = ["N/A*"]
key = ["Day"]
[[layout]]
name = "2026"
needs = ["Pine ID", "Points", "Band"]
[student]
given_name = "First"
family_name = "Last"
birth_date = "Born"
[student.identifiers]
"Pine ID" = ["state"]
[fields]
subject = { value = "reading" }
grade_level = "Grade"
administered_on = "Day"
scale_score = { column = "Points", minimum = 0, maximum = 500 }
csem = "Error"
level = "Band"
[levels]
order = ["Low", "Near", "There"]
floor = "There"
aliases = { "3" = "Low", "2" = "Near", "1" = "There" }
[[cut]]
subject = "reading"
grades = { 4 = [210, 250] }
source = "made up"
"""
TABLE = "Pine ID,Grade,Day,Points,Error,Band,First,Last,Born\n"


def own_test(folder: Path, layout: str, name: str = "pine") -> Path:
    """A folder of a district's own tests with one in it."""
    (folder / "assessments" / name).mkdir(parents=True, exist_ok=True)
    (folder / "assessments" / name / "layout.toml").write_text(layout, encoding="utf-8")
    return folder / "assessments"


def read(folder: Path, layout: str, table: str, name: str = "export.csv") -> Outcome:
    own = own_test(folder, layout)
    (folder / name).write_bytes(table.encode())
    return read_export(folder / name, own)


def shown(outcome: Outcome, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(score.get(column) for column in columns) for score in outcome.scores]
