"""Errors as they stand in logs: kinds and places, never their words, which may quote a value of a child's record.

PostgreSQL says which row it refuses, and what was read is named where it cannot be understood. A person at the command
line is told by errors that were written to be told (`campaign.plain_error`).
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any


def told(error: BaseException) -> str:
    """What led to what, the earliest first: the lines of the program, the kind of error, and which rule of the database
    it broke."""
    return "\n".join(_lines(error))


def _lines(error: BaseException) -> Iterator[str]:
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _lines(earlier)
        yield "and from it:"
    yield from (line.rstrip() for line in traceback.format_tb(error.__traceback__))
    yield " ".join([type(error).__qualname__, *_of_database(error)])


def _of_database(error: BaseException) -> Iterator[str]:
    """Names of our tables and rules, which hold no value."""
    said = getattr(error, "diag", None)
    for name in ("sqlstate", "table_name", "column_name", "constraint_name"):
        if value := getattr(said, name, None):
            yield f"{name}={value}"


def install() -> None:
    """Have every error of this process told so, whoever writes it down: our code, a library, or Python itself."""
    logging.setLogRecordFactory(_record)
    sys.excepthook = _end
    threading.excepthook = _end_of_thread


def _record(*values: Any, **more: Any) -> logging.LogRecord:
    record = logging.LogRecord(*values, **more)
    if record.exc_info and record.exc_info[1] is not None:
        record.exc_text, record.exc_info = told(record.exc_info[1]), None
    return record


def _end(kind: type[BaseException], error: BaseException, place: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, place)
    else:
        sys.stderr.write(f"{told(error)}\n")


def _end_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None:
        sys.stderr.write(f"{told(ended.exc_value)}\n")
