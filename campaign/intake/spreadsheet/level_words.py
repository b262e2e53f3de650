"""Performance levels by the words that a column holds: their order and the floor, where a shipped test knows them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from campaign.intake.layouts.folders import shipped_tests
from campaign.intake.layouts.language import Assessment
from campaign.intake.layouts.leveling import LevelSet
from campaign.intake.levels import Level, floor_of
from campaign.intake.vocabulary import folded

# More different values than that are no levels.
MOST_LEVELS = 12


@dataclass(frozen=True)
class LevelGuess:
    """`order`: the words of the file, lowest first, or as they came where `known` is False; `floor`: None = ask."""

    order: tuple[str, ...]
    known: bool
    floor: str | None
    why: str
    cuts: list[dict[str, Any]] = field(default_factory=list)


@cache
def _sets() -> tuple[tuple[Assessment, LevelSet], ...]:
    return tuple((test, one) for test in shipped_tests() for one in test.level_sets.values())


@cache
def _known_words() -> frozenset[str]:
    return frozenset(word for _, one in _sets() for word in one.words if not word.isdigit())


def is_known(word: str) -> bool:
    """True for a word that a shipped test uses for a level. Numbers are nobody's: 1 is low here and high there."""
    return folded(word) in _known_words()


def tests_named(texts: Collection[str]) -> list[Assessment]:
    """Shipped tests whose name stands in one of the texts."""
    shown = " ".join(f" {folded(text)} " for text in texts)
    return [test for test in shipped_tests() if any(f" {name} " in shown for name in _names(test))]


def _names(test: Assessment) -> set[str]:
    identities = [score.identity for score in test.scores]
    return {folded(name) for one in identities for name in (one.family, one.title)}


def guess(words: Sequence[str], named: Sequence[Assessment] = ()) -> LevelGuess:
    """The order if all words stand in one known set, and the floor if all such sets agree; cuts of a test named."""
    if not words or len(words) > MOST_LEVELS:
        return LevelGuess(
            (), False, None, "This column does not hold levels: it has too many different values."
        )
    fitting = list(_fitting(words, named))
    orders = {_in_order(words, one) for _, one in fitting}
    if len(orders) != 1:
        return LevelGuess(tuple(words), False, _floor(words), _ask(words))
    order = orders.pop()
    floors = {_floor_in(order, one) for _, one in fitting}
    floor = floors.pop() if len(floors) == 1 else None
    tests = sorted({test.scores[0].identity.title for test, _ in fitting})
    why = f"All {len(words)} words are levels of {', '.join(tests[:3])}."
    return LevelGuess(
        order, True, floor, why, [cut for test, one in fitting if named for cut in _cuts(test, one, order)]
    )


def _fitting(words: Sequence[str], named: Sequence[Assessment]) -> Iterator[tuple[Assessment, LevelSet]]:
    shown = {folded(word) for word in words}
    for test, one in _sets():
        if named and test not in named:
            continue
        if shown <= set(one.words) and (named or not any(word.isdigit() for word in shown)):
            yield test, one


def _in_order(words: Sequence[str], one: LevelSet) -> tuple[str, ...]:
    return tuple(sorted(words, key=lambda word: one.order.index(one.words[folded(word)])))


def _floor_in(order: Sequence[str], one: LevelSet) -> str | None:
    floor = one.floor_in(None)
    return next((word for word in order if one.words[folded(word)] == floor), None)


def _floor(words: Sequence[str]) -> str | None:
    found = floor_of([Level(word, word) for word in words])
    return found.code if found else None


def _ask(words: Sequence[str]) -> str:
    return f"Put these {len(words)} words in order. Which of them is the lowest that means “at grade level”?"


def _cuts(test: Assessment, one: LevelSet, order: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The newest cuts that the layout has for each subject, season and grade, as [[assessment]] of a mapping."""
    if len(order) != len(one.order):
        return
    newest = {(cut.subject, cut.season): cut for cut in sorted(test.cuts, key=lambda cut: cut.years.stop)}
    for (subject, season), cut in newest.items():
        for grade, lowest in cut.grades.items():
            if len(lowest) == len(order) - 1:
                yield {
                    "subject": subject,
                    "grade": grade,
                    **({"season": season} if season else {}),
                    "levels": [
                        {"code": word, **({"minimum": low} if low is not None else {})}
                        for word, low in zip(order, (None, *lowest), strict=True)
                    ],
                    **({"floor": floor} if (floor := _floor_in(order, one)) else {}),
                }
