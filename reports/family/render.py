"""Family reports as PDF and as the body of a web page: the same template, the same words, the same five questions."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from content import languages
from reports.family import bidi, footnotes
from reports.family.report import LINK_PLACE, FamilyReport
from reports.family.tapped import tappable

TEMPLATES = Path(__file__).with_name("templates")
# Sizes of the letters, largest first; templates/print.css says what they are.
_DENSITIES = ("roomy", "airy", "normal", "compact", "dense", "tight", "fine")
# Letters of running text that as a rule fit in all densities but the last.
_MOST_LETTERS = (1250, 1450, 1720, 1960, 2270, 2650)
# What the lines of one row of the table take, beside its words.
_ROW = 40
# What the reply to the teacher takes, where it stands on the same side.
_REPLY = 210
# And the words explained at its foot.
_FOOTNOTES = 130
# A script whose lines stand further apart fills a side with fewer letters.
_TALL = {"Noto Nastaliq Urdu": 1.3}
# Width of a name, in letters, up to which it is set large, and then smaller.
_NAME_WIDTHS = ((24, "short"), (38, "long"))


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, auto_reload=False
    )
    environment.filters |= {
        "permille": _permille,
        "tag": _tag,
        "direction": _direction,
        "gap": lambda id: languages.language(id).gap,
        "length_class": _length_class,
        "short": _short,
        "defined": lambda text, defined: defined(text),
    }
    environment.globals["link_place"] = LINK_PLACE
    return environment


def _permille(part: float) -> int:
    return round(1000 * part)


def _tag(language: str) -> str:
    found = languages.languages().get(language)
    return found.tag if found else language


def _direction(language: str) -> str:
    """The line about the interpreter may be in a language that reports are not written in."""
    found = languages.languages().get(language)
    return found.direction if found else "ltr"


def _width(text: str) -> int:
    """Letters of a text, those of Chinese and Korean counted twice."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _length_class(name: str) -> str:
    plain = name.striptags() if isinstance(name, Markup) else name
    return next((label for most, label in _NAME_WIDTHS if _width(plain) <= most), "longest")


def _short(link: str) -> str:
    """An address as one types it."""
    return link.removeprefix("https://").removeprefix("http://")


def pdf(pages: Sequence[FamilyReport], *, replaced: bool = False) -> bytes:
    """One report as tagged PDF, a side per language: the home language first, English last.

    A report in one language gets a second side for the family to write on. `replaced` marks an older version as not
    to be used. Raises press.RenderError when a letter has no glyph in the installed fonts or the text does not fit
    its sides.
    """
    # Loads Pango; commands and pages that draw nothing must work where it is missing, to say so.
    from reports.family.press import print_sides

    first = pages[0]
    sides = [_tag(report.language) for report in pages] * (2 if len(pages) == 1 else 1)
    name = f"{first.number}-{first.version}-{first.language}"
    densities = _DENSITIES[_start(pages) :]
    return print_sides(name, sides, densities, lambda density: print_markup(pages, density, replaced))


def large_print(pages: Sequence[FamilyReport]) -> bytes:
    """The report in letters of 18 points and more, in the same order, on as many pages as that takes."""
    from reports.family.press import print_pages

    first = pages[0]
    rules = (TEMPLATES / "large.css").read_text(encoding="utf-8") + _fonts(pages) + _places(pages)
    markup = _markup("large.html", pages, rules, {"replaced": False})
    return print_pages(f"{first.number}-{first.version}-{first.language}-large", markup)


def _start(pages: Sequence[FamilyReport]) -> int:
    """The density to try first, from the amount of text: a layout that does not fit costs as much as one that does."""
    amount = max(_amount(report) * _tallness(report) for report in pages) + (
        _REPLY + _FOOTNOTES if len(pages) > 1 else 0
    )
    return sum(amount > most for most in _MOST_LETTERS)


def _tallness(report: FamilyReport) -> float:
    return max(_TALL.get(font, 1.0) for font in languages.language(report.language).fonts)


def _amount(report: FamilyReport) -> int:
    texts = [report.teacher_note, *report.meanings, *report.reach, *report.steps, *report.caveats]
    rows = [report.attendance] if report.attendance else []
    for block in report.subjects:
        texts += [block.sentence, block.activity, *block.questions, *block.notes, block.norm]
        texts += [] if block.chart else [block.meaning]
        rows += block.rows
    texts += [text for row in rows for text in (row.source, row.says, row.detail, row.when)]
    if report.programme:
        texts += [report.programme.title, report.programme.details, *report.programme.says]
    return sum(_width(text) for text in texts) + _ROW * len(rows)


def print_markup(pages: Sequence[FamilyReport], density: str, replaced: bool = False) -> str:
    """The HTML that `pdf` lays out, well-formed as XML; `density` sets the size of the letters."""
    more = {"density": density, "replaced": replaced}
    return _markup("print.html", pages, _fonts(pages) + _places(pages), more)


def _markup(template: str, pages: Sequence[FamilyReport], rules: str, more: Mapping[str, object]) -> str:
    qr = _qr(pages[0]) if pages[0].link else ""
    reports = [bidi.for_print(report) for report in pages]
    safe = Markup(rules)  # noqa: S704  packaged, or made of numbers and names of our own
    # A sheet in one language has the words on its back.
    notes = footnotes.footnotes(reports if len(reports) > 1 else ())
    found = _templates().get_template(template)
    return found.render(
        reports=reports,
        qr=qr,
        rules=safe,
        defined=notes.marked,
        notes=notes.by_language,
        tapped=False,
        **more,
    )


def page(report: FamilyReport, *, replaced: bool = False) -> str:
    """The body of the family's web page; `page_style` goes with it. No script, nothing loaded from elsewhere."""
    shown = bidi.for_page(report)
    template = _templates().get_template("page.html")
    return template.render(r=shown, replaced=replaced, defined=tappable(shown), notes={}, tapped=True)


def page_style(report: FamilyReport) -> str:
    """The stylesheet of `page`."""
    return _page_css() + _places([report])


@cache
def _page_css() -> str:
    return (TEMPLATES / "page.css").read_text(encoding="utf-8")


def _fonts(pages: Sequence[FamilyReport]) -> str:
    """The fonts of each language's script. Beside Arabic letters, digits and Latin letters are those of the rest."""
    used = dict.fromkeys(name for report in pages for name in (report.language, report.interpreter_language))
    known = [languages.languages()[name] for name in used if name in languages.languages()]
    return "".join(_font(found) for found in known)


def _font(language: languages.Language) -> str:
    latin_first = language.direction == "rtl"
    fonts = (language.fonts[-1], *language.fonts[:-1]) if latin_first else language.fonts
    return f".{language.id} {{ font-family: {', '.join(map(repr, fonts))}; }}\n"


def _places(pages: Sequence[FamilyReport]) -> str:
    """Rules that put the label of each grade-level line at its line; style attributes are not allowed on web pages."""
    lines = {block.chart.line for report in pages for block in report.subjects if block.chart}
    return "".join(_place(line) for line in sorted(lines))


def _place(line: float) -> str:
    side, space = ("left", line) if line <= 0.5 else ("right", 1 - line)
    return f".chart .line-at-{_permille(line)} {{ padding-{side}: {100 * space:.1f}%; }}\n"


def _qr(report: FamilyReport) -> str:
    """The link as a picture in the markup itself; a bitmap is drawn far faster than as many small squares."""
    return segno.make(report.link, error="m", micro=False).png_data_uri(scale=4, border=0)
