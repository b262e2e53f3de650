"""Reads ahead: the next batches are made in a thread of their own while the database works on this one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")
_WAITING = 4


def read_ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items in the same order, at most a few of them held. What the iterator raises, is raised here."""
    made: Queue[tuple[T | None, BaseException | None]] = Queue(_WAITING)
    left = Event()
    Thread(target=_make, args=(items, made, left), daemon=True, name="reader").start()
    try:
        while True:
            item, error = made.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield item  # type: ignore[misc]
    finally:
        left.set()


def _make(items: Iterator[T], made: Queue[tuple[T | None, BaseException | None]], left: Event) -> None:
    try:
        for item in items:
            _put(made, left, (item, None))
            if left.is_set():
                return
        _put(made, left, (None, StopIteration()))
    except BaseException as error:  # noqa: BLE001  handed on to whoever waits for the items
        _put(made, left, (None, error))


def _put(
    made: Queue[tuple[T | None, BaseException | None]],
    left: Event,
    entry: tuple[T | None, BaseException | None],
) -> None:
    """Wait for room, and for somebody who still wants it."""
    while not left.is_set():
        with suppress(Full):
            made.put(entry, timeout=0.2)
            return
