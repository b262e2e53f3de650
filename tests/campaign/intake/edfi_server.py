"""A small server that speaks the Ed-Fi data management API: discovery, tokens, paging, and all that can go wrong."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

KEY, SECRET = "a-key", "a-secret"
_DISTRICT = Path(__file__).with_name("edfi_district.json")


@dataclass
class World:
    """What the server has and how it behaves."""

    resources: dict[str, list[Any]]
    forbidden: set[str] = field(default_factory=set)
    calls_per_token: int = 1000
    busy_every: int = 0
    """Every so many requests are answered with 429 and a Retry-After first."""
    grows_while_read: dict[str, int] = field(default_factory=dict)
    """Resource → how many more times a record slips in before the first one while pages are read."""
    urls: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tokens: int = 0
    busy: int = 0
    _left: int = 0
    _busy_now: bool = False

    def page(self, name: str, offset: int, limit: int) -> tuple[list[Any], int]:
        records = self.resources[name]
        page, total = records[offset : offset + limit], len(records)
        if offset + limit < total and self.grows_while_read.get(name):
            self.grows_while_read[name] -= 1
            records.insert(0, records[0] | {"id": f"late-{self.grows_while_read[name]}"})
        return page, total


class Handler(BaseHTTPRequestHandler):
    world: World

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def answer(self, status: int, body: Any, **headers: str) -> None:
        content = json.dumps(body).encode() if not isinstance(body, bytes) else body
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        login = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        if self.headers["Authorization"] != f"Basic {login}":
            return self.answer(401, {"error": "invalid_client"})
        self.world.tokens += 1
        self.world._left = self.world.calls_per_token
        return self.answer(200, {"access_token": f"token-{self.world.tokens}", "expires_in": 1800})

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.world.asked.append(self.path)
        if parts.path == "/api":
            return self.answer(200, description(self.world, self.headers["Host"]))
        if self.world.busy_every and len(self.world.asked) % self.world.busy_every == 0:
            self.world.busy += 1
            return self.answer(429, {}, Retry_After="0")
        if self.world._left <= 0 or self.headers["Authorization"] != f"Bearer token-{self.world.tokens}":
            return self.answer(401, {})
        self.world._left -= 1
        return self.answer_resource(parts)

    def answer_resource(self, parts: SplitResult) -> None:
        name = parts.path.rsplit("/", 1)[1]
        if name in self.world.forbidden:
            return self.answer(403, {"detail": "Access to the resource could not be authorized."})
        if name not in self.world.resources:
            return self.answer(404, {})
        query = parse_qs(parts.query)
        page, total = self.world.page(name, int(query["offset"][0]), int(query["limit"][0]))
        return self.answer(200, page, Total_Count=str(total))


def description(world: World, host: str) -> dict[str, Any]:
    urls = {"oauth": f"http://{host}/oauth/token", "dataManagementApi": f"http://{host}/data/v3/"}
    return {
        "version": "7.2",
        "dataModels": [{"name": "TPDM", "version": "1.1"}, {"name": "Ed-Fi", "version": "5.2.0"}],
        "urls": urls | world.urls,
    }


@contextmanager
def serving(world: World) -> Iterator[str]:
    """The base address of a server of this world, on loopback, for as long as the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answering", (Handler,), {"world": world}))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def district() -> dict[str, list[Any]]:
    """A district of one school and three students, as Data Standard 5 writes it."""
    found: dict[str, list[Any]] = json.loads(_DISTRICT.read_text(encoding="utf-8"))
    return found
