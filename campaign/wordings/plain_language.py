"""A text as staff see it before families do: how hard it is, what makes it so, and words that we do not say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from content import languages, linter
from content.linter import lint
from content.readability import LEAST_WORDS, Reading, Score, examine

MOST_LETTERS = 20_000
# The kinds of findings: a word and a sentence that are hard, and a word that we do not say to a family.
WORD, SENTENCE, NOT_SAID = "word", "sentence", "not said"


@dataclass(frozen=True)
class Finding:
    """One thing to change: text[start:end], of which `words` are the first; `line` counts from 1."""

    kind: str
    start: int
    end: int
    line: int
    words: str
    advice: str


@dataclass(frozen=True)
class Look:
    """`verdicts`: one line each on how hard the text is. `findings` stand in the order of the text."""

    language: str
    reading: Reading
    verdicts: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def is_easy(self) -> bool | None:
        """Whether it is easy enough to read; None where that cannot be measured."""
        measured = self.reading.measure
        return measured.easy_enough if measured and measured.long_enough else None


@dataclass(frozen=True)
class Piece:
    """A run of letters with the numbers, from 1, of the findings it belongs to; `ends` are those that end with it."""

    text: str
    kinds: frozenset[str]
    ends: tuple[int, ...]


def look(text: str, language: str) -> Look:
    """What there is to say on a text in one of the languages of `content/languages.toml`."""
    reading = examine(text, language)
    hard = [(mark.kind, mark.start, mark.end, mark.suggestion) for mark in reading.marks]
    found = sorted({*hard, *_not_said(text, language)}, key=lambda one: (one[1], -one[2]))
    findings = (
        Finding(kind, start, end, text.count("\n", 0, start) + 1, _short(text[start:end]), advice)
        for kind, start, end, advice in found
    )
    return Look(language, reading, tuple(_verdicts(reading, language)), tuple(findings))


def pieces(text: str, findings: Sequence[Finding]) -> list[Piece]:
    """The text cut where a finding begins or ends; joined, the pieces are the text."""
    borders = sorted({0, len(text), *(f.start for f in findings), *(f.end for f in findings)})
    return [
        Piece(
            text[start:end],
            frozenset(f.kind for f in findings if f.start <= start and end <= f.end),
            tuple(number for number, f in enumerate(findings, 1) if f.end == end),
        )
        for start, end in pairwise(borders)
    ]


def _not_said(text: str, language: str) -> Iterator[tuple[str, int, int, str]]:
    """The linter's findings where they stand; one whose letters are written another way stands at the beginning."""
    for finding in lint(text, language):
        places = [match.span() for match in re.finditer(re.escape(finding.words), text)]
        for start, end in places or [(0, 0)]:
            advice = finding.remedy if places else f"“{finding.words}”: {finding.remedy}"
            yield NOT_SAID, start, end, advice


def _short(words: str) -> str:
    return words if len(words) <= 60 else f"{words[:58].rstrip()} …"


def _verdicts(reading: Reading, language: str) -> Iterator[str]:
    measured = reading.measure
    name = languages.language(language).english
    if measured is None:
        yield f"Not measured: we know no formula that holds for {name}. Have somebody who speaks it read the text."
    elif not measured.long_enough:
        yield f"Too short for a grade: {measured.words} words, and formulas need {LEAST_WORDS}. Look at what is marked."
    else:
        yield from (_score(score) for score in measured.scores)
    unit = reading.unit
    sentences = "1 sentence" if reading.sentences == 1 else f"{reading.sentences} sentences"
    yield f"{sentences}, {reading.mean:.1f} {unit} on average; the longest has {reading.longest}."
    if linter.state(language) != linter.REVIEWED:
        yield f"Our list of words that we do not say in {name} is a draft that nobody has reviewed."


def _score(score: Score) -> str:
    formula = score.formula
    wanted = "at most" if formula.lower_is_easier else "at least"
    verdict = "easy enough" if score.easy_enough else "too hard"
    return f"{formula.name}: {score.value:.1f} ({wanted} {formula.limit:g} is easy enough): {verdict}."
