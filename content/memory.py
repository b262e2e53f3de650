"""What was translated before: proposals for a new text, from equal and from similar ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

from content.wordings import STATES

LEAST_PERCENT = 60
_TOKEN = re.compile(r"\{\w+\}|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Pair:
    """An English text, its translation and the state of that."""

    source: str
    translation: str
    state: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A translation of a like text; `percent` is 100 for the very same text and at most 99 for another."""

    source: str
    translation: str
    state: str
    percent: int


def proposals(source: str, pairs: Iterable[Pair], *, most: int = 5) -> list[Proposal]:
    """Translations of texts like `source`, at most `most`: the most like first, among equals the reviewed ones.

    Likeness is the share of words, fields and marks that two texts have in common in the same order (Ratcliff and
    Obershelp: twice the common ones by all of both).
    """
    best: dict[tuple[str, str], Proposal] = {}
    alike = _likeness(source)
    for pair in pairs:
        percent = alike(pair.source)
        known = best.get((pair.source, pair.translation))
        better = known is None or STATES.index(pair.state) > STATES.index(known.state)
        if percent >= LEAST_PERCENT and pair.translation and better:
            best[pair.source, pair.translation] = Proposal(pair.source, pair.translation, pair.state, percent)
    return sorted(best.values(), key=_rank)[:most]


def _likeness(source: str) -> Callable[[str], int]:
    """How like a text is to `source`, in percent; 0 stands for all that is less than the least."""
    matcher = SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(_tokens(source))

    @cache
    def alike(other: str) -> int:
        if other == source:
            return 100
        matcher.set_seq1(_tokens(other))
        bounds = (matcher.real_quick_ratio, matcher.quick_ratio)
        if any(bound() * 100 < LEAST_PERCENT for bound in bounds):
            return 0
        return min(int(matcher.ratio() * 100), 99)

    return alike


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.casefold())


def _rank(proposal: Proposal) -> tuple[int, int, int, str]:
    """Best first; so that the same pairs always give the same order, by their words in the end."""
    return (-proposal.percent, -STATES.index(proposal.state), len(proposal.source), proposal.translation)
