"""The parts that pages work with, reached through the app that serves the request: nothing is global."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import current_app, g
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from campaign import database
from campaign.access import ENGINE
from campaign.settings import Settings
from campaign.wordings.texts import Shelf, Texts
from content import catalog
from content.catalog import Catalog

EXTENSION = "go-beyond-grades"


@dataclass(frozen=True)
class Parts:
    """What `create_app` puts together: the database, the settings, the clock (aware UTC) and the texts."""

    engine: Engine
    settings: Settings
    clock: Callable[[], datetime]
    shelf: Shelf = field(default_factory=lambda: Shelf(catalog.load()))

    @property
    def catalog(self) -> Catalog:
        """The texts as they hold now in the district of whoever asks."""
        return self.texts.catalog

    @property
    def texts(self) -> Texts:
        """The same with what the district says on drafts; looked up once a request."""
        principal = g.get("principal")
        district_id = principal.district_id if principal else None
        kept = g.setdefault("texts", {})
        if district_id not in kept:
            kept[district_id] = self.texts_of(district_id)
        return cast(Texts, kept[district_id])

    def texts_of(self, district_id: int | None) -> Texts:
        """The texts of a district; None: where it is not known, or for readers of all districts.

        Where the database does not answer, what ships and nobody has to let out.
        """
        try:
            with database.transaction(self.engine, ENGINE) as connection:
                return self.shelf.of(connection, district_id)
        except SQLAlchemyError:
            return Texts(self.shelf.shipped, {})


def parts() -> Parts:
    """The parts of the app that serves this request."""
    return cast(Parts, current_app.extensions[EXTENSION])


@contextmanager
def as_principal() -> Iterator[Connection]:
    """A transaction under the role and scope of whoever asks, so that the database shows that scope only."""
    with database.transaction(parts().engine, g.principal) as connection:
        yield connection
