"""Names of made-up people and places, from `names.toml`."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np


@dataclass(frozen=True)
class Community:
    """People who share a language: how they are called, and how school systems write their language."""

    language: str
    name: str
    share: int
    codes: tuple[str, ...]
    given: tuple[str, ...]
    family: tuple[str, ...]


@dataclass(frozen=True)
class Names:
    english: Community
    others: tuple[Community, ...]
    cumulative_shares: tuple[float, ...]
    place_first: tuple[str, ...]
    place_second: tuple[str, ...]

    def place(self, number: int) -> str:
        """The name of the place with this number; no two of the first 3,600 are alike."""
        first = number % len(self.place_first)
        second = (number // len(self.place_first) + number) % len(self.place_second)
        return f"{self.place_first[first]} {self.place_second[second]}"


@cache
def load() -> Names:
    document = tomllib.loads(files("campaign.demo").joinpath("names.toml").read_text(encoding="utf-8"))
    places = document.pop("places")
    communities = {
        language: Community(
            language=language,
            name=entry["name"],
            share=entry["share"],
            codes=tuple(entry["codes"]),
            given=tuple(entry["given"]),
            family=tuple(entry["family"]),
        )
        for language, entry in document.items()
    }
    english = communities.pop("en")
    shares = np.cumsum([community.share for community in communities.values()])
    return Names(
        english=english,
        others=tuple(communities.values()),
        cumulative_shares=tuple(shares / shares[-1]),
        place_first=tuple(places["first"]),
        place_second=tuple(places["second"]),
    )


def plain_letters(name: str) -> str:
    """A name as the part of an e-mail address before the @: small ASCII letters only."""
    stripped = unicodedata.normalize("NFKD", name.replace("Đ", "D").replace("đ", "d"))
    return "".join(letter for letter in stripped.lower() if letter.isascii() and letter.isalpha())
