"""Small servers on this machine that take messages as a provider would, and fail as one would."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any


@dataclass
class Sink:
    """`taken`: what was accepted. `behaviour`: how the next messages are answered; "" = well."""

    port: int = 0
    behaviour: str = ""
    taken: list[Any] = field(default_factory=list)
    requests: list[Any] = field(default_factory=list)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _reset(connection: socket.socket) -> None:
    """End a connection the hard way, as a crash does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextmanager
def http_sink() -> Iterator[Sink]:
    """Answers POST as SendGrid does: 202 with X-Message-Id. Behaviours: a status, "silent", "reset", "reset after"."""
    sink = Sink()
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sink.requests.append((self.path, dict(self.headers), json.loads(body)))
            behaviour = sink.behaviour
            if behaviour in {"", "reset after", "502 after"}:
                sink.taken.append(json.loads(body))
            if behaviour == "silent":
                stop.wait(5)
            if behaviour in {"reset", "reset after", "silent"}:
                self.close_connection = True
                _reset(self.connection)
                return
            status = int(behaviour.split()[0]) if behaviour else 202
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", "7")
            if status == 202:
                self.send_header("X-Message-Id", f"provider-{len(sink.taken)}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def finish(self) -> None:
            if not self.wfile.closed and self.connection.fileno() != -1:
                super().finish()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing; tests look at `requests`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    sink.port = server.server_address[1]
    with _serving(server):
        yield sink
        stop.set()


class _MailHandler(StreamRequestHandler):
    sink: Sink
    stop: threading.Event

    def handle(self) -> None:
        self._say("421 too many connections" if self.sink.behaviour == "421 full" else "220 sink")
        while line := self.rfile.readline():
            verb = line.split()[0].upper().decode() if line.split() else ""
            if not self._answer(verb, line):
                return

    def _answer(self, verb: str, line: bytes) -> bool:
        what, _, where = self.sink.behaviour.partition(" ")
        if verb == "DATA":
            return self._data(what, where)
        if verb == "RCPT":
            self.sink.requests.append(line.decode().strip())
            if self.sink.behaviour == "reset rcpt":
                _reset(self.connection)
                return False
        refused = verb == "RCPT" and where == "rcpt"
        self._say("221 bye" if verb == "QUIT" else f"{what} no" if refused else "250 sink")
        return verb != "QUIT"

    def _data(self, what: str, where: str) -> bool:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) and line != b".\r\n":
            lines.append(line)
        if self.sink.behaviour in {"", "reset after"}:
            self.sink.taken.append(b"".join(lines))
        if self.sink.behaviour == "silent":
            self.stop.wait(5)
        if self.sink.behaviour in {"reset after", "silent"}:
            _reset(self.connection)
            return False
        self._say(f"{what} no" if where == "data" else "250 taken")
        return True

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def finish(self) -> None:
        if self.connection.fileno() != -1:
            super().finish()


@contextmanager
def smtp_sink() -> Iterator[Sink]:
    """A mail server. Behaviours: a code such as "450 rcpt" or "550 rcpt", "451 data", "554 data", "reset rcpt",
    "reset after", "silent"."""
    sink = Sink()
    stop = threading.Event()
    handler = type("Handler", (_MailHandler,), {"sink": sink, "stop": stop})
    server = ThreadingTCPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    sink.port = server.server_address[1]
    with _serving(server):
        yield sink
        stop.set()


@contextmanager
def _serving(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
