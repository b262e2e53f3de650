"""Words we do not say to a family, and parts a message must have.

Patterns stand in `linter.toml`, each with what to write instead.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from content.readability import sentences

_RULES = Path(__file__).with_name("linter.toml")


@dataclass(frozen=True)
class Finding:
    """One fault of a text: the words found (or "" for a part that is missing) and what to do."""

    words: str
    remedy: str


@dataclass(frozen=True)
class _Rule:
    pattern: re.Pattern[str]
    remedy: str


@cache
def _rules(language: str, kind: str) -> tuple[_Rule, ...]:
    document = tomllib.loads(_RULES.read_text(encoding="utf-8"))
    rules = document.get(language, {}).get(kind, [])
    return tuple(_Rule(re.compile(rule["pattern"], re.IGNORECASE), rule["remedy"]) for rule in rules)


def lint(text: str, language: str, *, grade_level: int | None = None) -> list[Finding]:
    """Words in `text` that a family must not read. `grade_level` lifts what holds for kindergarten to grade 8 alone."""
    findings = [
        Finding(match[0], rule.remedy)
        for rule in _rules(language, "reject")
        for match in rule.pattern.finditer(text)
    ]
    if grade_level is None or grade_level <= 8:
        findings += [
            Finding(match[0], rule.remedy)
            for rule in _rules(language, "reject_to_grade_8")
            for match in rule.pattern.finditer(text)
        ]
    for sentence in sentences(text):
        findings += [
            Finding(sentence, rule.remedy)
            for rule in _rules(language, "reject_in_one_sentence")
            if rule.pattern.search(sentence)
        ]
    return findings


def missing_parts(text: str, language: str, *, student: str, subjects: tuple[str, ...]) -> list[Finding]:
    """Parts that a report or message about results lacks: the name, the subject, one action, a person to ask, …

    `text` is what the family reads; `subjects` are words in its language.
    """
    findings = [
        Finding("", f"Say {what!r}.")
        for what in (student, *subjects)
        if not re.search(rf"(?<!\w){re.escape(what)}(?!\w)", text, re.IGNORECASE)
    ]
    return findings + [
        Finding("", rule.remedy) for rule in _rules(language, "require") if not rule.pattern.search(text)
    ]
