"""Words that may tell of danger: they raise a flag for the school's own protocol and decide nothing by themselves.

All lists are looked through, whatever language somebody writes in: people mix languages, above all in distress.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("crisis_words.toml")
# Where words are not set apart by spaces, and where a word takes its endings without one.
_UNSPACED = re.compile(r"[\u3400-\u9fff\uac00-\ud7af]")
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_NOT_LETTERS = re.compile(r"[^\w]+|_+")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
# Without its marks a word of theirs is another one, or one of another language.
_MARKS_MATTER = {"vi"}
# Small words that are written together with the one they stand before.
_BEFORE = {"ar": "[وف]?(?:لل|[سبلك]?(?:ال)?)"}
_BETWEEN = r"(?:\w+ ){0,2}?"
_HARMLESS = "harmless"
# Letters that keyboards of Arabic and of Urdu write each in their own way, and the line that stretches words.
_SAME_LETTERS = str.maketrans(
    "\u0649\u06cc\u06a9\u0629\u06c1\u06be\u06c3", "\u064a\u064a\u0643\u0647\u0647\u0647\u0647", "\u0640"
)
_SHOWN = 40


class Danger(StrEnum):
    SELF_HARM = "self_harm"
    ABUSE = "abuse"
    WEAPON = "weapon"


@dataclass(frozen=True)
class Sign:
    """Words of danger that stand in a text, as they were written."""

    kind: Danger
    words: str


def signs(text: str) -> list[Sign]:
    """The first words of each kind, the gravest kind first; empty where there are none."""
    text = unicodedata.normalize("NFC", text)
    folded = [(marks, *_grave(text, marks=marks)) for marks in (False, True)]
    found = []
    for kind in Danger:
        for marks, plain, places in folded:
            match = _pattern(kind, marks).search(plain)
            if match:
                start, end = places[match.start()], places[match.end() - 1] + 1
                found.append(Sign(kind, text[start:end][:_SHOWN]))
                break
    return found


def _grave(text: str, *, marks: bool) -> tuple[str, list[int]]:
    """The folded text with spaces over everyday turns of phrase."""
    plain, places = _folded(text, marks=marks)
    return _pattern(_HARMLESS, marks).sub(lambda match: " " * len(match[0]), plain), places


def fold(text: str, *, marks: bool = False) -> str:
    """Small letters without apostrophes and (unless `marks`) accents, every other sign a space: how words compare."""
    return _folded(unicodedata.normalize("NFC", text), marks=marks)[0].strip()


def _folded(text: str, *, marks: bool) -> tuple[str, list[int]]:
    """The folded text, and for each of its letters the place in `text` that it comes from."""
    letters: list[str] = []
    places: list[int] = []
    # A bold or wide letter, and several in one sign, count as the letters they stand for.
    for place, sign in (
        (n, part) for n, whole in enumerate(text) for part in unicodedata.normalize("NFKC", whole)
    ):
        if _APOSTROPHES.match(sign):
            continue
        for part in _parts(sign, marks):
            letter = " " if _NOT_LETTERS.match(part) else part
            if letter == " " and letters[-1:] == [" "]:
                continue
            letters.append(letter)
            places.append(place)
    return "".join(letters), places


def _parts(sign: str, marks: bool) -> str:
    """The letters that a sign stands for; without marks, also without those that Korean syllables are made of."""
    small = sign.casefold()
    if marks or _HANGUL.match(sign):
        return "".join(part for part in small if unicodedata.category(part) != "Cf")
    apart = unicodedata.normalize("NFKD", small)
    return "".join(
        part for part in apart.translate(_SAME_LETTERS) if unicodedata.category(part) not in {"Mn", "Cf"}
    )


@cache
def _phrases() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def _pattern(section: str, marks: bool) -> re.Pattern[str]:
    phrases = {
        _phrase(phrase, language, marks)
        for language, some in _phrases()[section].items()
        if (language in _MARKS_MATTER) == marks
        for phrase in some
    }
    return re.compile("|".join(sorted(phrases, key=lambda one: (-len(one), one))) or r"(?!)")


def _phrase(phrase: str, language: str, marks: bool) -> str:
    """What the file says of "*", "/" and "~", as an expression for folded text."""
    if _UNSPACED.search(phrase):
        return re.escape(fold(phrase, marks=marks))
    words = "".join(_BETWEEN if word == "~" else f"{_either(word, marks)} " for word in phrase.split())
    return rf"(?<!\w){_BEFORE.get(language, '')}{words.rstrip()}(?!\w)"


def _either(word: str, marks: bool) -> str:
    each = (
        re.escape(fold(one.rstrip("*"), marks=marks)) + (r"\w*" if one.endswith("*") else "")
        for one in word.split("/")
    )
    return f"(?:{'|'.join(each)})"
