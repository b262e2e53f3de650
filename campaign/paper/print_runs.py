"""Which letters a print run holds: one a version of a report, recipient and language, and none twice.

The number of a run is made of what it would print, so that the same selection is the same run. A letter that an
earlier run holds is left out, unless somebody says why it is printed again. Considered = letters + left out.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine

from campaign import classroom
from campaign.access import ENGINE
from campaign.database import transaction
from campaign.documents import report_files
from campaign.documents.family_reports import sendable_languages
from campaign.documents.printing import PrintJob
from campaign.documents.report_files import SOURCE_LANGUAGE, Sheet
from campaign.school_year.calendar import SchoolYear
from campaign.settings import Settings
from campaign.store import classroom as teacher_store
from campaign.store import print_runs as store
from campaign.store import reports
from campaign.store.copies import readers
from campaign.store.print_runs import Pupil, Run
from campaign.wordings.required_languages import missing, required
from campaign.wordings.texts import REPORT_UNITS
from campaign.wordings.texts import read as read_texts
from campaign.wordings.wording import base
from content.catalog import Catalog
from reports.mailing.address import Address

SHARES_A_HOME: Final = "shares_a_home"
PRINTED_BEFORE: Final = "printed_before"
NOT_ASKED_FOR: Final = "not_asked_for"
NO_CONTACT: Final = "no_contact"
NO_REPORT: Final = "no_report"
LANGUAGE_REQUIRED: Final = "language_required"
MAIL, BY_STUDENT = "mail", "by_student"
_PORTION = 500
_LONGEST_REASON = 200


class PrintError(Exception):
    """A run cannot be made; the message says what to do."""


@dataclass(frozen=True)
class Selection:
    """What a run is about; None leaves nobody out. `step`: only whom that step of a campaign could not reach.

    `again` says why letters that were printed before are printed once more.
    """

    district_id: int
    school: str | None = None
    grade_level: int | None = None
    language: str | None = None
    step: str | None = None
    envelope: str = "number-10"
    again: str | None = None


@dataclass(frozen=True)
class Candidate:
    """One letter that could be, with the file it would hold."""

    pupil: Pupil
    job: PrintJob
    route: str

    @property
    def key(self) -> tuple[str, int, int, str]:
        """Report number, version, contact and language."""
        front = self.job.contracts[0]
        return front["number"], front["version"], self.job.contact_id or 0, self.job.language


@dataclass
class Considered:
    """All relations of the selected students: letters that could be, and the others by reason."""

    letters: list[Candidate]
    left_out: Counter[str]


def plan(
    engine: Engine, wanted: Selection, *, settings: Settings, catalog: Catalog, actor: str, now: datetime
) -> Run:
    """The run of this selection, as planned before or planned now. Raises PrintError where there is nobody in it."""
    if wanted.again is not None and not 0 < len(wanted.again.strip()) <= _LONGEST_REASON:
        raise PrintError(f"Say in at most {_LONGEST_REASON} letters why it is printed again.")
    with transaction(engine, ENGINE) as connection:
        store.take_turn(connection)
        considered = consider(connection, wanted, settings, catalog, now)
        number = _number(wanted, considered)
        if not store.run(connection, number):
            _add(connection, wanted, considered, number, actor=actor, now=now)
        found = store.run(connection, number)
    if found is None:
        raise PrintError("The run was not kept; start it again.")
    return found


def consider(
    connection: Connection, wanted: Selection, settings: Settings, catalog: Catalog, now: datetime
) -> Considered:
    """Everybody a selection is about. Raises PrintError where no student of it has a report."""
    zone = settings.installation.time_zone
    pupils = store.pupils(
        connection, wanted.district_id, school=wanted.school, grade_level=wanted.grade_level, zone=zone
    )
    if not pupils:
        raise PrintError("No student of this selection has a report; make them first with  gbg reports.")
    texts = read_texts(connection, catalog, wanted.district_id)
    sendable = sendable_languages(texts, settings.languages)
    needed = required(connection, wanted.district_id, settings.languages)
    lacking = missing(needed, texts, REPORT_UNITS, settings.languages)
    awaiting = frozenset(one.required.school_id for one in lacking)
    year = classroom.year_of(connection, wanted.district_id)
    found = Considered([], Counter())
    found.left_out[NO_REPORT] = store.without_report(
        connection, wanted.district_id, school=wanted.school, grade_level=wanted.grade_level
    )
    for start in range(0, len(pupils), _PORTION):
        portion = _Portion(wanted, pupils[start : start + _PORTION], sendable, awaiting, year, now)
        _consider(connection, portion, settings, found)
    return found


@dataclass(frozen=True)
class _Portion:
    wanted: Selection
    pupils: Sequence[Pupil]
    sendable: frozenset[str]
    awaiting: frozenset[int]
    year: SchoolYear
    now: datetime


def _consider(connection: Connection, some: _Portion, settings: Settings, found: Considered) -> None:
    ids = [pupil.student_id for pupil in some.pupils]
    jobs = files(connection, some.wanted.district_id, ids, some.sendable, settings, now=some.now)
    by_adult = {(job.student_id, job.contact_id): job for job in jobs if job.contact_id}
    allowed = {(reader.student_id, reader.contact_id) for reader in readers(connection, ids, some.now)}
    related: dict[int, list[store.Relation]] = {student_id: [] for student_id in ids}
    for relation in store.relations(connection, ids, allowed):
        related[relation.student_id].append(relation)
    places = store.recipients(connection, ids, [job.contact_id or 0 for job in jobs])
    standing = teacher_store.standing(connection, ids)
    unreached = store.unreached_in(connection, some.wanted.step, ids) if some.wanted.step else None
    days = settings.campaign.teacher_preview_days
    for pupil in some.pupils:
        look = classroom.standing_of(standing[pupil.student_id], pupil.zone, some.year, days, now=some.now)
        waits = look.reason or (LANGUAGE_REQUIRED if pupil.school_id in some.awaiting else None)
        found.left_out[NO_CONTACT] += not related[pupil.student_id]
        for relation in related[pupil.student_id]:
            adult = (pupil.student_id, relation.contact_id)
            job = by_adult.get(adult)
            reason = relation.reason or waits or _refusal(some.wanted, adult, job, unreached)
            if reason or job is None:
                found.left_out[str(reason)] += 1
            else:
                found.letters.append(Candidate(pupil, job, route_of(places[adult])))


def _refusal(
    wanted: Selection, adult: tuple[int, int], job: PrintJob | None, unreached: set[tuple[int, int]] | None
) -> str | None:
    if unreached is not None and adult not in unreached:
        return NOT_ASKED_FOR
    if job is None:
        return SHARES_A_HOME
    return NOT_ASKED_FOR if wanted.language not in (None, job.language) else None


def route_of(recipient: store.Recipient) -> str:
    """By post where an address is known and may be written down, else through the school."""
    return MAIL if not recipient.confidential and address_of(recipient).is_complete else BY_STUDENT


def address_of(one: store.Recipient) -> Address:
    return Address(one.name, one.street, one.city, one.state, one.postal_code)


def files(
    connection: Connection,
    district_id: int,
    student_ids: Sequence[int],
    sendable: frozenset[str],
    settings: Settings,
    *,
    now: datetime,
) -> list[PrintJob]:
    """The file of each home and language of these students, as `gbg reports` draws it; its link is made to work."""
    current: dict[int, list[reports.CurrentReport]] = {}
    for report in reports.current(connection, student_ids):
        current.setdefault(report.student_id, []).append(report)
    sheets = [
        Sheet(district_id, student_id, {one.language: one.contract for one in some}, some[0].content_hash)
        for student_id, some in sorted(current.items())
    ]

    def written_to(tag: str) -> str:
        return base(tag) if base(tag) in sendable else SOURCE_LANGUAGE

    return report_files.jobs(connection, sheets, written_to, Path(), settings, now)


def _number(wanted: Selection, considered: Considered) -> str:
    """Twelve signs made of the selection and of every letter in it, printed before or not."""
    keys = sorted(candidate.key for candidate in considered.letters)
    document = json.dumps([asdict(wanted), keys], sort_keys=True)
    digest = hashlib.sha256(document.encode()).hexdigest().upper()
    return "-".join(("P" + digest)[start : start + 4] for start in (0, 4, 8))


def _add(
    connection: Connection,
    wanted: Selection,
    considered: Considered,
    number: str,
    *,
    actor: str,
    now: datetime,
) -> None:
    ids = {candidate.pupil.student_id for candidate in considered.letters}
    before = store.copies_before(connection, ids)
    fresh = [one for one in considered.letters if wanted.again or one.key not in before]
    left_out = considered.left_out.copy()
    left_out[PRINTED_BEFORE] += len(considered.letters) - len(fresh)
    ordered = sorted(fresh, key=_place)
    values = {
        "district_id": wanted.district_id,
        "number": number,
        "selection": asdict(wanted),
        "left_out": {reason: count for reason, count in sorted(left_out.items()) if count},
        "again": wanted.again,
        "actor": actor,
        "planned_at": now,
    }
    letters = [_letter(one, place, before.get(one.key, 0) + 1) for place, one in enumerate(ordered, 1)]
    store.add(connection, values, letters)


def _place(one: Candidate) -> tuple[str, int, str, str]:
    """By school, homeroom and language; the sort is stable, so names keep their order."""
    return one.pupil.school, one.pupil.school_id or 0, one.pupil.homeroom, one.job.language


def _letter(one: Candidate, position: int, copy: int) -> Mapping[str, Any]:
    number, version, contact_id, language = one.key
    return {
        "student_id": one.pupil.student_id,
        "contact_id": contact_id,
        "report_number": number,
        "version": version,
        "language": language,
        "copy": copy,
        "route": one.route,
        "position": position,
    }
