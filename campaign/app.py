"""The one place that puts the parts together. Only entry points import it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Engine

from campaign import database
from campaign import settings as settings_module
from campaign.settings import Settings


@dataclass(frozen=True)
class Installation:
    """The running program's parts, made when first asked for."""

    settings: Settings

    @cached_property
    def engine(self) -> Engine:
        return database.start(self.settings)


def open_installation() -> Installation:
    """The installation that GBG_CONFIG, GBG_HOME and DATABASE_URL describe. Raises SettingsError."""
    return Installation(settings_module.load())
