"""Single texts with their review states: what staff read, change and review, laid over what is shipped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

from content.fields import ContentError, placeholders
from content.released import SOURCE_LANGUAGE

# Worst first.
STATES = ("draft", "stale", "human_reviewed")
# Of one unit: language → key → state.
States = Mapping[str, Mapping[str, str]]
# Line breaks are looked at apart.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u2029\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class ContentString:
    """One text of one language beside its English `source`; a text of English has the shipped one as source.

    `key` is unique in its unit. `note`: what a translator must know besides.
    """

    unit: str
    key: str
    source: str
    text: str
    state: str
    source_hash: str
    note: str


@dataclass(frozen=True, slots=True)
class Wording:
    """A text that stands in the place of a shipped one. `source_hash`: of the English it was made from."""

    unit: str
    key: str
    language: str
    text: str
    state: str
    source_hash: str


class TranslationUnit(Protocol):
    """What units and messages have in common; the methods are explained in `content.units`."""

    @property
    def languages(self) -> frozenset[str]: ...
    def strings(self, language: str) -> dict[str, str]: ...
    def source(self, key: str, language: str) -> str: ...
    def fields(self, key: str, language: str) -> tuple[frozenset[str], frozenset[str]]: ...
    def single_line(self, key: str) -> bool: ...
    def note(self, key: str, language: str) -> str: ...
    def with_strings(self, language: str, changed: Mapping[str, str]) -> Self: ...


_Unit = TypeVar("_Unit", bound=TranslationUnit)


def worst(states: Iterable[str]) -> str:
    """The state of several texts together."""
    return min(states, key=STATES.index)


def source_hash(source: str) -> str:
    """SHA-256 of an English text, by which a translation knows what it was made from."""
    return hashlib.sha256(source.encode()).hexdigest()


def listed(
    name: str, unit: TranslationUnit, shipped: TranslationUnit, language: str, states: Mapping[str, str]
) -> Iterator[ContentString]:
    """The texts of one unit in one language, in the order of its file."""
    above = shipped if language == SOURCE_LANGUAGE else unit
    for key, text in unit.strings(language).items():
        source = above.source(key, language)
        yield ContentString(
            name, key, source, text, states[key], source_hash(source), unit.note(key, language)
        )


def check(unit: TranslationUnit, wording: Wording) -> None:
    """Raises ContentError saying why `wording` cannot stand in `unit`."""
    where = f"{wording.unit}: {wording.key} ({wording.language})"
    if wording.language not in unit.languages:
        raise ContentError(f"{where}: {wording.unit} is not written in this language")
    if wording.key not in unit.strings(wording.language):
        raise ContentError(f"{where}: there is no such text")
    if wording.state not in STATES:
        raise ContentError(f"{where}: {wording.state!r} is not a state; known: {', '.join(STATES)}")
    if not wording.text.strip():
        raise ContentError(f"{where}: is empty; write a text")
    if _CONTROL.search(wording.text) or (unit.single_line(wording.key) and "\n" in wording.text):
        raise ContentError(f"{where}: holds a line break or a sign that cannot be printed; take it out")
    needed, allowed = unit.fields(wording.key, wording.language)
    used = placeholders(wording.text, where)
    if unknown := used - allowed:
        raise ContentError(f"{where}: English has no field {_named(unknown)}; take it out")
    if missing := needed - used:
        raise ContentError(f"{where}: the field {_named(missing)} of the English is missing")


def overlaid(
    shipped: _Unit, states: States, wordings: Iterable[Wording]
) -> tuple[_Unit, dict[str, Mapping[str, str]]]:
    """`shipped` with the wordings in the place of its texts, and the states that follow: English first.

    A translation whose English is another now is stale. A wording of an earlier English that has no place any more
    is left out. Raises ContentError for one of today's English that does not fit.
    """
    unit, now = shipped, dict(states)
    rows = list(wordings)
    for language in sorted({row.language for row in rows} & unit.languages, key=_english_first):
        own = [row for row in rows if row.language == language and _fits(unit, row)]
        found = {row.key: row.state if _current(unit, row) else "stale" for row in own}
        unit = unit.with_strings(language, {row.key: row.text for row in own})
        now[language] = {**now[language], **found}
        if language == SOURCE_LANGUAGE:
            now = {other: _outdated(unit, shipped, other, held) for other, held in now.items()}
    return unit, now


def _outdated(
    unit: TranslationUnit, shipped: TranslationUnit, language: str, states: Mapping[str, str]
) -> Mapping[str, str]:
    """States of a language after its English was worded anew; English itself keeps its own."""
    if language == SOURCE_LANGUAGE:
        return states
    return {
        key: state if unit.source(key, language) == shipped.source(key, language) else "stale"
        for key, state in states.items()
    }


def _fits(unit: TranslationUnit, wording: Wording) -> bool:
    try:
        check(unit, wording)
    except ContentError:
        known = wording.key in unit.strings(wording.language)
        if known and _current(unit, wording):
            raise
        return False
    return True


def _current(unit: TranslationUnit, wording: Wording) -> bool:
    return source_hash(unit.source(wording.key, wording.language)) == wording.source_hash


def _english_first(language: str) -> tuple[bool, str]:
    return language != SOURCE_LANGUAGE, language


def _named(fields: frozenset[str]) -> str:
    return ", ".join(f"{{{field}}}" for field in sorted(fields))
