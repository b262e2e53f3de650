"""What a family report is made from, in no language yet: plain facts, as the store and the comparison give them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Level:
    """A performance level as the test names it; `minimum` is its lowest score, None if not known."""

    code: str
    name: str
    minimum: float | None
    maximum: float | None


@dataclass(frozen=True)
class ScoreFacts:
    """One test result that may be shown. Scores are points of the test's scale; `evidence` as in records.

    `error` is in points as well; `leads` marks the test that the category rests on.
    """

    title: str
    family: str
    kind: str
    season: str | None
    administered_on: date | None
    evidence: str
    score: float | None
    error: float | None
    cut: float | None
    level: str | None
    floor_level: str | None
    levels: tuple[Level, ...]
    leads: bool = False


@dataclass(frozen=True)
class MarkFacts:
    """A report-card mark as printed. `school_year` is the year in which it ends; `teacher` gave it, "" if not known."""

    mark: str
    course: str
    school_year: int | None
    period: str
    teacher: str = ""


@dataclass(frozen=True)
class NormFacts:
    """What the mark meant for all students of its course last year, as `reports.compare.norms` allows it to be said.

    `grade` is the mark as it was counted: B for B+.
    """

    grade: str
    code: str
    tenths: int | None


@dataclass(frozen=True)
class AttendanceFacts:
    """Days missed, halves among them, counted from the day `since`; only where the source lists each day."""

    days: float
    since: date


@dataclass(frozen=True)
class ProgrammeFacts:
    """Something local to sign up for. `title` and `details` by language; None where the district does not say."""

    subjects: tuple[str, ...]
    title: Mapping[str, str]
    details: Mapping[str, str]
    starts_on: date | None = None
    free: bool = False
    bus: bool = False
    contact: str = ""


@dataclass(frozen=True)
class SubjectFacts:
    """One comparison: category and rules as in `reports.records`, the mark and the tests it rests on."""

    subject: str
    category: str
    evidence: str | None
    rules: tuple[str, ...]
    mark: MarkFacts | None
    tests: tuple[ScoreFacts, ...]
    last_year: bool
    norm: NormFacts | None = None


@dataclass(frozen=True)
class TeacherFacts:
    """The teacher to ask about a subject; `email` is "" where not known."""

    subject: str
    name: str
    email: str


@dataclass(frozen=True)
class NoteFacts:
    """What a teacher wrote to the family, by language, and the teacher's name."""

    said: Mapping[str, str]
    by: str


@dataclass(frozen=True)
class ReportFacts:
    """All of one student. `programmes` fit the grade level, the soonest first; `grading_policy` is by language."""

    student: str
    full_name: str
    grade_level: int | None
    school: str
    school_phone: str
    teachers: tuple[TeacherFacts, ...]
    subjects: tuple[SubjectFacts, ...]
    attendance: AttendanceFacts | None = None
    programmes: tuple[ProgrammeFacts, ...] = ()
    grading_policy: Mapping[str, str] = field(default_factory=dict)
    teacher_note: NoteFacts | None = None


@dataclass(frozen=True)
class Issue:
    """What a report carries beside the facts: its number and version, its day, the day to talk by.

    `corrected`: a grade or test was corrected so that a category changed since the version before. `link` is the
    address of the family page; where it is given only when the report is printed, put it into the report then.
    """

    number: str
    version: int
    issued_on: date
    talk_by: date
    conference_on: date | None = None
    family_language: str = ""
    link: str = ""
    corrected: bool = False


def facts_hash(facts: ReportFacts, texts: Mapping[str, str]) -> str:
    """SHA-256 of the facts and of the texts they are told in (`texts`: unit and language → hash).

    Asked of every report of every run: some twenty microseconds, where copying the facts first takes a hundred.
    """
    return hashlib.sha256(_CANONICAL.encode([facts, texts]).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Days as ISO 8601, facts as their fields."""
    return value.isoformat() if isinstance(value, date) else vars(value)


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, check_circular=False, default=_plain)
