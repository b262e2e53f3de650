"""Where a sentence ends and what a word is, in every script that families read."""

from __future__ import annotations

import re
from typing import NamedTuple

# Abbreviations that a name or number follows: their full stop never ends a sentence.
_TITLE = (
    r"mr|mrs|ms|mx|dr|dra|sr|sra|srta|sto|sta|st|jr|prof|profa|vs|núm|pág|págs|tel|тел|ej|ee|e\.g|i\.e|p\.\s?ej|"
    r"[ap](?=\.\s?m\.)|no(?=\.\s?\d)|pp?(?=\.\s?\d)|art(?=\.\s?\d)|стр|им|ул|т\.\s?е"
)
# Abbreviations that may stand last: they end a sentence where a capital letter follows that begins no date.
_LAST = r"a\.\s?m|p\.\s?m|etc|u\.s|uds?|inc|ee\.\s?uu|г|гг"
_DAY = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september"
)
_DATE = rf"{_DAY}|october|november|december"
_ABBREVIATION = re.compile(
    rf"(?<!\w)(?i:{_TITLE})\.(?=\s|\d|$)"
    rf"|(?<!\w)(?i:{_LAST})\.(?=[ \t]+(?:(?i:{_DATE})\b|[^\W\d_A-ZÁÉÍÓÚÑА-ЯЁ]|\d|[(–—-]))"
)
# A full stop within a number, an address, an ordinal such as "1.º"; dots after which the sentence goes on.
_INSIDE = re.compile(r"\.(?=[\wºª])|(?:…|\.\.\.)(?=\s+[^\W\d_A-ZÁÉÍÓÚÑА-ЯЁ])")
_FULL_STOP = re.compile("[.…]")
_BULLET = re.compile(r"^[ \t]*(?:[-–—•*·▪]|\d{1,2}[.)])[ \t]+", re.MULTILINE)
# Marks of scripts that may set no space between sentences end one wherever they stand.
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？؟۔।]+[\"'”’»)\]」』）]*|\n+")
_WORD = re.compile(r"[^\W_]+(?:['’ʼ\-][^\W_]+)*")


class Span(NamedTuple):
    """A part of a text, from `start` up to but not including `end`."""

    start: int
    end: int


def spans(text: str) -> list[Span]:
    """Where each sentence stands: a bullet or line break ends one; an abbreviation, time, decimal or link does not."""
    guarded = _BULLET.sub(lambda found: " " * len(found[0]), text)
    for pattern in (_ABBREVIATION, _INSIDE):
        guarded = pattern.sub(lambda found: _FULL_STOP.sub("\0", found[0]), guarded)
    found, begin = [], 0
    for end in [*(match.end() for match in _END.finditer(guarded)), len(text)]:
        part = guarded[begin:end]
        start = begin + len(part) - len(part.lstrip())
        stop = begin + len(part.rstrip())
        if any(letter.isalnum() for letter in part):
            found.append(Span(start, stop))
        begin = end
    return found


def sentences(text: str) -> list[str]:
    """The sentences as they stand, their marks included. See `spans`."""
    return [text[span.start : span.end] for span in spans(text)]


def word_spans(text: str, within: Span) -> list[Span]:
    """Where each word and number of a sentence stands; a hyphenated or shortened word counts as one."""
    return [Span(*match.span()) for match in _WORD.finditer(text, within.start, within.end)]


def words(sentence: str) -> list[str]:
    """Words and numbers, of scripts that part words by spaces."""
    return _WORD.findall(sentence)
