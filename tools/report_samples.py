"""One made-up child's report in every language and form, to look at and to check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from content.catalog import load
from reports.classroom import render as classroom
from reports.classroom.sheet import sheet
from reports.family import render
from reports.family.facts import Issue, Level, MarkFacts, ReportFacts, ScoreFacts, SubjectFacts, TeacherFacts
from reports.family.report import FamilyReport
from reports.family.write import write

NAMES = ("Ana", "Rivera")
LINK = "https://families.example.org/r/k7f3-92qx-tb4m-x8c2-n5hd-w3pz-a6ye"
_LEVELS = (
    Level("1", "Did Not Meet Grade Level", 1100, 1488),
    Level("2", "Approaches Grade Level", 1489, 1588),
    Level("3", "Meets Grade Level", 1589, 1659),
    Level("4", "Masters Grade Level", 1660, 2000),
)


def _test(title: str, evidence: str, score: float, level: str) -> ScoreFacts:
    return ScoreFacts(
        title=title,
        family="STAAR",
        kind="summative",
        season="spring",
        administered_on=date(2026, 4, 22),
        evidence=evidence,
        score=score,
        error=33,
        cut=1589,
        level=level,
        floor_level="3",
        levels=_LEVELS,
    )


_FACTS = ReportFacts(
    student=NAMES[0],
    full_name=" ".join(NAMES),
    grade_level=6,
    school="Lincoln Elementary School",
    school_phone="555-0134",
    teachers=tuple(
        TeacherFacts(subject, "María Ortiz", "ortiz@school.example") for subject in ("math", "reading")
    ),
    subjects=(
        SubjectFacts(
            "math",
            "HIGH_CLOSE",
            "CLOSE",
            (),
            MarkFacts("B", "Math 5", 2026, "Year"),
            (_test("STAAR Mathematics", "CLOSE", 1571, "2"),),
            True,
        ),
        SubjectFacts(
            "reading",
            "HIGH_NOTYET",
            "NOT_YET",
            (),
            MarkFacts("A-", "English Language Arts 5", 2026, "Year"),
            (_test("STAAR Reading", "NOT_YET", 1465, "1"),),
            True,
        ),
    ),
)
_ISSUE = Issue("K7F3-92QX-TB4M", 1, date(2026, 11, 2), date(2026, 11, 16), link=LINK)


@dataclass(frozen=True)
class Sample:
    """One document: which form, in which language, as PDF."""

    form: str
    language: str
    content: bytes


def written(language: str) -> list[FamilyReport]:
    """The report in a language, and in English on the back."""
    languages = [language] if language == "en" else [language, "en"]
    return [write(_FACTS, _ISSUE, one, load()) for one in languages]


def languages() -> list[str]:
    """English first, as everything comes from it."""
    return sorted(load().languages, key=lambda language: (language != "en", language))


def samples() -> Iterator[Sample]:
    """Every form in every language it comes in."""
    for language in languages():
        yield Sample("report", language, render.pdf(written(language)))
    for language in languages():
        yield Sample("large print", language, render.large_print(written(language)))
    (report,) = written("en")
    yield Sample("teacher's sheet", "en", classroom.pdf([sheet(report, (1, 2))]))
