"""Starts the simulated providers, in a thread of this process or in a process of their own."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from campaign.demo.providers.asking import Simulator, SimulatorError
from campaign.demo.providers.options import SimulatorOptions
from campaign.demo.providers.server import Server

Clock = Callable[[], datetime]
_PATIENCE_SECONDS = 30.0


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
