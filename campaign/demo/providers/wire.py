"""HTTP/1.1 on raw bytes: as little work for a request as can be, so that a measurement measures the other side."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any, NamedTuple, cast

_LARGEST_HEAD = 64 * 1024
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class Request(NamedTuple):
    """Names of headers are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[bytes, bytes]
    body: bytes


class _Head(NamedTuple):
    """The beginning of a request; `length` bytes of body follow it."""

    method: str
    path: str
    query: str
    headers: Mapping[bytes, bytes]
    length: int
    closes: bool


@lru_cache(maxsize=1024)
def _read(head: bytes) -> _Head | int:
    """The head of a request, or the status that refuses it; kept, as clients say the same with every request."""
    first, *lines = head.split(b"\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    length, parts = headers.get(b"content-length", b"0"), first.split(b" ")
    if b"transfer-encoding" in headers:
        return 411
    if len(parts) != 3 or not length.isdigit():
        return 400
    path, _, query = parts[1].decode("latin-1").partition("?")
    closes = headers.get(b"connection", b"").lower() == b"close"
    return _Head(parts[0].decode("latin-1"), path, query, headers, int(length), closes)


@dataclass(slots=True)
class Answer:
    """`content`: all bytes of the response, None = the connection is reset, b"" = silence. `after` and `taken_after`
    are seconds; `taken` is called then, unless the other side has hung up before. `drip`: seconds from byte to byte."""

    content: bytes | None
    after: float = 0.0
    taken: Callable[[], None] | None = None
    taken_after: float = 0.0
    drip: float = 0.0


Handler = Callable[[Request], Answer | Coroutine[Any, Any, Answer]]


def response(
    status: int, body: bytes = b"", headers: Iterable[tuple[str, str]] = (), kind: str = "application/json"
) -> bytes:
    """The bytes of a response."""
    named = "".join([f"{name}: {value}\r\n" for name, value in headers])
    return _beginning(status, len(body), kind) + named.encode() + b"\r\n" + body


@lru_cache(maxsize=1024)
def _beginning(status: int, length: int, kind: str) -> bytes:
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, '')}", f"Content-Length: {length}"]
    if length:
        lines.append(f"Content-Type: {kind}")
    return "".join(f"{line}\r\n" for line in lines).encode()


class Connection(asyncio.Protocol):
    """One client's connection: its requests one after the other, kept open as long as the client likes."""

    _transport: asyncio.Transport

    def __init__(self, handle: Handler, open_now: set[Connection]) -> None:
        self._handle = handle
        self._open_now = open_now
        self._received = bytearray()
        self._head: _Head | None = None
        self._wanted = 0
        self._busy = False
        self._closing = False
        self._timers: list[asyncio.TimerHandle] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._open_now.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open_now.discard(self)
        for timer in self._timers:
            timer.cancel()

    def data_received(self, data: bytes) -> None:
        if self._received or self._busy or not self._is_answered(data):
            self._received += data
            if not self._busy and len(self._received) >= self._wanted:
                self._serve()

    def reset(self) -> None:
        """End the connection the hard way, as a crash does."""
        sock = self._transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def _is_answered(self, data: bytes) -> bool:
        """One whole request in one piece is the rule, and needs no putting together."""
        end = data.find(b"\r\n\r\n")
        read = _read(data[:end]) if end >= 0 else 0
        if isinstance(read, int) or len(data) != end + 4 + read.length:
            return False
        self._closing = read.closes
        self._answer(Request(read.method, read.path, read.query, read.headers, data[end + 4 :]))
        return True

    def _answer(self, request: Request) -> None:
        self._busy = True
        answer = self._handle(request)
        if isinstance(answer, Answer):
            self._give(answer)
        else:
            asyncio.get_running_loop().create_task(self._give_later(answer))

    def _serve(self) -> None:
        while self._received and not self._busy and not self._transport.is_closing():
            request = self._next()
            if request is None:
                return
            self._answer(request)

    def _next(self) -> Request | None:
        """The next whole request, if it is all there."""
        if self._head is None:
            self._head = self._read_head()
        if self._head is None or len(self._received) < self._wanted:
            return None
        head, end = self._head, self._wanted
        body = bytes(self._received[end - head.length : end])
        del self._received[:end]
        self._head, self._wanted = None, 0
        return Request(head.method, head.path, head.query, head.headers, body)

    def _read_head(self) -> _Head | None:
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            if len(self._received) > _LARGEST_HEAD:
                self._refuse(431)
            return None
        read = _read(bytes(self._received[:end]))
        if isinstance(read, int):
            self._refuse(read)
            return None
        self._wanted = end + 4 + read.length
        self._closing = read.closes
        if read.headers.get(b"expect", b"").lower() == b"100-continue" and len(self._received) == end + 4:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return read

    def _refuse(self, status: int) -> None:
        self._transport.write(response(status))
        self._transport.close()

    async def _give_later(self, answer: Coroutine[Any, Any, Answer]) -> None:
        self._give(await answer)
        self._serve()

    def _give(self, answer: Answer) -> None:
        if not answer.after and not answer.drip:
            if answer.taken is not None:
                answer.taken()
            self._write(answer.content)
            return
        loop = asyncio.get_running_loop()
        self._timers = []
        if answer.taken is not None:
            if answer.taken_after:
                self._timers.append(loop.call_later(answer.taken_after, answer.taken))
            else:
                answer.taken()
        if answer.drip and answer.content:
            for place in range(len(answer.content)):
                one, when = answer.content[place : place + 1], answer.after + place * answer.drip
                self._timers.append(loop.call_later(when, self._transport.write, one))
            end = answer.after + len(answer.content) * answer.drip
            self._timers.append(loop.call_later(end, self._go_on))
        elif answer.after:
            self._timers.append(loop.call_later(answer.after, self._write_and_go_on, answer.content))
        else:
            self._write(answer.content)

    def _write_and_go_on(self, content: bytes | None) -> None:
        self._write(content)
        self._serve()

    def _go_on(self) -> None:
        self._busy = False
        if self._closing:
            self._transport.close()
        self._serve()

    def _write(self, content: bytes | None) -> None:
        if content is None:
            self.reset()
        elif content:
            self._transport.write(content)
            self._busy = False
            if self._closing:
                self._transport.close()
