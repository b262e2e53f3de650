"""The web application on a small district, a clock that the test moves, a client per role."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from campaign.app import create_app
from tests.web_pages import Clock, page_settings, session_for, small_district


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(engine: Engine, tmp_path: Path, clock: Clock) -> Flask:
    """The application on the small district (see `web_pages.small_district`)."""
    small_district(engine)
    return create_app(page_settings(tmp_path), engine=engine, clock=clock)


@pytest.fixture
def signed_in(app: Flask, engine: Engine, clock: Clock) -> Callable[[str], FlaskClient]:
    """A client signed in with the account of this e-mail address."""

    def sign_in(email: str) -> FlaskClient:
        client = app.test_client()
        client.set_cookie("gbg_session", session_for(engine, email, clock.now))
        return client

    return sign_in
