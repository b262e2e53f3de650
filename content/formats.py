"""Days and lists as each language writes them: from CLDR, and from `languages.toml` for what CLDR does not know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from babel.dates import format_date, format_skeleton
from babel.lists import format_list

from content.languages import Language, language


def long_day(day: date, id: str) -> str:
    """A day with its month in words: "May 4, 2026"."""
    written = language(id)
    return (
        f"{day.day} {_own_month(written, day)}"
        if written.months
        else format_date(day, "long", written.locale)
    )


def month(day: date, id: str) -> str:
    """The month of a day and its year: "May 2026"."""
    written = language(id)
    return (
        _own_month(written, day) if written.months else format_skeleton("yMMMM", day, locale=written.locale)
    )


def listed(words: Sequence[str], id: str) -> str:
    """Words in one sentence: "Ana, Ben, and Leo"."""
    if len(words) == 1:
        return words[0]
    written = language(id)
    if not written.and_word or not words:
        return format_list(words, locale=written.locale)
    return f"{', '.join(words[:-1])} {written.and_word} {words[-1]}"


def sentences(said: Iterable[str], id: str) -> str:
    """One text of these, each ended as the language ends a sentence if nothing ends it yet; empty ones are left out."""
    written = language(id)
    ends = (".", "?", "!", "。", "？", "！", "۔", "؟", written.full_stop)
    whole = (
        text if text.rstrip("\u2069").endswith(ends) else text + written.full_stop for text in said if text
    )
    return written.gap.join(whole)


def titled(title: str, says: str, id: str) -> str:
    """A title and what it says: "Math: close to grade level". One alone stands as it is."""
    return language(id).colon.join(text for text in (title, says) if text)


def opened(title: str, id: str) -> str:
    """A title over lines of their own: "Ask the teacher:"."""
    return f"{title}{language(id).colon.strip()}"


def _own_month(written: Language, day: date) -> str:
    return f"{written.months[day.month - 1]} {day.year}"
