"""A print run takes the letters of campaigns that are due: each is looked at as any message before it goes, and is in
the run, `dispatching`, before a file is written. Taken = in the run + put off + withheld.

A letter is in one run at a time; what becomes of it there, a person says (see `letter_answers`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch.delivery import Delivery
from campaign.dispatch.in_force import InForce
from campaign.dispatch.looking import Looker, put_off_to
from campaign.documents.family_reports import sendable_languages
from campaign.gate import Reason, Send
from campaign.paper import print_runs
from campaign.paper.letter_pages import text_hash
from campaign.paper.print_runs import PrintError
from campaign.store import audit, dispatch, reports
from campaign.store import letters as store
from campaign.store import print_runs as print_store
from campaign.store.dispatch import Change, Claimed
from campaign.store.letters import LetterRun, Pupil
from campaign.store.reports import CurrentReport
from campaign.wordings import by_people, required_languages
from campaign.wordings.wording import ENGLISH, base
from content.catalog import Catalog, ContentError

# A person must be able to check, fold and post it, and the households of a run are locked together.
MOST_LETTERS: Final = 2000
MOST_IN_A_FILE: Final = 100
SENDER: Final = "print_run"


@dataclass(frozen=True)
class Wanted:
    """Which letters a run takes: of a district, and of one campaign (its slug) or of all."""

    district_id: int
    slug: str | None = None
    envelope: str = "number-10"


@dataclass(frozen=True)
class _Letter:
    """A letter that may go: its message, the verdict on it, the hash of its words."""

    claimed: Claimed
    verdict: Send
    hash: str
    stopped: bool

    @property
    def home(self) -> tuple[int, str, str]:
        return self.claimed.occurrence_id, self.claimed.household, self.verdict.wording.language


@dataclass(frozen=True)
class _Facts:
    """What letters are put together from; `reports` by student and language, `sendable` their languages."""

    catalog: Catalog
    pupils: Mapping[int, Pupil]
    reports: Mapping[tuple[int, str], CurrentReport]
    sendable: frozenset[str]

    def carried(self, letter: _Letter) -> tuple[int, ...]:
        """The students whose reports belong into the envelope."""
        brings = by_people.brings_report(self.catalog, letter.claimed.template)
        return letter.verdict.student_ids if brings else ()

    def reports_of(self, letter: _Letter) -> dict[str, str]:
        """Student → its report, as an envelope remembers it; those that are not there are missing."""
        language = base(letter.verdict.wording.language)
        language = language if language in self.sendable else ENGLISH
        found = {student: self.reports.get((student, language)) for student in self.carried(letter)}
        return {str(student): report_of(report) for student, report in found.items() if report}


def take(delivery: Delivery, wanted: Wanted, *, actor: str, now: datetime) -> LetterRun:
    """The run that is not finished yet, or a new one of all letters that are due, as far as one run holds them.

    Raises PrintError where no letter may go; why not is written down with each.
    """
    with transaction(delivery.engine, ENGINE) as connection:
        print_store.take_turn(connection)
        begun = store.unfinished(connection, wanted.district_id)
        if begun:
            return begun[0]
        ids = store.claim(
            connection, wanted.district_id, wanted.slug, owner=delivery.owner, limit=MOST_LETTERS, now=now
        )
        going = _looked_at(delivery, connection, ids, now)
        run = _add(delivery, connection, wanted, going, actor=actor, now=now) if going else None
    if run is None:
        raise PrintError(
            f"None of {len(ids):,} letters that are due may go now; the plan says why."
            if ids
            else "No letter is due. Letters come due with the steps of a campaign."
        )
    return run


def _looked_at(
    delivery: Delivery, connection: Connection, ids: Sequence[int], now: datetime
) -> list[_Letter]:
    """Those that may go, one for each home and language; of all others it is written down why not."""
    in_force = InForce(delivery)
    look = Looker(
        delivery.settings, in_force, connection, dispatch.held(connection, ids, delivery.owner), now
    )
    put_off: list[Change] = []
    going: list[_Letter] = []
    for claimed in look.held:
        verdict = look.verdict(claimed)
        if not isinstance(verdict, Send):
            put_off.append(put_off_to(claimed, verdict))
            continue
        catalog = in_force.district(connection, claimed.district_id).catalog
        stopped = bool({"email", "sms"} & frozenset().union(*(row.revoked for row in look.known(claimed))))
        try:
            words = text_hash(catalog, look.step(claimed), verdict.wording.language)
        except ContentError as error:
            put_off.append(Change(claimed.id, claimed.fencing, "failed", "text", detail=str(error)))
            continue
        going.append(_Letter(claimed, verdict, words, stopped))
    chosen = _one_a_home(connection, going)
    kept = {letter.claimed.id for letter in chosen}
    put_off += [
        Change(letter.claimed.id, letter.claimed.fencing, "withheld", Reason.SHARES_A_HOME)
        for letter in going
        if letter.claimed.id not in kept
    ]
    dispatch.change(connection, put_off, from_states=["claimed"], now=now, trace=False)
    return chosen


def _one_a_home(connection: Connection, going: Sequence[_Letter]) -> list[_Letter]:
    """The letter about most children of each home and language; another one where it speaks of somebody else."""
    told: dict[tuple[int, str, str], list[frozenset[int]]] = {}
    before = store.at_home(
        connection,
        {letter.claimed.household for letter in going},
        {letter.claimed.occurrence_id for letter in going},
    )
    for occurrence, household, language, spoken_of in before:
        told.setdefault((occurrence, household, language), []).append(frozenset(spoken_of))
    chosen = []
    for letter in sorted(going, key=lambda one: (-len(one.verdict.student_ids), one.claimed.contact_id)):
        students, known = frozenset(letter.verdict.student_ids), told.setdefault(letter.home, [])
        if not any(students <= others for others in known):
            known.append(students)
            chosen.append(letter)
    return chosen


def _add(
    delivery: Delivery,
    connection: Connection,
    wanted: Wanted,
    going: Sequence[_Letter],
    *,
    actor: str,
    now: datetime,
) -> LetterRun | None:
    texts = delivery.texts(connection, wanted.district_id)
    students = sorted({student for letter in going for student in letter.verdict.student_ids})
    facts = _Facts(
        texts.catalog,
        store.pupils(connection, students),
        {(one.student_id, one.language): one for one in reports.current(connection, students)},
        sendable_languages(texts, delivery.settings.languages),
    )
    going = _complete(delivery, connection, facts, going, now)
    if not going:
        return None
    number = _number(going)
    run_id = store.add_run(
        connection,
        {
            "district_id": wanted.district_id,
            "number": number,
            "envelope": wanted.envelope,
            "actor": actor,
            "taken_at": now,
        },
    )
    rows = [{**row, "letter_run_id": run_id} for row in _rows(connection, facts, going)]
    store.add_envelopes(connection, rows)
    version = texts.catalog.versions()[by_people.LETTER_UNIT]
    changes = [_dispatching(letter, version, number) for letter in going]
    dispatch.change(connection, changes, from_states=["claimed"], now=now, trace=True)
    entry = audit.Entry(now, actor, "took_letters", f"letter_run:{run_id}", wanted.district_id)
    audit.write(connection, entry)
    return store.run_of(connection, run_id)


def _complete(
    delivery: Delivery, connection: Connection, facts: _Facts, going: Sequence[_Letter], now: datetime
) -> list[_Letter]:
    """Those that can be put together: without letters that would bring a report which is not there, and without those
    of schools whose state asks for a letter in a language in which nobody has reviewed it yet."""
    district, chosen = going[0].claimed.district_id, delivery.settings.languages
    texts, needed = (
        delivery.texts(connection, district),
        required_languages.required(connection, district, chosen),
    )
    lacking = required_languages.missing(needed, texts, (by_people.LETTER_UNIT,), chosen)
    schools = {one.required.school_id for one in lacking}
    free: list[_Letter] = []
    back: list[Change] = []
    for letter in going:
        claimed = letter.claimed
        if {facts.pupils[student].school_id for student in letter.verdict.student_ids} & schools:
            back.append(Change(claimed.id, claimed.fencing, "planned", Reason.LANGUAGE_REQUIRED))
        elif len(facts.reports_of(letter)) < len(facts.carried(letter)):
            back.append(Change(claimed.id, claimed.fencing, "withheld", Reason.NO_REPORT))
        else:
            free.append(letter)
    dispatch.change(connection, back, from_states=["claimed"], now=now, trace=False)
    return free


def _number(going: Sequence[_Letter]) -> str:
    """Twelve signs made of the letters in the run and of how often each was taken."""
    keys = sorted(f"{letter.claimed.public_id} {letter.claimed.fencing}" for letter in going)
    digest = hashlib.sha256("\n".join(keys).encode()).hexdigest().upper()
    return "-".join(("L" + digest)[start : start + 4] for start in (0, 4, 8))


def _rows(connection: Connection, facts: _Facts, going: Sequence[_Letter]) -> Iterator[Mapping[str, Any]]:
    """The envelopes by school, homeroom, language and name, so many to a file, and each school in files of its own."""
    contacts = [letter.claimed.contact_id for letter in going]
    places = print_store.recipients(connection, list(facts.pupils), contacts)
    follows = store.following(connection, [letter.claimed.id for letter in going])

    def first(letter: _Letter) -> Pupil:
        return min((facts.pupils[student] for student in letter.verdict.student_ids), key=_place)

    def order(letter: _Letter) -> tuple[Any, ...]:
        return (*_place(first(letter)), letter.verdict.wording.language, letter.claimed.contact_id)

    part, in_part, school = 0, 0, None
    for position, letter in enumerate(sorted(going, key=order), 1):
        pupil = first(letter)
        if part == 0 or pupil.school_id != school or in_part == MOST_IN_A_FILE:
            part, in_part, school = part + 1, 0, pupil.school_id
        in_part += 1
        claimed, wording = letter.claimed, letter.verdict.wording
        yield {
            "district_id": claimed.district_id,
            "message_id": claimed.id,
            "fencing": claimed.fencing,
            "contact_id": claimed.contact_id,
            "student_ids": list(letter.verdict.student_ids),
            "language": wording.language,
            "fallback_from": wording.fallback_from,
            "reports": facts.reports_of(letter),
            "stopped": letter.stopped,
            "follows": claimed.id in follows,
            "route": print_runs.route_of(places[pupil.student_id, claimed.contact_id]),
            "position": position,
            "part": part,
        }


def report_of(report: CurrentReport) -> str:
    """Number, version and language of a report, as an envelope remembers it."""
    return f"{report.number}-{report.version} {report.language}"


def _place(pupil: Pupil) -> tuple[str, int, str, str, int]:
    return pupil.school, pupil.school_id or 0, pupil.homeroom, pupil.name, pupil.student_id


def _dispatching(letter: _Letter, version: int, number: str) -> Change:
    verdict, claimed = letter.verdict, letter.claimed
    return Change(
        claimed.id,
        claimed.fencing,
        "dispatching",
        student_ids=verdict.student_ids,
        language=verdict.wording.language,
        fallback_from=verdict.wording.fallback_from,
        template_version=version,
        template_hash=letter.hash,
        detail=f"print run {number}",
        provider=SENDER,
    )
