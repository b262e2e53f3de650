"""Whole columns written into a table with COPY: what a value looks like in PostgreSQL's text format, by its type."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import DataError
from sqlalchemy import Connection

from campaign.intake.problems import IntakeError

_NULL = "\\N"
# PostgreSQL has no text with a zero byte in it.
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})
_REMEMBERED = 50_000


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


def _texts(values: Sequence[str | None]) -> list[str]:
    written = [_NULL if value is None else value for value in values]
    together = "".join(written)
    if together.count("\\") > values.count(None) or any(sign in together for sign in "\t\n\r\0"):
        return [_NULL if value is None else value.translate(_ESCAPED) for value in values]
    return written


def key_of(said: str) -> bytes:
    """The 16 bytes under which something is known in the register; they show nobody's id."""
    return hashlib.sha256(said.encode()).digest()[:16]


def _keys(values: Sequence[str | bytes]) -> list[str]:
    return ["\\\\x" + (key_of(value) if isinstance(value, str) else value).hex() for value in values]


def _numbers(values: Sequence[Any]) -> list[str]:
    return list(map(_WRITTEN["number"].__getitem__, values))


def _whole_numbers(values: Sequence[int | None]) -> list[str]:
    # Numbers of rows and lines hardly ever occur again: nothing to remember.
    if isinstance(values, range) or set(map(type, values)) == {int}:
        return list(map(str, values))
    return list(map(_WRITTEN["whole number"].__getitem__, values))


_WRITTEN = {
    # Two, since 7 and 7.0 are one key and only the first can be written into a column of whole numbers.
    "number": _Written(str),
    "whole number": _Written(lambda value: str(int(value))),
    "boolean": _Written(lambda value: "t" if value else "f"),
    "date": _Written(str),
}

# key: a text of any length, kept as the first bytes of its SHA-256, or those bytes.
_WRITERS: dict[str, Callable[[Sequence[Any]], list[str]]] = {
    "text": _texts,
    "jsonb": _texts,
    "key": _keys,
    "boolean": lambda values: list(map(_WRITTEN["boolean"].__getitem__, values)),
    "date": lambda values: list(map(_WRITTEN["date"].__getitem__, values)),
    "smallint": _whole_numbers,
    "int": _whole_numbers,
}


def sql_type(kind: str) -> str:
    return "bytea" if kind == "key" else kind


def _written(kind: str, values: Sequence[Any]) -> list[str]:
    write = _WRITERS.get(kind, _numbers)
    if values.count(values[0]) == len(values):
        return write(values[:1]) * len(values)
    return write(values)


@dataclass(frozen=True)
class Rows:
    """Rows for one table in the format of COPY."""

    table: str
    columns: tuple[str, ...]
    document: bytes


def written(table: str, kinds: Mapping[str, str], columns: Mapping[str, Sequence[Any]]) -> Rows | None:
    """Column → values, all of one length, as rows; columns that hold nothing are left out. None if none holds any."""
    filled = {name: values for name, values in columns.items() if values.count(None) < len(values)}
    if not filled:
        return None
    shown = [_written(kinds[name], values) for name, values in filled.items()]
    document = "\n".join(map("\t".join, zip(*shown, strict=True))) + "\n"
    return Rows(table, tuple(filled), document.encode())


def copy_rows(connection: Connection, rows: Rows) -> None:
    """Append the rows to their table. Raises IntakeError, which quotes no value, for one the table cannot hold."""
    driver = connection.connection.driver_connection
    statement = f"COPY {rows.table} ({', '.join(rows.columns)}) FROM STDIN"
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[union-attr]
            copy.write(rows.document)
    except DataError as error:
        raise IntakeError(
            f"A value cannot be kept ({rows.table}, code {error.sqlstate}). This is a fault of the program; nothing of "
            "this source was imported."
        ) from None
