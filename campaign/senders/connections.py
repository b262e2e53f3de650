"""HTTP to a provider over connections that stay open: with time limits, no proxies, no redirects, and nothing logged.

Every failure says on which side of the first byte it happened, which is all that decides whether a message may be
sent again. One thread with an event loop serves any number of requests: a thread a request costs more than the request.
"""

from __future__ import annotations

import asyncio
import queue
import ssl
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import cast
from urllib.parse import urlsplit

from campaign.senders.answers import Answer, AnswerReader, Malformed

__all__ = ["Answer", "Connections", "NoClearAnswer", "NotConnected", "Request"]

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
MOST_CONNECTIONS = 64
# Shorter than what servers wait before they hang up, so that hardly ever a request meets a closing door.
_IDLE_SECONDS = 20.0


class NotConnected(Exception):
    """No connection came about, so nothing was sent."""


class NoClearAnswer(Exception):
    """The request was on its way when the connection failed."""


Result = Answer | NotConnected | NoClearAnswer
# The bytes of a request, and what is called with its result, in the thread of the connections.
Request = tuple[bytes, Callable[[Result], None]]


class Connections:
    """Open connections to one host, each used by one request at a time and again while the other side keeps it open.

    Threads may share one of these. `host`: "https://api.example.com", or "http://127.0.0.1:8080" without TLS.
    `tls`: whom to trust, in place of what this machine trusts.
    """

    def __init__(
        self,
        host: str,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        most: int = MOST_CONNECTIONS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._host = host
        self._limits = (connect_seconds, read_seconds, most, tls)
        self._lock = threading.Lock()
        self._running: tuple[_Loop, threading.Thread] | None = None

    def head(self, method: str, path: str, headers: Mapping[str, str]) -> bytes:
        """The beginning of a request to this host, up to the length of its body."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {urlsplit(self._host).netloc}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError("a header must not have a line break")
        return "\r\n".join([*lines, "Content-Length: "]).encode("latin-1")

    def start(self, requests: Sequence[Request]) -> None:
        """Send each as soon as a connection is free; its result is told to its own listener."""
        with self._lock:
            if self._running is None:
                self._running = _run(_Loop(self._host, *self._limits))
            self._running[0].begin(requests)

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Raises NotConnected and NoClearAnswer."""
        return self.ask("POST", path, body, headers)

    def get(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Raises NotConnected and NoClearAnswer."""
        return self.ask("GET", path, b"", headers)

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Wait for the answer. Raises NotConnected and NoClearAnswer."""
        told: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self.start([(whole(self.head(method, path, headers), body), told.put)])
        result = told.get()
        if isinstance(result, Exception):
            raise result
        return result

    def close(self) -> None:
        """End all connections; what is still under way has no clear answer. They come anew when needed again."""
        with self._lock:
            running, self._running = self._running, None
        if running is not None:
            loop, thread = running
            loop.end()
            thread.join()


def whole(head: bytes, body: bytes) -> bytes:
    """A request from its head (see `Connections.head`) and its body."""
    return b"%b%d\r\n\r\n%b" % (head, len(body), body)


def _run(loop: _Loop) -> tuple[_Loop, threading.Thread]:
    thread = threading.Thread(target=loop.run, name="connections", daemon=True)
    thread.start()
    return loop, thread


class _Loop:
    """The event loop with its lines; everything but `begin` and `end` happens in its own thread."""

    def __init__(
        self, host: str, connect_seconds: float, read_seconds: float, most: int, tls: ssl.SSLContext | None
    ) -> None:
        self._parts = urlsplit(host)
        self._connect_seconds, self._read_seconds, self._most = connect_seconds, read_seconds, most
        self._loop = asyncio.new_event_loop()
        self._waiting: deque[Request] = deque()
        self._idle: list[_Line] = []
        self._lines: set[_Line] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._tls = tls

    def begin(self, requests: Sequence[Request]) -> None:
        self._loop.call_soon_threadsafe(self._begin, requests)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    def run(self) -> None:
        self._loop.call_later(self._read_seconds / 4, self._sweep)
        try:
            self._loop.run_forever()
        finally:
            self._shut()

    def _shut(self) -> None:
        self._refuse(NotConnected("closed"))
        for task in self._connecting:
            task.cancel()
        for line in [*self._lines]:
            line.abort()
        self._loop.run_until_complete(self._gone())
        self._loop.close()

    async def _gone(self) -> None:
        """Until every connection has told its listener what became of it."""
        await asyncio.gather(*self._connecting, return_exceptions=True)
        while self._lines:
            await asyncio.sleep(0)

    def _begin(self, requests: Sequence[Request]) -> None:
        self._waiting.extend(requests)
        while self._waiting and self._idle:
            line = self._idle.pop()
            if line.is_open:
                line.ask(self._waiting.popleft())
        room = self._most - len(self._lines) - len(self._connecting)
        for _ in range(min(room, len(self._waiting) - len(self._connecting))):
            task = self._loop.create_task(self._connect())
            self._connecting.add(task)
            task.add_done_callback(self._connected)

    async def _connect(self) -> None:
        async with asyncio.timeout(self._connect_seconds):
            await self._loop.create_connection(
                partial(_Line, self._loop, self._free, self._lost),
                self._parts.hostname or "",
                self._parts.port or (80 if self._parts.scheme == "http" else 443),
                ssl=self._context(),
            )

    def _connected(self, task: asyncio.Task[None]) -> None:
        """Connections that came about go on with what waits; where there is none at all, nobody is there."""
        self._connecting.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._lines and not self._connecting:
            self._refuse(NotConnected(type(error).__name__))

    def _context(self) -> ssl.SSLContext | None:
        if self._parts.scheme == "http":
            return None
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    def _refuse(self, why: NotConnected) -> None:
        while self._waiting:
            self._waiting.popleft()[1](why)

    def _free(self, line: _Line) -> None:
        self._lines.add(line)
        if self._waiting:
            line.ask(self._waiting.popleft())
        else:
            self._idle.append(line)

    def _lost(self, line: _Line) -> None:
        self._lines.discard(line)
        if line in self._idle:
            self._idle.remove(line)
        if self._waiting:
            self._begin(())

    def _sweep(self) -> None:
        now = self._loop.time()
        for line in [*self._lines]:
            if now - line.since > (self._read_seconds if line.is_busy else _IDLE_SECONDS):
                line.abort()
        self._loop.call_later(self._read_seconds / 4, self._sweep)


class _Line(asyncio.Protocol):
    """One connection."""

    _transport: asyncio.Transport

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        free: Callable[[_Line], None],
        lost: Callable[[_Line], None],
    ) -> None:
        self._loop, self._free, self._lost = loop, free, lost
        self._listener: Callable[[Result], None] | None = None
        self._reader = AnswerReader()
        self.since = loop.time()

    @property
    def is_busy(self) -> bool:
        return self._listener is not None

    @property
    def is_open(self) -> bool:
        return not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._free(self)

    def ask(self, request: Request) -> None:
        data, self._listener = request
        self._reader = AnswerReader()
        self.since = self._loop.time()
        self._transport.write(data)

    def abort(self) -> None:
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        try:
            answer = self._reader.feed(data) if self.is_busy else None
        except Malformed as error:
            self._tell(NoClearAnswer(type(error).__name__))
            answer = None
        if answer is not None:
            self._tell(answer)
            if answer.keeps_open and self.is_open:
                self.since = self._loop.time()
                self._free(self)
                return
        if not self.is_busy:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        answer = self._reader.end() if exc is None else None
        self._tell(answer or NoClearAnswer(type(exc or ConnectionResetError()).__name__))
        self._lost(self)

    def _tell(self, result: Result) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener(result)
