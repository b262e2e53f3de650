"""The languages of families: how each is named, tagged, written and spoken."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from babel import Locale, UnknownLocaleError

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


def script_of(tag: str) -> str | None:
    """The script in which a BCP 47 tag is written (ISO 15924), where the tag or its region says so: "zh-TW" → "Hant".

    None for a tag that says nothing of it, or that nobody knows.
    """
    try:
        return Locale.parse(tag, sep="-" if "-" in tag else "_").script
    except (ValueError, UnknownLocaleError):
        return None


def is_in_other_script(tag: str) -> bool:
    """Whether who reads this tag gets our text of the language in another script than their own."""
    known = languages().get(of_tag(tag))
    if known is None:
        return False
    theirs, ours = script_of(tag), script_of(known.locale)
    return theirs is not None and ours is not None and theirs != ours
