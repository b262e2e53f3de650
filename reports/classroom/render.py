"""Papers for teachers as tagged PDF, and the sheet as part of a page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.classroom.sheet import LANGUAGE, TeacherSheet
from reports.classroom.words import Words

TEMPLATES = Path(__file__).with_name("templates")
PAPERS: Final = {"letter": "8.5in 11in", "a4": "210mm 297mm"}
# Sizes of the letters, largest first; templates/classroom.css says what they are.
_DENSITIES: Final = ("normal", "compact", "dense")


@cache
def templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, auto_reload=False
    )


def rules(paper: str) -> Markup:
    """The style of papers for teachers on "letter" or "a4"; packaged, so it needs no escaping."""
    style = (TEMPLATES / "classroom.css").read_text(encoding="utf-8")
    return Markup(f"@page {{ size: {PAPERS[paper]}; }}\n{style}")  # noqa: S704


def pdf(sheets: Sequence[TeacherSheet], paper: str = "letter") -> bytes:
    """The sheets as they come, a page each. Raises press.RenderError where one does not fit its page."""
    # Loads Pango; commands and pages that draw nothing must work where it is missing, to say so.
    from reports.family.press import print_sides

    words = Words()
    # The title goes into the file's metadata, which name nobody.
    title = words.say("sheet.page")

    def markup(density: str) -> str:
        template = templates().get_template("sheet.html")
        return template.render(sheets=sheets, w=words, density=density, title=title, rules=rules(paper))

    return print_sides(f"sheets-{sheets[0].number}", [LANGUAGE] * len(sheets), _DENSITIES, markup)


def page(sheet: TeacherSheet) -> str:
    """One sheet as markup inside a page of staff."""
    return str(templates().get_template("sheet_body.html").module.body(sheet, Words()))  # type: ignore[attr-defined]
