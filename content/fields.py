"""Placeholders in texts: `{name}` and nothing else. A text cannot run code, and a value is never read as a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

_PLACEHOLDER = re.compile(r"\{([^{}:;\s]*)\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


class ContentError(Exception):
    """A text is missing, malformed or lacks a value; the message names the file or key and says what to do."""


def placeholders(text: str, where: str) -> frozenset[str]:
    """Names of the placeholders in `text`. Raises ContentError for one that is not a lower-case name."""
    names = frozenset(_PLACEHOLDER.findall(text))
    for name in names:
        if not _NAME.match(name):
            raise ContentError(f"{where}: {{{name}}} is not a field; write {{lower_case_name}}")
    return names


def fill(text: str, values: Mapping[str, str], where: str) -> str:
    """`text` with its placeholders replaced by `values`; values are inserted as they are.

    Raises ContentError when a value is missing.
    """
    parts, names = _parts(text)
    filled = [*parts]
    try:
        filled[1::2] = [values[name] for name in names]
    except KeyError:
        missing = sorted(placeholders(text, where) - values.keys())
        raise ContentError(f"{where}: no value for {', '.join(f'{{{name}}}' for name in missing)}") from None
    return "".join(filled)


def pieces(text: str) -> tuple[str, ...]:
    """A text cut at its placeholders, whose names stand at the odd places."""
    return tuple(_PLACEHOLDER.split(text))


@lru_cache(maxsize=1024)
def _parts(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The `pieces` of a text and the names among them; kept, as each text is filled often."""
    parts = pieces(text)
    return parts, parts[1::2]
