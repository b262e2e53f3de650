"""The printing press: HTML to tagged PDF (PDF/UA-1). The only place that imports WeasyPrint, which loads Pango."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

_STYLE = Path(__file__).with_name("templates") / "print.css"
_LOGGER = logging.getLogger("weasyprint")
# Pango's font map is not made for several threads at once.
_ONE_AT_A_TIME = threading.Lock()


class RenderError(Exception):
    """A document cannot be drawn as it should be: a letter without a font, a side too full. Says which."""


class _NothingFetched(URLFetcher):  # type: ignore[misc]
    """Documents bring all they need; a reference to anything outside stops the render."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=())

    def fetch(self, url: str, headers: Any = None) -> Any:
        raise FatalURLFetchingError("a report must not refer to anything outside itself")


@dataclass(frozen=True)
class _Shared:
    """What all documents of a process share: parsed once, fonts found once."""

    fonts: FontConfiguration
    style: CSS
    fetcher: URLFetcher


@cache
def _shared() -> _Shared:
    fonts, fetcher = FontConfiguration(), _NothingFetched()
    text = _STYLE.read_text(encoding="utf-8")
    return _Shared(fonts, CSS(string=text, font_config=fonts, url_fetcher=fetcher), fetcher)


def print_sides(
    name: str, sides: Sequence[str], densities: Sequence[str], markup: Callable[[str], str]
) -> bytes:
    """The PDF of a document whose sections fill one side each; `sides` are their languages.

    The n-th section ends with an element of the id "end-n", n from 0.

    `markup` gives the HTML in a density; the first density in which every section keeps to its side is taken.
    The same markup gives the same bytes: `name` is the file's id, and it carries no clock. Raises RenderError naming
    `name` when nothing fits or WeasyPrint complains, for example of a letter that no installed font has.
    """
    with _ONE_AT_A_TIME, _no_collection(), _complaints() as complaints:
        document = _fitting(name, len(sides), densities, markup)
        content = document.write_pdf(
            pdf_variant="pdf/ua-1",
            pdf_identifier=name.encode(),
            finisher=lambda _, file: _mark_languages(file, sides),
        )
    if complaints:
        raise RenderError(f"{name}: {'; '.join(complaints)}")
    return bytes(content)


def _fitting(name: str, sides: int, densities: Sequence[str], markup: Callable[[str], str]) -> Document:
    shared = _shared()
    for density in densities:
        html = HTML(string=markup(density), url_fetcher=shared.fetcher)
        document = html.render(font_config=shared.fonts, stylesheets=[shared.style])
        if _keeps_to_its_sides(document, sides):
            return document
    raise RenderError(f"{name}: the text does not fit its {sides} sides even in the smallest letters")


def _keeps_to_its_sides(document: Document, sides: int) -> bool:
    """Whether each section ends on its own side; a count of pages alone would miss text that fell off one."""
    return len(document.pages) == sides and all(
        f"end-{number}" in page.anchors for number, page in enumerate(document.pages)
    )


def _mark_languages(file: Any, sides: Sequence[str]) -> None:
    """Say in the tag tree which language each side is in; WeasyPrint drops `lang` below the document."""
    numbers = {tuple(reference): side for side, reference in enumerate(file.page_references)}
    for element in file.objects:
        if isinstance(element, dict) and element.get("S") == "/Sect":
            element["Lang"] = f"({sides[numbers[tuple(element['Pg'])]]})"


@contextmanager
def _no_collection() -> Iterator[None]:
    """No garbage collection meanwhile: a layout makes a million objects and drops them together (a sixth faster)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """What WeasyPrint warns about meanwhile: a missing glyph, an unknown style. Each is a fault of the document.

    Its warnings quote the text, so they are kept out of all logs and told here without it.
    """
    found: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(_without_text(record))

    handler, propagated = Collect(level=logging.WARNING), _LOGGER.propagate
    _LOGGER.addHandler(handler)
    _LOGGER.propagate = False
    try:
        yield found
    finally:
        _LOGGER.propagate = propagated
        _LOGGER.removeHandler(handler)


def _without_text(record: logging.LogRecord) -> str:
    """The warning without its values; of a missing glyph the code point, which is all that is needed to find a font."""
    numbers = [value for value in record.args or () if isinstance(value, int)]
    if "glyph" in record.msg and numbers:
        return f"no installed font has the letter U+{numbers[0]:04X}; install the Noto fonts of its script"
    return str(record.msg)
