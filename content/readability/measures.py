"""Scores of a text by formulas that were made for its language; where there is none, only counts.

    Flesch-Kincaid grade   0.39·W/S + 11.8·Y/W − 15.59                       (Kincaid and others, 1975)
    Fernández-Huerta       206.84 − 60·Y/W − 1.02·W/S                        (Fernández Huerta, 1959)
    INFLESZ                206.835 − 62.3·Y/W − W/S                          (Szigriszt, 1992; scale of Barrio, 2008)
    Crawford grade         −0.205·(100·S/W) + 0.049·(100·Y/W) − 3.407        (Crawford, 1989)

W words, S sentences, Y syllables. All were built on samples of about 100 words; the scores of different languages
cannot be compared with one another. For other languages no measure of ours is defensible, so none is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from content import languages
from content.readability.english import english_syllables
from content.readability.spanish import spanish_syllables
from content.readability.splitting import sentences, words

# Fewer words than this get no grade: a formula's error is then larger than what it says.
LEAST_WORDS = 30
# Words are not parted by spaces in these scripts, so that letters are counted instead.
WITHOUT_SPACES = frozenset({"zh", "ja", "th", "lo", "km", "my"})

_Formula = Callable[[int, int, int], float]


@dataclass(frozen=True)
class Formula:
    """`limit` is the hardest value still easy enough; `lower_is_easier` for a grade, else an ease."""

    name: str
    limit: float
    lower_is_easier: bool
    of_counts: _Formula


@dataclass(frozen=True)
class Score:
    """What one formula says of a text."""

    formula: Formula
    value: float

    @property
    def easy_enough(self) -> bool:
        past = self.value - self.formula.limit
        return past <= 0 if self.formula.lower_is_easier else past >= 0


@dataclass(frozen=True)
class Measure:
    """Counts of a text and its scores, the first of which has the highest standing for the language."""

    words: int
    sentences: int
    syllables: int
    scores: tuple[Score, ...]

    @property
    def score(self) -> float:
        return self.scores[0].value

    @property
    def long_enough(self) -> bool:
        """Whether there are words enough for the scores to say something."""
        return self.words >= LEAST_WORDS

    @property
    def easy_enough(self) -> bool:
        """By all scores of a text that is long enough for them; of a shorter one, by the first."""
        return all(score.easy_enough for score in self.scores[: None if self.long_enough else 1])


def measure(text: str, language: str) -> Measure | None:
    """The measure of `text`, or None where no defensible formula is known for the language or there are no words."""
    known = _MEASURES.get(languages.of_tag(language))
    found = [words(sentence) for sentence in sentences(text)]
    counts = [len(listed) for listed in found if listed]
    if known is None or not counts:
        return None
    count_syllables, formulas = known
    syllables = sum(count_syllables(word) for listed in found for word in listed)
    total, parts = sum(counts), len(counts)
    scores = tuple(Score(formula, formula.of_counts(total, parts, syllables)) for formula in formulas)
    return Measure(total, parts, syllables, scores)


def syllables_of(language: str) -> Callable[[str], int] | None:
    """What counts the syllables of a word of the language, where we can."""
    known = _MEASURES.get(languages.of_tag(language))
    return known[0] if known else None


def _flesch_kincaid(word_count: int, sentence_count: int, syllable_count: int) -> float:
    return 0.39 * word_count / sentence_count + 11.8 * syllable_count / word_count - 15.59


def _fernandez_huerta(word_count: int, sentence_count: int, syllable_count: int) -> float:
    return 206.84 - 60 * syllable_count / word_count - 1.02 * word_count / sentence_count


def _szigriszt(word_count: int, sentence_count: int, syllable_count: int) -> float:
    return 206.835 - 62.3 * syllable_count / word_count - word_count / sentence_count


def _crawford(word_count: int, sentence_count: int, syllable_count: int) -> float:
    return -0.205 * (100 * sentence_count / word_count) + 0.049 * (100 * syllable_count / word_count) - 3.407


FLESCH_KINCAID = Formula("Flesch-Kincaid grade", 5.0, True, _flesch_kincaid)
FERNANDEZ_HUERTA = Formula("Fernández-Huerta ease", 80.0, False, _fernandez_huerta)
INFLESZ = Formula("INFLESZ ease", 65.0, False, _szigriszt)
CRAWFORD = Formula("Crawford grade", 5.0, True, _crawford)

_MEASURES: dict[str, tuple[Callable[[str], int], tuple[Formula, ...]]] = {
    "en": (english_syllables, (FLESCH_KINCAID,)),
    "es": (spanish_syllables, (FERNANDEZ_HUERTA, INFLESZ, CRAWFORD)),
}
