"""How many failed tries one address, and all together, may make. What cannot be counted is refused."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from campaign.store import attempts, links
from campaign.store.attempts import Limit
from campaign.web.addresses import address_key
from campaign.web.parts import parts

# Only tries that fail count: a school's gym may hold three hundred families behind one address.
PER_ADDRESS = Limit(60, timedelta(minutes=15))
# An address that is over its own limit counts no further here, so that no one alone can shut the door for all.
TOGETHER = Limit(6000, timedelta(minutes=15))
_EVERYBODY = "family:everybody"


def exceeded(connection: Connection) -> bool:
    now = parts().clock()
    counted = ((address_key("family"), PER_ADDRESS), (_EVERYBODY, TOGETHER))
    return any(links.limit_reached(connection, key, limit, now) for key, limit in counted)


def count_failure(connection: Connection) -> None:
    for key, limit in ((address_key("family"), PER_ADDRESS), (_EVERYBODY, TOGETHER)):
        attempts.within(connection, key, limit, parts().clock())
