"""HTTP to a provider over connections that stay open: with time limits, no proxies, no redirects, and nothing logged.

Every failure says on which side of the first byte it happened, which is all that decides whether a message may be
sent again.
"""

from __future__ import annotations

import http.client
import select
import ssl
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from urllib.parse import urlsplit

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0


class NotConnected(Exception):
    """No connection came about, so nothing was sent."""


class NoClearAnswer(Exception):
    """The request was on its way when the connection failed."""


@dataclass(frozen=True)
class Answer:
    """A response of any status, read to its end."""

    status: int
    body: bytes = field(repr=False)
    headers: Message = field(repr=False)


class Connections:
    """Open connections to one host, each used by one request at a time and again while the other side keeps it open.

    Threads may share one of these. `host`: "https://api.example.com", or "http://127.0.0.1:8080" without TLS.
    """

    def __init__(
        self, host: str, connect_seconds: float = CONNECT_SECONDS, read_seconds: float = READ_SECONDS
    ) -> None:
        self._parts = urlsplit(host)
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._idle: deque[http.client.HTTPConnection] = deque()

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Raises NotConnected and NoClearAnswer."""
        return self.ask("POST", path, body, headers)

    def get(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Raises NotConnected and NoClearAnswer."""
        return self.ask("GET", path, None, headers)

    def ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Raises NotConnected and NoClearAnswer."""
        connection = self._open()
        try:
            connection.request(method, path, body=body, headers=dict(headers))
            response = connection.getresponse()
            answer = Answer(response.status, response.read(), response.headers)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise NoClearAnswer(type(error).__name__) from error
        self._idle.append(connection)
        return answer

    def close(self) -> None:
        """End the idle connections; new ones are made when they are needed again."""
        while self._idle:
            self._idle.pop().close()

    def _open(self) -> http.client.HTTPConnection:
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:
                break  # another thread took the last one
            if not _is_closed_by_peer(connection):
                return connection
            connection.close()
        connection = self._new()
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            raise NotConnected(type(error).__name__) from error
        connection.sock.settimeout(self._read_seconds)
        return connection

    def _new(self) -> http.client.HTTPConnection:
        place, seconds = self._parts.netloc, self._connect_seconds
        if self._parts.scheme == "http":
            return http.client.HTTPConnection(place, timeout=seconds)
        return http.client.HTTPSConnection(place, timeout=seconds, context=ssl.create_default_context())


def _is_closed_by_peer(connection: http.client.HTTPConnection) -> bool:
    """An idle connection has nothing to say: if it can be read from, the other side has ended it."""
    sock = connection.sock
    return sock is None or bool(select.select([sock], [], [], 0)[0])
