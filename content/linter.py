"""Words we do not say to a family, and parts a message must have, in every language families read.

Patterns stand in `linter.toml`, each with what to write instead.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from content import languages
from content.readability.splitting import sentences

_RULES = Path(__file__).with_name("linter.toml")
REVIEWED = "human_reviewed"
# Signs that change how a word looks but not what it says: vowel marks, the long stroke, marks of direction.
_UNSAID = re.compile("[\u0640\u064b-\u065f\u0670\u200b-\u200f\u2060-\u2069\ufeff]")
# Arabic letters for which Urdu has its own.
_URDU = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ه": "ہ"})
# Scripts in which a name or word may touch the next: no space, a prefix, a particle.
_TOUCHING = frozenset({"ar", "ko", "ur", "zh"})


@dataclass(frozen=True)
class Finding:
    """One fault of a text: the words found (or "" for a part that is missing) and what to do."""

    words: str
    remedy: str


@dataclass(frozen=True)
class _Rule:
    about: str
    pattern: re.Pattern[str]
    remedy: str


def lint(text: str, language: str, *, grade_level: int | None = None) -> list[Finding]:
    """Words in `text` that a family must not read. `grade_level` lifts what holds for kindergarten to grade 8 alone.

    Nothing is found in a language for which `state` is "".
    """
    language = languages.of_tag(language)
    plain = _plain(text, language)
    young = grade_level is None or grade_level <= 8
    rules = (*_rules(language, "reject"), *(_rules(language, "reject_to_grade_8") if young else ()))
    findings = [Finding(match[0], rule.remedy) for rule in rules for match in rule.pattern.finditer(plain)]
    in_one = _rules(language, "reject_in_one_sentence")
    findings += [
        Finding(sentence, rule.remedy)
        for sentence in (sentences(plain) if in_one else ())
        for rule in in_one
        if rule.pattern.search(sentence)
    ]
    return findings


def missing_parts(text: str, language: str, *, student: str, subjects: tuple[str, ...]) -> list[Finding]:
    """Parts that a report or message about results lacks: the name, the subject, one action, a person to ask, …

    `text` is what the family reads; `subjects` are words in its language, as they stand in the text.
    """
    language = languages.of_tag(language)
    plain = _plain(text, language)
    findings = [
        Finding("", f"Say {what!r}.")
        for what in (student, *subjects)
        if not re.search(_alone(_plain(what, language), language), plain, re.IGNORECASE)
    ]
    required = _rules(language, "require")
    return findings + [Finding("", rule.remedy) for rule in required if not rule.pattern.search(plain)]


def state(language: str) -> str:
    """Whether a person has reviewed the words of a language: "human_reviewed", "draft", or "" where there are none."""
    return str(_document().get(languages.of_tag(language), {}).get("state", ""))


def rules_about(language: str) -> Mapping[str, frozenset[str]]:
    """What the words of a language are about, by kind: reject → failing, behind, …"""
    own = _document().get(languages.of_tag(language), {})
    return {kind: frozenset(rules) for kind, rules in own.items() if kind not in {"state", "remedies"}}


def _plain(text: str, language: str) -> str:
    """The text as patterns see it: letters composed, signs that are not said taken out."""
    plain = _UNSAID.sub("", unicodedata.normalize("NFC", text))
    return plain.translate(_URDU) if language == "ur" else plain


def _alone(what: str, language: str) -> str:
    """A pattern for `what` as a word of its own, where words of the script stand alone."""
    return re.escape(what) if language in _TOUCHING else rf"(?<!\w){re.escape(what)}(?!\w)"


@cache
def _document() -> Mapping[str, Any]:
    return MappingProxyType(tomllib.loads(_RULES.read_text(encoding="utf-8")))


@cache
def _rules(language: str, kind: str) -> tuple[_Rule, ...]:
    document, own = _document(), _document().get(language, {})
    remedies = {**document["remedies"], **own.get("remedies", {})}
    return tuple(
        _Rule(about, re.compile(_plain(pattern, language), re.IGNORECASE), remedies[about])
        for about, pattern in own.get(kind, {}).items()
    )
