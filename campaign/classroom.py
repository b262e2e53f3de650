"""Teachers before families: their days to look, and what they may say. Facts they cannot change.

A note waits as a draft until somebody else releases it. Wrong data go to staff and hold the report meanwhile. A hold
has a reason and ends by itself. A release lets a report go before the days are over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from campaign.gate import Reason, preview_ends
from campaign.school_year.calendar import SchoolYear, moment, school_days_later
from campaign.store import audit, occurrences
from campaign.store import classroom as store
from campaign.store.classroom import Waiting, Word
from content import languages
from content.linter import lint

LONGEST_NOTE, LONGEST_REASON = 240, 500
# School days that a report with wrong data waits for an answer, and that a teacher may hold one at most.
DAYS_FOR_ANSWER: Final = 5
MOST_HOLD_DAYS: Final = 20


class Kind(StrEnum):
    NOTE = "note"
    WRONG_DATA = "wrong_data"
    HOLD = "hold"
    RELEASE = "release"


# The state in which each kind of word begins.
_FIRST: Final = {Kind.NOTE: "draft", Kind.WRONG_DATA: "open", Kind.HOLD: "in_force", Kind.RELEASE: "given"}


class WordError(Exception):
    """What was said cannot be kept; the message says what to change."""


@dataclass(frozen=True)
class Speaker:
    """Who says it: `name` is printed under a note, `actor` goes to the audit."""

    name: str
    actor: str
    now: datetime


@dataclass(frozen=True)
class Step:
    """What staff may do with a word: from the states `before` to `after`; `needs_answer`: and say what was found.

    `by_another`: not by whoever said it.
    """

    kind: Kind
    before: tuple[str, ...]
    after: str
    needs_answer: bool = False
    by_another: bool = False


STEPS: Final[Mapping[str, Step]] = {
    "release": Step(Kind.NOTE, ("draft",), "released", by_another=True),
    "withdraw": Step(Kind.NOTE, ("draft", "released"), "withdrawn"),
    "settle": Step(Kind.WRONG_DATA, ("open",), "settled", needs_answer=True, by_another=True),
    "end": Step(Kind.HOLD, ("in_force",), "ended"),
}


@dataclass(frozen=True)
class Standing:
    """Whether a report may leave for its family: `reason` says why not, and `until` when it may."""

    reason: Reason | None
    until: datetime | None


def standing(about: Waiting, year: SchoolYear, preview_days: int, now: datetime) -> Standing:
    """A hold comes before the days to look, for a person set it."""
    return standing_of((about.preview_since, about.held_until), about.zone, year, preview_days, now=now)


def standing_of(
    moments: tuple[datetime | None, datetime | None],
    zone: str,
    year: SchoolYear,
    preview_days: int,
    *,
    now: datetime,
) -> Standing:
    """`moments`: `preview_since` and `held_until`, as in `gate.AudienceRow`."""
    since, held = moments
    if held and held > now:
        return Standing(Reason.TEACHER_HOLD, held)
    ends = preview_ends(year, since, preview_days, zone)
    return Standing(Reason.TEACHER_PREVIEW, ends) if ends and ends > now else Standing(None, None)


def note(connection: Connection, about: Waiting, text: str, by: Speaker) -> int:
    """Keep a note to the family as a draft. Raises WordError naming words that a family must not read."""
    said = _said(text, LONGEST_NOTE, "Write the note first.")
    if findings := lint(said, "en", grade_level=about.grade_level):
        told = "; ".join(f"“{found.words}”: {found.remedy}" for found in findings)
        raise WordError(f"A family should not read this: {told}")
    return _keep(connection, about, Kind.NOTE, said, by=by)


def wrong_data(connection: Connection, about: Waiting, text: str, year: SchoolYear, by: Speaker) -> int:
    """Tell staff what is wrong; the report waits `DAYS_FOR_ANSWER` school days or until it is settled."""
    said = _said(text, LONGEST_REASON, "Say which mark or test is wrong, and what it should be.")
    until = school_days_later(year, by.now, DAYS_FOR_ANSWER, about.zone)
    return _keep(connection, about, Kind.WRONG_DATA, said, by=by, until=until)


def hold(
    connection: Connection, about: Waiting, text: str, last_day: date | None, year: SchoolYear, *, by: Speaker
) -> int:
    """Hold a report through `last_day`. Raises WordError without a reason or for a day that is past or too far off."""
    said = _said(text, LONGEST_REASON, "Say why the report should wait.")
    longest = school_days_later(year, by.now, MOST_HOLD_DAYS, about.zone)
    until = None if last_day is None else moment(last_day + timedelta(days=1), time(0), about.zone)
    if until is None or until <= by.now or until > longest:
        raise WordError(
            f"Choose a last day from today on, within {MOST_HOLD_DAYS} school days: a hold ends by itself."
        )
    return _keep(connection, about, Kind.HOLD, said, by=by, until=until)


def release(connection: Connection, about: Waiting, by: Speaker) -> int:
    """Let the report go before the days to look are over. It counts for the results of now, not for later ones."""
    return _keep(connection, about, Kind.RELEASE, "I have looked at it.", by=by)


def take(connection: Connection, word: Word, step_name: str, answer: str, by: Speaker) -> None:
    """One step of `STEPS` with a word. Raises WordError if it cannot be taken."""
    step = STEPS[step_name]
    if step.kind != word.kind:
        raise WordError("This cannot be done with it.")
    if step.by_another and by.actor == word.actor:
        raise WordError("Somebody other than the one who wrote it has to do this.")
    said = _said(answer, LONGEST_REASON, "Say what you found out.") if step.needs_answer else None
    values = {"settled_by": by.actor, "settled_at": by.now, "answer": said}
    if not store.change(connection, word.id, step.before, step.after, values=values):
        raise WordError("Somebody has done this already; look at it again.")
    _trace(connection, word.district_id, f"{step_name}_teacher_{word.kind}", word.student_id, by)


def translate(connection: Connection, word: Word, language: str, text: str, by: Speaker) -> None:
    """Keep what a person wrote for a released note in another language; until then that language goes without it."""
    if word.kind != Kind.NOTE or word.state != "released":
        raise WordError("Only a released note is translated.")
    if language == "en" or language not in languages.languages():
        raise WordError("Choose one of the languages of the reports.")
    said = _said(text, 2 * LONGEST_NOTE, "Write the translation first.")
    if findings := lint(said, language):
        raise WordError("A family should not read this: " + "; ".join(found.remedy for found in findings))
    store.translate(connection, word.id, language, said, actor=by.actor, now=by.now)
    _trace(connection, word.district_id, "translated_teacher_note", word.student_id, by)


def year_of(connection: Connection, district_id: int) -> SchoolYear:
    """The calendar by which school days are counted."""
    return SchoolYear.of(occurrences.calendar(connection, district_id))


def waits(connection: Connection, student_id: int, preview_days: int, zone: str, now: datetime) -> bool:
    """Whether a student's report may not be shown to the family yet. The connection acts as the engine."""
    about = store.student(connection, student_id, zone)
    if about is None:
        return True
    return standing(about, year_of(connection, about.district_id), preview_days, now).reason is not None


@dataclass(frozen=True)
class Held:
    """Reports that families do not get yet, in the reader's scope."""

    in_preview: int
    by_teachers: int


def held(connection: Connection, preview_days: int, default_zone: str, now: datetime) -> Held:
    """How many reports wait for their teachers now."""
    years: dict[int, SchoolYear] = {}
    in_preview = by_teachers = 0
    for since, is_held, zone, district_id, students in store.counts(connection, now):
        if district_id not in years:
            years[district_id] = year_of(connection, district_id)
        ends = preview_ends(years[district_id], since, preview_days, zone or default_zone)
        by_teachers += students if is_held else 0
        in_preview += students if not is_held and ends and ends > now else 0
    return Held(in_preview, by_teachers)


def _said(text: str, longest: int, empty: str) -> str:
    said = " ".join(text.split())
    if not said:
        raise WordError(empty)
    if len(said) > longest:
        raise WordError(f"Say it in at most {longest} letters; this has {len(said)}.")
    return said


def _keep(
    connection: Connection,
    about: Waiting,
    kind: Kind,
    said: str,
    *,
    by: Speaker,
    until: datetime | None = None,
) -> int:
    values = {
        "district_id": about.district_id,
        "student_id": about.student_id,
        "kind": kind,
        "state": _FIRST[kind],
    }
    values |= {"said": said, "said_by": by.name, "actor": by.actor, "at": by.now, "until": until}
    word_id = store.add(connection, values)
    _trace(connection, about.district_id, f"teacher_{kind}", about.student_id, by)
    return word_id


def _trace(connection: Connection, district_id: int, action: str, student_id: int, by: Speaker) -> None:
    target = f"student:{student_id}"
    audit.write(
        connection,
        audit.Entry(at=by.now, actor=by.actor, action=action, target=target, district_id=district_id),
    )
