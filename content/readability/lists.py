"""Our own lists of words by language, from the files in `words/`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

_FOLDER = Path(__file__).with_name("words")


@dataclass(frozen=True)
class Lists:
    """Words of one language, in small letters.

    `simpler`: a hard word or phrase → what to say instead. `known`: long words that families know. `joins`: words that
    begin a part which can be a sentence of its own. `syllables`: counts that no rule gets right.
    """

    simpler: Mapping[str, str]
    known: frozenset[str]
    joins: frozenset[str]
    syllables: Mapping[str, int]


@cache
def listed(language: str) -> Lists:
    """The lists of a language; empty ones where we have none."""
    file = _FOLDER / f"{language}.toml"
    document = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    simpler = {
        word.strip(): instead
        for words, instead in document.get("simpler", {}).items()
        for word in words.split(",")
    }
    syllables = {
        word: int(count) for count, words in document.get("syllables", {}).items() for word in words.split()
    }
    return Lists(
        MappingProxyType(simpler),
        frozenset(document.get("known", "").split()),
        frozenset(document.get("joins", "").split()),
        MappingProxyType(syllables),
    )
