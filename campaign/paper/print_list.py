"""What became of a print run: the list of its envelopes and its cover, from what the store says was printed."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import Engine

from campaign import spreadsheets
from campaign.access import ENGINE
from campaign.database import transaction
from campaign.settings import Settings
from campaign.store import print_runs as store
from campaign.store.letters import Envelope
from campaign.store.print_runs import Letter, Pupil, Run
from reports.mailing import render
from reports.mailing.address import Window
from reports.mailing.envelope import Cover

_LIST = (
    "run",
    "file",
    "envelope",
    "first_page",
    "pages",
    "sheets",
    "route",
    "school",
    "homeroom",
    "language",
)

REASONS: Final = {
    "court_restriction": "a court order stands against it",
    "may_not_receive": "may not get the report, or not confirmed yet",
    "adult_student": "the student is 18 or older",
    "teacher_preview": "teachers are still looking at the report",
    "teacher_hold": "a teacher holds the report",
    "language_required": "the school’s texts in a required language are not reviewed",
    "shares_a_home": "another adult of the same home gets it",
    "printed_before": "an earlier run holds it",
    "not_asked_for": "not asked for in this run",
    "no_contact": "no adult is known",
    "no_report": "there is no report yet",
    "replaced": "the report has changed since",
    "not_drawn": "could not be drawn",
}


@dataclass
class PrintedRun:
    """What became of a run. `replaced`: letters whose report has changed since it was planned, printed by no file."""

    number: str
    letters: int = 0
    printed: int = 0
    replaced: int = 0
    pages: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    files: list[tuple[str, int, int]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def considered(self) -> int:
        return self.letters + sum(self.left_out.values())

    @property
    def not_drawn(self) -> int:
        return self.letters - self.printed - self.replaced


@dataclass(frozen=True)
class Listed:
    """One line of the list. `holds`: the report or the step of a campaign, as the list calls it."""

    envelope: Letter | Envelope
    school: str
    homeroom: str
    holds: str


@dataclass(frozen=True)
class Paper:
    """One run and where its files go; `pupils` by id."""

    engine: Engine
    run: Run
    settings: Settings
    out: Path
    pupils: Mapping[int, Pupil]
    window: Window
    now: datetime

    def part(self, number: int) -> Path:
        return self.out / part_name(self.run.number, number)


def tell(paper: Paper, result: PrintedRun) -> None:
    """The list of envelopes and the cover, from what the store says was printed."""
    with transaction(paper.engine, ENGINE) as connection:
        printed = [letter for letter in store.letters(connection, paper.run.id) if letter.part]
        district = store.district_name(connection, paper.run.district_id)
        if len(printed) + result.replaced == result.letters:
            store.finish(connection, paper.run.id, paper.now)
    result.printed = len(printed)
    result.files = bound(paper.run.number, printed)
    result.pages = sum(pages for _, _, pages in result.files)
    write_list(paper.out, paper.run.number, "report", [_listed(paper, letter) for letter in printed])
    cover = render.cover_sheet(_cover(paper, result, district), paper.window)
    write(paper.out / f"{paper.run.number}-cover.pdf", cover)


def _listed(paper: Paper, letter: Letter) -> Listed:
    pupil = paper.pupils.get(letter.student_id)
    report = f"{letter.report_number}-{letter.version}"
    return Listed(letter, pupil.school if pupil else "", pupil.homeroom if pupil else "", report)


def part_name(number: str, part: int) -> str:
    return f"{number}-{part:03d}.pdf"


def bound(number: str, printed: Iterable[Letter | Envelope]) -> list[tuple[str, int, int]]:
    """The files of a run: name, envelopes, pages."""
    found = []
    for part, some in groupby(sorted(printed, key=lambda one: one.part or 0), key=lambda one: one.part or 0):
        envelopes = list(some)
        # A file ends with its last envelope; the sheets between classes count too.
        pages = max((one.first_page or 1) + (one.pages or 0) - 1 for one in envelopes)
        found.append((part_name(number, part), len(envelopes), pages))
    return found


def write_list(out: Path, number: str, holds: str, lines: Iterable[Listed]) -> None:
    """What the printer needs of each envelope: no name and no street. `holds` heads the last column."""
    stream = io.StringIO(newline="")
    spreadsheets.write_csv(stream, [*_LIST, holds], [_row(number, line) for line in lines])
    write(out / f"{number}-list.csv", stream.getvalue().encode())


def _row(number: str, line: Listed) -> tuple[object, ...]:
    one, pages = line.envelope, line.envelope.pages or 0
    file = part_name(number, one.part or 0)
    sizes = (one.position, one.first_page, pages, pages // 2)
    return (number, file, *sizes, one.route, line.school, line.homeroom, one.language, line.holds)


def _cover(paper: Paper, result: PrintedRun, district: str) -> Cover:
    zone = ZoneInfo(paper.settings.installation.time_zone)
    left_out = [*paper.run.left_out.items(), ("replaced", result.replaced), ("not_drawn", result.not_drawn)]
    return Cover(
        number=paper.run.number,
        district=district,
        planned_on=format_date(paper.run.planned_at.astimezone(zone), "long", locale="en_US"),
        considered=result.considered,
        printed=result.printed,
        sheets=result.pages // 2,
        pages=result.pages,
        left_out=tuple((REASONS.get(reason, reason), count) for reason, count in left_out if count),
        files=tuple(result.files),
        again=paper.run.again or "",
    )


def write(path: Path, content: bytes) -> None:
    """Whole or not at all, for the account of the program alone."""
    unfinished = path.with_name(f".{path.name}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
        handle.write(content)
    unfinished.replace(path)
