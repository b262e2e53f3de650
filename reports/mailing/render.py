"""Address sheets, dividers and the cover of a print run as PDF, and letters bound into one file.

Bound files are for a printer's machine; the tagged report that families read stays in its own file.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

import pikepdf
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.mailing.address import Window, size_class
from reports.mailing.envelope import AddressSheet, Cover, Divider
from reports.mailing.letter import LetterPage

TEMPLATES = Path(__file__).with_name("templates")
_DENSITIES: Final = ("usual", "tight", "tightest")
_PAPERS: Final = {"letter": "8.5in 11in", "a4": "210mm 297mm"}


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, auto_reload=False
    )
    environment.globals["size_class"] = size_class
    return environment


def address_sheets(sheets: Sequence[AddressSheet], window: Window) -> bytes:
    """A page each, in their order. Raises press.RenderError, also where a name has a letter no font has."""
    return _pages("address-sheets", window, addresses=sheets)


def divider_sheet(divider: Divider, window: Window) -> bytes:
    return _pages("divider", window, divider=divider)


def cover_sheet(cover: Cover, window: Window) -> bytes:
    return _pages(f"print-run-{cover.number}", window, cover=cover)


def letter(name: str, pages: Sequence[LetterPage], window: Window) -> bytes:
    """The page on top of an envelope, a side a language; in smaller letters where it would not keep to its side.

    Raises press.RenderError naming `name`.
    """
    from reports.family.press import print_sides

    template, rules = _templates().get_template("letter.html"), _rules(window)

    def markup(density: str) -> str:
        return template.render(window=window, rules=rules, pages=pages, density=density)

    return print_sides(name, [page.tag for page in pages], _DENSITIES, markup)


def _pages(name: str, window: Window, **values: object) -> bytes:
    # Loads Pango; commands and pages that draw nothing must work where it is missing, to say so.
    from reports.family.press import print_pages

    known = {"addresses": (), "divider": None, "cover": None, **values}
    markup = _templates().get_template("mailing.html")
    return print_pages(name, markup.render(window=window, title=name, rules=_rules(window), **known))


def _rules(window: Window) -> Markup:
    slot = (
        f".slot {{ left: {window.left}mm; top: {window.top}mm; width: {window.width}mm; "
        f"height: {window.height}mm; }}\n"
    )
    style = (TEMPLATES / "mailing.css").read_text(encoding="utf-8")
    # Packaged, and numbers of our own.
    return Markup(f"@page {{ size: {_PAPERS[window.paper]}; }}\n{style}{slot}")  # noqa: S704


class Binding:
    """One file for the printer, put together page by page; every part begins on the front of a sheet."""

    def __init__(self) -> None:
        self._file = pikepdf.new()
        self.pages = 0
        self.bytes = 0

    def add_divider(self, divider: bytes) -> None:
        self._append(divider)
        self._fill()

    def add_envelope(self, addresses: pikepdf.Pdf, place: int, *letters: bytes) -> tuple[int, int]:
        """The address sheet with its empty back, then the letters; (its first page from 1, its number of pages)."""
        first = self.pages + 1
        self._file.pages.append(addresses.pages[place])
        self.pages += 1
        self._fill()
        for letter in letters:
            self._append(letter)
            self._fill()
        return first, self.pages - first + 1

    def finished(self) -> bytes:
        """The same parts give the same bytes: the file carries no clock."""
        self._file.remove_unreferenced_resources()
        out = BytesIO()
        self._file.save(out, deterministic_id=True)
        return out.getvalue()

    def _append(self, content: bytes) -> None:
        with pikepdf.open(BytesIO(content)) as part:
            self._file.pages.extend(part.pages)
            self.pages += len(part.pages)
        self.bytes += len(content)

    def _fill(self) -> None:
        """An empty back where a sheet has only a front."""
        if self.pages % 2:
            box = self._file.pages[-1].mediabox
            self._file.add_blank_page(page_size=(float(box[2]), float(box[3])))
            self.pages += 1


def opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(content))
