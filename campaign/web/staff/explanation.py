"""One comparison made readable for staff: what the family reads, the records, the rules, the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from campaign.store.students import CurrentComparison, Student
from campaign.web.staff import words
from content.catalog import Catalog, ContentError
from reports.compare.rules import MEANING, REFUSAL_MEANING, Rule
from reports.records import Refusal


@dataclass(frozen=True)
class Sentence:
    """What a family reads in one language; `reviewed` is False for a draft translation."""

    language: str
    words: str
    reviewed: bool


@dataclass(frozen=True)
class Explained:
    comparison: CurrentComparison
    sentences: Sequence[Sentence]
    refusal: tuple[str, str] | None
    rules: Sequence[str]
    numbers: Sequence[tuple[str, str]]


def explain(student: Student, comparison: CurrentComparison, catalog: Catalog) -> Explained:
    refusal = comparison.refusal
    return Explained(
        comparison=comparison,
        sentences=list(_sentences(student, comparison, catalog)),
        refusal=REFUSAL_MEANING[Refusal(refusal)] if refusal in set(Refusal) else None,
        rules=[MEANING[Rule(rule)] if rule in set(Rule) else rule for rule in comparison.rules],
        numbers=list(numbers(comparison.explanation)),
    )


def numbers(explanation: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value of the stored explanation with where it stands in it: ("Tests 1 · cut", "1500")."""
    if isinstance(explanation, dict):
        for key, value in explanation.items():
            yield from numbers(value, f"{path} · {_plain(key)}" if path else _plain(key).capitalize())
    elif isinstance(explanation, list):
        for place, value in enumerate(explanation, 1):
            yield from numbers(value, f"{path} {place}".strip())
    elif explanation is not None:
        yield path, f"{explanation:.4g}" if isinstance(explanation, float) else str(explanation)


def _plain(key: str) -> str:
    return key.replace("_", " ")


def _sentences(student: Student, comparison: CurrentComparison, catalog: Catalog) -> Iterator[Sentence]:
    home = (student.home_language or "en").partition("-")[0]
    for language in dict.fromkeys(("en", home)):
        if language in catalog.languages:
            reviewed = catalog.state("report", language) == "human_reviewed"
            try:
                yield Sentence(language, _sentence(student, comparison, catalog, language), reviewed)
            except ContentError:
                # A record of an unusual kind has no sentence; the page shows the records all the same.
                continue


def _sentence(student: Student, comparison: CurrentComparison, catalog: Catalog, language: str) -> str:
    fields = {
        "student": student.preferred_name or student.given_name,
        "subject": catalog.text(f"report.subjects.{comparison.subject}", language),
        "time": "last_year" if Rule.FROM_LAST_YEAR in comparison.rules else "this_year",
    }
    if comparison.mark:
        fields["mark"] = comparison.mark["mark"]
    if comparison.scores:
        newest = comparison.scores[0]
        fields["test"] = catalog.test_phrase(language, newest["kind"], newest["family"], newest["season"])
    return catalog.sentence(comparison.category, language, fields)


def language_note(student: Student, catalog: Catalog) -> str | None:
    """What staff must know where the family's language is not written yet."""
    home = (student.home_language or "en").partition("-")[0]
    if home in catalog.languages:
        return None
    return f"The report is not written in {words.language(home)} yet, so this family gets it in English."
