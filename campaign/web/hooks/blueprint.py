"""The blueprint of the doors at which providers knock, and what all of them do.

Anybody may knock, so each door proves by a signature or a secret who does, before it believes a word. A provider that
gets no good answer tells all of it again, so a door answers well only once what it was told is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from campaign import database
from campaign.access import ENGINE
from campaign.store import attempts, receipts
from campaign.store.attempts import Limit
from campaign.web.addresses import address_key
from campaign.web.parts import parts

blueprint = Blueprint("hooks", __name__, url_prefix="/hooks")

# What is refused beyond this is refused without being counted, so that nobody fills the database with refusals.
REFUSALS = Limit(600, timedelta(minutes=15))
TOO_LARGE_EVENTS = 2 * 1024 * 1024


def refused(provider: str, outcome: str) -> ResponseReturnValue:
    """Count it and answer 401, in the same words whatever was wrong; 429 for an address that was refused too often."""
    now = parts().clock()
    try:
        with database.transaction(parts().engine, ENGINE) as connection:
            if not attempts.within(connection, address_key("hooks"), REFUSALS, now):
                return "", 429
            receipts.count(connection, provider, {outcome: 1}, now)
    except SQLAlchemyError:
        return "", 503
    return "", 401


def count(connection: Connection, provider: str, outcomes: Mapping[str, int]) -> None:
    """Add to what the staff page shows; last in its transaction."""
    receipts.count(connection, provider, outcomes, parts().clock())
