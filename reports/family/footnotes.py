"""Words of the glossary on paper: a number where the word comes first, and what it means at the foot of the side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.family.report import FamilyReport
from reports.family.tapped import pieces_of

_NUMBERS = "¹²³"
_NUMBER = Markup('{}<span class="ref">{}</span>')


@dataclass(frozen=True)
class Footnote:
    number: str
    term: str
    says: str


@dataclass(frozen=True)
class Footnotes:
    """`by_language`: at most three a side, in the order of the page. `marked` gives a text with their numbers."""

    by_language: Mapping[str, Sequence[Footnote]]
    marked: Callable[[str], str]


def footnotes(reports: Sequence[FamilyReport]) -> Footnotes:
    """The footnotes of a sheet whose sides say the same in several languages."""
    texts: dict[str, str] = {}
    notes: dict[str, list[Footnote]] = {}
    for report in reports:
        own = notes.setdefault(report.language, [])
        for text, pieces in pieces_of(report).items():
            texts[text] = Markup("").join(_piece(piece, place, report, own) for piece, place in pieces)
    return Footnotes(notes, lambda text: texts.get(text, text))


def _piece(piece: str, place: str | None, report: FamilyReport, notes: list[Footnote]) -> Markup:
    # Pieces come from escaped text.
    text = Markup(piece)  # noqa: S704
    if place is None or len(notes) == len(_NUMBERS):
        return text
    term, says = report.glossary[int(place)]
    notes.append(Footnote(_NUMBERS[len(notes)], term, says))
    return _NUMBER.format(text, notes[-1].number)
