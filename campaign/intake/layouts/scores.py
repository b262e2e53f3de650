"""The scores that stand at one place of the rows: words through the shaper, numbers and dates beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress, repeat
from typing import Any

from campaign.intake.batches import Columns
from campaign.intake.dates import school_year_of
from campaign.intake.layouts.cells import FieldReader, FileColumns, Memo, date_memo, number_memo
from campaign.intake.layouts.descriptions import Descriptions
from campaign.intake.layouts.language import NUMBER_FIELDS, Score
from campaign.intake.layouts.shapes import Shape, Shaper
from campaign.intake.problems import RowRefused
from campaign.intake.staging import FileTally, Passed


class ScoreReader:
    """One score of every row of a chunk. Call `read`, then ask; each chunk replaces the last."""

    def __init__(
        self, score: Score, columns: FileColumns, descriptions: Descriptions, tally: FileTally
    ) -> None:
        self._name, self._dated = score.name, score.dated
        self._test = columns.test
        shaper = Shaper(score, columns, descriptions, tally)
        self._shaper_positions = shaper.positions
        self._shape = Memo(shaper.read)
        self._numbers: dict[str, tuple[list[int], Memo]] = {}
        for name in NUMBER_FIELDS:
            if name in score.fields and self._used(name, score, columns, tally):
                field = FieldReader(score.fields[name], columns)
                self._numbers[name] = (field.positions, number_memo(field))
        self._date: tuple[list[int], Memo] | None = None
        if "administered_on" in score.fields:
            field = FieldReader(score.fields["administered_on"], columns)
            self._date = (field.positions, date_memo(field, self._test.date_order))
        self._year = Memo(lambda day: day and school_year_of(day))
        self.shown = next(
            iter(columns.test.scores[0].fields.get("scale_score", score.fields["subject"]).names), None
        )
        self.shapes: list[Any] = []
        self.values: dict[str, list[Any]] = {}

    def _used(self, name: str, score: Score, columns: FileColumns, tally: FileTally) -> bool:
        """False for an error of measurement in units other than the score's points, which is told once."""
        if name != "csem" or self._test.error_unit == "points":
            return True
        shown = next((n for n in score.fields[name].names if columns.position(n) is not None), None)
        if shown is not None:
            tally.note("error_unit_not_used", self._test.error_unit, shown)
        return False

    @property
    def positions(self) -> Iterator[int]:
        yield from self._shaper_positions
        for positions, _ in self._numbers.values():
            yield from positions
        if self._date:
            yield from self._date[0]

    def read(self, columns: Mapping[int, Sequence[str]], count: int) -> None:
        values = {name: _values(*reading, columns, count) for name, reading in self._numbers.items()}
        days = _values(*self._date, columns, count, dates=True) if self._date else [None] * count
        years = self._year.values_of(days) if not (self._date and self._date[1].refused) else _years(days)
        scored = [number is not None for number in values.get("scale_score", [None] * count)]
        words = [columns[position] for position in self._shaper_positions]
        self.shapes = self._shape.values_of(list(zip(*words, years, scored, strict=True)))
        self.values = {"administered_on": days, **values}

    def troubles(self) -> Iterator[tuple[int, RowRefused | Passed]]:
        """Rows that are refused or passed over because of this score; what is wrong first comes first."""
        if self._date and self._date[1].refused:
            yield from self._unreadable("administered_on")
        if any(type(shape) is not Shape and shape is not None for shape in self.shapes):
            for place, shape in enumerate(self.shapes):
                if isinstance(shape, RowRefused | Passed):
                    yield place, shape
        for name, (_, memo) in self._numbers.items():
            if memo.refused:
                yield from self._unreadable(name)
        if self._test.ranges:
            yield from self._out_of_range()

    def _unreadable(self, name: str) -> Iterator[tuple[int, RowRefused]]:
        """A date or number that cannot be read refuses its row; a number that does not count anyway is left out."""
        values = self.values[name]
        for place, value in enumerate(values):
            if not isinstance(value, RowRefused):
                continue
            values[place] = None
            shape = self.shapes[place]
            counts = isinstance(shape, Shape) and shape.status == "valid"
            if counts or (name == "administered_on" and isinstance(shape, Shape | RowRefused)):
                yield place, value

    def _out_of_range(self) -> Iterator[tuple[int, RowRefused]]:
        for place, (shape, number) in enumerate(zip(self.shapes, self.values["scale_score"], strict=True)):
            if number is None or not isinstance(shape, Shape) or shape.status != "valid":
                continue
            ends = self._test.limits(shape.subject, shape.grade_level, shape.school_year)
            if ends and not ends[0] <= number <= ends[1]:
                yield place, RowRefused("number_out_of_range", self.shown, f"{ends[0]} to {ends[1]}")

    def facts(
        self, kept: Sequence[bool] | None, numbers: Sequence[int], keys: Sequence[str]
    ) -> list[Columns]:
        """The scores of the rows that stay. `numbers`: place of each row among those that stay."""
        mask = [type(shape) is Shape for shape in self.shapes]
        if kept is not None:
            mask = [here and stays for here, stays in zip(mask, kept, strict=True)]
        whole = all(mask)
        shapes = self.shapes if whole else list(compress(self.shapes, mask))
        if not shapes:
            return []
        values: dict[str, Sequence[Any]] = {
            name: column if whole else list(compress(column, mask)) for name, column in self.values.items()
        }
        mine = keys if whole else compress(keys, mask)
        places: Iterable[Any] = repeat(self._name)
        if self._dated:
            places = (day or self._name for day in values["administered_on"])
        values["source_key"] = [
            f"{key}|{place}|{shape.subject}" for key, place, shape in zip(mine, places, shapes, strict=False)
        ]
        values |= dict(zip(Shape._fields, zip(*shapes, strict=True), strict=True))
        return [Columns("score", values, None if whole else list(compress(numbers, mask)))]


def _values(
    positions: Sequence[int],
    memo: Memo,
    columns: Mapping[int, Sequence[str]],
    count: int,
    dates: bool = False,
) -> list[Any]:
    if not positions:
        return memo.values_of(["" for _ in range(count)])
    if len(positions) > 1:
        return memo.values_of(list(zip(*(columns[position] for position in positions), strict=True)))
    column = columns[positions[0]]
    if dates and column and column[0][10:11] == "T":
        # The time of day makes every cell another one; the day is all that is used.
        column = [cell[:10] if cell[10:11] == "T" else cell for cell in column]
    return memo.values_of(column)


def _years(days: Sequence[Any]) -> list[int | None]:
    return [None if day is None or isinstance(day, RowRefused) else school_year_of(day) for day in days]
