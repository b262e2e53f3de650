"""Steps of a campaign's document put in, moved, copied and taken out. Pure: a document in, a new one out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from campaign.definitions.definition import CampaignError

Document = Mapping[str, Any]


def entries(document: Document) -> list[dict[str, Any]]:
    return [dict(entry) for entry in document.get("step", [])]


def find(document: Document, step: str) -> dict[str, Any]:
    """Raises CampaignError where there is no such step."""
    return entries(document)[_place(document, step)]


def put(document: Document, entry: Mapping[str, Any], step: str | None = None) -> Document:
    """With `entry` in the place of the step of this id, or (None) behind the last."""
    found = entries(document)
    if step is None:
        found.append(dict(entry))
    else:
        found[_place(document, step)] = dict(entry)
    return _with(document, found)


def copy(document: Document, step: str) -> Document:
    """With a second one right behind it, under an id of its own."""
    found, at = entries(document), _place(document, step)
    found.insert(at + 1, {**found[at], "id": new_id(document, step)})
    return _with(document, found)


def move(document: Document, step: str, by: int) -> Document:
    """With the step `by` places later (or, if negative, earlier), as far as there are places."""
    found, at = entries(document), _place(document, step)
    entry = found.pop(at)
    found.insert(min(max(at + by, 0), len(found)), entry)
    return _with(document, found)


def remove(document: Document, step: str) -> Document:
    found = entries(document)
    del found[_place(document, step)]
    return _with(document, found)


def new_id(document: Document, like: str) -> str:
    """An id such as tip_2 that no step has."""
    used = {entry["id"] for entry in entries(document)}
    stem, _, number = like.rpartition("_")
    stem = stem if stem and number.isdigit() else like
    return next(id for n in range(2, len(used) + 3) if (id := f"{stem}_{n}") not in used)


def _place(document: Document, step: str) -> int:
    for at, entry in enumerate(document.get("step", [])):
        if entry.get("id") == step:
            return at
    raise CampaignError(f"There is no step {step!r} any more; somebody has removed it.")


def _with(document: Document, found: Sequence[Mapping[str, Any]]) -> Document:
    return {**document, "step": list(found)}
