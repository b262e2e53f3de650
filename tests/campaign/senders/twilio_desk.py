"""A Twilio made by hand: it answers as it is told and lists what it is given. For the sender's own tests."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Desk:
    """`answer`: status, document and headers of the next POST; `pages`: what a GET lists, page by page."""

    port: int = 0
    answer: tuple[int, Any, dict[str, str]] = (201, {"sid": "SM1", "status": "accepted"}, {})
    pages: list[Any] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str], dict[str, list[str]]]] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def twilio_desk() -> Iterator[Desk]:
    desk = Desk()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            desk.asked.append(("POST", self.path, dict(self.headers), parse_qs(body)))
            self._say(*desk.answer)

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            desk.asked.append(("GET", parts.path, dict(self.headers), parse_qs(parts.query)))
            number = int(parse_qs(parts.query).get("Page", ["0"])[0])
            page = desk.pages[number] if number < len(desk.pages) else None
            more = f"{parts.path}?Page={number + 1}" if number + 1 < len(desk.pages) else None
            if isinstance(page, int) or page is None:
                self._say(page or 404, {}, {})
            else:
                self._say(200, {"messages": page, "next_page_uri": more}, {})

        def _say(self, status: int, document: Any, headers: dict[str, str]) -> None:
            body = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    desk.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield desk
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
