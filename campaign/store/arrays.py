"""Arrays of ids and codes as PostgreSQL writes them.

psycopg turns a list into an array item by item, which takes as long as the statement it is for; and an array of small
numbers has another type than one of large numbers, so that one statement would be planned several times.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[\w:.-]*", re.ASCII)


def literal(values: Iterable[int | str]) -> str:
    """For `CAST(:name AS bigint[])`, or text[] of hexadecimal digits, keys and the like.

    Raises ValueError for texts that would need quotes: nothing a person wrote goes this way.
    """
    items = list(map(str, values))
    if not _PLAIN.fullmatch("".join(items)):
        raise ValueError("only letters, digits and _ : . - may stand in an array without quotes")
    return "{" + ",".join(items) + "}"
