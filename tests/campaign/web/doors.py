"""A program with keys of providers, and posts to its doors as providers make them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from campaign.access import ENGINE
from campaign.app import create_app
from campaign.database import transaction
from tests.campaign.provider_events import SignedEvents
from tests.web_pages import MORNING, Clock, page_settings

SENDGRID = SignedEvents()
TOKEN = "twilio-token-that-must-stay-secret"
SECRET = "s" * 40
BASE = "https://gbg.example.org"
STATUS = "/hooks/twilio/status"
INBOUND = "/hooks/twilio/inbound"


def program(engine: Engine, home: Path, clock: Clock) -> FlaskClient:
    """A client of the application, known to the world as BASE, with the keys of both providers."""
    settings = page_settings(home, BASE)
    keys = {"sendgrid_webhook_key": SENDGRID.key, "sendgrid_inbound_secret": SECRET}
    secrets = replace(settings.secrets, **keys, twilio_account_sid="AC1", twilio_auth_token=TOKEN)
    return create_app(replace(settings, secrets=secrets), engine=engine, clock=clock).test_client()


def told(client: FlaskClient, *events: object) -> TestResponse:
    return SENDGRID.post(client, events, MORNING)


def texted(client: FlaskClient, address: str, fields: Mapping[str, str], **signed: Any) -> TestResponse:
    """A post signed as Twilio's own package would check it; `signed` replaces what the signature is made of."""
    url, token = signed.get("url", BASE + address), signed.get("token", TOKEN)
    signature = RequestValidator(token).compute_signature(url, signed.get("form", fields))
    return client.post(address, data=fields, headers={"X-Twilio-Signature": signature})


def rows(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    with transaction(engine, ENGINE) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def counts(engine: Engine) -> dict[tuple[str, str], int]:
    found = rows(engine, "SELECT provider, outcome, count FROM event_count")
    return {(provider, outcome): count for provider, outcome, count in found}
