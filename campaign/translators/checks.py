"""Our own look at a machine's translation. Each finding is said to whoever reads it; none is mended in silence."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Doubt(StrEnum):
    """What may be wrong with a translation."""

    LOST = "lost"
    NUMBERS = "numbers"
    LENGTH = "length"
    SCRIPT = "script"
    UNTRANSLATED = "untranslated"
    UNKNOWN_WORDS = "unknown_words"
    NEGATION_LOST = "negation_lost"
    NEGATION_ADDED = "negation_added"


@dataclass(frozen=True)
class Finding:
    """`words`: those it is about, "" where it is about the whole."""

    doubt: Doubt
    words: str = ""


_SCRIPTS = {
    "ar": ("ARABIC",),
    "ur": ("ARABIC",),
    "ru": ("CYRILLIC",),
    "zh": ("CJK",),
    "ko": ("HANGUL", "CJK"),
}
# How many letters a language takes for the same thing, English = 1, in our own texts; half to twice that is usual.
_LENGTH = {"zh": 0.35, "ko": 0.55, "es": 1.15, "ru": 1.1, "so": 1.15, "tl": 1.2, "ar": 0.85}
_SHORTEST_MEASURED = 25
_MOST_FOREIGN_LETTERS = 0.4
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_UNKNOWN = re.compile(r"[*@#](?=[^\W\d_])")
# Words that say no. A language without a list is not looked at for them.
_NO = {
    "en": r"\b(?:not|no|never|none|nothing|nobody|nowhere|without|cannot|neither|nor)\b|n['’]t\b",
    "es": r"\b(?:no|nunca|jamás|nada|nadie|ning[uú]n\w*|sin|tampoco|ni)\b",
    "pt": r"\b(?:não|nunca|jamais|nada|ninguém|nenhum\w*|sem|nem)\b",
    "ht": r"\b(?:pa|pap|poko|janm|jamè|okenn|san|anyen)\b",
    "ru": r"\b(?:не\w*|нет|никогда|ни|никто|ничего|без|нельзя)\b",
    "vi": r"\b(?:không|chưa|chẳng|đừng|chớ|chả)\b",
    "zh": r"不|没|沒|别|別|无|無|未|勿",
    "ko": r"안 |않|못|없|아니|마세요|말아|말고",
    "ar": r"\b(?:و|ف)?(?:لا|لم|لن|ليس\w*|ما|غير|بدون|دون)\b",
    "ur": r"نہیں|نہ |مت |بغیر",
    "tl": r"\b(?:hindi|wala\w*|huwag|di)\b",
}


def check(
    source: str, translation: str, languages: tuple[str, str], lost: Sequence[str] = ()
) -> list[Finding]:
    """What may be wrong; `languages`: from and into which. `lost`: what was protected and did not come back once."""
    before, after = languages
    found = [Finding(Doubt.LOST, one) for one in lost]
    found += _numbers(source, translation)
    found += _length(source, translation, languages)
    if not _is_written_in(translation, after):
        found.append(Finding(Doubt.SCRIPT))
    found += _left(source, translation)
    unknown = [match for match in _UNKNOWN.finditer(translation) if match[0] not in source]
    found += [Finding(Doubt.UNKNOWN_WORDS, _word_at(translation, match.end())) for match in unknown[:3]]
    return found + _negation(source, translation, before, after)


def without_marks(translation: str, source: str) -> str:
    """The translation without the marks that a service puts before words it does not know."""
    return _UNKNOWN.sub(lambda match: match[0] if match[0] in source else "", translation)


def script_of(text: str) -> str | None:
    """The script most letters of a text are in, as Unicode calls it; None for a text without letters."""
    scripts = Counter(_script(letter) for letter in text if letter.isalpha())
    return scripts.most_common(1)[0][0] if scripts else None


def is_possible(text: str, language: str) -> bool:
    """Whether a text can be in this language, by its letters."""
    found = script_of(text)
    return found is None or found in _SCRIPTS.get(language, ("LATIN",))


def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").partition(" ")[0]


def _is_written_in(text: str, language: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    wanted = _SCRIPTS.get(language, ("LATIN",))
    foreign = sum(_script(letter) not in wanted for letter in letters)
    return foreign <= _MOST_FOREIGN_LETTERS * len(letters)


def _digits(text: str) -> Counter[str]:
    """Numbers as they are read, whichever digits they are written in and however thousands are set apart."""
    plain = "".join(str(unicodedata.digit(s)) if s.isdigit() and s.isdecimal() else s for s in text)
    return Counter(_NUMBER.findall(re.sub(r"(?<=\d)[,.\u00a0\u202f](?=\d{3}\b)", "", plain)))


def _numbers(source: str, translation: str) -> list[Finding]:
    before, after = _digits(source), _digits(translation)
    different = sorted((before - after) + (after - before))
    return [Finding(Doubt.NUMBERS, ", ".join(different))] if different else []


def _length(source: str, translation: str, languages: tuple[str, str]) -> list[Finding]:
    if len(source) < _SHORTEST_MEASURED:
        return []
    before, after = (_LENGTH.get(language, 1.0) for language in languages)
    ratio = len(translation) / len(source) * before / after
    return [] if 0.5 <= ratio <= 2.0 else [Finding(Doubt.LENGTH)]


def _left(source: str, translation: str) -> list[Finding]:
    """Runs of four words that stand in both: a sentence that was passed through. Names make no such run."""
    before = [word.casefold() for word in _WORD.findall(source)]
    after = [word.casefold() for word in _WORD.findall(translation)]
    if len(before) >= 2 and before == after:
        return [Finding(Doubt.UNTRANSLATED)]
    runs = {tuple(before[n : n + 4]) for n in range(len(before) - 3)}
    same = next((run for n in range(len(after) - 3) if (run := tuple(after[n : n + 4])) in runs), None)
    return [Finding(Doubt.UNTRANSLATED, " ".join(same))] if same else []


def _negation(source: str, translation: str, before: str, after: str) -> list[Finding]:
    if before not in _NO or after not in _NO:
        return []
    says = [
        bool(re.search(_NO[language], text, re.IGNORECASE))
        for text, language in ((source, before), (translation, after))
    ]
    if says == [True, False]:
        return [Finding(Doubt.NEGATION_LOST)]
    return [Finding(Doubt.NEGATION_ADDED)] if says == [False, True] else []


def _word_at(text: str, start: int) -> str:
    match = _WORD.match(text, start)
    return match[0] if match else ""
