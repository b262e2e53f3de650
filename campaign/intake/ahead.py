"""Reads ahead: what comes next is made ready in a thread of its own while the database works on what came before."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from threading import Condition, Thread

from campaign.intake.loads import Load

# Bytes that may wait: about one part of a file, so that reading goes on while a part is merged.
_WAITING = 64 << 20


# Seconds after which a thread that computes lets another one have its turn. The one that talks with the database says
# many short things: with Python's own five milliseconds it would wait longer for its turns than for the answers.
_TURN = 0.00005


def read_ahead(items: Iterator[Load]) -> Iterator[Load]:
    """The same loads in the same order. What the iterator raises, is raised here."""
    ahead = _Ahead()
    turn = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    Thread(target=ahead.fill, args=(items,), daemon=True, name="reader").start()
    try:
        yield from ahead.empty()
    finally:
        ahead.stop()
        sys.setswitchinterval(turn)


class _Ahead:
    """Loads that wait between the thread that makes them and the one that takes them."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._made: deque[Load] = deque()
        self._size = 0
        self._ended = self._unwanted = False
        self._error: BaseException | None = None

    def fill(self, items: Iterator[Load]) -> None:
        try:
            for item in items:
                with self._changed:
                    self._changed.wait_for(lambda: self._size < _WAITING or self._unwanted)
                    if self._unwanted:
                        return
                    self._made.append(item)
                    self._size += item.size
                    self._changed.notify()
        except BaseException as error:  # noqa: BLE001  handed on to whoever waits for the loads
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify()

    def empty(self) -> Iterator[Load]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._made or self._ended)
                if not self._made:
                    break
                item = self._made.popleft()
                self._size -= item.size
                self._changed.notify()
            yield item
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        with self._changed:
            self._unwanted = True
            self._changed.notify()
