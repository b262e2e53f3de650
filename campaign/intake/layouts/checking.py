"""Checks of a layout file that say which file and key is wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from campaign.intake.problems import IntakeError

V = TypeVar("V")
_PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-"})


def folded_column(name: str) -> str:
    """Names of columns without case, curly quotes, odd blanks and byte order mark."""
    plain = unicodedata.normalize("NFKC", name.lstrip("﻿")).translate(_PLAIN)
    return re.sub(r"\s+", " ", plain).strip().casefold()


class Checked:
    """One table of a layout file; every key that is asked for is known, the others are refused at the end."""

    def __init__(self, where: str, values: Any) -> None:
        self.where = where
        if not isinstance(values, Mapping):
            raise IntakeError(f"{where} must be a table.")
        self._values = values
        self._asked: set[str] = set()

    def fail(self, message: str) -> IntakeError:
        return IntakeError(f"{self.where}: {message}")

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def get(self, key: str, kind: Any, default: Any = None) -> Any:
        """The value of `key`, which must be of `kind`; `default` if it is not there."""
        self._asked.add(key)
        value = self._values.get(key, default)
        wrong_number = isinstance(value, bool) and kind is not bool and kind is not object
        if key in self._values and (not isinstance(value, kind) or wrong_number):
            raise self.fail(f"{key} has a value of the wrong kind.")
        return value

    def need(self, key: str, kind: Any) -> Any:
        if key not in self._values:
            raise self.fail(f"{key} is missing.")
        return self.get(key, kind)

    def texts(self, key: str) -> tuple[str, ...]:
        """One text or a list of texts."""
        value = self.get(key, (str, list), [])
        found = [value] if isinstance(value, str) else value
        if not all(isinstance(text, str) for text in found):
            raise self.fail(f"{key} must be a text or a list of texts.")
        return tuple(found)

    def words(self, key: str) -> dict[str, str]:
        found = self.get(key, Mapping, {})
        if not all(isinstance(value, str) for value in found.values()):
            raise self.fail(f"{key} must give each word a text.")
        return dict(found)

    def one_of(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        value = self.get(key, str, default)
        if value not in allowed:
            raise self.fail(f"{key} must be one of {', '.join(allowed)}.")
        return str(value)

    def tables(self, key: str) -> list[Checked]:
        """The tables of a list such as [[status]]."""
        found = self.get(key, list, [])
        return [Checked(f"{self.where}, [[{key}]] number {n}", entry) for n, entry in enumerate(found, 1)]

    def table(self, key: str) -> Checked | None:
        return Checked(f"{self.where}, [{key}]", self.get(key, Mapping)) if key in self._values else None

    def rest(self, known: tuple[str, ...]) -> dict[str, Any]:
        """What stands under the keys `known`, unread."""
        self._asked.update(known)
        return {key: self._values[key] for key in known if key in self._values}

    def done(self) -> None:
        """Raises IntakeError for keys that nobody asked for."""
        if unknown := sorted(set(self._values) - self._asked):
            raise self.fail(f"{unknown[0]} is not known here; known: {', '.join(sorted(self._asked))}.")


def by_number(checked: Checked, key: str, read: Callable[[Any], V]) -> dict[int, V]:
    """A table whose keys are grade levels."""
    values = checked.need(key, Mapping)
    try:
        return {int(grade): read(value) for grade, value in values.items()}
    except (ValueError, TypeError):
        raise checked.fail(f"{key} must give grades their numbers.") from None


def filled(value: Any, fill: Mapping[str, str]) -> Any:
    """The value with {name} replaced in every text, in keys too."""
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda match: fill.get(match[1], match[0]), value)
    if isinstance(value, list):
        return [filled(item, fill) for item in value]
    if isinstance(value, Mapping):
        return {filled(key, fill): filled(item, fill) for key, item in value.items()}
    return value
