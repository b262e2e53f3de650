"""What no machine may change is taken out before a text goes to a service, and put back after.

Names, numbers, addresses, fields and line ends travel as empty marks (`<x id="1"/>`), so no service sees a name that we
know; a fixed word of the glossary comes back as the word that the other language has for it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_MARK = re.compile(r"<\s*x\s+id\s*=\s*[\"']?(\d+)[\"']?\s*(?:/\s*>|>(?:\s*<\s*/\s*x\s*>)?)", re.IGNORECASE)
_ALWAYS = (
    r"https?://[^\s<>]+",
    r"[\w.+-]+@[\w-]+\.[\w.-]+",
    r"\{\w+\}",
    # A number with all that belongs to it: 7:30, 3/4, 1,200.50, (202) 555-0101, 85%.
    r"\+?\(?\d[\d().,:/\-\u2013 ]*\d\)?%?|\d%?",
    r"\s*\n\s*",
)


@dataclass(frozen=True)
class Protected:
    """`markup` goes to a service; `kept` is what its marks stand for, in the order of their numbers from 1."""

    markup: str = field(repr=False)
    kept: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class Fixed:
    """A word of the glossary, and the one to be used for it in the other language."""

    word: str
    other: str


def protect(text: str, names: Iterable[str], fixed: Sequence[Fixed] = ()) -> Protected:
    """Take out what must stay, the longest first; `names` are whole words, in any case."""
    others = {one.word.casefold(): one.other for one in fixed}
    kept: list[str] = []

    def mark(match: re.Match[str]) -> str:
        found = match[0]
        kept.append(others.get(found.casefold(), found))
        return f"\0{len(kept)}\0"

    masked = _pattern(names, others).sub(mark, text.replace("\0", ""))
    return Protected(re.sub(r"\0(\d+)\0", r'<x id="\1"/>', html.escape(masked, quote=False)), tuple(kept))


def put_back(markup: str, protected: Protected) -> tuple[str, list[str]]:
    """The text with all that was taken out, and what of it the service lost or said twice."""
    seen: list[int] = []

    def unmark(match: re.Match[str]) -> str:
        number = int(match[1])
        if not 1 <= number <= len(protected.kept):
            return ""
        seen.append(number)
        return f"\0{number}\0"

    marked = html.unescape(_MARK.sub(unmark, markup.replace("\0", "")))
    wrong = [
        protected.kept[number - 1] for number in range(1, len(protected.kept) + 1) if seen.count(number) != 1
    ]
    text = re.sub(r"\0(\d+)\0", lambda match: protected.kept[int(match[1]) - 1], marked)
    return re.sub(r"[ \t]*\n[ \t]*", "\n", text).strip(), [one.strip() or "a line end" for one in wrong]


def _pattern(names: Iterable[str], others: Iterable[str]) -> re.Pattern[str]:
    words = sorted(
        {word.strip() for word in (*names, *others) if len(word.strip()) > 1}, key=lambda w: (-len(w), w)
    )
    whole = [rf"(?<!\w){re.escape(word)}(?!\w)" for word in words]
    return re.compile("|".join([_ALWAYS[0], _ALWAYS[1], *whole, *_ALWAYS[2:]]), re.IGNORECASE)
