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
    folded = [(marks, *_folded(text, marks=marks)) for marks in (False, True)]
    found = []
    for kind in Danger:
        for marks, plain, places in folded:
            match = _pattern(kind, marks).search(plain)
            if match:
                start, end = places[match.start()], places[match.end() - 1] + 1
                found.append(Sign(kind, text[start:end][:_SHOWN]))
                break
    return found


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
    return "".join(part for part in apart if unicodedata.category(part) not in {"Mn", "Cf"})


@cache
def _pattern(kind: Danger, marks: bool) -> re.Pattern[str]:
    lists: dict[str, list[str]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))[kind]
    wanted = (some for language, some in lists.items() if (language in _MARKS_MATTER) == marks)
    words = sorted({word for some in wanted for word in some}, key=lambda word: (-len(word), word))
    return re.compile("|".join(_word(word, marks) for word in words) or r"(?!)")


def _word(word: str, marks: bool) -> str:
    plain = re.escape(fold(word.rstrip("*"), marks=marks)).replace(r"\ ", " ")
    if _UNSPACED.search(word):
        return plain
    return rf"(?<!\w){plain}" + (r"\w*" if word.endswith("*") else r"(?!\w)")
