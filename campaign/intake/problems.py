"""Kinds of trouble on the way in: a file that cannot be used, a row that is refused, a thing a person should look at.

No message holds a person's data: it names file, line and column, and what to do.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


class IntakeError(Exception):
    """A file or package cannot be imported; nothing of its source changes. `file` is the one to blame, if one is."""

    def __init__(self, message: str, file: str | None = None) -> None:
        super().__init__(message)
        self.file = file


class RowRefused(Exception):
    """One row cannot be used. `code` stands in problems.toml, `detail` fills its sentence; never a person's data."""

    def __init__(self, code: str, column: str | None = None, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.column = column
        self.detail = detail


@dataclass(frozen=True)
class Words:
    """What is said about one kind of problem."""

    reason: str
    remedy: str


@cache
def words() -> dict[str, Words]:
    document = tomllib.loads(resources.files(__package__).joinpath("problems.toml").read_text("utf-8"))
    return {code: Words(entry["reason"], entry["remedy"]) for code, entry in document.items()}


def explain(code: str, detail: str = "") -> Words:
    """The reason and remedy of `code` with {detail} filled in."""
    entry = words()[code]
    return Words(entry.reason.replace("{detail}", detail), entry.remedy.replace("{detail}", detail))
