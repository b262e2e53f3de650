"""What an import says to a person: a table of the files, and the list of problems as text or CSV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from campaign.intake.run import ImportSummary
from campaign.spreadsheets import write_csv

Problem = Mapping[Any, Any]
PROBLEM_COLUMNS = ("file", "format", "line", "column_name", "code", "reason", "remedy", "accepted")
_NUMBERS = ("rows_in", "accepted", "unchanged", "refused")


def file_table(summary: ImportSummary) -> str:
    """One line a file that was needed, then the totals, the files that were not needed, and messages."""
    head = ("file", "format", "status", "rows in", "accepted", "unchanged", "refused")
    lines = [
        (
            file.name,
            file.format,
            file.status.replace("_", " "),
            *(str(getattr(file, name)) for name in _NUMBERS),
        )
        for file in summary.files
        if file.status != "not_needed"
    ]
    totals = ("together", "", "", *(str(summary.total(name)) for name in _NUMBERS))
    table = aligned([head, *lines, totals])
    messages = [
        f"{file.name}: {file.message}"
        for file in summary.files
        if file.message and file.status != "not_needed"
    ]
    spare = [file.name for file in summary.files if file.status == "not_needed"]
    not_needed = [f"{len(spare)} not needed: {', '.join(spare)}"] if spare else []
    return "\n".join([*table, *([""] if messages or spare else []), *not_needed, *messages])


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns side by side; those of numbers to the right."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if cell.isdigit() or n > 2 else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def problem_lines(problems: Iterable[Problem]) -> list[str]:
    """Problems of the same kind in one file together, with the lines they stand on."""
    kinds: dict[tuple[object, ...], list[int]] = {}
    for problem in problems:
        key = tuple(problem[name] for name in ("file", "column_name", "code", "reason", "remedy"))
        kinds.setdefault(key, []).append(int(str(problem["line"])))
    lines = []
    for (file, column, _, reason, remedy), places in kinds.items():
        where = f"{file}, column {column}" if column else f"{file}"
        lines.append(f"{where}{_places(places)}: {reason} {remedy}")
    return lines


def _places(lines: Sequence[int]) -> str:
    shown = [str(line) for line in sorted(lines) if line]
    if not shown:
        return ""
    more = f" and {len(shown) - 5} more" if len(shown) > 5 else ""
    return f", line{'s' if len(shown) > 1 else ''} {', '.join(shown[:5])}{more}"


def export_problems(problems: Iterable[Problem], file: Path) -> int:
    """Write the problems as CSV that a spreadsheet cannot take for formulas; how many."""
    rows = ([problem[name] for name in PROBLEM_COLUMNS] for problem in problems)
    with file.open("w", newline="", encoding="utf-8-sig") as stream:
        return write_csv(stream, PROBLEM_COLUMNS, rows)
