"""What staff read about translations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from difflib import SequenceMatcher

from markupsafe import Markup, escape

from campaign.store.wordings import KeptWording
from campaign.wordings.required_languages import MissingLanguage

UNITS = {
    "report": "Family report",
    "page": "Family page",
    "stopping": "Answers to STOP, START and HELP",
    "letter": "The page on top of a letter",
    "call_script": "What staff say on the phone",
    "questions": "Questions for the teacher",
    "activities": "Things to do at home",
    "glossary": "Words explained",
}

STATES = {
    "human_reviewed": ("Reviewed", "at"),
    "draft": ("Draft", "not-yet"),
    "stale": ("English has changed", "close"),
}

# What families get who read a language.
FATES = {
    "reviewed": "Their language, reviewed",
    "drafts": "Their language, drafts among it",
    "partly": "Their language where it is reviewed, else English",
    "english": "English, with the line about a free interpreter",
    "not_offered": "English: not offered in the settings",
}

TOLD = {
    "saved": "Saved as a draft.",
    "reviewed": "Saved as reviewed.",
    "undone": "Undone: the text stands as it was before.",
    "ticked": "The ticked texts are reviewed.",
    "nothing": "Nothing has changed: the text stood like this already.",
    "none_ticked": "No text was ticked. Tick those that you have read and found right.",
    "allowed": "Noted: unreviewed texts in this language may go out.",
    "withdrawn": "Noted: only reviewed texts in this language go out from now on.",
    "taken": "The file has been taken in.",
}

_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


def unit(name: str) -> str:
    if name.startswith("messages/"):
        return f"Message: {name.removeprefix('messages/').replace('_', ' ')}"
    return UNITS.get(name, name)


def key(name: str) -> str:
    """A key as people read it: "headings.now" → "headings · now"."""
    return name.replace("_", " ").replace(".", " · ")


def whole_percent(share: Decimal) -> str:
    return f"{100 * share:f}".rstrip("0").rstrip(".") + " percent"


def lack(missing: MissingLanguage) -> str:
    """Why nothing leaves for the school."""
    named = [unit(one) for one in missing.units[:2]]
    more = f" and {len(missing.units) - 2} more" if len(missing.units) > 2 else ""
    said = f"Not reviewed: {', '.join(named)}{more}." if named else ""
    return f"{said} {'' if missing.offered else 'The language is not offered in the settings.'}".strip()


def last_change(row: KeptWording, moment: str) -> str:
    """What a row of the history did, by whom and when."""
    if row.text is None:
        return f"Back to the shipped text by {row.by}, {moment}."
    return f"{'Reviewed' if row.state == 'human_reviewed' else 'Changed'} by {row.by}, {moment}."


def chips(text: str) -> Markup:
    """The text with its fields as chips: what the program fills in."""
    parts = _FIELD.split(text)
    shown = [
        Markup('<span class="gbg-chip">{}</span>').format(part.replace("_", " ")) if at % 2 else escape(part)
        for at, part in enumerate(parts)
    ]
    return Markup("").join(shown)


def fields(text: str) -> list[str]:
    return sorted(set(_FIELD.findall(text)))


def changes(before: str, now: str) -> Markup:
    """What became of a text, word by word: what left it is struck out, what came is underlined."""
    old, new = _WORDS.findall(before), _WORDS.findall(now)
    return Markup("").join(
        _change(kind, old[a:b], new[c:d])
        for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    )


def _change(kind: str, old: Sequence[str], new: Sequence[str]) -> Markup:
    if kind == "equal":
        return escape("".join(new))
    gone = Markup("<del>{}</del>").format("".join(old)) if old else Markup("")
    come = Markup("<ins>{}</ins>").format("".join(new)) if new else Markup("")
    return gone + come
