"""Where a text holds: in one district, or in every district that has no text of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import abort, g, request
from sqlalchemy import Connection, text

from campaign import database
from campaign.access import ENGINE, Role
from campaign.web.parts import as_principal, parts
from campaign.wordings import translations
from campaign.wordings.texts import Texts, overlaid
from campaign.wordings.translations import Author, Desk, TranslationError


@dataclass(frozen=True)
class Place:
    """`code` is "" and `district_id` None for the whole installation."""

    district_id: int | None
    code: str
    name: str

    @property
    def address(self) -> dict[str, Any]:
        """What names the place in an address."""
        return {"district": self.code} if self.code else {}


EVERYWHERE = Place(None, "", "All districts")


@contextmanager
def at_place() -> Iterator[tuple[Connection, Place, Sequence[Place]]]:
    """A transaction as the engine, the place that the address names, and those the reader may choose from.

    Staff of a district have their own; staff of the state have each, and all of them together.
    """
    with as_principal() as connection:
        seen = [
            Place(*row)
            for row in connection.execute(text("SELECT id, code, name FROM district ORDER BY name"))
        ]
        many = g.principal.role == Role.STATE and len(seen) != 1
        places = [EVERYWHERE, *seen] if many else seen
        if not places:
            abort(404)
        wanted = request.args.get("district", "")
        chosen = next((place for place in places if place.code == wanted), places[0])
        database.assume(connection, ENGINE)
        yield connection, chosen, places


def texts_at(connection: Connection, place: Place) -> Texts:
    """The texts as they hold at the place; what a district says on drafts is its own."""
    shelf = parts().shelf
    if place.district_id is None:
        return Texts(overlaid(connection, shelf.shipped, None), {})
    return shelf.of(connection, place.district_id)


def desk_at(connection: Connection, place: Place, language: str) -> Desk:
    try:
        return translations.desk(connection, parts().shelf.shipped, place.district_id, language)
    except TranslationError:
        abort(404)


def author() -> Author:
    return Author(g.principal.actor, parts().clock())
