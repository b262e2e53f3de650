"""The list of a letter run's envelopes and its cover: numbers and schools, no name and no street."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import Connection

from campaign.paper.print_list import Listed, bound, part_name, write, write_list
from campaign.settings import Settings
from campaign.store import letters as store
from campaign.store import print_runs as print_store
from campaign.store.letters import Envelope, LetterRun, Pupil
from reports.mailing import render
from reports.mailing.address import WINDOWS
from reports.mailing.envelope import Cover

STATES: Final = {
    store.IN_RUN: "in the run",
    store.POSTED: "posted",
    store.THROWN_AWAY: "not printed or thrown away",
    store.SPOILED: "spoiled",
    store.CAME_BACK: "came back: address unknown",
    store.REPLACED: "has changed since; the next run takes it anew",
    store.NOT_DRAWN: "could not be drawn",
}


def folder(home: Path, run: LetterRun) -> Path:
    """Where the files of a run lie that was started on the page."""
    return home / "letters" / run.number


def part(out: Path, run: LetterRun, number: int) -> Path:
    return out / part_name(run.number, number)


def tell(connection: Connection, run: LetterRun, out: Path, settings: Settings) -> None:
    """Write the list and the cover of what was printed into `out`."""
    envelopes = store.envelopes(connection, run.id)
    printed = [one for one in envelopes if one.printed_at]
    pupils = store.pupils(connection, {student for one in printed for student in one.student_ids})
    write_list(out, run.number, "step", [_listed(one, pupils[one.student_ids[0]]) for one in printed])
    district = print_store.district_name(connection, run.district_id)
    cover = _cover(run, printed, district, settings)
    write(out / f"{run.number}-cover.pdf", render.cover_sheet(cover, WINDOWS[run.envelope]))


def files(out: Path, run: LetterRun) -> list[Path]:
    """Those of the run that are there, the cover first."""
    found = [
        out / f"{run.number}-cover.pdf",
        out / f"{run.number}-list.csv",
        *sorted(out.glob(f"{run.number}-*.pdf")),
    ]
    return [file for file in dict.fromkeys(found) if file.exists()]


def _listed(one: Envelope, pupil: Pupil) -> Listed:
    return Listed(one, pupil.school, pupil.homeroom, one.step)


def _cover(run: LetterRun, printed: Sequence[Envelope], district: str, settings: Settings) -> Cover:
    zone = ZoneInfo(settings.installation.time_zone)
    files = bound(run.number, printed)
    left_out = {state: run.states.get(state, 0) for state in (store.REPLACED, store.NOT_DRAWN)}
    total = sum(pages for _, _, pages in files)
    return Cover(
        number=run.number,
        district=district,
        planned_on=format_date(run.taken_at.astimezone(zone), "long", locale="en_US"),
        considered=run.letters,
        printed=len(printed),
        sheets=total // 2,
        pages=total,
        left_out=tuple((STATES[state], count) for state, count in left_out.items() if count),
        files=tuple(files),
    )
