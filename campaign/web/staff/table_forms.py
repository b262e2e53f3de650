"""The form that describes a table: what was typed in it, as a draft of a mapping."""

from __future__ import annotations

from itertools import count, takewhile

from werkzeug.datastructures import MultiDict

from campaign.intake.spreadsheet.draft import FIXED, Draft
from campaign.intake.spreadsheet.mapping import FIELDS
from campaign.intake.spreadsheet.sample import Sample

LONGEST_NAME = 80
_LAST = 10**6


def draft_of(form: MultiDict[str, str], sample: Sample) -> Draft:
    """What the person said; columns that the table does not have count as not chosen."""
    kind = form.get("kind", "")
    columns = {
        name: chosen
        for name in FIELDS.get(kind, ())
        if (chosen := form.get(f"column-{name}", "")) in sample.values
    }
    values = {
        name: value
        for name in FIXED.get(kind, ())
        if name not in columns and (value := form.get(f"value-{name}", "").strip())
    }
    return Draft(
        kind,
        columns,
        values,
        form.get("date_order", "") if form.get("date_order") in ("mdy", "dmy") else "",
        _levels(form),
        form.get("floor", ""),
        form.get("cuts", ""),
        form.get("error", "").strip(),
    )


def name_of(form: MultiDict[str, str]) -> str:
    return " ".join(form.get("name", "").split())[:LONGEST_NAME]


def _levels(form: MultiDict[str, str]) -> tuple[str, ...]:
    """The words in the order of their numbers; those with the same number in the order in which they stood."""
    words = list(takewhile(lambda word: word is not None, (form.get(f"level-{n}") for n in count())))
    places = [_place(form.get(f"place-{n}", type=int)) for n in range(len(words))]
    return tuple(word for _, word in sorted(zip(places, words, strict=True), key=lambda one: one[0]) if word)


def _place(typed: int | None) -> int:
    return typed if typed is not None and abs(typed) < _LAST else _LAST
