"""The one place that puts the parts together. Only entry points import it."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from flask import Flask
from jinja2 import StrictUndefined
from sqlalchemy import Engine

from campaign import database
from campaign import settings as settings_module
from campaign.definitions import definition
from campaign.dispatch.deliver import Delivery
from campaign.senders.choice import senders_for
from campaign.settings import Settings
from campaign.web import context, errors, guard, security, sessions
from campaign.web.blueprints import FACES
from campaign.web.parts import EXTENSION, Parts
from campaign.web.reception import Request
from campaign.web.routing import Address
from campaign.wordings.texts import Shelf
from content import catalog


@dataclass(frozen=True)
class Installation:
    """The running program's parts, made when first asked for."""

    settings: Settings

    @cached_property
    def engine(self) -> Engine:
        return database.start(self.settings)

    @cached_property
    def shelf(self) -> Shelf:
        return Shelf(catalog.load())

    @cached_property
    def delivery(self) -> Delivery:
        return delivery_of(self.settings, self.engine)


def delivery_of(settings: Settings, engine: Engine) -> Delivery:
    """The parts a campaign runs with, under a name no other process has."""
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


def create_app(
    settings: Settings, engine: Engine | None = None, clock: Callable[[], datetime] = utc_now
) -> Flask:
    """The web application. Raises ViewWithoutRule when a view does not say who may see it."""
    app = Flask("campaign.web")
    app.extensions[EXTENSION] = Parts(engine or database.start(settings), settings, clock)
    app.request_class = Request
    app.url_rule_class = Address
    app.jinja_env.undefined = StrictUndefined
    security.configure(app, settings)
    context.provide(app, settings)
    guard.public(app.view_functions["static"])
    for blueprint in FACES:
        app.register_blueprint(blueprint)
    security.protect(app, settings)
    sessions.recognize(app)
    errors.explain(app, settings)
    guard.require_rules(app)
    return app
