"""Starts the simulated providers in a thread of this process or in a process of their own, and speaks to them."""

from __future__ import annotations

import asyncio
import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from campaign.demo.providers.options import Faults, SimulatorOptions
from campaign.demo.providers.server import HOST, Server

Clock = Callable[[], datetime]
_PATIENCE_SECONDS = 30.0


class SimulatorError(Exception):
    """The simulator did not start, or refused what it was asked."""


@dataclass(frozen=True)
class AcceptedMessage:
    """`identity`: our public id, or the recipient where none came along. `at`: seconds since 1970. `said`: what it
    says (subject, text, html, custom_args … of an e-mail; body … of a text); None where texts are not kept."""

    at: float
    provider: str
    identity: str
    to: str
    message_id: str
    said: Mapping[str, Any] | None


@dataclass(frozen=True)
class Report:
    """`accepted`: messages, one a recipient; `unique`, `doubled`: identities, and those accepted more than once;
    `recipients`, `recipients_doubled`: the same by address. `per_second`: over the span from the first to the last
    acceptance. `reactions`: requests that did not go well, by Reaction, and `refused` for their content. `cpu_seconds`
    of the process it runs in, since it counts. `connections`: open now."""

    requests: int
    accepted: int
    unique: int
    doubled: int
    recipients: int
    recipients_doubled: int
    span_seconds: float
    per_second: float
    by_second: list[int]
    reactions: dict[str, int]
    cpu_seconds: float
    connections: int


@dataclass(frozen=True)
class Simulator:
    """The simulator that listens on these ports of this machine; several threads and processes may ask it at once."""

    port: int
    control_port: int
    options: SimulatorOptions = field(default_factory=SimulatorOptions)

    @property
    def url(self) -> str:
        """Where clients of either provider are pointed to."""
        return f"http://{HOST}:{self.port}"

    def report(self) -> Report:
        return Report(**self._ask("GET", "/report"))

    def accepted(self, identity: str | None = None) -> list[AcceptedMessage]:
        """What was accepted so far, oldest first; of one identity if given."""
        found: list[AcceptedMessage] = []
        wanted = {"identity": identity} if identity is not None else {}
        while True:
            page = self._ask("GET", "/accepted?" + urlencode({**wanted, "after": len(found)}))
            found += [AcceptedMessage(**entry) for entry in page["accepted"]]
            if len(found) >= page["total"] or not page["accepted"]:
                return found

    def change(self, faults: Faults) -> None:
        """These faults from now on, in place of those in force."""
        self._ask("POST", "/faults", asdict(faults))

    def refuse_connections(self) -> None:
        """End all connections and refuse new ones."""
        self._ask("POST", "/connections", {"open": False})

    def accept_connections(self) -> None:
        self._ask("POST", "/connections", {"open": True})

    def forget(self) -> None:
        """Count from nothing."""
        self._ask("POST", "/forget", {})

    def _ask(self, method: str, path: str, document: Any = None) -> Any:
        connection = http.client.HTTPConnection(HOST, self.control_port, timeout=_PATIENCE_SECONDS)
        try:
            connection.request(method, path, body=None if document is None else json.dumps(document))
            answer = connection.getresponse()
            told = json.loads(answer.read())
        except OSError as error:
            raise SimulatorError(f"the simulator does not answer: {error}") from error
        finally:
            connection.close()
        if answer.status != 200:
            raise SimulatorError(told["error"])
        return told


@contextmanager
def running(
    options: SimulatorOptions | None = None, *, clock: Clock | None = None, own_process: bool = False
) -> Iterator[Simulator]:
    """The simulator, until the block ends. `clock` is its time, the machine's if left out; a process of its own goes on
    from what `clock` says at the start. Raises SimulatorError when it cannot start, as for a port in use."""
    options, clock = options or SimulatorOptions(), clock or _machine_time
    with _in_process(options, clock) if own_process else _in_thread(options, clock) as simulator:
        yield simulator


def _machine_time() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _in_thread(options: SimulatorOptions, clock: Clock) -> Iterator[Simulator]:
    loop = asyncio.new_event_loop()
    server = Server(options, lambda: clock().timestamp())
    thread = threading.Thread(target=loop.run_forever, name="simulated providers", daemon=True)
    thread.start()
    try:
        try:
            asyncio.run_coroutine_threadsafe(server.start(), loop).result(_PATIENCE_SECONDS)
        except OSError as error:
            raise SimulatorError(f"cannot listen: {error}") from error
        yield Simulator(server.port, server.control_port, options)
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(_PATIENCE_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_PATIENCE_SECONDS)
        loop.close()


@contextmanager
def _in_process(options: SimulatorOptions, clock: Clock) -> Iterator[Simulator]:
    begun = {"options": options.document(), "now": clock().timestamp()}
    command = [sys.executable, "-m", "campaign.demo.providers"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdin is not None  # noqa: S101  asked for above
        assert process.stdout is not None  # noqa: S101
        try:
            process.stdin.write(json.dumps(begun) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            if not line:
                raise SimulatorError("the simulator ended at once; its last words are on the error output")
            told = json.loads(line)
            if "error" in told:
                raise SimulatorError(told["error"])
            yield Simulator(told["port"], told["control_port"], options)
        finally:
            process.stdin.close()
            process.wait(_PATIENCE_SECONDS)
