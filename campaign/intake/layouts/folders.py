"""The folders of tests, shipped and a district's own, and which of them a file belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import resources
from pathlib import Path

from campaign.intake.delimited import Header
from campaign.intake.layouts.cells import FieldReader, FileColumns
from campaign.intake.layouts.checking import folded_column
from campaign.intake.layouts.chunks import fixed_width, separated
from campaign.intake.layouts.language import Assessment, read_assessment
from campaign.intake.layouts.reader import FileReader
from campaign.intake.layouts.recognition import Layout
from campaign.intake.plans import Examined, FilePlan
from campaign.intake.problems import IntakeError


@dataclass(frozen=True)
class Assessments:
    """All tests that can be read. `broken`: layouts of a district's own that cannot be used, with the reason."""

    tests: tuple[Assessment, ...]
    broken: tuple[tuple[Path, str], ...] = field(default=())

    @staticmethod
    def load(own: Path | None = None) -> Assessments:
        """The shipped tests and those in the folders below `own`. Raises IntakeError for a wrong shipped one."""
        found, broken = list(shipped_tests()), []
        for folder in _folders(own) if own else ():
            try:
                found.append(read_assessment(folder))
            except IntakeError as error:
                broken.append((folder / "layout.toml", str(error)))
        return Assessments(tuple(found), tuple(broken))

    def of_header(self, header: Header) -> tuple[Assessment, Layout] | None:
        """The test whose layout names most of this header's columns."""
        columns = {folded_column(column) for column in header.columns if column}
        fitting = [
            (len(layout.needs), test, layout)
            for test in self.tests
            if (layout := next((one for one in test.layouts if one.fits_header(columns)), None))
        ]
        return max(fitting, key=lambda found: found[0])[1:] if fitting else None

    def of_line(self, first_line: str) -> tuple[Assessment, Layout] | None:
        """The test and year whose fixed-width lines look like this one."""
        for test in self.tests:
            for layout in test.layouts:
                if layout.fits_line(first_line.lstrip("﻿").rstrip("\r\n")):
                    return test, layout
        return None


def _folders(below: Path) -> Iterator[Path]:
    yield from sorted(file.parent for file in below.glob("*/layout.toml"))


@cache
def shipped_tests() -> tuple[Assessment, ...]:
    with resources.as_file(resources.files("campaign.intake.assessments")) as folder:
        return tuple(map(read_assessment, _folders(folder)))


def plan(examined: Examined, test: Assessment, layout: Layout, header: Header | None) -> FilePlan:
    """How the file is read; `header` is None for fixed width. Raises IntakeError if nothing tells its subject."""
    file, encoding = examined.file, examined.fingerprint.encoding
    if header is None:
        places = {n: slice(start, start + width) for n, (_, start, width) in enumerate(layout.positions)}
        names = [name for name, _, _ in layout.positions]
        length = layout.record_length or 0
        reader = FileReader(
            _columns(test, file.name, names),
            lambda needed: fixed_width(file, encoding, length, {place: places[place] for place in needed}),
        )
    else:
        columns = _columns(test, file.name, [folded_column(column) for column in header.columns])
        reader = FileReader(columns, partial(separated, file, encoding, header))
    return FilePlan(examined, test.name.replace("_", " "), batches=reader.batches)


def _columns(test: Assessment, file_name: str, names: list[str]) -> FileColumns:
    columns = FileColumns(test, file_name, {name: place for place, name in enumerate(names) if name})
    for score in test.scores:
        subject = FieldReader(score.fields["subject"], columns)
        if subject.fixed is None and not subject.positions:
            words = ", ".join(subject.source.file_name) or "the subject"
            raise IntakeError(
                f"{file_name}: nothing tells the subject of these scores. Export the file again with all its columns, "
                f"or write the subject into its name ({words}).",
                file_name,
            )
    return columns
