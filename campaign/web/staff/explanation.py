"""One comparison made readable for staff: what the family reads, the records, the rules, the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from campaign.comparing.explanations import family_sentence
from campaign.comparing.weighed import Together
from campaign.documents.family_reports import sendable_languages
from campaign.settings import Languages
from campaign.store.students import CurrentComparison, Sources, Student
from campaign.web.staff import words
from campaign.wordings.texts import Texts
from content.catalog import Catalog
from content.languages import of_tag
from reports.compare.rules import MEANING, REFUSAL_MEANING, Rule
from reports.records import Refusal


@dataclass(frozen=True)
class Sentence:
    """What a family reads in one language; `reviewed` is False for a draft translation."""

    language: str
    words: str
    reviewed: bool


@dataclass(frozen=True)
class Record:
    """A mark or a test behind the comparison. `note` says why it was not used, None where it was."""

    name: str
    when: str
    result: str
    detail: str
    source: str
    note: str | None


@dataclass(frozen=True)
class Explained:
    comparison: CurrentComparison
    sentences: Sequence[Sentence]
    refusal: tuple[str, str] | None
    records: Sequence[Record]
    rules: Sequence[str]
    numbers: Sequence[tuple[str, str]]
    warnings: Sequence[str]


def explain(
    student: Student,
    comparison: CurrentComparison,
    sources: Sources,
    catalog: Catalog,
    weighed: Together,
) -> Explained:
    """`weighed` is what all tests of the subject say together (`campaign.weighed`)."""
    refusal = comparison.refusal
    return Explained(
        comparison=comparison,
        sentences=list(_sentences(student, comparison, catalog)),
        refusal=REFUSAL_MEANING[Refusal(refusal)] if refusal else None,
        records=list(_records(comparison.explanation, sources)),
        rules=[_meaning(rule) for rule in comparison.rules],
        numbers=list(_numbers(comparison.explanation, weighed)),
        warnings=weighed.warnings,
    )


def language_note(student: Student, texts: Texts, languages: Languages) -> str | None:
    """What staff must know where the family's language does not go out."""
    home = _home(student)
    if home in sendable_languages(texts, languages):
        return None
    why = "reviewed" if home in texts.catalog.languages and home in languages.offered else "offered"
    return f"The report in {words.language(home)} is not {why} yet, so this family gets it in English."


def _home(student: Student) -> str:
    return of_tag(student.home_language or "en")


def _sentences(student: Student, comparison: CurrentComparison, catalog: Catalog) -> Iterator[Sentence]:
    name = student.preferred_name or student.given_name
    for language in dict.fromkeys(("en", _home(student))):
        if language in catalog.languages:
            said = family_sentence(catalog, language, name, asdict(comparison))
            yield Sentence(language, said, catalog.state("report", language) == "human_reviewed")


def _records(explanation: Mapping[str, Any], sources: Sources) -> Iterator[Record]:
    mark = explanation["mark"]
    if mark:
        yield Record(
            name=mark["course"] or "Mark",
            when=" ".join(str(part) for part in (mark["term"], mark["school_year"]) if part),
            result=mark["mark"],
            detail="",
            source=sources.mark(mark["id"]),
            note=None if mark["compared"] else _meaning(mark["no_band_because"]),
        )
    for test in explanation["tests"]:
        yield Record(
            name=test["title"],
            when=test["date"] or "Day not known",
            result=_level(test),
            detail=_points(test),
            source=sources.score(test["id"]),
            note=None if test["used"] else _meaning(test["not_used_because"]),
        )


def _level(test: Mapping[str, Any]) -> str:
    """The level's name as the test prints it, or its code where the names were not kept."""
    names = {level["code"]: level["name"] for level in test["levels"] or ()}
    return names.get(test["level"]) or test["level"] or ""


def _points(test: Mapping[str, Any]) -> str:
    if test["score"] is None:
        return ""
    error = f" ± {_number(test['error'])}" if test["error"] is not None else ""
    cut = f" (grade level begins at {_number(test['cut'])})" if test["cut"] is not None else ""
    return f"{_number(test['score'])}{error}{cut}"


def _numbers(explanation: Mapping[str, Any], weighed: Together) -> Iterator[tuple[str, str]]:
    for test in explanation["tests"]:
        if test["used"]:
            source = test["error_source"]
            yield f"{test['title']}: error", words.ERROR_SOURCES.get(source, source or "not known")
            yield f"{test['title']}: says", (test["verdict"] or "nothing").replace("_", " ").lower()
            yield f"{test['title']}: chance to be at or above the line", _number(test["probability"])
    for name, said in weighed.numbers:
        yield name[:1].upper() + name[1:], said
    for name, value in explanation["policy"].items():
        yield name.replace("_", " ").capitalize(), _number(value)
    for name, value in explanation["versions"].items():
        yield f"Version of {name.replace('_', ' ')}", str(value)


def _meaning(rule: str | None) -> str:
    return MEANING[Rule(rule)] if rule in set(Rule) else (rule or "the rules below say why").replace("_", " ")


def _number(value: Any) -> str:
    return "–" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
