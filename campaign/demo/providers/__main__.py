"""The simulated providers in a process of their own: options come as one line of JSON on the standard input, the
ports go out as one line; the end of the input, as when the process that started it dies, is the end."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from typing import Any

from campaign.demo.providers.options import SimulatorOptions
from campaign.demo.providers.server import Server


def main() -> None:
    # What is recorded stays for good: looking through it for garbage again and again would cost more than the requests.
    gc.set_threshold(100_000, 50, 1000)
    begun = json.loads(sys.stdin.readline())
    asyncio.run(_serve(begun))


async def _serve(begun: dict[str, Any]) -> None:
    ahead = begun["now"] - time.monotonic()
    server = Server(SimulatorOptions.of(begun["options"]), lambda: ahead + time.monotonic())
    try:
        await server.start()
    except OSError as error:
        _say({"error": f"cannot listen: {error}"})
        return
    _say({"port": server.port, "control_port": server.control_port})
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()
    await server.stop()


def _say(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
