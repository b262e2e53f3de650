"""Names and numbers of another script set apart, so that "A-" and "2026–27" keep their order in Arabic and Urdu.

A report is kept as plain text; what draws it sets its runs apart: with `<bdi>` on a page, with the invisible isolates
of Unicode in print, where each inline element would be laid out by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from markupsafe import Markup, escape

from content import languages
from reports.family.report import FamilyReport, from_json

Isolate = Callable[[str, bool], str]

_LEFT_TO_RIGHT_ISOLATE, _RIGHT_TO_LEFT_ISOLATE, _END_OF_ISOLATE = "\u2066", "\u2067", "\u2069"
_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_LETTERS = r"[A-Za-z0-9\u00c0-\u024f\u1e00-\u1eff]+"
# Brackets stay with what stands in them: "(312) 555-0102", "Math (Honors)".
_WORD = rf"(?:\({_LETTERS}(?:[ -]{_LETTERS})*\)|[$#]?{_LETTERS})"
# Words of one run: parts of a name, an address, a date, a number; its end may be the sign of a mark.
_BETWEEN = r"(?:(?<=\bDr|\bMr|\bMs|\bSt)\. |[-’'–./@:,&_]|, | (?:& |– |- )?)"
_LATIN_RUN = re.compile(rf"{_WORD}(?:{_BETWEEN}{_WORD})*(?:[+%−-](?!\w))?")
_OTHER_RUN = re.compile(
    rf"[{_RIGHT_TO_LEFT}]+(?:[\s'’.-]+[{_RIGHT_TO_LEFT}]+)*",
)
_ANY_OTHER = re.compile(f"[{_RIGHT_TO_LEFT}]")
# Words of the program, not of the family.
_KEPT = frozenset(
    {
        "number",
        "language",
        "category",
        "state",
        "kind",
        "subject",
        "link",
        "issued_on",
        "interpreter_language",
    }
)
# Texts that cannot hold markup: the title of a picture.
_PLAIN = frozenset({"description"})


def for_page(report: FamilyReport) -> FamilyReport:
    """The report with `<bdi>` around runs of another script; its texts are escaped where they have one."""
    return _isolated(report, _element)


def for_print(report: FamilyReport) -> FamilyReport:
    """The report with Unicode's isolates around runs of another script."""
    return _isolated(report, _characters)


def _isolated(report: FamilyReport, mark: Isolate) -> FamilyReport:
    to_right = languages.language(report.language).direction == "ltr"
    if to_right and not _ANY_OTHER.search(
        " ".join((report.full_name, report.student, *report.details, *report.reach))
    ):
        return report
    run = _OTHER_RUN if to_right else _LATIN_RUN

    def change(value: Any, key: str = "") -> Any:
        if isinstance(value, str):
            if key in _KEPT:
                return value
            chosen = _characters if key in _PLAIN else mark
            return _apart(value, run, lambda found: chosen(found, not to_right))
        if isinstance(value, dict):
            return {name: change(inner, name) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [change(inner, key) for inner in value]
        return value

    return from_json(change(report.to_json()))


def _apart(text: str, run: re.Pattern[str], isolate: Callable[[str], str]) -> str:
    parts, end = [], 0
    for match in run.finditer(text):
        parts += [text[end : match.start()], isolate(match[0])]
        end = match.end()
    if not parts:
        return text
    parts.append(text[end:])
    # Markup joins plain parts escaped.
    return Markup("").join(parts) if any(isinstance(part, Markup) for part in parts) else "".join(parts)


def _element(run: str, latin: bool) -> str:
    return Markup("<bdi>") + escape(run) + Markup("</bdi>")


def _characters(run: str, latin: bool) -> str:
    opening = _LEFT_TO_RIGHT_ISOLATE if latin else _RIGHT_TO_LEFT_ISOLATE
    return f"{opening}{run}{_END_OF_ISOLATE}"
