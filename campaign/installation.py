"""The running program's parts but for its pages, put together. Only entry points import it."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from campaign import database
from campaign import settings as settings_module
from campaign.definitions import definition
from campaign.settings import Settings
from content import catalog

if TYPE_CHECKING:
    from campaign.dispatch.deliver import Delivery
    from campaign.wordings.texts import Shelf


@dataclass(frozen=True)
class Installation:
    """The running program's parts, made when first asked for."""

    settings: Settings

    @cached_property
    def engine(self) -> Engine:
        return database.start(self.settings)

    @cached_property
    def shelf(self) -> Shelf:
        from campaign.wordings.texts import Shelf  # late: most commands write no texts

        return Shelf(catalog.load())

    @cached_property
    def delivery(self) -> Delivery:
        return delivery_of(self.settings, self.engine)


def delivery_of(settings: Settings, engine: Engine) -> Delivery:
    """The parts a campaign runs with, under a name no other process has."""
    from campaign.dispatch.deliver import Delivery  # late: most commands send nothing
    from campaign.senders.choice import senders_for

    sender, *others = senders_for(settings, engine)
    return Delivery(
        engine=engine,
        settings=settings,
        catalog=catalog.load(),
        sender=sender,
        others=tuple(others),
        definitions=tuple(definition.load_all()),
        owner=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}",
    )


def open_installation() -> Installation:
    """The installation that GBG_CONFIG, GBG_HOME and DATABASE_URL describe. Raises SettingsError."""
    return Installation(settings_module.load())


def utc_now() -> datetime:
    return datetime.now(UTC)
