"""Which files a family gets: a sheet for each home and language, with its own link, under a name that says what it is
made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch.writing import report_url
from campaign.documents import drawn
from campaign.documents.printing import PrintJob
from campaign.paper import print_links
from campaign.paper.print_links import Copy
from campaign.settings import Settings
from campaign.store import copies as store
from campaign.store import reports
from campaign.store.copies import Reader

SOURCE_LANGUAGE = "en"


@dataclass(frozen=True)
class Sheet:
    """One student's reports as they stand: contracts by language, and the hash of the facts and texts in them."""

    district_id: int
    student_id: int
    contracts: Mapping[str, Mapping[str, Any]]
    content_hash: str


@dataclass(frozen=True)
class _Copy:
    """One file to be: in which language, for whom; nobody where no adult may get it and the school keeps it."""

    sheet: Sheet
    language: str
    reader: Reader | None

    @property
    def report(self) -> str:
        """Number and version."""
        front = self.sheet.contracts[self.language]
        return f"{front['number']}-{front['version']}"


def jobs(
    connection: Connection,
    sheets: Sequence[Sheet],
    sendable: Callable[[str], str],
    out: Path,
    settings: Settings,
    now: datetime,
) -> list[PrintJob]:
    """The files there should be of these students, in `out`; their links are made to work.

    `sendable` says in which language somebody who reads a given one is written to.
    """
    readers: dict[int, list[Reader]] = {sheet.student_id: [] for sheet in sheets}
    for reader in store.readers(connection, list(readers), now):
        readers[reader.student_id].append(reader)
    copies = [copy for sheet in sheets for copy in _copies(sheet, readers[sheet.student_id], sendable)]
    links = _links(connection, copies, settings, now)
    found = [_job(copy, links.get(place, ""), out, settings.home) for place, copy in enumerate(copies)]
    # Copies without a link are all the same.
    return list({job.wanted: job for job in found}.values())


def for_adults(
    connection: Connection,
    sheets: Iterable[Sheet],
    wanted: Mapping[tuple[int, int], str],
    out: Path,
    settings: Settings,
    now: datetime,
) -> dict[tuple[int, int], PrintJob]:
    """The file of each (student, contact) of `wanted`, in the language there and in `out`; its link is made to work.

    Missing are those who may not get it, and those of whom there is none in that language.
    """
    known = {sheet.student_id: sheet for sheet in sheets}
    copies = [
        _Copy(known[one.student_id], wanted[one.student_id, one.contact_id], one)
        for one in store.readers(connection, list(known), now)
        if wanted.get((one.student_id, one.contact_id)) in known[one.student_id].contracts
    ]
    links = _links(connection, copies, settings, now)
    found = [_job(copy, links.get(place, ""), out, settings.home) for place, copy in enumerate(copies)]
    return {(job.student_id, job.contact_id or 0): job for job in found}


def _copies(sheet: Sheet, readers: Iterable[Reader], sendable: Callable[[str], str]) -> list[_Copy]:
    """One a home and language, for the first adult there."""
    found: dict[tuple[str, str], _Copy] = {}
    for reader in readers:
        language = sendable(reader.language)
        if language in sheet.contracts:
            found.setdefault((language, reader.home), _Copy(sheet, language, reader))
    return [found[key] for key in sorted(found)] or [_Copy(sheet, SOURCE_LANGUAGE, None)]


def _links(
    connection: Connection, copies: Sequence[_Copy], settings: Settings, now: datetime
) -> dict[int, str]:
    """The address on each copy, by its place; none where no link could open."""
    linked = {
        place: Copy(
            copy.sheet.district_id,
            copy.sheet.student_id,
            copy.reader.contact_id,
            copy.report,
            copy.reader.ended,
        )
        for place, copy in enumerate(copies)
        if copy.reader and copy.reader.checkable
    }
    key, days = settings.secrets.secret_key, settings.privacy.family_link_days
    tokens = print_links.issue(connection, list(linked.values()), key, now, days)
    base = settings.installation.base_url
    return {place: report_url(base, token) for place, token in zip(linked, tokens, strict=True)}


def _job(copy: _Copy, link: str, out: Path, home: Path) -> PrintJob:
    contracts = copy.sheet.contracts
    front = contracts[copy.language]
    sides = [front] if copy.language == SOURCE_LANGUAGE else [front, contracts[SOURCE_LANGUAGE]]
    name = drawn.file_name(copy.report, copy.language, [copy.sheet.content_hash, link])
    return PrintJob(
        student_id=copy.sheet.student_id,
        language=copy.language,
        wanted=out / name,
        kept=drawn.place(home, name),
        contracts=[{**side, "link": link} for side in sides],
        contact_id=copy.reader.contact_id if copy.reader else None,
    )


def clean(engine: Engine, home: Path, now: datetime) -> int:
    """Delete what was drawn of reports that are replaced, or whose student's records are gone; how many files went."""
    with transaction(engine, ENGINE) as connection:
        alive = reports.current_numbers(connection)
    return drawn.sweep(home, alive, now)


class Folder:
    """The files of an `out` folder by the number of their report; read once, for a folder may hold a million."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._files: dict[str, set[Path]] = {}
        for file in path.glob("*.pdf"):
            self._files.setdefault(drawn.number_of(file.name), set()).add(file)

    def clear_replaced(self, done: Iterable[PrintJob]) -> None:
        """Take away what these files replace: older versions of the same report, copies that nobody gets now."""
        wanted: dict[str, set[Path]] = {}
        for job in done:
            wanted.setdefault(drawn.number_of(job.wanted.name), set()).add(job.wanted)
        for number, files in wanted.items():
            for file in self._files.pop(number, set()) - files:
                file.unlink(missing_ok=True)
