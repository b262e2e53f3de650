"""The form that describes a table: what was typed in it, as a draft of a mapping."""

from __future__ import annotations

from itertools import count, takewhile

from werkzeug.datastructures import MultiDict

from campaign.intake.spreadsheet.draft import FIXED, Draft
from campaign.intake.spreadsheet.mapping import FIELDS
from campaign.intake.spreadsheet.sample import Sample

LONGEST_NAME = 80


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
    levels, ordered = _levels(form)
    return Draft(
        kind,
        columns,
        values,
        form.get("date_order", "") if form.get("date_order") in ("mdy", "dmy") else "",
        levels,
        form.get("floor", ""),
        form.get("cuts", ""),
        form.get("error", "").strip(),
        ordered,
    )


def name_of(form: MultiDict[str, str]) -> str:
    return " ".join(form.get("name", "").split())[:LONGEST_NAME]


def _levels(form: MultiDict[str, str]) -> tuple[tuple[str, ...], bool]:
    """The words by their numbers, and whether each has a number of its own; else as they stood."""
    words = [word for word in takewhile(bool, (form.get(f"level-{n}", "") for n in count()))]
    places = [form.get(f"place-{n}", type=int) for n in range(len(words))]
    typed = [place for place in places if place is not None]
    if len(set(typed)) < len(words):
        return tuple(words), False
    return tuple(word for _, word in sorted(zip(typed, words, strict=True))), True
