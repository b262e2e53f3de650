"""The port for tests, benchmarks and whoever plays with the simulator: what was accepted, and what shall go wrong.

Its paths stand in README.md beside this file.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from campaign.demo.providers.mail_send import Mail
from campaign.demo.providers.options import Faults, OptionsError
from campaign.demo.providers.record import Entry
from campaign.demo.providers.text_list import Text
from campaign.demo.providers.wire import Answer, Request, response

if TYPE_CHECKING:
    from campaign.demo.providers.server import Server

_MOST_AT_ONCE = 5000
Asked = Mapping[str, Any]


class Control:
    """Each method below answers one path; its result is sent as JSON."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._paths: dict[tuple[str, str], Callable[[Asked], Coroutine[Any, Any, Any]]] = {
            ("GET", "/report"): self._report,
            ("GET", "/accepted"): self._accepted,
            ("POST", "/faults"): self._faults,
            ("POST", "/connections"): self._connections,
            ("POST", "/forget"): self._forget,
            ("POST", "/happen"): self._happen,
            ("POST", "/mail"): self._mail,
            ("POST", "/text"): self._text,
            ("POST", "/deliver"): self._deliver,
            ("POST", "/posts"): self._posts,
        }

    async def answer(self, request: Request) -> Answer:
        handle = self._paths.get((request.method, request.path))
        if handle is None:
            paths = ", ".join(f"{method} {path}" for method, path in self._paths)
            return _answer(404, {"error": f"no such path; there are {paths}"})
        try:
            asked = json.loads(request.body) if request.body else dict(parse_qsl(request.query))
            return _answer(200, await handle(asked))
        except (OptionsError, ValueError, KeyError, TypeError, LookupError) as error:
            return _answer(400, {"error": str(error)})

    async def _report(self, _asked: Asked) -> Any:
        outbox = self._server.aftermath.outbox
        return {
            **self._server.record.report(),
            "connections": len(self._server.connections),
            "posts": dict(outbox.counts),
            "waiting": len(outbox),
        }

    async def _accepted(self, asked: Asked) -> Any:
        record, identity = self._server.record, asked.get("identity")
        entries = record.entries if identity is None else record.of(identity)
        first, limit = int(asked.get("after", 0)), min(int(asked.get("limit", 1000)), _MOST_AT_ONCE)
        page = entries[first : first + limit]
        return {"total": len(entries), "accepted": [self._told(entry) for entry in page]}

    async def _faults(self, asked: Asked) -> Any:
        self._server.mischief.change(Faults.of(asked))
        return {}

    async def _connections(self, asked: Asked) -> Any:
        await (self._server.open() if asked["open"] else self._server.close())
        return {}

    async def _forget(self, _asked: Asked) -> Any:
        self._server.record.clear()
        self._server.texts.forget()
        self._server.aftermath.outbox.clear()
        return {}

    async def _happen(self, asked: Asked) -> Any:
        more = {name: value for name, value in asked.items() if name not in {"identity", "kind"}}
        found = self._server.record.of(asked["identity"])
        if not found:
            raise LookupError(f"nothing was accepted under {asked['identity']}")
        self._server.aftermath.happen(found[-1], asked["kind"], more)
        return {}

    async def _mail(self, asked: Asked) -> Any:
        self._server.aftermath.mail_arrives(asked)
        return {}

    async def _text(self, asked: Asked) -> Any:
        media = tuple(base64.b64decode(one) for one in asked.get("media", ()))
        host = f"http://127.0.0.1:{self._server.port}"
        text = self._server.texts.arrived(asked["sender"], asked["body"], media, host)
        self._server.aftermath.text_arrives(text)
        return {"sid": text.sid, "media": [f"{text.media_url}{number}" for number in range(len(media))]}

    async def _deliver(self, _asked: Asked) -> Any:
        return {"told": await self._server.aftermath.outbox.flush()}

    async def _posts(self, _asked: Asked) -> Any:
        kept = self._server.aftermath.outbox.courier.kept
        found = [{**post._asdict(), "body": base64.b64encode(post.body).decode()} for post in kept]
        kept.clear()
        return {"posts": found}

    def _told(self, entry: Entry) -> dict[str, Any]:
        said = entry.said
        if isinstance(said, Mail):
            said = said.told()
        elif isinstance(said, Text):
            said = self._server.texts.told(said)
        return {**entry._asdict(), "said": said}


def _answer(status: int, document: Any) -> Answer:
    return Answer(response(status, json.dumps(document).encode()))
