"""Which OneRoster file a header belongs to, and where vendors put what the standard has no column for."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from campaign.intake.delimited import Header
from campaign.intake.vocabulary import folded, table


def layout() -> dict[str, Any]:
    return table("layout.toml", __package__)


def _lower(names: list[str]) -> set[str]:
    return {name.casefold() for name in names}


def file_of(header: Header) -> str | None:
    """The name in the standard of the file with this header ("users", "results" …), or None."""
    for name, columns in layout()["unused"].items():
        if _lower(columns) <= header.names:
            return str(name)
    for name, rule in layout()["files"].items():
        if (
            _lower(rule["needs"]) <= header.names
            and not _lower(rule.get("not", [])) & header.names
            and (not rule.get("one_of") or _lower(rule["one_of"]) & header.names)
        ):
            return str(name)
    return None


def is_used(name: str) -> bool:
    return name in layout()["files"]


def version_of(headers: list[Header]) -> str:
    """The version whose own columns these headers show, for packages whose manifest does not say."""
    seen: set[str] = set().union(*(header.names for header in headers)) if headers else set()
    newer = _lower(layout()["versions"]["1.2"]) & seen
    return "1.2" if newer and not _lower(layout()["versions"]["1.1"]) & seen else "1.1"


@cache
def role_kind(role: str) -> str | None:
    for kind, names in layout()["roles"].items():
        if role.casefold() in _lower(names):
            return str(kind)
    return None


@cache
def user_id_system(kind: str) -> str:
    name = re.sub(r"[^a-z]", "", kind.casefold())
    for system, names in layout()["user_id_types"].items():
        if name in names:
            return str(system)
    return kind.casefold()


def metadata_columns(header: Header) -> dict[str, str]:
    """Field of ours → the column of this file that holds it, as its folded key."""
    present = {
        re.sub(r"[^a-z0-9]", "", column.casefold().removeprefix("metadata.")): column.casefold()
        for column in header.columns
        if column.casefold().startswith("metadata.")
    }
    found = {}
    for field, names in layout()["metadata"].items():
        for name in names:
            if name.casefold() in present:
                found[field] = present[name.casefold()]
                break
    return found


def _contains(text: str, words: list[str]) -> bool:
    return any(re.search(rf"\b{re.escape(word)}\b", text) for word in words)


@cache
def is_report_card(title: str) -> bool:
    """True if the title of a category or line item says that its results are report-card marks."""
    words, rules = folded(title), layout()["report_card"]
    return _contains(words, rules["words"]) and not _contains(words, rules["except"])


@cache
def says_whole(title: str) -> bool:
    return _contains(folded(title), layout()["report_card"]["whole"])


@cache
def says_part(title: str) -> bool:
    return _contains(folded(title), layout()["report_card"]["part"])
