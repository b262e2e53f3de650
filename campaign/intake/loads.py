"""Batches made ready for the database: every row numbered, every reference stated once, written in COPY's format.

All of this needs no connection, so that it can be done while the database is at work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaign.intake.batches import Batch, Columns, Words
from campaign.intake.copying import Rows, written
from campaign.intake.problems import RowRefused, explain
from campaign.intake.references import References
from campaign.intake.staging import TABLES
from campaign.intake.wording import Wording
from campaign.store.brief import BRIEFS, Brief

RESULTS = frozenset({"mark", "score"})
# As many students of a file are remembered as there are rows in so many of its parts.
_PARTS_REMEMBERED = 5
_ALL_HAVE = {"file": "int", "row": "int"}
# student_row: the row of the same file whose references to a student hold for this one too.
_RESULTS_HAVE = {"line": "int", "student_row": "int"}


def columns_of(table: str) -> dict[str, str]:
    """Column → type of the staging table, with what staging itself adds."""
    return {**_ALL_HAVE, **(_RESULTS_HAVE if table in RESULTS else {}), **TABLES[table]}


def _in_brief(brief: Brief) -> dict[str, dict[str, str]]:
    kinds = TABLES[brief.table]
    rows = {**_ALL_HAVE, **_RESULTS_HAVE, "words": "int", **{name: kinds[name] for name in brief.own}}
    words = {"file": "int", "words": "int", **{name: kinds[name] for name in brief.words}}
    return {f"brief_{brief.table}": rows, f"brief_{brief.table}_words": words}


BRIEF_TABLES = {name: kinds for brief in BRIEFS.values() for name, kinds in _in_brief(brief).items()}
"""The tables of `campaign.store.brief`: column → type."""


@dataclass(frozen=True)
class Load:
    """One batch: `count` rows in, and what is to be written. A part of the file ends with it if it `ends_part`.

    Of the rows before `since` neither this batch nor a later one says whose it is by pointing to them.
    """

    count: int
    rows: Sequence[Rows]
    passed: Mapping[str, int]
    ends_part: bool
    since: int = 0

    @property
    def size(self) -> int:
        return sum(len(rows.document) for rows in self.rows)


def loads(file: int, batches: Iterable[Batch], rows_per_part: int) -> Iterator[Load]:
    """The batches of one file in their order. A row of a batch is one in `lines`, or one that is refused."""
    writer = _Writer(file, rows_per_part * _PARTS_REMEMBERED)
    begun = writer.first
    for batch in batches:
        rows = list(writer.rows(batch))
        since = writer.since
        ends = writer.first - begun >= rows_per_part
        if ends:
            writer.end_part()
            begun = writer.first
        yield Load(len(batch.lines) + len(batch.refused), rows, batch.passed, ends, since)


class _Writer:
    """Numbers and writes the rows of one file; `first` is the number of the next one."""

    def __init__(self, file: int, remembered: int) -> None:
        self.first = 1
        self._file, self._remembered = file, remembered
        self._references, self._wording = References(remembered), Wording()
        self._in_brief = False

    @property
    def since(self) -> int:
        return self._references.since

    def end_part(self) -> None:
        """Forget what the next part cannot point to: only of rows in brief is it known who they named."""
        self._wording = Wording()
        if not self._in_brief:
            self._references = References(self._remembered)

    def rows(self, batch: Batch) -> Iterator[Rows]:
        first, count = self.first, len(batch.lines)
        self.first += count + len(batch.refused)
        self._in_brief = any(columns.words for columns in batch.facts)
        facts: Sequence[Columns] = batch.facts
        students: Sequence[int] = range(first, first + count)
        if all(columns.shared or columns.table in RESULTS | References.TABLES for columns in facts):
            facts, students = self._references.once(self._file, first, batch)
        if not self._in_brief:
            places = {"file": [self._file] * count, "row": range(first, first + count), "line": batch.lines}
            yield from _written("staged_row", columns_of("row"), places)
        for columns in facts:
            placed = _placed(self._file, first, batch.lines, students, columns)
            if columns.words is None:
                yield from _written(f"staged_{columns.table}", columns_of(columns.table), placed)
            else:
                yield from self._brief(columns.table, placed, columns.words)
        if batch.refused:
            refused = _refused(self._file, first + count, batch.refused)
            yield from _written("staged_refused", columns_of("refused"), refused)

    def _brief(self, table: str, placed: dict[str, Sequence[Any]], words: Words) -> Iterator[Rows]:
        numbers, fresh = self._wording.number(words)
        if fresh:
            said = {"file": [self._file] * len(fresh["words"]), **fresh}
            yield from _written(f"brief_{table}_words", BRIEF_TABLES[f"brief_{table}_words"], said)
        yield from _written(f"brief_{table}", BRIEF_TABLES[f"brief_{table}"], {**placed, "words": numbers})


def _written(table: str, kinds: Mapping[str, str], columns: Mapping[str, Sequence[Any]]) -> Iterator[Rows]:
    rows = written(table, kinds, columns)
    if rows is not None:
        yield rows


def _placed(
    file: int, first: int, lines: Sequence[int], students: Sequence[int], columns: Columns
) -> dict[str, Sequence[Any]]:
    """The columns with the place of each fact in its file."""
    length = len(next(iter(columns.values.values())))
    places = range(length) if columns.rows is None else columns.rows
    placed: dict[str, Sequence[Any]] = {"file": [file] * length}
    if columns.shared:
        placed["row"] = [0] * length
    elif columns.rows is None:
        placed["row"] = range(first, first + length)
    else:
        placed["row"] = [first + place for place in places]
    if columns.table in RESULTS:
        one_a_line = columns.rows is None
        placed["line"] = lines if one_a_line else [lines[place] for place in places]
        placed["student_row"] = students if one_a_line else [students[place] for place in places]
    return {**placed, **columns.values}


def _refused(
    file: int, first: int, refused: Sequence[tuple[int, RowRefused, str | None]]
) -> dict[str, Sequence[Any]]:
    for _, why, _ in refused:
        explain(why.code)
    return {
        "file": [file] * len(refused),
        "row": range(first, first + len(refused)),
        "line": [line for line, _, _ in refused],
        "column_name": [why.column for _, why, _ in refused],
        "code": [why.code for _, why, _ in refused],
        "detail": [why.detail for _, why, _ in refused],
        "key": [key for _, _, key in refused],
    }
