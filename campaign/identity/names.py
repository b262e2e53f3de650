"""How sure two names with one birth date are one child's. Pure: names in, a confidence out."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cache
from importlib import resources

# Words inside surnames that many unrelated families share.
_PARTICLES = frozenset(
    {
        "al", "ap", "ben", "bin", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el",
        "ibn", "la", "las", "le", "los", "van", "von", "y",
    }
)  # fmt: skip
_SIMILAR = 0.7


class Confidence(StrEnum):
    """HIGH: the same name and grade level. MEDIUM: the same name, or the same in other words. LOW: names alike, as
    those of twins are, or of one child misspelt."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class _Likeness(StrEnum):
    EXACT = "exact"
    VARIANT = "variant"
    SIMILAR = "similar"


@dataclass(frozen=True, slots=True)
class Child:
    """A name as one source has it. `grade_level` is that of today, None if the source does not say."""

    given_name: str
    family_name: str
    grade_level: int | None = None
    preferred_name: str | None = None


def confidence(one: Child, other: Child) -> Confidence | None:
    """How sure it is that two children with the same birth date are one; None where the names say they are not.

    Without a birth date a name proves nothing, so the caller compares only children who share one.
    """
    families = _families(one.family_name, other.family_name)
    if families is None:
        return None
    pairs = [(a, b) for a in _given_names(one) for b in _given_names(other)]
    givens = {_givens(a, b) for a, b in pairs}
    if _Likeness.EXACT in givens and families is _Likeness.EXACT:
        same_grade = one.grade_level is not None and one.grade_level == other.grade_level
        return Confidence.HIGH if same_grade else Confidence.MEDIUM
    if givens & {_Likeness.EXACT, _Likeness.VARIANT}:
        return Confidence.MEDIUM
    return Confidence.LOW if _Likeness.SIMILAR in givens else None


@cache
def name_words(name: str) -> tuple[str, ...]:
    """The words of a name without case, accents, apostrophes and hyphens: "O’Neil-Peña" → ("oneil", "pena")."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
    return tuple(re.findall(r"\w+", re.sub(r"['’`´]", "", plain).replace("_", " ")))


def family_words(name: str) -> frozenset[str]:
    """The words of a surname that tell families apart; all of them where there is no other."""
    words = name_words(name)
    return frozenset(words) - _PARTICLES or frozenset(words)


def _given_names(child: Child) -> list[str]:
    return [name for name in (child.given_name, child.preferred_name) if name and name_words(name)]


def _families(one: str, other: str) -> _Likeness | None:
    if not name_words(one) or not name_words(other):
        return None
    if "".join(name_words(one)) == "".join(name_words(other)):
        return _Likeness.EXACT
    return _Likeness.VARIANT if family_words(one) & family_words(other) else None


def _givens(one: str, other: str) -> _Likeness | None:
    ours, theirs = name_words(one), name_words(other)
    if "".join(ours) == "".join(theirs):
        return _Likeness.EXACT
    # A middle name that one source leaves out. Two of them that differ are two children, as twins often are.
    shorter = min(len(ours), len(theirs))
    if ours[:shorter] == theirs[:shorter]:
        return _Likeness.VARIANT
    if ours[1:shorter] == theirs[1:shorter] and _nicknames(ours[0]) & _nicknames(theirs[0]):
        return _Likeness.VARIANT
    alike = SequenceMatcher(None, "".join(ours), "".join(theirs)).ratio() >= _SIMILAR or ours[0] == theirs[0]
    return _Likeness.SIMILAR if alike else None


@cache
def _nicknames(name: str) -> frozenset[int]:
    """Numbers of the lines of nicknames.toml that hold the name."""
    return frozenset(number for number, names in enumerate(_groups()) if name in names)


@cache
def _groups() -> list[list[str]]:
    document = tomllib.loads(
        resources.files("campaign.identity").joinpath("nicknames.toml").read_text("utf-8")
    )
    groups: list[list[str]] = document["names"]
    return groups
