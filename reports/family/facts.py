"""What a family report is made from, in no language yet: plain facts, as the store and the comparison give them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date


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
    """A report-card mark as printed. `school_year` is the year in which it ends."""

    mark: str
    course: str
    school_year: int | None
    period: str


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


@dataclass(frozen=True)
class TeacherFacts:
    """The teacher to ask about a subject; `email` is "" where not known."""

    subject: str
    name: str
    email: str


@dataclass(frozen=True)
class ReportFacts:
    student: str
    full_name: str
    grade_level: int | None
    school: str
    school_phone: str
    teachers: tuple[TeacherFacts, ...]
    subjects: tuple[SubjectFacts, ...]
    programme: tuple[str, str] | None = None


@dataclass(frozen=True)
class Issue:
    """What a report carries beside the facts: its number and version, its day, the day to talk by."""

    number: str
    version: int
    issued_on: date
    talk_by: date
    conference_on: date | None = None
    family_language: str = ""
    link: str = ""


def facts_hash(facts: ReportFacts, texts: Mapping[str, str]) -> str:
    """SHA-256 of the facts and of the texts they are told in (`texts`: unit and language → hash)."""
    document = json.dumps([asdict(facts), dict(texts)], sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(document.encode()).hexdigest()
