"""The words and sentences that make a text hard, each where it stands and with what would help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from content import languages
from content.readability.lists import Lists, listed
from content.readability.measures import WITHOUT_SPACES, Measure, measure, syllables_of
from content.readability.splitting import Span, spans, word_spans

# A sentence of more words is marked; where no formula holds, a rule of thumb.
_LONG_SENTENCE, _LONG_ANYWHERE = 15, 20
# A word of so many syllables is marked, unless families know it or it is a name.
_LONG_WORD = {"en": 4, "es": 5}
_PAUSE = re.compile(r"[,;:،؛，；：—–]\s*|、")
_LETTER = re.compile(r"[^\W_]")


@dataclass(frozen=True)
class Mark:
    """One hard part, text[start:end]. `kind` is word or sentence; `suggestion` is for whoever writes, in English.

    `size` counts syllables of a word, words of a sentence. `split` is where a sentence could be parted, else None.
    """

    kind: str
    start: int
    end: int
    size: int
    suggestion: str
    split: int | None = None


@dataclass(frozen=True)
class Reading:
    """What can be said of a text. `measure` is None where no formula holds for the language.

    `longest` and `mean` are the longest and the mean sentence in `unit`: words, or letters where a script sets no
    spaces between words. `marks` stand in the order of the text; a word may stand within a marked sentence.
    """

    sentences: int
    unit: str
    longest: int
    mean: float
    measure: Measure | None
    marks: tuple[Mark, ...]


def examine(text: str, language: str) -> Reading:
    """Measure a text and mark what makes it hard. `language` is a tag such as "es" or "pt-BR"."""
    own = languages.of_tag(language)
    found = spans(text)
    if own in WITHOUT_SPACES:
        unit, sizes, marks = "letters", [_letters(text, span) for span in found], []
    else:
        unit, sizes = "words", [len(word_spans(text, span)) for span in found]
        marks = [mark for span in found for mark in _marks(text, span, own)]
    return Reading(
        sentences=len(found),
        unit=unit,
        longest=max(sizes, default=0),
        mean=sum(sizes) / len(sizes) if sizes else 0.0,
        measure=measure(text, own),
        marks=tuple(sorted(marks, key=lambda mark: (mark.start, -mark.end))),
    )


def _letters(text: str, span: Span) -> int:
    return len(_LETTER.findall(text, span.start, span.end))


def _marks(text: str, span: Span, language: str) -> Iterator[Mark]:
    words, lists = word_spans(text, span), listed(language)
    longest = _LONG_SENTENCE if syllables_of(language) else _LONG_ANYWHERE
    if len(words) > longest:
        split = _split(text, span, words, lists)
        advice = f"{len(words)} words. Say one thing in a sentence"
        place = text[span.start : split].split()[-2:] if split else []
        where = f": end it after “{' '.join(place).rstrip(',;:،؛')}”." if split else "."
        yield Mark("sentence", span.start, span.end, len(words), advice + where, split)
    simpler = list(_simpler(text, words, lists))
    yield from simpler
    taken = {number for mark in simpler for number in range(mark.start, mark.end)}
    yield from (mark for mark in _long_words(text, words, language, lists) if mark.start not in taken)


def _split(text: str, span: Span, words: list[Span], lists: Lists) -> int | None:
    """Where the part after could stand alone: at a pause or before a joining word, nearest to the middle."""
    pauses = [found.end() for found in _PAUSE.finditer(text, span.start, span.end)]
    joins = [word.start for word in words if text[word.start : word.end].lower() in lists.joins]
    fitting = [place for place in (*pauses, *joins) if words[1].end < place < words[-2].start]
    middle = (span.start + span.end) / 2
    return min(fitting, key=lambda place: abs(place - middle), default=None)


def _simpler(text: str, words: list[Span], lists: Lists) -> Iterator[Mark]:
    """Words and phrases for which we know a simpler one; the longest phrase counts."""
    plain = [text[word.start : word.end].lower().replace("’", "'") for word in words]
    most = max((phrase.count(" ") + 1 for phrase in lists.simpler), default=0)
    at = 0
    while at < len(words):
        for length in range(min(most, len(words) - at), 0, -1):
            if instead := lists.simpler.get(" ".join(plain[at : at + length])):
                first, last = words[at], words[at + length - 1]
                yield Mark("word", first.start, last.end, length, f"Say “{instead}”.")
                at += length - 1
                break
        at += 1


def _long_words(text: str, words: list[Span], language: str, lists: Lists) -> Iterator[Mark]:
    count = syllables_of(language)
    for number, word in enumerate(words):
        said = text[word.start : word.end]
        plain = said.lower().replace("’", "'").removesuffix("'s")
        is_name = number > 0 and said[:1].isupper()
        if count is None or not said.isalpha() or is_name or plain in lists.known:
            continue
        if (syllables := count(said)) >= _LONG_WORD[language]:
            advice = f"{syllables} syllables. Is there a shorter word? If not, say what it means."
            yield Mark("word", word.start, word.end, syllables, advice)
