"""The parts that pages work with, reached through the app that serves the request: nothing is global."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app, g
from sqlalchemy import Connection, Engine

from campaign import database
from campaign.settings import Settings
from content import catalog
from content.catalog import Catalog

EXTENSION = "go-beyond-grades"


@dataclass(frozen=True)
class Parts:
    """What `create_app` puts together: the database, the settings, the texts and the clock (aware UTC)."""

    engine: Engine
    settings: Settings
    clock: Callable[[], datetime]

    @property
    def catalog(self) -> Catalog:
        return catalog.load()


def parts() -> Parts:
    """The parts of the app that serves this request."""
    return cast(Parts, current_app.extensions[EXTENSION])


@contextmanager
def as_principal() -> Iterator[Connection]:
    """A transaction under the role and scope of whoever asks, so that the database shows that scope only."""
    with database.transaction(parts().engine, g.principal) as connection:
        yield connection
