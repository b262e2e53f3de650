"""The web application, put together from its parts. Only entry points import it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Flask
from jinja2 import StrictUndefined
from sqlalchemy import Engine

from campaign import database
from campaign.installation import utc_now
from campaign.settings import Settings
from campaign.web import context, errors, guard, security, sessions
from campaign.web.blueprints import FACES
from campaign.web.parts import EXTENSION, Parts
from campaign.web.reception import Request
from campaign.web.routing import Address


def create_app(
    settings: Settings, engine: Engine | None = None, clock: Callable[[], datetime] = utc_now
) -> Flask:
    """The web application. Raises ViewWithoutRule when a view does not say who may see it."""
    app = errors.Pages("campaign.web")
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
