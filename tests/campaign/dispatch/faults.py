"""What can happen to a worker in the middle of its work: its process ends, or the database hangs up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

from tests.campaign.providers import Killed

_HANG_UP = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@contextmanager
def connection_lost_at(engine: Engine, count: int) -> Iterator[None]:
    """The database hangs up on everybody at the `count`-th commit; the process lives on."""
    left = count

    def strike(connection: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
                other.execute(_HANG_UP)

    event.listen(engine, "commit", strike)
    try:
        yield
    except DBAPIError:
        engine.dispose()
    finally:
        event.remove(engine, "commit", strike)


@contextmanager
def killed_at(engine: Engine, moment: str, count: int) -> Iterator[None]:
    """End the process at the `count`-th "commit" (nothing of it is kept) or "begin" (right after the one before)."""
    left = count

    def strike(_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed

    event.listen(engine, moment, strike)
    try:
        yield
    except Killed:
        # What the dead process held is rolled back by the server.
        engine.dispose()
    finally:
        event.remove(engine, moment, strike)
