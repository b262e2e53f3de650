"""What is said on the phone, in English and in the family's language beside it. No mark and no score is in it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from campaign.wordings.by_people import CALL_UNIT, brings_report
from campaign.wordings.wording import ENGLISH, Wording, base
from content import languages
from content.catalog import Catalog
from content.formats import listed

# In the order in which it is said; the last is for a machine that answers, and names no child.
_BEFORE, _AFTER = ("who", "interpreter"), ("question", "act", "ways", "stop", "thanks", "voicemail")
BLANK = "____"


@dataclass(frozen=True)
class Line:
    """One thing to say. `own`: the same in the family's language, "" where that is English or not written."""

    key: str
    english: str = field(repr=False)
    own: str = field(repr=False)


@dataclass(frozen=True)
class Script:
    """`tag` and `direction` of the family's language; `interpreter_line`: the offer of one in it, "" where none is."""

    lines: Sequence[Line]
    tag: str
    direction: str
    interpreter_line: str


def script(
    catalog: Catalog, message: str, wording: Wording, adult: str, children: Sequence[tuple[str, str]]
) -> Script:
    """The words for one call about `children`: (name, school). Blanks stand for names that are not given."""
    ready = "ready" if brings_report(catalog, message) else "wrote"
    own = base(wording.language)
    written = languages.language(own)

    def said(key: str, language: str) -> str:
        fields = {
            "adult": adult or BLANK,
            "child": listed([name for name, _ in children], language) or BLANK,
            "school": listed(sorted({school for _, school in children if school}), language) or BLANK,
        }
        return catalog.text(f"{CALL_UNIT}.{key}", language, fields)

    lines = [
        Line(key, said(key, ENGLISH), "" if own == ENGLISH else said(key, own))
        for key in (*_BEFORE, ready, *_AFTER)
    ]
    line = catalog.interpreter_line(wording.fallback_from or wording.language)
    return Script(lines, written.tag, written.direction, line or "")
