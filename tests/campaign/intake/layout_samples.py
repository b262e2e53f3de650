"""Exports read as their layout says, without a database: what each line gave, and the samples of the shipped tests."""

from __future__ import annotations

import csv
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from campaign.intake.registry import plan_sources
from campaign.intake.staging import FileTally
from tests.campaign.intake.importing import LIMITS

ASSESSMENTS = Path(__file__).resolve().parents[3] / "campaign" / "intake" / "assessments"
FOLDERS = sorted(file.parent for file in ASSESSMENTS.glob("*/layout.toml"))
SHOWN = (
    "family", "version", "kind", "subject", "grade_level", "season", "school_year", "administered_on", "scale_score",
    "csem", "level", "status", "status_reason", "test_language", "projected_probability",
)  # fmt: skip


@dataclass
class Outcome:
    """`students`: line → identifiers and name; `scores`: line and the columns of SHOWN that are not empty."""

    scores: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    students: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    named: dict[int, tuple[str, str, date]] = field(default_factory=dict)
    assessments: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    passed: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)


def read_export(file: Path, own_tests: Path | None = None) -> Outcome:
    """Read one file that a layout recognises. A file of another kind fails here."""
    planned = plan_sources([file], LIMITS, own_tests)
    assert planned.failed == [], planned.failed
    (source,) = planned.sources
    (plan,) = source.files
    assert plan.batches is not None, "no layout reads this file"
    outcome, tally = Outcome(), FileTally(0, file.name)
    for batch in plan.batches(tally):
        outcome.accepted += batch.lines
        outcome.refused += [
            {"line": line, "code": why.code} | ({"column": why.column} if why.column else {})
            for line, why, _ in batch.refused
        ]
        for kind, count in batch.passed.items():
            outcome.passed[kind] = outcome.passed.get(kind, 0) + count
        for columns in batch.facts:
            _take(outcome, columns, batch.lines)
    outcome.notes = sorted(code for code, _, _ in tally.notes)
    outcome.scores.sort(key=lambda score: score["line"])
    outcome.refused.sort(key=lambda row: row["line"])
    return outcome


def _take(outcome: Outcome, columns: Any, lines: Any) -> None:
    rows = [
        dict(zip(columns.values, values, strict=True))
        for values in zip(*columns.values.values(), strict=True)
    ]
    if columns.shared:
        outcome.assessments += rows
        return
    places = range(len(rows)) if columns.rows is None else columns.rows
    for place, row in zip(places, rows, strict=True):
        line = lines[place]
        if columns.table == "student_ref":
            outcome.students[line].append(f"{row['system']} {row['value']}")
        elif columns.table == "student_named":
            outcome.named[line] = (row["given_name"], row["family_name"], row["birth_date"])
        else:
            assert columns.table == "score"
            outcome.keys.append(row["source_key"])
            shown = {name: row[name] for name in SHOWN if row.get(name) is not None}
            outcome.scores.append({"line": line, "student": outcome.students[line][0]} | shown)


def read_own_fields(folder: str, name: str) -> dict[str, tuple[int, int]]:
    """A shipped table of fixed-width fields: field → start, width."""
    with (ASSESSMENTS / folder / name).open(encoding="utf-8", newline="") as stream:
        return {row["field"]: (int(row["start"]), int(row["width"])) for row in csv.DictReader(stream)}


def expected(folder: Path) -> list[dict[str, Any]]:
    document = tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))
    return list(document["sample"])


def as_toml(outcome: Outcome, file: str) -> str:
    """The outcome in the form of expected.toml, for whoever writes one."""
    parts = ["[[sample]]", f'file = "{file}"']
    if outcome.notes:
        parts.append(f"notes = {outcome.notes!r}".replace("'", '"'))
    if outcome.passed:
        kinds = ", ".join(f'"{kind}" = {count}' for kind, count in outcome.passed.items())
        parts.append(f"passed = {{ {kinds} }}")
    for name, rows in (("score", outcome.scores), ("refused", outcome.refused)):
        for row in rows:
            values = (f'{key} = "{v}"' if isinstance(v, str) else f"{key} = {v}" for key, v in row.items())
            parts.append(f"[[sample.{name}]]\n" + "\n".join(values))
    return "\n".join(parts)
