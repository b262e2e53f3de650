"""The languages of families: how each is named, tagged, written and spoken."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from content.fields import ContentError

_FILE = Path(__file__).with_name("languages.toml")


@dataclass(frozen=True)
class Language:
    """One language; the fields are explained in `languages.toml`. `name` is what its speakers call it."""

    id: str
    name: str
    english: str
    tag: str
    locale: str
    direction: str
    fonts: tuple[str, ...]
    voice: str
    months: tuple[str, ...] = ()
    and_word: str = ""
    gap: str = " "
    full_stop: str = "."
    colon: str = ": "


@cache
def languages() -> Mapping[str, Language]:
    """All languages in the order in which they are offered."""
    document = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return MappingProxyType({id: _language(id, entry) for id, entry in document.items()})


def _language(id: str, entry: Mapping[str, Any]) -> Language:
    lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
    return Language(id, **{**entry, **lists})


def language(id: str) -> Language:
    """Raises ContentError for one that has no entry."""
    try:
        return languages()[id]
    except KeyError:
        raise ContentError(f"{id!r} is not a language of content/languages.toml") from None


# Codes by which other programs name a language of ours.
_ALSO = {"fil": "tl", "cmn": "zh"}


def of_tag(tag: str) -> str:
    """The id of the language of a BCP 47 or ISO 639 tag: "pt-BR" → "pt", "fil" → "tl". An unknown one: its base."""
    base = tag.replace("_", "-").partition("-")[0].lower()
    return _ALSO.get(base, base)
