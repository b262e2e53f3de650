"""Finds words for families that stand in Python or in a template, where no translator could reach them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from jinja2 import Environment

from content.languages import languages

# Two words with a blank between, or one that begins like a sentence and ends like one.
_SENTENCE = re.compile(r"[^\W\d_]{2,}[,.:;!?…’'”]*\s+[“‘¿¡]?[^\W\d_]|^[A-Z][a-z’']+[.!?:…]$")
_WORD = re.compile(r"[^\W\d_]{2,}")
_TAG = re.compile(r"<[^>]*>|^[^<>]*>|<[^<>]*$")
_HEADER = re.compile(r"(?:attachment|inline|[a-z]+/[a-z.+-]+); [a-z]+=")
_FONTS = frozenset(font for language in languages().values() for font in language.fonts)
_READ_ALOUD = {"alt", "title", "placeholder", "label", "aria-label", "aria-description", "summary"}
_LOGGING = {"debug", "info", "warning", "error", "exception", "critical", "log"}
# Stands for a value: no word of its own, and the name of a tag where a tag is filled in.
_VALUE = "x1"
_NOT_SHOWN = {"style", "script"}


def in_python(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of each literal that reads like a sentence.

    Docstrings, errors, logs, SQL, headers and the names of fonts do not count.
    """
    skipped = {id(node) for start in _for_others(tree) for node in ast.walk(start)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            skipped.update(id(part) for part in node.values)
            said = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            said = node.value
        else:
            continue
        if said not in _FONTS and not _HEADER.match(said) and _SENTENCE.search(_TAG.sub("", said).strip()):
            yield node.lineno, said


def _for_others(tree: ast.Module) -> Iterator[ast.AST]:
    """The parts of a file whose words are for those who develop or run the program."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        ):
            yield node
        elif isinstance(node, ast.Assert) and node.msg:
            yield node.msg
        elif isinstance(node, ast.Call) and _is_for_others(node.func):
            yield node


def _is_for_others(function: ast.expr) -> bool:
    """A call of SQL's `text`, of a logger, or one that makes an error."""
    if isinstance(function, ast.Attribute):
        return function.attr in _LOGGING
    return isinstance(function, ast.Name) and (
        function.id == "text" or function.id.endswith(("Error", "Exception"))
    )


def in_template(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each word in a Jinja template that is neither mark-up nor asked for by a key."""
    shown = []
    for line, kind, value in Environment(autoescape=True).lex(source):
        if kind == "data":
            shown.append(value)
        elif kind == "string" and _SENTENCE.search(value):
            yield line, value
        elif "\n" in value:
            shown.append("\n" * value.count("\n"))
        elif kind == "variable_begin":
            shown.append(_VALUE)
    parser = _Shown()
    parser.feed("".join(shown))
    parser.close()
    yield from parser.found


class _Shown(HTMLParser):
    """Text nodes and attributes that a person sees or hears."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside += [tag] if tag in _NOT_SHOWN else []
        for name, value in attrs:
            if name in _READ_ALOUD:
                self._note(value or "")

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self._note(data)

    def _note(self, said: str) -> None:
        if _WORD.search(said):
            self.found.append((self.getpos()[0], said.strip()))
