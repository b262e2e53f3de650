"""What the tests of the campaign pages share: a step as its form sends it, and forms sent as a browser does."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from campaign.access import ENGINE
from campaign.contacts import contact_audit
from campaign.database import transaction
from tests.campaign.web.family_visits import form_token
from tests.web_pages import MORNING

STEP = {
    "name": "Reading night",
    "hangs_on": "anchor:report_card",
    "offset": "3",
    "direction": "before",
    "unit": "school_days",
    "send_on": "school_day",
    "at": "17:30",
    "expires_after_hours": "48",
    "priority": "60",
    "message": "tip",
    "channels": "sms,email",
    "subjects": ["math"],
    "lowest": "3",
    "highest": "",
}


def post(client: FlaskClient, path: str, **fields: object) -> TestResponse:
    token = form_token(client.get("/staff/campaigns"))
    data = {"csrf_token": token, **fields}
    return client.post(path, data=data, follow_redirects=True, content_type="multipart/form-data")


def new_campaign(client: FlaskClient, title: str = "Reading nights", like: str = "") -> str:
    made = post(client, "/staff/campaigns", title=title, like=like)
    assert made.status_code == 200, made.text
    found = re.search(r"/staff/campaigns/(\d+)/title", made.text)
    assert found
    return f"/staff/campaigns/{found[1]}"


def may_begin(engine: Engine) -> None:
    """Somebody has said why campaigns begin although few households are in reach."""
    with transaction(engine, ENGINE) as connection:
        found = contact_audit.audit(connection, 1, MORNING)
        contact_audit.override(connection, 1, found, said_by="Ms. Lee", reason="a trial", actor="account:2")


def seen(client: FlaskClient, campaign: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', client.get(f"{campaign}/review").text)
    return found[1] if found else ""


def count_of(client: FlaskClient, campaign: str, fields: dict[str, object]) -> str:
    """What the page says of who matches and when, while a step is being made."""
    return post(client, f"{campaign}/count", **fields).text
