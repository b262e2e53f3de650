"""What tests of the family's pages share: links, answers to the second step, forms sent as a browser does."""

from __future__ import annotations

import re
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from campaign import links
from campaign.access import ENGINE
from campaign.consents import way_out as outs
from campaign.database import transaction
from tests.web_pages import MORNING, page_settings

CANARIES = ["Ana", "Abrego", "Rosa", "Alder", "Maple", "2016", "math", "1400"]
BORN = {"month": "4", "day": "1", "year": "2016"}
WRONG = {"month": "4", "day": "2", "year": "2016"}


def issue(engine: Engine, student: int = 1, contact: int = 1) -> str:
    with transaction(engine, ENGINE) as connection:
        return links.issue(
            connection,
            district_id=1,
            student_id=student,
            contact_id=contact,
            now=MORNING,
            days=90,
        )


def way_out(public_id: str = "p1") -> str:
    """The token of the way out of a message; "p1" is one to Rosa."""
    return outs.token(public_id, page_settings(Path()).secrets.secret_key)


def value(engine: Engine, query: str) -> object:
    with transaction(engine, ENGINE) as connection:
        return connection.scalar(text(query))


def form_token(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found
    return found[1]


def send(client: FlaskClient, form_on: str, action: str, **fields: object) -> TestResponse:
    return client.post(action, data={"csrf_token": form_token(client.get(form_on)), **fields})
