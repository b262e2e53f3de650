"""The fixed words of each language: found in a text, for a tap or a footnote, and held to in translations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from content.catalog import Catalog
from content.released import SOURCE_LANGUAGE

_WORD = re.compile(r"[^\s\-‑]+")
# Between the words of a term; in Chinese nothing need stand there.
_GAP = r"[\s\-‑]+"
_HAN = re.compile(r"[\u2e80-\u2fdf\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
# What may follow a word of a term, since words change there: more than one, a case, an article.
_ENDINGS = {
    "en": r"(?:s|es)?",
    "es": r"(?:s|es)?",
    "pt": r"(?:s|es)?",
    "ko": r"[가-힣]{0,4}",
    "ru": r"[а-яё]{0,3}",
    "so": r"[a-z]{0,4}",
}
# "And", "with", "for", "the" are written together with an Arabic word.
_BEGINNINGS = {"ar": "[وف]?[بكل]?(?:ال|ل)?"}
_FIELD = re.compile(r"\{\w+\}")
# A Russian word without the ending that its case changes.
_RUSSIAN_ENDING = re.compile(r"(?<=.{3})(?:ый|ий|ой|ая|яя|ое|ее|ые|ие|[аяоеьйыи])\Z")
# A vowel that falls out there: "уровень", "уровня".
_FLEETING = re.compile(r"([еёо])(?=[бвгджзклмнпрстфхцчшщ]\Z)")


@dataclass(frozen=True, slots=True)
class Term:
    """One fixed word of one language with its explanation of at most 25 words."""

    id: str
    term: str
    says: str
    language: str


@dataclass(frozen=True, slots=True)
class TermPair:
    """A term that an English text uses, and the word for it in another language."""

    id: str
    english: str
    fixed: str


def terms(catalog: Catalog, language: str) -> tuple[Term, ...]:
    """All terms of a language. Raises ContentError if the glossary is not written in it."""
    ids = [
        key.removesuffix(".term")
        for key in catalog.units["glossary"].texts[SOURCE_LANGUAGE]
        if key.endswith(".term")
    ]
    return tuple(
        Term(
            id,
            catalog.text(f"glossary.{id}.term", language),
            catalog.text(f"glossary.{id}.says", language),
            language,
        )
        for id in ids
    )


def marked(text: str, terms: Sequence[Term]) -> tuple[tuple[str, str | None], ...]:
    """`text` in pieces, each with the id of the term it is, or None: the longest term first, each term once."""
    return next(iter(marked_page([text], terms)))


def marked_page(texts: Iterable[str], terms: Sequence[Term]) -> list[tuple[tuple[str, str | None], ...]]:
    """As `marked`, for the texts of one page: a term is marked where it comes first, and only there."""
    pattern, seen = _pattern(tuple(terms)), set[str]()
    return [_pieces(text, pattern, terms, seen) for text in texts]


def term_pairs(source: str, english: Sequence[Term], own: Sequence[Term]) -> tuple[TermPair, ...]:
    """The terms that an English text uses, in its order, each with the word of the other language."""
    fixed = {term.id: term.term for term in own}
    return tuple(
        TermPair(id, piece, fixed[id])
        for piece, id in marked(_FIELD.sub("{}", source), english)
        if id is not None and id in fixed
    )


def terms_not_used(
    source: str, translation: str, english: Sequence[Term], own: Sequence[Term]
) -> tuple[TermPair, ...]:
    """The terms of an English text whose fixed word its translation lacks: one vocabulary, one word for one thing."""
    by_id = {term.id: term for term in own}
    return tuple(
        pair
        for pair in term_pairs(source, english, own)
        if not _pattern((by_id[pair.id],)).search(translation)
    )


def _pieces(
    text: str, pattern: re.Pattern[str], terms: Sequence[Term], seen: set[str]
) -> tuple[tuple[str, str | None], ...]:
    pieces: list[tuple[str, str | None]] = []
    done = 0
    for found in pattern.finditer(text):
        number = next(number for number, group in enumerate(found.groups()) if group is not None)
        id, (start, end) = _longest_first(terms)[number].id, found.span(number + 1)
        if id in seen:
            continue
        seen.add(id)
        pieces += [(text[done:start], None), (text[start:end], id)]
        done = end
    pieces.append((text[done:], None))
    return tuple(piece for piece in pieces if piece[0])


@cache
def _pattern(terms: tuple[Term, ...]) -> re.Pattern[str]:
    """One group a term, the longest first."""
    return re.compile("|".join(map(_term_pattern, _longest_first(terms))) or r"(?!)", re.IGNORECASE)


def _longest_first(terms: Sequence[Term]) -> list[Term]:
    return sorted(terms, key=lambda term: (-len(term.term), term.id))


def _term_pattern(term: Term) -> str:
    if _HAN.search(term.term):
        return f"({re.escape(term.term)})"
    ending = _ENDINGS.get(term.language, "")
    words = _GAP.join(_stem(re.escape(word), term.language) + ending for word in _WORD.findall(term.term))
    return rf"(?<!\w){_BEGINNINGS.get(term.language, '')}({words})(?!\w)"


def _stem(word: str, language: str) -> str:
    """The pattern of what stays when the word changes."""
    return _FLEETING.sub(r"\1?", _RUSSIAN_ENDING.sub("", word)) if language == "ru" else word
