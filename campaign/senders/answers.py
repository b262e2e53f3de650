"""Reading the answer to one HTTP/1.1 request from bytes that come in any pieces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

_LARGEST_HEAD = 64 * 1024
_LARGEST_BODY = 16 * 1024 * 1024
_WITHOUT_BODY = {204, 304}


class Malformed(Exception):
    """The bytes are no HTTP response, or one larger than any provider sends."""


class Headers(dict[str, str]):
    """Header fields; names are found however they are written."""

    @classmethod
    def of(cls, lines: Iterable[str]) -> Headers:
        found = cls()
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon:
                raise Malformed("a header line without a colon")
            dict.__setitem__(found, name.lower(), value.strip())
        return found

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        return super().get(name.lower(), default)


@dataclass(frozen=True)
class Answer:
    """A response of any status, read to its end. `keeps_open`: the connection can be used again."""

    status: int
    body: bytes = field(repr=False)
    headers: Headers = field(repr=False)
    keeps_open: bool = True


class AnswerReader:
    """One response. Without a length it ends with the connection."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._head: tuple[int, Headers] | None = None

    def feed(self, data: bytes) -> Answer | None:
        """The answer, once all of it is there. Raises Malformed."""
        self._data += data
        if self._head is None and not self._read_head():
            return None
        assert self._head is not None  # noqa: S101  read just above
        status, headers = self._head
        # By the plain look-up of a dict: these names are lower case already, and every answer comes by here.
        if dict.__contains__(headers, "transfer-encoding"):
            return self._chunked(status, headers)
        if status in _WITHOUT_BODY:
            return self._ended(status, headers, 0)
        length = dict.get(headers, "content-length")
        if length is None:
            self._limit(len(self._data))
            return None
        if not length.isdigit():
            raise Malformed("a length that is no number")
        self._limit(int(length))
        return self._ended(status, headers, int(length)) if len(self._data) >= int(length) else None

    def end(self) -> Answer | None:
        """The answer that ends with the connection; None where it was cut off, or none was under way."""
        if self._head is None:
            return None
        status, headers = self._head
        if "transfer-encoding" in headers or "content-length" in headers:
            return None
        return Answer(status, bytes(self._data), headers, keeps_open=False)

    def _read_head(self) -> bool:
        while True:
            end = self._data.find(b"\r\n\r\n")
            if end < 0:
                if len(self._data) > _LARGEST_HEAD:
                    raise Malformed("a head without an end")
                return False
            first, *lines = self._data[:end].decode("latin-1").split("\r\n")
            del self._data[: end + 4]
            parts = first.split(" ", 2)
            if not first.startswith("HTTP/1.") or len(parts) < 2 or not parts[1].isdigit():
                raise Malformed("no status line")
            status = int(parts[1])
            if status >= 200:
                self._head = status, Headers.of(lines)
                return True
            if status == 101:
                raise Malformed("another protocol")

    def _chunked(self, status: int, headers: Headers) -> Answer | None:
        if headers["transfer-encoding"].lower() != "chunked":
            raise Malformed("an encoding that is not known")
        self._limit(len(self._data))
        body, at = bytearray(), 0
        while True:
            line_end = self._data.find(b"\r\n", at)
            if line_end < 0:
                return None
            size = _hexadecimal(bytes(self._data[at:line_end]))
            start = line_end + 2
            if size == 0:
                return self._after_trailer(status, headers, bytes(body), start)
            if len(self._data) < start + size + 2:
                return None
            body += self._data[start : start + size]
            at = start + size + 2

    def _after_trailer(self, status: int, headers: Headers, body: bytes, at: int) -> Answer | None:
        """Lines after the last chunk say nothing to us; an empty one ends them."""
        while True:
            line_end = self._data.find(b"\r\n", at)
            if line_end < 0:
                return None
            if line_end == at:
                whole = len(self._data) == at + 2
                return Answer(status, body, headers, keeps_open=whole and _keeps_open(headers))
            at = line_end + 2

    def _ended(self, status: int, headers: Headers, length: int) -> Answer:
        # Bytes beyond the answer belong to no request of ours: such a connection is not used again.
        whole = len(self._data) == length
        return Answer(status, bytes(self._data[:length]), headers, keeps_open=whole and _keeps_open(headers))

    def _limit(self, size: int) -> None:
        if size > _LARGEST_BODY:
            raise Malformed("a body larger than any answer")


def _keeps_open(headers: Headers) -> bool:
    return (dict.get(headers, "connection") or "").lower() != "close"


def _hexadecimal(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    try:
        return int(digits, 16)
    except ValueError:
        raise Malformed("a chunk without a size") from None
