"""How a voice says signs that stand on a page: the ends of a mark, a school year."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from content import languages
from content.fields import ContentError, fill

_FILE = Path(__file__).with_name("speech.toml")


@dataclass(frozen=True)
class SaidSigns:
    """Words of one language for signs; `plus` and `minus` follow the letter of a mark."""

    plus: str
    minus: str
    years: str

    def school_year(self, first: str, last: str) -> str:
        """A school year by the two calendar years it lies in."""
        return fill(self.years, {"first": first, "last": last}, "speech.toml: years")


@cache
def _signs() -> Mapping[str, SaidSigns]:
    document = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return MappingProxyType({language: SaidSigns(**entry) for language, entry in document.items()})


def said_signs(language: str) -> SaidSigns:
    """Raises ContentError for a language that has no entry."""
    try:
        return _signs()[languages.of_tag(language)]
    except KeyError:
        raise ContentError(f"{language!r} is not a language of content/speech.toml") from None
