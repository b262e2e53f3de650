"""Arrays of ids and codes as PostgreSQL writes them.

psycopg turns a list into an array item by item, which takes as long as the statement it is for; and an array of small
numbers has another type than one of large numbers, so that one statement would be planned several times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def literal(values: Iterable[int | str]) -> str:
    """For `CAST(:name AS bigint[])`, or text[] of codes and hexadecimal digits.

    Raises ValueError for a text of other than ASCII letters and digits: nothing a person wrote goes this way.
    """
    items = list(map(str, values))
    together = "".join(items)
    if items and not (together.isascii() and together.replace("-", "").isalnum()):
        raise ValueError("only letters, digits and - may stand in an array without quotes")
    return "{" + ",".join(items) + "}"


def integers(values: Sequence[int]) -> str:
    """For `CAST(:name AS bigint[])`; of numbers Python writes a list as PostgreSQL reads it, but for its brackets."""
    return "{" + str([*values])[1:-1] + "}"


def texts(values: Iterable[str | None]) -> str:
    """For `CAST(:name AS text[])`; any texts, quoted."""
    return "{" + ",".join(["NULL" if value is None else _quoted(value) for value in values]) + "}"


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
