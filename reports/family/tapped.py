"""Words of the glossary that a reader of the page taps to see what they mean; without a script, by `<details>`."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup, escape

from content.glossary import Term, marked_page
from reports.family.report import FamilyReport

_WORD = Markup('<details class="term"><summary>{}</summary><span class="says"> ({})</span></details>')


def tappable(report: FamilyReport) -> Callable[[str], str]:
    """A function that gives a text of the report with its words to tap: each where it comes first on the page."""
    with_words = {
        text: Markup("").join(_piece(piece, place, report) for piece, place in pieces)
        for text, pieces in pieces_of(report).items()
    }
    return lambda text: with_words.get(text, text)


def pieces_of(report: FamilyReport) -> dict[str, tuple[tuple[str, str | None], ...]]:
    """Running text → its escaped pieces, each with the place in the glossary of the word it is, or None."""
    terms = tuple(
        Term(str(place), term, says, report.language) for place, (term, says) in enumerate(report.glossary)
    )
    texts = list(dict.fromkeys(_texts(report)))
    found = marked_page([str(escape(text)) for text in texts], terms)
    return dict(zip(texts, found, strict=True))


def _texts(report: FamilyReport) -> list[str]:
    """In the order of the page."""
    blocks = report.subjects
    return [
        *(text for block in blocks for text in (block.sentence, *(() if block.chart else (block.meaning,)))),
        *report.meanings,
        *(block.norm for block in blocks if block.norm),
        *report.caveats,
        *(question for block in blocks for question in block.questions),
        *(block.activity for block in blocks if block.activity),
    ]


def _piece(piece: str, place: str | None, report: FamilyReport) -> Markup:
    # Pieces come from escaped text.
    text = Markup(piece)  # noqa: S704
    return text if place is None else _WORD.format(text, report.glossary[int(place)][1])
