"""The one frame of all e-mails: HTML made from the text of a message, its fields still open.

An empty line ends a paragraph; lines that begin with a number and a point are a list; `{reports}` on a line of its
own becomes links that are easy to hit, `{items}` a list; `words: {…_link}` becomes a link called by the words; what
follows a line `--` is small.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import cache
from itertools import groupby
from pathlib import Path

from content import languages
from content.fields import fill

_FILE = Path(__file__).with_name("messages") / "frame.html"
_END = "\n--\n"
_REPORTS, _ITEMS = "{reports}", "{items}"
# The digits and the points of all our scripts: "1.", "١-", "1、".
_NUMBERED = re.compile(r"\d+(?:[.)۔-]\s+|[．、]\s*)")
_LINK = re.compile(r"(?:(?P<words>.*\S)\s*[:：]\s*)?(?P<field>\{\w*link\})")
_FIELD = re.compile(r"\{\w+\}")
_SPECIAL = re.compile(r"[&<>\"']")
_REPORT = re.compile(r"(?P<name>.*?):? ?(?P<url>https?://\S+)")


def markup(subject: str, text: str, language: str) -> str:
    """The HTML of one e-mail; the fields of subject and text stand in it as they do there."""
    written = languages.language(language)
    body, _, small = text.partition(_END)
    blocks = [_block(lines) for lines in _blocks(body)]
    if small:
        lines = "<br>\n".join(_line(line) for line in small.strip().split("\n"))
        blocks += ["<hr>", f'<p style="font-size: 14px; color: #565c65">{lines}</p>']
    values = {"tag": written.tag, "direction": written.direction, "title": _escaped(subject)}
    return fill(_frame(), values | {"body": "\n".join(blocks)}, _FILE.name)


def values(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of a message as HTML: escaped; of `reports`, one line a child "name: address", the links; of `items`,
    numbered lines, those of a list."""
    # Most values have nothing to escape, which is seen faster in all of them together.
    plain = not _SPECIAL.search("\n".join(fields.values()))
    made = dict(fields) if plain else {name: html.escape(value) for name, value in fields.items()}
    if "reports" in fields:
        made["reports"] = "<br>\n".join(_report(line) for line in fields["reports"].splitlines())
    if "items" in fields:
        lines = (_NUMBERED.sub("", line, count=1) for line in fields["items"].splitlines())
        made["items"] = "</li>\n<li>".join(map(_quoted, lines))
    return made


@cache
def _frame() -> str:
    return _FILE.read_text(encoding="utf-8")


def _blocks(text: str) -> list[list[str]]:
    return [block.strip().split("\n") for block in re.split(r"\n\s*\n", text) if block.strip()]


def _block(lines: list[str]) -> str:
    if lines == [_REPORTS]:
        return f'<p style="font-weight: bold; line-height: 2.5">{_REPORTS}</p>'
    if lines == [_ITEMS]:
        return f"<ol>\n<li>{_ITEMS}</li>\n</ol>"
    parts = []
    for numbered, group in groupby(lines, lambda line: bool(_NUMBERED.match(line))):
        if numbered:
            items = "\n".join(f"<li>{_line(_NUMBERED.sub('', line, count=1))}</li>" for line in group)
            parts.append(f"<ol>\n{items}\n</ol>")
        else:
            parts.append("<p>" + "<br>\n".join(map(_line, group)) + "</p>")
    return "\n".join(parts)


def _line(line: str) -> str:
    if found := _LINK.fullmatch(line.strip()):
        return f'<a href="{found["field"]}">{_said(found["words"] or found["field"])}</a>'
    return _said(line)


def _said(text: str) -> str:
    """Values stand in the direction of their own letters, so that an address keeps its order in Arabic."""
    return _FIELD.sub(r"<bdi>\g<0></bdi>", _escaped(text))


def _report(line: str) -> str:
    """Only a web address becomes a link; a name may be written in either direction."""
    found = _REPORT.fullmatch(line.strip())
    if not found:
        return html.escape(line)
    shown = _quoted(found["name"] or found["url"])
    return f'<a href="{_quoted(found["url"])}" dir="auto">{shown}</a>'


def _quoted(value: str) -> str:
    """The value as HTML, inside quotes too; most values have nothing to escape, which is seen faster than done."""
    return html.escape(value) if _SPECIAL.search(value) else value


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)
