"""Family reports as PDF and as the body of a web page. The only place that imports WeasyPrint.

The same reports give the same bytes: the file carries no clock and its id is the report's number and version.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from reports.family.report import FamilyReport

TEMPLATES = Path(__file__).with_name("templates")
# Sizes of the letters, largest first; the stylesheet says what they are.
_DENSITIES = ("roomy", "normal", "compact", "dense")
_LOGGER = logging.getLogger("weasyprint")
# Pango's font map is not made for several threads at once.
_ONE_AT_A_TIME = threading.Lock()


class RenderError(Exception):
    """A report cannot be drawn as it should be: a letter without a font, a page too full. Says which report."""


class _NothingFetched(URLFetcher):  # type: ignore[misc]
    """Reports bring all they need; a reference to anything outside stops the render."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=())

    def fetch(self, url: str, headers: Any = None) -> Any:
        raise FatalURLFetchingError("a report must not refer to anything outside itself")


@dataclass(frozen=True)
class _Press:
    """What all renders of a process share."""

    fonts: FontConfiguration
    style: CSS
    fetcher: URLFetcher


@cache
def _press() -> _Press:
    fonts, fetcher = FontConfiguration(), _NothingFetched()
    text = (TEMPLATES / "print.css").read_text(encoding="utf-8")
    return _Press(fonts, CSS(string=text, font_config=fonts, url_fetcher=fetcher), fetcher)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, auto_reload=False
    )


def pdf(pages: Sequence[FamilyReport]) -> bytes:
    """One report as tagged PDF (PDF/UA-1), a side per language: the home language first, English last.

    A report in one language gets a second side for the family to write on. Raises RenderError when a letter has no
    glyph in the installed fonts or the text does not fit its sides.
    """
    first = pages[0]
    sides = [report.language for report in pages] * (2 if len(pages) == 1 else 1)
    with _ONE_AT_A_TIME, _complaints() as complaints:
        content = _laid_out(pages, len(sides)).write_pdf(
            pdf_variant="pdf/ua-1",
            pdf_identifier=f"{first.number}-{first.version}".encode(),
            finisher=lambda _, file: _mark_languages(file, sides),
        )
    if complaints:
        raise RenderError(f"report {first.number}: {'; '.join(complaints)}")
    return bytes(content)


def _laid_out(pages: Sequence[FamilyReport], sides: int) -> Document:
    """The layout in the largest letters with which every language keeps to its side."""
    press = _press()
    for density in _DENSITIES[0 if max(len(report.subjects) for report in pages) == 1 else 1 :]:
        markup = HTML(string=print_markup(pages, density), url_fetcher=press.fetcher)
        document = markup.render(font_config=press.fonts, stylesheets=[press.style])
        if len(document.pages) == sides:
            return document
    raise RenderError(f"report {pages[0].number}: {len(document.pages)} pages where {sides} fit")


def print_markup(pages: Sequence[FamilyReport], density: str) -> str:
    """The HTML that `pdf` lays out; `density` sets the size of the letters."""
    qr = _qr(pages[0]) if pages[0].link else ""
    return _templates().get_template("print.html").render(reports=pages, density=density, qr=qr)


def page(report: FamilyReport) -> str:
    """The body of the family's web page; `page_style` goes with it. No script, nothing loaded from elsewhere."""
    return _templates().get_template("page.html").render(r=report)


def page_style() -> str:
    """The stylesheet of `page`."""
    return (TEMPLATES / "page.css").read_text(encoding="utf-8")


def _qr(report: FamilyReport) -> str:
    code = segno.make(report.link, error="m", micro=False)
    return code.svg_inline(title=report.labels["next.scan"], border=0, svgclass=None, lineclass=None, scale=2)


def _mark_languages(file: Any, sides: Sequence[str]) -> None:
    """Say in the tag tree which language each side is in; WeasyPrint drops `lang` below the document.

    Each section fills one side, so its page tells its language.
    """
    numbers = {tuple(reference): side for side, reference in enumerate(_page_references(file))}
    for element in file.objects:
        if isinstance(element, dict) and element.get("S") == "/Sect":
            element["Lang"] = f"({sides[numbers[tuple(element['Pg'])]]})"


def _page_references(file: Any) -> list[bytes]:
    return list(file.page_references)


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """What WeasyPrint warns about meanwhile: a missing glyph, an unknown style. Each is a fault of a report."""
    found: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage())

    handler = Collect(level=logging.WARNING)
    _LOGGER.addHandler(handler)
    try:
        yield found
    finally:
        _LOGGER.removeHandler(handler)
