"""A file read as its layout says: chunk by chunk into batches of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, compress, repeat

from campaign.intake.batches import Batch, Columns
from campaign.intake.layouts.cells import FileColumns
from campaign.intake.layouts.chunks import Chunk
from campaign.intake.layouts.descriptions import COLUMNS, Descriptions
from campaign.intake.layouts.scores import ScoreReader
from campaign.intake.layouts.students import StudentReader
from campaign.intake.problems import RowRefused
from campaign.intake.staging import FileTally, Passed


@dataclass(frozen=True)
class FileReader:
    """One file: its columns, and what gives its chunks once it knows which positions are needed."""

    columns: FileColumns
    chunks: Callable[[Sequence[int]], Iterator[Chunk]]

    def batches(self, tally: FileTally) -> Iterator[Batch]:
        """The file's rows, and at the end what it says about its tests. Raises IntakeError for a file cut off."""
        descriptions = Descriptions(self.columns.test, tally)
        rows = _RowReader(self.columns, descriptions, tally)
        for chunk in self.chunks(rows.positions):
            yield rows.batch(chunk)
        if described := list(descriptions.rows()):
            values = {name: [row[name] for row in described] for name in COLUMNS}
            yield Batch((), [Columns("assessment", values, shared=True)])


class _RowReader:
    def __init__(self, columns: FileColumns, descriptions: Descriptions, tally: FileTally) -> None:
        self._test = columns.test
        self._student = StudentReader(columns)
        # Layouts name scores of several years; a score whose column this file lacks is not looked for in its rows.
        there = [s for s in self._test.scores if s.present is None or columns.position(s.present) is not None]
        self._scores = [
            ScoreReader(score, columns, descriptions, tally) for score in there or self._test.scores
        ]
        self._key = [p for name in self._test.key if (p := columns.position(name)) is not None]
        needed = [*self._student.positions, *self._key]
        for score in self._scores:
            needed += score.positions
        self.positions = list(dict.fromkeys(needed))

    def batch(self, chunk: Chunk) -> Batch:
        count = len(chunk.lines)
        self._student.read(chunk.columns, count)
        for score in self._scores:
            score.read(chunk.columns, count)
        stopped = self._stopped(count)
        refused = [
            (chunk.lines[place], why, None) for place, why in stopped.items() if isinstance(why, RowRefused)
        ]
        refused += [(line, why, None) for line, why in chunk.refused]
        kinds: dict[str, int] = {}
        for why in stopped.values():
            if isinstance(why, Passed):
                kinds[why.kind] = kinds.get(why.kind, 0) + 1
        kept = [place not in stopped for place in range(count)] if stopped else None
        numbers = range(count) if kept is None else [stays - 1 for stays in accumulate(kept)]
        lines = chunk.lines if kept is None else list(compress(chunk.lines, kept))
        facts = self._student.facts(kept, numbers)
        keys = self._keys(chunk.columns)
        for score in self._scores:
            facts += score.facts(kept, numbers, keys)
        return Batch(lines, facts, refused, kinds)

    def _stopped(self, count: int) -> dict[int, RowRefused | Passed]:
        """Rows that make no score, by place, with the reason; a row of a kind nobody needs is not refused."""
        stopped: dict[int, RowRefused | Passed] = {}
        for score in self._scores:
            for place, why in score.troubles():
                stopped.setdefault(place, why)
        for place in self._student.missing():
            stopped.setdefault(place, RowRefused("missing_value", self._student.shown))
        for place in self._empty(count):
            stopped.setdefault(place, self._without_scores())
        return stopped

    def _empty(self, count: int) -> Iterator[int]:
        """Rows that hold none of the scores."""
        if all(None in score.shapes for score in self._scores):
            for place in range(count):
                if all(score.shapes[place] is None for score in self._scores):
                    yield place

    def _without_scores(self) -> RowRefused | Passed:
        kind = self._test.without_scores
        return Passed(kind) if kind else RowRefused("no_score", self._scores[0].shown)

    def _keys(self, columns: Mapping[int, Sequence[str]]) -> list[str]:
        parts = [map(str.strip, columns[position]) for position in self._key]
        return list(map("|".join, zip(repeat(self._test.name), self._student.keys, *parts, strict=False)))
