"""Whose turn a thread is: the words of the family and the school's own table decide, a person may decide otherwise."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from campaign.correspondence.crisis import fold

_FILE = Path(__file__).with_name("conversation_words.toml")


class StaffRole(StrEnum):
    TEACHER = "teacher"
    ADVISOR = "advisor"
    NURSE = "nurse"
    SPECIAL_EDUCATION = "special_education"
    BUS = "bus"
    FRONT_OFFICE = "front_office"


# They need not know how a child does at school, so its results are not shown beside their threads.
WITHOUT_RESULTS = frozenset({StaffRole.NURSE, StaffRole.BUS, StaffRole.FRONT_OFFICE})


@dataclass(frozen=True)
class Route:
    """One line of a school's table. `words` are its own; `account_id` None: nobody by name."""

    role: StaffRole
    words: tuple[str, ...] = ()
    account_id: int | None = None
    next_role: StaffRole | None = None


@dataclass(frozen=True)
class Turn:
    """Who is to answer. `routed_by`: words, default, person or clock."""

    role: StaffRole
    account_id: int | None
    routed_by: str


Table = Mapping[StaffRole, Route]


def table(routes: Iterable[Route]) -> Table:
    """The school's table with what ships in place of what it leaves open."""
    own = {route.role: route for route in routes}
    return {role: _filled(own.get(role, Route(role))) for role in StaffRole}


def _filled(route: Route) -> Route:
    shipped = _shipped()[route.role].get("next")
    following = route.next_role or (StaffRole(shipped) if shipped else None)
    return Route(route.role, route.words, route.account_id, following)


def topic(text: str, routes: Table) -> StaffRole | None:
    """The role that most of the words point to; among equals the one further up in the list. None: none does."""
    plain = f" {fold(text)} "
    found = {role: len(_pattern(role, routes[role].words).findall(plain)) for role in StaffRole}
    best = max(StaffRole, key=lambda role: found[role])
    return best if found[best] else None


def following(role: str, routes: Table) -> Route | None:
    """Whose turn it is when the clock of `role` has run out; None: there is nobody after it."""
    after = routes[StaffRole(role)].next_role
    return routes[after] if after and after != role else None


def shipped_words(role: StaffRole) -> Sequence[str]:
    return [word for key, words in _shipped()[role].items() if key != "next" for word in words]


@cache
def _shipped() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def _pattern(role: StaffRole, own: tuple[str, ...]) -> re.Pattern[str]:
    words = {word for word in (*shipped_words(role), *own) if fold(word.rstrip("*"))}
    return re.compile("|".join(sorted(map(_word, words), key=lambda one: (-len(one), one))) or r"(?!)")


def _word(word: str) -> str:
    plain = re.escape(fold(word.rstrip("*"))).replace(r"\ ", " ")
    return rf"(?<!\w){plain}" + (r"\w*" if word.endswith("*") else r"(?!\w)")
