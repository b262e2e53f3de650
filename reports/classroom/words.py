"""What papers for teachers say. Staff words, in English alone: they have no review states and stand in no catalog."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from content.fields import ContentError, fill


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(resources.files("content").joinpath("teacher/en.toml").read_text(encoding="utf-8"))


def _find(key: str) -> Any:
    found: Any = _document()
    for part in key.split("."):
        if not isinstance(found, dict) or part not in found:
            raise ContentError(f"teacher/en.toml: there is no text {key!r}")
        found = found[part]
    return found


class Words:
    """Texts with these fields filled in. Raises ContentError for a text or a field that is missing."""

    def __init__(self, fields: Mapping[str, str] | None = None) -> None:
        self._fields = dict(fields or {})

    def say(self, key: str, **fields: str) -> str:
        return fill(str(_find(key)), self._fields | fields, f"teacher.{key}")

    def lines(self, key: str, **fields: str) -> tuple[str, ...]:
        return tuple(fill(str(line), self._fields | fields, f"teacher.{key}") for line in _find(key))

    def pairs(self, key: str, names: Sequence[str], **fields: str) -> tuple[tuple[str, ...], ...]:
        """Tables under `key`, each as a tuple of its texts under `names`."""
        return tuple(
            tuple(fill(table[name], self._fields | fields, f"teacher.{key}") for name in names)
            for table in _find(key)
        )
