"""Where one field of a score comes from, as a layout says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from campaign.intake.layouts.checking import Checked, folded_column
from campaign.intake.problems import IntakeError
from campaign.intake.vocabulary import folded


@dataclass(frozen=True)
class Source:
    """Columns are names as the layout prints them; words are folded."""

    columns: tuple[str, ...] = ()
    first_of: tuple[str, ...] = ()
    value: str | None = None
    header: Mapping[str, str] = field(default_factory=dict)
    file_name: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    contains: Mapping[str, str] = field(default_factory=dict)
    pattern: re.Pattern[str] | None = None
    flags: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    percent: bool = False
    month_year: bool = False
    begins: bool = False

    @property
    def names(self) -> Iterator[str]:
        """All columns it may read."""
        yield from (*self.columns, *self.first_of, *self.header, *self.flags.values())

    @property
    def shown(self) -> str | None:
        """The column to name when a value is wrong."""
        return next(self.names, None)


def read_source(where: str, given: Any) -> Source:
    """Raises IntakeError naming what cannot be used."""
    if isinstance(given, str):
        return Source(columns=(given,))
    table = Checked(where, given)
    source = Source(
        columns=table.texts("column"),
        first_of=table.texts("first_of"),
        value=table.get("value", str),
        header=table.words("header"),
        file_name={folded(word): ours for word, ours in table.words("file_name").items()},
        words={folded(word): ours for word, ours in table.words("words").items()},
        contains={folded(word): ours for word, ours in table.words("contains").items()},
        pattern=_pattern(table),
        flags=table.words("flags"),
        otherwise=table.get("otherwise", str),
        required=table.get("required", bool, False),
        minimum=table.get("minimum", (int, float)),
        maximum=table.get("maximum", (int, float)),
        percent=table.get("percent", bool, False),
        month_year=table.one_of("form", ("MMYY", ""), "") == "MMYY",
        begins=table.get("begins", bool, False),
    )
    table.done()
    if not (list(source.names) or source.file_name or source.value is not None):
        raise IntakeError(f"{where} names no column, value, header or file_name.")
    return source


def _pattern(table: Checked) -> re.Pattern[str] | None:
    given = table.get("pattern", str)
    if given is None:
        return None
    try:
        pattern = re.compile(given)
    except re.error as error:
        raise table.fail(f"pattern cannot be used: {error}.") from None
    if pattern.groups < 1:
        raise table.fail("pattern needs a group in brackets.")
    return pattern


def fixed_value(source: Source, columns: Mapping[str, int], file_name: str) -> str | None:
    """What header and name of the file tell; None if they say nothing. Raises IntakeError if they contradict."""
    words = set(folded(file_name).split())
    told = {ours for column, ours in source.header.items() if folded_column(column) in columns}
    told |= {ours for word, ours in source.file_name.items() if word in words}
    if len(told) > 1:
        raise IntakeError(
            f"{file_name}: the columns and the name of the file tell different things ({', '.join(sorted(told))}). "
            "Export each subject to a file of its own and keep the vendor's names.",
            file_name,
        )
    return told.pop() if told else source.value
