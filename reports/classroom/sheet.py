"""The teacher's sheet for a talk with one family: made from the family's own report, so that both say the same (R14).

Nothing is worked out anew: sentences, marks, tests, days and the number are those of the report in English.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reports.classroom.words import Words
from reports.family.actions import TALKS
from reports.family.report import EvidenceRow, FamilyReport, SubjectBlock
from reports.records import Category, Evidence

_STRONG_MARK: Final = frozenset({Category.MATCH_AT, Category.HIGH_CLOSE, Category.HIGH_NOTYET})
_SUBJECTS: Final = frozenset({"math", "reading", "writing", "science", "social_studies"})
LANGUAGE: Final = "en"


@dataclass(frozen=True)
class SubjectFact:
    """What the family reads on a subject, and the rows behind it, exactly as in its report."""

    subject: str
    title: str
    sentence: str
    rows: tuple[EvidenceRow, ...]


@dataclass(frozen=True)
class TeacherSheet:
    """One page for the teacher of one student. `strengths` ends with the line that the teacher fills in.

    `comparison_ids` are those that the family's report was made from, `number` and `version` the report's own.
    `questions` are pairs of what the family may ask and a fair answer.
    """

    number: str
    version: int
    comparison_ids: tuple[int, ...]
    student: str
    full_name: str
    details: tuple[str, ...]
    title: str
    same_report: str
    strengths: tuple[str, ...]
    facts: tuple[SubjectFact, ...]
    attendance: EvidenceRow | None
    points_title: str
    points: tuple[str, ...]
    questions: tuple[tuple[str, ...], ...]
    avoid: tuple[str, ...]


def sheet(report: FamilyReport, comparison_ids: Sequence[int]) -> TeacherSheet:
    """The sheet beside a family's report in English. Raises ValueError for a report in another language or without
    a subject."""
    if report.language != LANGUAGE or not report.subjects:
        raise ValueError("a teacher's sheet is made from a report in English with a subject in it")
    words = Words({"student": report.student})
    focus = in_focus(report.subjects)
    subject = _subject(words, focus)
    talk = TALKS[Category(focus.category)]
    return TeacherSheet(
        number=report.number,
        version=report.version,
        comparison_ids=tuple(comparison_ids),
        student=report.student,
        full_name=report.full_name,
        details=report.details,
        title=words.say("sheet.title"),
        same_report=words.say(
            "sheet.same_report", number=report.number, version=str(report.version), issued=report.issued
        ),
        strengths=_strengths(words, report),
        facts=tuple(SubjectFact(b.subject, b.title, b.sentence, b.rows) for b in report.subjects),
        attendance=report.attendance,
        points_title=words.say("headings.points", subject=subject),
        points=words.lines(f"points.{talk}"),
        questions=words.pairs(f"questions.{talk}", ("asks", "answer"), subject=subject),
        avoid=(*words.lines("avoid.always"), words.say(f"avoid.{talk}")),
    )


def in_focus(subjects: Sequence[SubjectBlock]) -> SubjectBlock:
    """The subject that the report itself puts first: the one with the activity and the most questions."""
    return max(subjects, key=lambda block: (bool(block.activity), len(block.questions)))


def _strengths(words: Words, report: FamilyReport) -> tuple[str, ...]:
    """What the facts say that is good; the last line is the teacher's own."""
    said = [line for block in report.subjects for line in _strengths_of(words, block)]
    return (*said, words.say("strengths.own"))


def _strengths_of(words: Words, block: SubjectBlock) -> list[str]:
    subject = _subject(words, block)
    reached = [row for row in block.rows if row.kind == "test" and row.state == Evidence.AT]
    said = [
        words.say("strengths.test_at", subject=subject, test=row.source, when=row.when) for row in reached[:1]
    ]
    marks = [row for row in block.rows if row.kind == "mark" and row.says]
    if block.category in _STRONG_MARK and marks:
        said.append(words.say("strengths.mark_high", subject=subject, mark=marks[0].says))
    return said


def _subject(words: Words, block: SubjectBlock) -> str:
    return words.say(f"subjects.{block.subject}") if block.subject in _SUBJECTS else block.title.lower()
