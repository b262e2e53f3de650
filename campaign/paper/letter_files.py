"""The files of a letter run: envelopes bound by school, a list of them and a cover. Drawn again they are the same.

A file is there whole or not at all, and then its letters are marked; a run that was stopped goes on behind it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.definitions.definition import Step
from campaign.dispatch.delivery import Delivery
from campaign.dispatch.in_force import InForce
from campaign.documents import report_files
from campaign.documents.printing import Press, PrintJob, press
from campaign.documents.report_files import Sheet
from campaign.paper import letter_list, print_runs
from campaign.paper.letter_pages import About, pages, text_hash
from campaign.paper.letters import report_of
from campaign.paper.print_list import write
from campaign.paper.print_runs import PrintError
from campaign.store import dispatch, reports
from campaign.store import letters as store
from campaign.store import print_runs as print_store
from campaign.store.dispatch import Change
from campaign.store.letters import Envelope, LetterRun, Pupil
from campaign.store.print_runs import Recipient
from content.catalog import Catalog, ContentError
from reports.mailing import address, render
from reports.mailing.address import WINDOWS, Window
from reports.mailing.envelope import AddressSheet, Divider


@dataclass(frozen=True)
class _Facts:
    """What the letters of one file are written from, as it stands now. `jobs`: the reports by student and contact."""

    catalog: Catalog
    steps: Mapping[int, Step]
    pupils: Mapping[int, Pupil]
    places: Mapping[tuple[int, int], Recipient]
    jobs: Mapping[tuple[int, int], PrintJob]
    current: Mapping[tuple[int, str], str]


@dataclass(frozen=True)
class _Work:
    delivery: Delivery
    run: LetterRun
    out: Path
    drawing: Press
    now: datetime

    @property
    def window(self) -> Window:
        return WINDOWS[self.run.envelope]

    @property
    def drawn(self) -> Path:
        """Where the press hands its files out, until the run is bound."""
        return self.out / ".drawn"


@dataclass
class _File:
    """What becomes of the letters of one file."""

    placed: list[dict[str, int]] = field(default_factory=list)
    replaced: list[Envelope] = field(default_factory=list)
    not_drawn: list[Envelope] = field(default_factory=list)


def produce(
    delivery: Delivery,
    run: LetterRun,
    out: Path,
    now: datetime,
    progress: Callable[[int], object] = lambda _: None,
) -> LetterRun:
    """Bring the files of a run into `out`; `progress` gets the number of letters done since the last call.

    A letter whose report or words have changed since the run took it goes back and is taken anew; one that cannot be
    drawn is to be looked at. Raises PrintError for a run of which somebody has said what became of it.
    """
    if run.outcome:
        raise PrintError(f"Run {run.number} is closed: it was {run.outcome.replace('_', ' ')}.")
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    with transaction(delivery.engine, ENGINE) as connection:
        envelopes = store.envelopes(connection, run.id)
    with press() as drawing:
        work = _Work(delivery, run, out, drawing, now)
        work.drawn.mkdir(mode=0o700, exist_ok=True)
        for number, group in groupby(envelopes, key=lambda one: one.part):
            some = list(group)
            wanted = [one for one in some if one.state == store.IN_RUN]
            file = letter_list.part(out, run, number)
            if wanted and not (file.exists() and all(one.printed_at for one in wanted)):
                _bind(work, file, wanted)
            progress(len(some))
    shutil.rmtree(work.drawn, ignore_errors=True)
    with transaction(delivery.engine, ENGINE) as connection:
        store.finish(connection, run.id, now)
        finished = store.run_of(connection, run.id) or run
        letter_list.tell(connection, finished, out, delivery.settings)
    return finished


def _bind(work: _Work, file: Path, wanted: Sequence[Envelope]) -> None:
    result, binding = _File(), render.Binding()
    with transaction(work.delivery.engine, ENGINE) as connection:
        facts = _facts(work, connection, wanted)
    work.drawing.start([job for one in wanted for job in _sheets(facts, one)])
    letters = {one.id: _page(work, facts, one, result) for one in wanted if _still_holds(facts, one, result)}
    work.drawing.finish(lambda _: None)
    ready = [
        (one, letter)
        for one in wanted
        if (letter := letters.get(one.id)) is not None and _has_its_sheets(facts, one, result)
    ]
    if ready:
        sheets = [_address_sheet(work, facts, one) for one, _ in ready]
        homeroom: tuple[str, str] | None = None
        with render.opened(render.address_sheets(sheets, work.window)) as addresses:
            for place, (one, letter) in enumerate(ready):
                pupil = _first(facts, one)
                if (pupil.school, pupil.homeroom) != homeroom:
                    divider = Divider(pupil.school, pupil.homeroom, work.run.number)
                    binding.add_divider(render.divider_sheet(divider, work.window))
                    homeroom = (pupil.school, pupil.homeroom)
                kept = [job.kept.read_bytes() for job in _sheets(facts, one)]
                first, count = binding.add_envelope(addresses, place, letter, *kept)
                result.placed.append({"id": one.id, "first_page": first, "pages": count})
        write(file, binding.finished())
    with transaction(work.delivery.engine, ENGINE) as connection:
        store.mark_printed(connection, result.placed, work.now)
        _give_back(connection, result, work.now)


def _facts(work: _Work, connection: Connection, wanted: Sequence[Envelope]) -> _Facts:
    students = sorted({student for one in wanted for student in one.student_ids})
    in_force = InForce(work.delivery)
    documents = {one.document_id for one in wanted}
    definitions = {each: in_force.definition(connection, each) for each in documents}
    known = reports.current(connection, students)
    by_student: dict[int, list[reports.CurrentReport]] = {}
    for report in known:
        by_student.setdefault(report.student_id, []).append(report)
    sheets = [
        Sheet(work.run.district_id, student, {r.language: r.contract for r in some}, some[0].content_hash)
        for student, some in sorted(by_student.items())
    ]
    languages = {
        (int(student), one.contact_id): report.rpartition(" ")[2]
        for one in wanted
        for student, report in one.reports.items()
    }
    settings = work.delivery.settings
    return _Facts(
        catalog=work.delivery.texts(connection, work.run.district_id).catalog,
        steps={one.id: definitions[one.document_id].steps[one.step] for one in wanted},
        pupils=store.pupils(connection, students),
        places=print_store.recipients(connection, students, [one.contact_id for one in wanted]),
        jobs=report_files.for_adults(connection, sheets, languages, work.drawn, settings, work.now)
        if languages
        else {},
        current={(report.student_id, report.language): report_of(report) for report in known},
    )


def _sheets(facts: _Facts, one: Envelope) -> list[PrintJob]:
    """The reports of an envelope in the order of its students, as far as its adult may get them now."""
    pairs = [(student, one.contact_id) for student in one.student_ids if str(student) in one.reports]
    return [facts.jobs[pair] for pair in pairs if pair in facts.jobs]


def _still_holds(facts: _Facts, one: Envelope, result: _File) -> bool:
    """Whether reports, rights and words are as they were when the run took the letter; else it goes back."""
    same = all(
        facts.current.get((int(student), report.rpartition(" ")[2])) == report
        for student, report in one.reports.items()
    )
    whole = len(_sheets(facts, one)) == len(one.reports)
    known = all((student, one.contact_id) in facts.places for student in one.student_ids)
    try:
        said = text_hash(facts.catalog, facts.steps[one.id], one.language) == one.template_hash
    except ContentError:
        said = False
    if not (same and whole and known and said):
        result.replaced.append(one)
        return False
    return True


def _page(work: _Work, facts: _Facts, one: Envelope, result: _File) -> bytes | None:
    # Loads Pango, which only a machine that draws needs.
    from reports.family.press import RenderError

    zone = ZoneInfo(work.delivery.settings.installation.time_zone)
    about = About(
        facts.steps[one.id],
        one.language,
        one.fallback_from,
        [(facts.pupils[s].given_name, facts.pupils[s].school) for s in one.student_ids],
        work.run.taken_at.astimezone(zone).date(),
        stopped=one.stopped,
        follows=one.follows,
    )
    try:
        sides = pages(facts.catalog, about, work.delivery.settings.mail.postal_address)
        return render.letter(f"letter-{work.run.number}-{one.position}", sides, work.window)
    except (RenderError, ContentError):
        result.not_drawn.append(one)
        return None


def _has_its_sheets(facts: _Facts, one: Envelope, result: _File) -> bool:
    if all(job.kept.exists() for job in _sheets(facts, one)):
        return True
    result.not_drawn.append(one)
    return False


def _first(facts: _Facts, one: Envelope) -> Pupil:
    return min(
        (facts.pupils[student] for student in one.student_ids),
        key=lambda pupil: (pupil.school, pupil.school_id or 0, pupil.homeroom, pupil.name, pupil.student_id),
    )


def _address_sheet(work: _Work, facts: _Facts, one: Envelope) -> AddressSheet:
    pupil = _first(facts, one)
    to = facts.places[pupil.student_id, one.contact_id]
    said = (
        address.lines(print_runs.address_of(to))
        if one.route == print_runs.MAIL and print_runs.route_of(to) == print_runs.MAIL
        else address.by_hand(to.name, pupil.school, f"{pupil.name}, {pupil.homeroom}".strip(", "))
    )
    return AddressSheet(said, pupil.school, f"{work.run.number} · {one.position}")


def _give_back(connection: Connection, result: _File, now: datetime) -> None:
    changes = [
        Change(one.message_id, one.fencing, "planned", detail="has changed") for one in result.replaced
    ]
    changes += [Change(one.message_id, one.fencing, "failed", "not_drawn") for one in result.not_drawn]
    dispatch.change(connection, changes, from_states=["dispatching", "ambiguous"], now=now, trace=True)
    for state, some in ((store.REPLACED, result.replaced), (store.NOT_DRAWN, result.not_drawn)):
        if some:
            store.say(connection, [one.id for one in some], state, None, now)
