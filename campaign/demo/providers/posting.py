"""Posts to the program's own addresses: to this machine alone; what would go elsewhere is kept, to be fetched."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

_THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}
# As long as SendGrid waits.
_PATIENCE_SECONDS = 10.0
_MOST_KEPT = 100_000


class Post(NamedTuple):
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class NotAnswered(Exception):
    """Nobody is there, or nobody answers in time."""


@dataclass
class Courier:
    """Carries posts one after the other, over one connection for each address. `kept`: those for other machines."""

    kept: deque[Post] = field(default_factory=lambda: deque(maxlen=_MOST_KEPT))
    _lines: dict[str, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(default_factory=dict)

    async def carry(self, post: Post) -> int:
        """The status of the answer; 202 for what is kept. Raises NotAnswered."""
        parts = urlsplit(post.url)
        if parts.scheme != "http" or parts.hostname not in _THIS_MACHINE:
            self.kept.append(post)
            return 202
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                try:
                    return await self._exchange(post, parts.hostname, parts.port or 80)
                except (ConnectionError, asyncio.IncompleteReadError):
                    # The other side has ended a connection that lay idle.
                    return await self._exchange(post, parts.hostname, parts.port or 80)
        except (OSError, asyncio.IncompleteReadError, ValueError, IndexError) as error:
            raise NotAnswered(type(error).__name__) from error

    def close(self) -> None:
        for _, writer in self._lines.values():
            with contextlib.suppress(OSError):
                writer.close()
        self._lines.clear()

    async def _exchange(self, post: Post, host: str, port: int) -> int:
        place = f"{host}:{port}"
        idle = [self._lines.pop(place)] if place in self._lines else []
        reader, writer = idle[0] if idle else await asyncio.open_connection(host, port)
        try:
            writer.write(_bytes(post, place))
            await writer.drain()
            status, stays = await _answer(reader)
        except BaseException:
            writer.close()
            raise
        if stays:
            self._lines[place] = (reader, writer)
        else:
            writer.close()
        return status


def _bytes(post: Post, place: str) -> bytes:
    parts = urlsplit(post.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = [("Host", place), *post.headers, ("Content-Length", str(len(post.body)))]
    lines = [f"POST {target} HTTP/1.1", *[f"{name}: {value}" for name, value in headers]]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + post.body


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """The status, and whether the connection can be used again."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    stays = headers.get("content-length", "").isdigit() and headers.get("connection", "").lower() != "close"
    if stays:
        await reader.readexactly(int(headers["content-length"]))
    return int(first.split(" ")[1]), stays
