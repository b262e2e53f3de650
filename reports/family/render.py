"""Family reports as PDF and as the body of a web page: the same template, the same words, the same five questions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.family.report import FamilyReport

TEMPLATES = Path(__file__).with_name("templates")
# Sizes of the letters, largest first; templates/print.css says what they are.
_DENSITIES = ("roomy", "normal", "compact", "dense")
# Letters of running text that as a rule fit in all densities but the last.
_MOST_LETTERS = (1150, 1720, 2150)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, auto_reload=False
    )
    environment.filters["permille"] = _permille
    return environment


def _permille(part: float) -> int:
    return round(1000 * part)


def pdf(pages: Sequence[FamilyReport]) -> bytes:
    """One report as tagged PDF, a side per language: the home language first, English last.

    A report in one language gets a second side for the family to write on. Raises press.RenderError when a letter has
    no glyph in the installed fonts or the text does not fit its sides.
    """
    # Loads Pango; commands and pages that draw nothing must work where it is missing, to say so.
    from reports.family.press import print_sides

    first = pages[0]
    sides = [report.language for report in pages] * (2 if len(pages) == 1 else 1)
    name = f"{first.number}-{first.version}-{first.language}"
    return print_sides(name, sides, _DENSITIES[_start(pages) :], lambda density: print_markup(pages, density))


def _start(pages: Sequence[FamilyReport]) -> int:
    """The density to try first, from the amount of text: a layout that does not fit costs as much as one that does."""
    amount = max(_amount(report) for report in pages)
    return sum(amount > most for most in _MOST_LETTERS)


def _amount(report: FamilyReport) -> int:
    texts = [*report.meanings, *report.reach, *report.steps]
    for block in report.subjects:
        texts += [block.sentence, block.meaning, block.activity, *block.questions, *block.notes]
        texts += [text for row in block.rows for text in (row.source, row.says, row.detail, row.when)]
    return sum(len(text) for text in texts)


def print_markup(pages: Sequence[FamilyReport], density: str) -> str:
    """The HTML that `pdf` lays out; `density` sets the size of the letters."""
    qr = _qr(pages[0]) if pages[0].link else ""
    return (
        _templates()
        .get_template("print.html")
        .render(reports=pages, density=density, qr=qr, places=_places(pages))
    )


def page(report: FamilyReport) -> str:
    """The body of the family's web page; `page_style` goes with it. No script, nothing loaded from elsewhere."""
    return _templates().get_template("page.html").render(r=report)


def page_style(report: FamilyReport) -> str:
    """The stylesheet of `page`."""
    return (TEMPLATES / "page.css").read_text(encoding="utf-8") + _places([report])


def _places(pages: Sequence[FamilyReport]) -> str:
    """Rules that put the label of each grade-level line at its line; style attributes are not allowed on web pages."""
    lines = {block.chart.line for report in pages for block in report.subjects if block.chart}
    return "".join(_place(line) for line in sorted(lines))


def _place(line: float) -> str:
    side, space = ("left", line) if line <= 0.5 else ("right", 1 - line)
    return f".chart .line-at-{_permille(line)} {{ padding-{side}: {100 * space:.1f}%; }}\n"


def _qr(report: FamilyReport) -> str:
    code = segno.make(report.link, error="m", micro=False)
    return code.svg_inline(title=report.labels["next.scan"], border=0, svgclass=None, lineclass=None)
