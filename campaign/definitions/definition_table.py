"""One table of a campaign's document, asked key by key, so that whatever was not asked for can be refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from campaign.plain_error import PlainError


class CampaignError(PlainError):
    """A campaign file cannot be used; the message names file, step, key and what to write."""


class Table:
    """`where` begins every error: the file, the step, and the table in it."""

    def __init__(self, document: Mapping[str, Any], where: str) -> None:
        self.document = document
        self.where = where
        self._asked: set[str] = set()

    def error(self, key: str, problem: str) -> CampaignError:
        return CampaignError(f"{self.where}: {key}: {problem}")

    def value(self, key: str, kind: type) -> Any:
        self._asked.add(key)
        if key not in self.document:
            raise self.error(key, "is missing; content/campaigns/go-beyond-grades.toml explains every key")
        found = self.document[key]
        if type(found) is not kind:
            raise self.error(key, f"must be {_KINDS[kind]}, not {found!r}")
        return found

    def has(self, key: str) -> bool:
        return key in self.document

    def text(self, key: str) -> str:
        found: str = self.value(key, str)
        if not found.strip():
            raise self.error(key, "is empty; write a short name")
        return found

    def whole(self, key: str, lowest: int, highest: int) -> int:
        found: int = self.value(key, int)
        if not lowest <= found <= highest:
            raise self.error(key, f"must lie between {lowest} and {highest}, not {found}")
        return found

    def clock(self, key: str) -> time:
        try:
            return time.fromisoformat(self.text(key))
        except ValueError:
            raise self.error(key, 'must be a time of day such as "17:30"') from None

    def one_of(self, key: str, known: frozenset[Any]) -> str:
        found = self.text(key)
        self._refuse_unknown(key, [found], known)
        return found

    def some_of(self, key: str, known: frozenset[Any], needed: bool = True) -> list[str]:
        if not needed and not self.has(key):
            return []
        found: list[str] = self.value(key, list)
        self._refuse_unknown(key, found, known)
        return found

    def texts(self, key: str) -> list[str]:
        """A list of texts that nothing here can check; none where the key is missing."""
        found: list[Any] = self.value(key, list) if self.has(key) else []
        if not all(isinstance(text, str) and text.strip() for text in found):
            raise self.error(key, 'must be a list of texts such as ["lincoln"]')
        return found

    def nothing_else(self) -> None:
        for key in self.document.keys() - self._asked:
            raise self.error(key, f"is not known here; known: {', '.join(sorted(self._asked))}")

    def _refuse_unknown(self, key: str, found: list[str], known: frozenset[Any]) -> None:
        for value in found:
            if value not in known:
                raise self.error(key, f"{value!r} is not known; write one of {', '.join(sorted(known))}")


_KINDS = {
    list: "a list",
    dict: "a table",
    bool: "true or false",
    int: "a whole number",
    str: "a text in quotes",
}
