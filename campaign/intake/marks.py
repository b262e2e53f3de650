"""Which grade scale a mark is written on, where the source does not say."""

from __future__ import annotations

import re

# The ids are those of reports/compare/grade_scales.toml, in the order in which they are tried.
_SHAPES = [
    ("letter", re.compile(r"[A-F][+-]?")),
    ("letter", re.compile(r"FAILING")),
    ("standards_4", re.compile(r"[1-4](?:\.[05]0?)?")),
    ("percent", re.compile(r"\d{1,3}(?:\.\d+)?%?")),
    ("excellent_satisfactory", re.compile(r"[EOSU][+-]?")),
    ("meets_needs", re.compile(r"M\+?|NI?|MEETS.*|NEEDS.*")),
    ("pass_fail", re.compile(r"P|PASS(?:ED)?|FAIL(?:ED)?|CR|NC")),
]


def scale_of(mark: str) -> str:
    """The id of the scale a mark looks like; a text of its own is a narrative."""
    shown = mark.strip().upper()
    for scale, shape in _SHAPES:
        if shape.fullmatch(shown):
            return scale
    return "letter" if len(shown) <= 3 else "narrative"


def looks_like_letter(text: str) -> bool:
    """True for a letter grade, so that one that lands in a comment field can be told from a comment."""
    return bool(_SHAPES[0][1].fullmatch(text.strip().upper()))
