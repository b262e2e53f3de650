"""Words of sources → words of ours: grade levels, subjects, languages. The tables are the TOML files beside it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from campaign.intake.problems import RowRefused


def folded(value: str) -> str:
    """Case, punctuation and spaces do not matter when words are compared."""
    return re.sub(r"[\W_]+", " ", value.casefold()).strip()


@cache
def table(name: str, package: str = "campaign.intake") -> dict[str, Any]:
    """The data file `name` of a package of the intake."""
    return tomllib.loads(resources.files(package).joinpath(name).read_text("utf-8"))


@cache
def _grade_levels() -> dict[str, int]:
    words = table("grade_levels.toml")
    named = {folded(word): int(level) for level, names in words["names"].items() for word in names}
    numbers = {text: n for n in range(-2, 14) for text in (str(n), f"{n:02d}")}
    return named | numbers


def read_grade_level(value: str, column: str) -> int | None:
    """K, KG, 0, 00, Kindergarten → 0; "First grade", 01, 1 → 1; "Nine" → 9; pre-kindergarten → -1. Blank gives None."""
    # Numbers are looked up as they stand: folding would take the minus from -1.
    word = value.strip() if value.strip() in _grade_levels() else folded(value)
    if not word:
        return None
    if word not in _grade_levels():
        raise RowRefused("unreadable_grade_level", column)
    return _grade_levels()[word]


@cache
def _subject_words() -> dict[str, str]:
    subjects = table("subjects.toml")["names"]
    return {folded(word): subject for subject, words in subjects.items() for word in words}


@cache
def _subject_patterns() -> list[tuple[str, re.Pattern[str]]]:
    patterns = table("subjects.toml")["in_titles"]
    return [(subject, re.compile(r"\b(?:" + "|".join(words) + r")\b")) for subject, words in patterns.items()]


def subject_of(*names: str) -> str | None:
    """The subject that the first telling name states (a subject's name or code); None if none does."""
    for name in names:
        if found := _subject_words().get(folded(name)):
            return found
    return None


@cache
def subject_of_title(title: str) -> str | None:
    """The one subject a course title speaks of; None if it speaks of none or of several."""
    words = folded(title)
    if words in _subject_words():
        return _subject_words()[words]
    found = {subject for subject, pattern in _subject_patterns() if pattern.search(words)}
    return found.pop() if len(found) == 1 else None


@dataclass(frozen=True)
class Language:
    """tag: BCP 47, or None where the code is not known and a person has to ask."""

    tag: str | None
    raw: str
    code_system: str | None


@cache
def _language_codes() -> dict[str, dict[str, str]]:
    """System of codes → folded code or name → tag."""
    document = table("languages.toml")
    systems: dict[str, dict[str, str]] = {name: {} for name in ("639-1", "639-2/B", "639-2/T", "name")}
    for tag, entry in document["languages"].items():
        if len(tag) == 2:
            systems["639-1"][tag] = tag
        systems["639-2/T"].setdefault(entry["code"], tag)
        if "bibliographic" in entry:
            systems["639-2/B"][entry["bibliographic"]] = tag
        for name in entry["names"]:
            systems["name"][folded(name)] = tag
    for state, codes in document["state_codes"].items():
        systems[state] = dict(codes)
    return systems


@cache
def read_language(value: str, state: str | None = None) -> Language | None:
    """The language a code or name stands for. Blank gives None; an unknown code gives a Language without a tag.

    Two-digit codes mean different languages from state to state and are read only when `state` is given.
    """
    raw = value.strip()
    if not raw:
        return None
    systems = _language_codes()
    own = [state] if state in systems else []
    for system in (*own, "639-2/T", "639-2/B", "639-1", "name"):
        code = folded(raw) if system == "name" else raw.casefold()
        if code in systems[system]:
            return Language(systems[system][code], raw, system)
    primary = raw.casefold().replace("_", "-").split("-")[0]
    if "-" in raw.replace("_", "-") and primary in systems["639-1"]:
        return Language(raw.replace("_", "-"), raw, "BCP 47")
    return Language(None, raw, None)
