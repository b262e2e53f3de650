"""The simulated providers as a running server: one port for clients, one for whoever directs and asks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial

from campaign.demo.providers.aftermath import Aftermath
from campaign.demo.providers.control import Control
from campaign.demo.providers.desk import Desk, Office
from campaign.demo.providers.faults import Mischief
from campaign.demo.providers.mail_send import MailSend
from campaign.demo.providers.options import SimulatorOptions
from campaign.demo.providers.provider import Provider
from campaign.demo.providers.record import Record
from campaign.demo.providers.texts import VERSION, Texts
from campaign.demo.providers.wire import Connection, Handler

HOST = "127.0.0.1"
# More than one benchmark opens at once.
_WAITING = 1024


class Server:
    """All of it, in one event loop. `now` gives seconds since 1970."""

    def __init__(self, options: SimulatorOptions, now: Callable[[], float]) -> None:
        self.record = Record()
        self.mischief = Mischief(options.faults, options.seed)
        self.aftermath = Aftermath(options, self.mischief, now)
        office = Office(options, self.record, now, self.aftermath.follow)
        self.texts = Texts(office, self.mischief)
        desks: dict[str, Desk] = {"v3": MailSend(office), VERSION: self.texts}
        self._provider = Provider(office, self.mischief, desks)
        self.connections: set[Connection] = set()
        self.port = options.port
        self.control_port = options.control_port
        self._front: asyncio.Server | None = None
        self._back: asyncio.Server | None = None
        self._telling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen on both ports; `port` and `control_port` say which. Raises OSError for a port in use."""
        self._back = await _listen(Control(self).answer, set(), self.control_port)
        self.control_port = self._back.sockets[0].getsockname()[1]
        await self.open()
        self._telling = asyncio.get_running_loop().create_task(self.aftermath.outbox.run())

    async def open(self) -> None:
        """Accept connections of clients, on the same port as before."""
        if self._front is None:
            self._front = await _listen(self._provider.answer, self.connections, self.port)
            self.port = self._front.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Refuse connections from now on, and end those there are."""
        if self._front is not None:
            self._front.close()
            self._front = None
        for connection in [*self.connections]:
            connection.reset()

    async def stop(self) -> None:
        await self.close()
        if self._back is not None:
            self._back.close()
        if self._telling is not None:
            self._telling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._telling
        self.aftermath.outbox.courier.close()


async def _listen(handle: Handler, connections: set[Connection], port: int) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    made = partial(Connection, handle, connections)
    return await loop.create_server(made, HOST, port, backlog=_WAITING, reuse_address=True)
