"""The printing press: markup to tagged PDF (PDF/UA-1). Imported only where something is drawn: it loads Pango.

What makes it fast: fonts and style are found once a process, the markup is well-formed XML and read by the C parser,
and nothing is collected meanwhile. `make bench-render` says what that brings.
"""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from cssselect2 import ElementWrapper
from pydyf import PDF, Stream
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from reports.family.tagging import complete_tags

_STYLE = Path(__file__).with_name("templates") / "print.css"
_PICTURE = "data:image/png;base64,"
_LOGGER = logging.getLogger("weasyprint")
# Pango's font map is not made for several threads at once.
_ONE_AT_A_TIME = threading.Lock()
_DRAWN, _COLLECT_EVERY = count(1), 8


class RenderError(Exception):
    """A document cannot be drawn as it should be: a letter without a font, a side too full. Says which."""


class _NothingFetched(URLFetcher):  # type: ignore[misc]
    """Documents bring all they need, pictures as data in the markup; whatever else they refer to stops the render."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data",))

    def fetch(self, url: str, headers: Any = None) -> Any:
        if url.startswith(_PICTURE):
            return super().fetch(url, headers)
        raise FatalURLFetchingError("a report must not refer to anything outside itself")


class _Markup(HTML):  # type: ignore[misc]
    """Markup that is well-formed XML. Raises RenderError, which quotes none of it, where it is not."""

    def __init__(self, name: str, markup: str, fetcher: URLFetcher) -> None:
        try:
            # Expat fetches nothing, and the templates declare no entities.
            root = ElementTree.fromstring(markup.lstrip())  # noqa: S314
        except ElementTree.ParseError as error:
            raise RenderError(f"{name}: the markup is not well-formed XML: {error}") from None
        self.base_url, self.url_fetcher, self.media_type = None, fetcher, "print"
        self.wrapper_element = ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element


@dataclass(frozen=True)
class _Shared:
    """What all documents of a process share: parsed once, fonts found once."""

    fonts: FontConfiguration
    style: CSS
    fetcher: URLFetcher


@cache
def _shared() -> _Shared:
    complete_tags()
    fonts, fetcher = FontConfiguration(), _NothingFetched()
    text = _STYLE.read_text(encoding="utf-8")
    return _Shared(fonts, CSS(string=text, font_config=fonts, url_fetcher=fetcher), fetcher)


def print_sides(
    name: str, sides: Sequence[str], densities: Sequence[str], markup: Callable[[str], str]
) -> bytes:
    """The PDF of a document whose sections fill one side each; `sides` are their languages.

    The n-th section ends with an element of the id "end-n", n from 0.

    `markup` gives the HTML in a density; the first density in which every section keeps to its side is taken.
    The same markup gives the same bytes: a file carries no clock. Raises RenderError naming `name` when nothing fits
    or WeasyPrint complains, for example of a letter that no installed font has.
    """
    with _drawing(name):
        for density in densities:
            document = _laid_out(name, markup(density))
            if _keeps_to_its_sides(document, len(sides)):
                return _written(document)
    raise RenderError(f"{name}: the text does not fit its {len(sides)} sides even in the smallest letters")


def print_pages(name: str, markup: str) -> bytes:
    """The PDF of a document of as many pages as it needs. See `print_sides`."""
    with _drawing(name):
        return _written(_laid_out(name, markup))


def _laid_out(name: str, markup: str) -> Document:
    shared = _shared()
    html = _Markup(name, markup, shared.fetcher)
    return html.render(font_config=shared.fonts, stylesheets=[shared.style])


def _written(document: Document) -> bytes:
    return bytes(document.write_pdf(pdf_variant="pdf/ua-1", finisher=_leave_out_zeros))


def _leave_out_zeros(_: Document, file: PDF) -> None:
    """Join the letters between which WeasyPrint 70 says "moved by 0": half of what it writes of a page."""
    for item in file.objects:
        if isinstance(item, Stream):
            item.stream = [
                part.replace(b">0<", b"") if isinstance(part, bytes) and part.endswith(b" TJ") else part
                for part in item.stream
            ]


def _keeps_to_its_sides(document: Document, sides: int) -> bool:
    """Whether each section ends on its own side; a count of pages alone would miss text that fell off one."""
    return len(document.pages) == sides and all(
        f"end-{number}" in page.anchors for number, page in enumerate(document.pages)
    )


@contextmanager
def _drawing(name: str) -> Iterator[None]:
    """One document at a time; what WeasyPrint complains about meanwhile is an error."""
    with _ONE_AT_A_TIME, _no_collection(), _complaints() as complaints:
        yield
    if complaints:
        raise RenderError(f"{name}: {'; '.join(dict.fromkeys(complaints))}")


@contextmanager
def _no_collection() -> Iterator[None]:
    """No garbage collection meanwhile: a layout makes a million objects and drops them together (a sixth faster).

    They refer to one another in rings, so they are collected after every few documents; memory stays flat.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if next(_DRAWN) % _COLLECT_EVERY == 0:
            gc.collect()
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
        letter = f"U+{numbers[0]:04X}"
        return f"no installed font has the letter {letter}; correct the text where it comes from, or install a font"
    return str(record.msg)
