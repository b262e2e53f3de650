"""How hard a text is to read, offline: English by Flesch-Kincaid grade, Spanish by Fernández-Huerta.

    Flesch-Kincaid     0.39·W/S + 11.8·Y/W − 15.59     (Kincaid and others, 1975)
    Fernández-Huerta   206.84 − 60·Y/W − 1.02·W/S      (Fernández Huerta, 1959)

W words, S sentences, Y syllables. Both were built on samples of about 100 words; a single short sentence says little.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from content import languages

MOST_ENGLISH_GRADE = 5.0
LEAST_SPANISH_EASE = 80.0

# A full stop that does not end a sentence: abbreviations, initials, times, ordinals as in "1.º".
_ABBREVIATION = re.compile(
    r"\b(?:mr|mrs|ms|dr|sr|sra|srta|st|jr|prof|etc|vs|núm|pág|ej|a\.m|p\.m|e\.g|i\.e|u\.s)\.(?=\s|$)",
    re.IGNORECASE,
)
_INSIDE = re.compile(r"(?<=\d)[.,:](?=\d)|(?<=\d)\.(?=[ºª])|\.(?=\w)")
_END = re.compile(r"[.!?…؟。]+[\"”’»)\]]*(?=\s|$)|\n+")
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_BULLET = re.compile(r"^\s*(?:[-–•*]|\d+[.)])\s+", re.MULTILINE)


@dataclass(frozen=True)
class Measure:
    """Counts of a text and its score: a grade (lower is easier) or an ease (higher is easier)."""

    words: int
    sentences: int
    syllables: int
    score: float
    easy_enough: bool


def measure(text: str, language: str) -> Measure | None:
    """The measure of `text`, or None where no defensible formula is known for the language or there are no words."""
    known = _MEASURES.get(languages.of_tag(language))
    found = [words(sentence) for sentence in sentences(text)]
    counts = [len(listed) for listed in found if listed]
    if known is None or not counts:
        return None
    formula, count_syllables, easy = known
    total = sum(count_syllables(word) for listed in found for word in listed)
    score = formula(sum(counts), len(counts), total)
    return Measure(sum(counts), len(counts), total, score, easy(score))


def sentences(text: str) -> list[str]:
    """Sentences; a bullet or a line break ends one, an abbreviation, a time, a decimal or a link does not."""
    plain = _BULLET.sub("", text)
    guarded = _ABBREVIATION.sub(lambda match: match[0].replace(".", "\0"), plain)
    guarded = _INSIDE.sub(lambda match: "\0" if match[0] == "." else match[0], guarded)
    return [part.replace("\0", ".").strip() for part in _END.split(guarded) if part and part.strip()]


def words(sentence: str) -> list[str]:
    """Words and numbers; a hyphenated or shortened word counts as one."""
    return _WORD.findall(sentence)


def _flesch_kincaid(word_count: int, sentence_count: int, syllable_count: int) -> float:
    return 0.39 * word_count / sentence_count + 11.8 * syllable_count / word_count - 15.59


def _fernandez_huerta(word_count: int, sentence_count: int, syllable_count: int) -> float:
    return 206.84 - 60 * syllable_count / word_count - 1.02 * word_count / sentence_count


_ENGLISH_VOWELS = re.compile(r"[aeiouy]+")
# Two vowels next to one another that are heard as two.
_ENGLISH_SPLIT = re.compile(
    r"i(?:a(?!l$|n$)|o(?!u|n|us)|um|et(?!y))|eo(?!n|us)|[^gq]ua(?!r)|uary$|[^aeiou]uou|yi|ei(?:ng|t[hy])|ying|oi?ng$|eat(?:e|i)|rea(?:t|l)"
)
_ENGLISH_EXCEPTIONS = {
    "every": 2, "everything": 3, "everyone": 3, "family": 3, "families": 3, "people": 2, "science": 2,
    "reading": 2, "area": 3, "idea": 3, "ideas": 3, "real": 1, "really": 2, "being": 2, "doing": 2, "going": 2,
    "seeing": 2, "quiet": 2, "create": 2, "created": 3, "someone": 2, "something": 2, "sometimes": 2, "somewhere": 2,
    "homework": 2, "anything": 3, "equation": 3, "equations": 3, "algebra": 3, "period": 3, "different": 3,
    "evening": 2, "business": 2, "wednesday": 2, "great": 1, "ready": 2, "already": 3, "area's": 3, "grade-level": 3,
    "eager": 2, "meaning": 2, "sheet": 1, "minute": 2, "minutes": 2, "favorite": 3, "schedule": 2, "sentence": 2,
    "preview": 2, "video": 3, "radio": 3, "studio": 3, "trying": 2, "studying": 3, "usual": 3, "usually": 4,
    "social": 2, "special": 2, "official": 3, "officially": 4, "practice": 2, "private": 2, "office": 2,
    "language": 2, "languages": 3, "interpreter": 4, "result": 2, "results": 2, "please": 1, "maybe": 2, "safely": 2,
    "lovely": 2, "immigration": 4, "score": 1, "scores": 1, "site": 1, "website": 2, "outside": 2, "inside": 2,
    "therefore": 2, "whole": 1, "themselves": 2, "yourself": 2, "careful": 2, "hopeful": 2, "nineteen": 2,
}  # fmt: skip


def english_syllables(word: str) -> int:
    """Syllables of an English word, by rule with a short list of exceptions; a number counts as read digit groups."""
    plain = word.lower().replace("’", "'")
    if plain in _ENGLISH_EXCEPTIONS:
        return _ENGLISH_EXCEPTIONS[plain]
    if "-" in plain:
        return sum(english_syllables(part) for part in plain.split("-") if part)
    stem = plain.removesuffix("'s").replace("'", "")
    if stem in _ENGLISH_EXCEPTIONS:
        return _ENGLISH_EXCEPTIONS[stem]
    if not stem.isalpha():
        return max(len(stem), 1)
    return max(_english_rule(stem), 1)


def _english_rule(word: str) -> int:
    count = len(_ENGLISH_VOWELS.findall(word))
    count += len(_ENGLISH_SPLIT.findall(word))
    if re.search(r"[^aeiouyl]e$|[aeiouy]le$|[gq]ue$|[aeiou]re$", word) or re.search(
        r"[aeiou][^aeiouy]+e$", word
    ):
        silent = not re.search(r"[^aeiouy]le$", word)
        count -= 1 if silent and count > 1 else 0
    if re.search(r"[^aeiouytd]ed$|[aeiouy]ed$", word) and not re.search(r"[iu]ed$|eed$", word):
        count -= 1
    if re.search(r"[^aeiouyscxz]es$", word) and not re.search(r"(?:ch|sh|g|l)es$", word) and count > 1:
        count -= 1
    if re.search(r"[aeiou][^aeiouy]les$", word):
        count -= 1
    if re.search(r"[^aeiouy](?:ely|eful|eless|ement|etime)", word):
        count -= 1
    if re.search(r"(?:sm|thm)$", word):
        count += 1
    return count


_STRONG, _WEAK, _ACCENTED_WEAK = set("aeoáéóàèò"), set("iuüy"), set("íú")


def spanish_syllables(word: str) -> int:
    """Syllables of a Spanish word: two strong vowels part, a weak one joins its neighbour unless it carries the accent.

    A silent u (que, gui) is no vowel; an h between vowels does not part them; a number counts as read digit groups.
    """
    plain = unicodedata.normalize("NFC", word.lower())
    if "-" in plain:
        return sum(spanish_syllables(part) for part in plain.split("-") if part)
    if any(letter.isdigit() for letter in plain):
        return max(sum(letter.isdigit() for letter in plain), 1)
    if len(plain) > 1 and plain.isupper():
        return len(plain)
    plain = re.sub(r"qu(?=[eiéí])", "q", plain)
    plain = re.sub(r"gu(?=[eiéí])", "g", plain)
    plain = re.sub(r"(?<=[aeiouáéíóúü])h(?=[aeiouáéíóúü])(?!u[aeioáéíó])", "", plain)
    plain = re.sub(r"y(?=[aeiouáéíóú])", "ʝ", plain)
    return max(sum(_nuclei(group) for group in re.findall(r"[aeiouyáéíóúüàèò]+", plain)), 1)


def _nuclei(vowels: str) -> int:
    """Syllables in a run of vowels."""
    count = 1
    for before, after in pairwise(vowels):
        both_strong = before in _STRONG and after in _STRONG
        accent_parts = (before in _ACCENTED_WEAK and after in _STRONG) or (
            before in _STRONG and after in _ACCENTED_WEAK
        )
        same = before == after and before in _WEAK
        if both_strong or accent_parts or same:
            count += 1
    return count


_Formula = Callable[[int, int, int], float]
_MEASURES: dict[str, tuple[_Formula, Callable[[str], int], Callable[[float], bool]]] = {
    "en": (_flesch_kincaid, english_syllables, lambda score: score <= MOST_ENGLISH_GRADE),
    "es": (_fernandez_huerta, spanish_syllables, lambda score: score >= LEAST_SPANISH_EASE),
}
