"""The files of a print run: letters with their address sheets, bound by school, with a list and a cover.

A file is there whole or not at all, and then its letters are marked; a run that was stopped goes on behind the last
whole file. Files, list and cover can be read by the account of the program alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.documents.family_reports import sendable_languages
from campaign.documents.printing import Press, PrintJob, press
from campaign.paper import print_runs
from campaign.paper.print_list import Paper, PrintedRun, tell, write
from campaign.settings import Settings
from campaign.store import print_runs as store
from campaign.store.print_runs import Letter, Pupil, Recipient, Run
from campaign.wordings.texts import read as read_texts
from content.catalog import Catalog
from reports.mailing import address, render
from reports.mailing.address import WINDOWS, Window
from reports.mailing.envelope import AddressSheet, Divider

PART_MEGABYTES: Final = 40
_LETTERS_AT_A_TIME = 40
_DRAWN = ".drawn"
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class _Work:
    """What holds for all files of one run; `drawing` is the press, `part_bytes` about what a file may hold."""

    paper: Paper
    sendable: frozenset[str]
    drawing: Press
    part_bytes: int
    progress: Callable[[int], object]

    @property
    def window(self) -> Window:
        return self.paper.window


@dataclass(frozen=True)
class _Ready:
    """A letter with its drawn file and its address."""

    letter: Letter
    pupil: Pupil
    recipient: Recipient
    file: Path


def produce(  # noqa: PLR0913  named sides of one run
    engine: Engine,
    run: Run,
    *,
    settings: Settings,
    catalog: Catalog,
    out: Path,
    now: datetime,
    part_bytes: int = PART_MEGABYTES * _MEGABYTE,
    progress: Callable[[int], object] = lambda _: None,
) -> PrintedRun:
    """Bring the files of a run into `out`; `progress` gets the number of letters done since the last call."""
    paper, sendable, letters = _prepare(engine, run, settings, catalog, out, now=now)
    done = {letter.id for letter in letters if letter.part and paper.part(letter.part).exists()}
    progress(len(done))
    result = PrintedRun(run.number, letters=len(letters), left_out=run.left_out)
    with press() as drawing:
        work = _Work(paper, sendable, drawing, part_bytes, progress)
        for number, some in _batches(paper, [letter for letter in letters if letter.id not in done]):
            _bind(work, number, some, result)
    shutil.rmtree(out / _DRAWN, ignore_errors=True)
    tell(paper, result)
    return result


def _prepare(
    engine: Engine, run: Run, settings: Settings, catalog: Catalog, out: Path, *, now: datetime
) -> tuple[Paper, frozenset[str], list[Letter]]:
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    with transaction(engine, ENGINE) as connection:
        texts = read_texts(connection, catalog, run.district_id)
        zone = settings.installation.time_zone
        found = store.pupils(connection, run.district_id, school=None, grade_level=None, zone=zone)
        letters = store.letters(connection, run.id)
    sendable = sendable_languages(texts, settings.languages)
    pupils = {pupil.student_id: pupil for pupil in found}
    window = WINDOWS[run.selection["envelope"]]
    return Paper(engine, run, settings, out, pupils, window, now), sendable, letters


def _batches(paper: Paper, letters: Sequence[Letter]) -> Iterator[tuple[int | None, list[Letter]]]:
    """Letters whose file went missing, by its number; then the others by school, None for the next free number."""
    lost = sorted(
        (letter for letter in letters if letter.part), key=lambda letter: (letter.part, letter.position)
    )
    for part, some in groupby(lost, key=lambda letter: letter.part):
        yield part, list(some)
    fresh = [letter for letter in letters if letter.part is None]
    for _, some in groupby(fresh, key=lambda letter: _school(paper, letter)):
        yield None, list(some)


def _school(paper: Paper, letter: Letter) -> int | None:
    pupil = paper.pupils.get(letter.student_id)
    return pupil.school_id if pupil else None


def _bind(work: _Work, number: int | None, letters: Sequence[Letter], result: PrintedRun) -> None:
    """One file after the other, each up to about `part_bytes`; a lost file comes back whole under its number."""
    binder = _Binder(work, number)
    for start in range(0, len(letters), _LETTERS_AT_A_TIME):
        some = letters[start : start + _LETTERS_AT_A_TIME]
        ready = _ready(work, some, result)
        sheets = [_address_sheet(work, one) for one in ready]
        if sheets:
            with render.opened(render.address_sheets(sheets, work.window)) as addresses:
                for place, one in enumerate(ready):
                    binder.add(one, addresses, place)
                    if number is None and binder.binding.bytes >= work.part_bytes:
                        binder.close()
        work.progress(len(some))
    binder.close()


class _Binder:
    """The file that is being put together, and what stands in it."""

    def __init__(self, work: _Work, number: int | None) -> None:
        self._work, self._number = work, number
        self._begin()

    def _begin(self) -> None:
        self.binding = render.Binding()
        self._placed: list[dict[str, Any]] = []
        self._class: tuple[str, str] | None = None

    def add(self, one: _Ready, addresses: Any, place: int) -> None:
        room = (one.pupil.school, one.pupil.homeroom)
        if room != self._class:
            self.binding.add_divider(render.divider_sheet(self._divider(one), self._work.window))
            self._class = room
        first, pages = self.binding.add_envelope(addresses, place, one.file.read_bytes())
        self._placed.append({"id": one.letter.id, "first_page": first, "pages": pages})

    def close(self) -> None:
        """Put the file in its place and mark its letters; nothing where there is none."""
        if not self._placed:
            return
        with transaction(self._work.paper.engine, ENGINE) as connection:
            number = self._number or store.last_part(connection, self._work.paper.run.id) + 1
            write(self._work.paper.part(number), self.binding.finished())
            placed = [{**row, "part": number} for row in self._placed]
            store.mark_printed(connection, placed, self._work.paper.now)
        self._begin()

    def _divider(self, one: _Ready) -> Divider:
        return Divider(one.pupil.school, one.pupil.homeroom, self._work.paper.run.number)


def _ready(work: _Work, letters: Sequence[Letter], result: PrintedRun) -> list[_Ready]:
    """The letters whose report still stands as it was planned, drawn where they were not yet."""
    paper = work.paper
    students = sorted({letter.student_id for letter in letters})
    with transaction(paper.engine, ENGINE) as connection:
        district = paper.run.district_id
        jobs = print_runs.files(connection, district, students, work.sendable, paper.settings, now=paper.now)
        places = store.recipients(connection, students, [letter.contact_id for letter in letters])
    known = {_key(job): job for job in jobs}
    wanted = [(letter, known.get(_letter_key(letter))) for letter in letters]
    chosen = [(letter, job) for letter, job in wanted if job and letter.student_id in paper.pupils]
    result.replaced += len(letters) - len(chosen)
    folder = paper.out / _DRAWN
    folder.mkdir(mode=0o700, exist_ok=True)
    handed = [_in_folder(job, folder) for _, job in chosen]
    work.drawing.start(handed)
    printed = work.drawing.finish(lambda _: None)
    result.failures += printed.failures
    return [
        _Ready(
            letter, paper.pupils[letter.student_id], places[letter.student_id, letter.contact_id], job.kept
        )
        for letter, job in chosen
        if job.kept.exists()
    ]


def _key(job: PrintJob) -> tuple[str, int, int | None, str]:
    front = job.contracts[0]
    return front["number"], front["version"], job.contact_id, job.language


def _letter_key(letter: Letter) -> tuple[str, int, int | None, str]:
    return letter.report_number, letter.version, letter.contact_id, letter.language


def _in_folder(job: PrintJob, folder: Path) -> PrintJob:
    return PrintJob(
        job.student_id, job.language, folder / job.wanted.name, job.kept, job.contracts, job.contact_id
    )


def _address_sheet(work: _Work, one: _Ready) -> AddressSheet:
    pupil = one.pupil
    said = (
        address.lines(print_runs.address_of(one.recipient))
        if print_runs.route_of(one.recipient) == print_runs.MAIL
        else address.by_hand(one.recipient.name, pupil.school, f"{pupil.name}, {pupil.homeroom}".strip(", "))
    )
    return AddressSheet(said, pupil.school, f"{work.paper.run.number} · {one.letter.position}")
