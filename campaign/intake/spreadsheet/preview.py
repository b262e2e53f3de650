"""What an import would make of a table: the first rows as they are understood, and the count of all.

The rows go through the readers of the import itself; the register is not asked, so ids that nobody has still count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

from campaign.intake import attendance, spreadsheet
from campaign.intake.batches import Batch, Columns
from campaign.intake.delimited import Header
from campaign.intake.plans import Examined, FilePlan
from campaign.intake.problems import RowRefused, explain
from campaign.intake.staging import Fact, FileTally, Passed

SHOWN = 20
# A page does not read longer than this; larger files are counted by the import.
COUNTED = 300_000
_LINES = 3

Reference = frozenset[tuple[str, str]]
"""The ids (system, value) by which one row names its student."""


@dataclass(frozen=True)
class Refusal:
    """Rows that are refused for one reason; `lines` are the first of them."""

    code: str
    column: str | None
    rows: int
    lines: tuple[int, ...]
    reason: str
    remedy: str


@dataclass(frozen=True)
class Preview:
    """`rows`: line → what is understood, by names of staging columns. `whole`: the file was read to its end."""

    rows: Mapping[int, Mapping[str, Any]]
    rows_in: int
    refused: int
    refusals: Sequence[Refusal]
    students: frozenset[Reference]
    named_only: int
    whole: bool

    @property
    def accepted(self) -> int:
        return self.rows_in - self.refused

    @property
    def columns(self) -> list[str]:
        """Those in which any of the rows says something."""
        return list(
            dict.fromkeys(
                name for row in self.rows.values() for name, said in row.items() if said not in (None, "")
            )
        )


def preview(
    examined: Examined, header: Header, mapping: spreadsheet.Mapping, counted: int = COUNTED
) -> Preview:
    """Raises IntakeError for a mapping whose [[assessment]] cannot be used, or a file that was cut off."""
    kind = attendance if mapping.kind == "attendance" else spreadsheet
    plan = kind.plan(examined, header, mapping)
    seen = _Seen()
    for line, refusal in examined.file.refused:
        seen.refuse(line, refusal)
    for take in _parts(plan, FileTally(0, examined.file.name)):
        take(seen)
        if seen.rows_in >= counted:
            break
    return seen.preview(whole=seen.rows_in < counted)


@dataclass
class _Seen:
    """Gathers rows and refusals."""

    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    rows_in: int = 0
    refused: Counter[tuple[str, str | None, str]] = field(default_factory=Counter)
    lines: dict[tuple[str, str | None, str], list[int]] = field(default_factory=dict)
    students: set[Reference] = field(default_factory=set)
    named_only: int = 0

    def refuse(self, line: int, why: RowRefused) -> None:
        self.rows_in += 1
        key = (why.code, why.column, why.detail)
        self.refused[key] += 1
        if len(self.lines.setdefault(key, [])) < _LINES:
            self.lines[key].append(line)

    def accept(self, line: int, facts: Sequence[Fact]) -> None:
        self.rows_in += 1
        self._know(frozenset(_reference(fact.values) for fact in facts if fact.table == "student_ref"))
        if len(self.rows) < SHOWN:
            self.rows[line] = _said((fact.table, fact.values) for fact in facts if not fact.shared)

    def _know(self, reference: Reference) -> None:
        if reference:
            self.students.add(reference)
        else:
            self.named_only += 1

    def batch(self, batch: Batch) -> None:
        for line, why, _ in batch.refused:
            self.refuse(line, why)
        self.rows_in += len(batch.lines)
        references: dict[int, set[tuple[str, str]]] = {}
        for facts in (one for one in batch.facts if one.table == "student_ref"):
            for number, place in enumerate(_places(facts, len(batch.lines))):
                said = {name: values[number] for name, values in facts.values.items()}
                references.setdefault(place, set()).add(_reference(said))
        self.students.update(map(frozenset, references.values()))
        self.named_only += len(batch.lines) - len(references)
        for place, line in enumerate(islice(batch.lines, max(SHOWN - len(self.rows), 0))):
            self.rows[line] = _said(_of_place(batch, place))

    def preview(self, *, whole: bool) -> Preview:
        refusals = [
            Refusal(code, column, rows, tuple(self.lines[code, column, detail]), *_words(code, detail))
            for (code, column, detail), rows in self.refused.most_common()
        ]
        return Preview(
            self.rows,
            self.rows_in,
            self.refused.total(),
            refusals,
            frozenset(self.students),
            self.named_only,
            whole,
        )


def _parts(plan: FilePlan, tally: FileTally) -> Iterator[Callable[[_Seen], None]]:
    """What the reader of the plan finds, as steps to be taken by whoever gathers it."""
    if plan.batches is not None:
        for batch in plan.batches(tally):
            yield partial(_Seen.batch, batch=batch)
    elif plan.records is not None and plan.read is not None:
        for line, record in plan.records():
            try:
                if isinstance(record, RowRefused):
                    raise record
                facts = plan.read(record, tally)
            except RowRefused as refusal:
                yield partial(_Seen.refuse, line=line, why=refusal)
            else:
                yield partial(_Seen.accept, line=line, facts=[] if isinstance(facts, Passed) else facts)


def _places(facts: Columns, lines: int) -> Sequence[int]:
    return range(lines) if facts.rows is None else facts.rows


def _of_place(batch: Batch, place: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for facts in batch.facts:
        if facts.shared:
            continue
        numbers = [place] if facts.rows is None else [n for n, one in enumerate(facts.rows) if one == place]
        for number in numbers:
            yield facts.table, facts.at(number)


def _reference(values: Mapping[str, Any]) -> tuple[str, str]:
    return str(values["system"]), str(values["value"])


def _said(facts: Iterator[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """The facts of one row side by side; of several ids that one value may be, the value once."""
    said: dict[str, Any] = {}
    for table, values in facts:
        if table == "student_ref":
            said.setdefault("student", values["value"])
        elif table == "student_named":
            said |= {f"student_{name}": value for name, value in values.items()}
        else:
            said |= {name: value for name, value in values.items() if name not in _HIDDEN}
    return said


# What the program works out for itself and nobody has to look at.
_HIDDEN = {
    "key", "source_key", "defines", "status", "grade_from_enrollment", "source", "listed", "contact_key", "kind",
    "version", "title", "language_raw", "status_reason",
}  # fmt: skip


def _words(code: str, detail: str) -> tuple[str, str]:
    words = explain(code, detail)
    return words.reason, words.remedy
