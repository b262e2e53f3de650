"""Whole columns written into a table with COPY: what a value looks like in PostgreSQL's text format, by its type."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

_NULL = "\\N"
# PostgreSQL has no text with a zero byte in it.
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})
_REMEMBERED = 50_000


def short_key(key: str) -> bytes:
    """The 16 bytes under which a row of a source is known in the register; they show nobody's id."""
    return hashlib.sha256(key.encode()).digest()[:16]


class _Written(dict[Any, str]):
    """Values that occur again and again are written once; a type of column has one of these."""

    def __init__(self, write: Callable[[Any], str]) -> None:
        super().__init__({None: _NULL})
        self._write = write

    def __missing__(self, value: Any) -> str:
        if len(self) > _REMEMBERED:
            self.clear()
            self[None] = _NULL
        self[value] = shown = self._write(value)
        return shown


def _texts(values: Iterable[str | None]) -> list[str]:
    written = [_NULL if value is None else value for value in values]
    together = "".join(value for value in written if value is not _NULL)
    if any(sign in together for sign in "\\\t\n\r\0"):
        return [value if value is _NULL else value.translate(_ESCAPED) for value in written]
    return written


def _keys(values: Iterable[str]) -> list[str]:
    sha256 = hashlib.sha256
    return ["\\\\x" + sha256(value.encode()).hexdigest()[:32] for value in values]


def _numbers(values: Iterable[Any]) -> list[str]:
    return list(map(_WRITTEN["number"].__getitem__, values))


_WRITTEN = {
    "number": _Written(str),
    "boolean": _Written(lambda value: "t" if value else "f"),
    "date": _Written(str),
}

# key: a text of any length, kept as its `short_key`.
_WRITERS: dict[str, Callable[[Iterable[Any]], list[str]]] = {
    "text": _texts,
    "jsonb": _texts,
    "key": _keys,
    "boolean": lambda values: list(map(_WRITTEN["boolean"].__getitem__, values)),
    "date": lambda values: list(map(_WRITTEN["date"].__getitem__, values)),
    "int": lambda values: list(map(str, values)),
}


def sql_type(kind: str) -> str:
    return "bytea" if kind == "key" else kind


def copy_columns(
    connection: Connection, table: str, kinds: Mapping[str, str], columns: Mapping[str, Sequence[Any]]
) -> None:
    """Append rows to `table`: column → values, all of one length; columns that hold nothing are left out."""
    filled = {name: values for name, values in columns.items() if values.count(None) < len(values)}
    if not filled:
        return
    shown = [_WRITERS.get(kinds[name], _numbers)(values) for name, values in filled.items()]
    document = "\n".join(map("\t".join, zip(*shown, strict=True))) + "\n"
    driver = connection.connection.driver_connection
    statement = f"COPY {table} ({', '.join(filled)}) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[union-attr]
        copy.write(document)
