"""Stopping messages and letting them come again, from a link and from the page."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from tests.campaign.web.family_visits import CANARIES, issue, send


def latest_choice(engine: Engine) -> list[tuple[str, str, str]]:
    with transaction(engine, ENGINE) as connection:
        rows = connection.execute(text("SELECT channel, action, source FROM consent_event ORDER BY id"))
        return [tuple(row) for row in rows]


def test_one_click_stops_e_mail_and_looking_does_not(family: FlaskClient, engine: Engine) -> None:
    address = f"/stop/{issue(engine, purpose='preferences')}"
    for method in (family.get, family.head):
        page = method(address)
        assert page.status_code == 200
        assert "Set-Cookie" not in page.headers
        assert not [word for word in CANARIES if word in page.text]
    assert latest_choice(engine) == []
    headers = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    answer = family.post(address, data={"List-Unsubscribe": "One-Click"}, headers=headers)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert latest_choice(engine) == [("email", "revoked", "one_click")]


def test_stopping_is_by_channel_and_can_be_undone(family: FlaskClient, engine: Engine) -> None:
    address = f"/stop/{issue(engine, purpose='preferences')}"
    assert family.post(address, data={}).status_code == 422
    page = family.post(address, data={"channel": ["sms", "letter", "owl"]})
    assert "Text messages, Letters on paper" in page.text
    assert latest_choice(engine) == [("sms", "revoked", "family_page"), ("letter", "revoked", "family_page")]
    family.post(address, data={"channel": ["sms"], "again": "1"})
    assert latest_choice(engine)[-1] == ("sms", "granted", "family_page")


def test_stopping_from_the_page(inside: FlaskClient, engine: Engine) -> None:
    page = send(inside, "/family/stop", "/family/stop", channel="email")
    assert page.status_code == 200
    assert latest_choice(engine) == [("email", "revoked", "family_page")]


def test_report_links_do_not_open_the_preferences(family: FlaskClient, engine: Engine) -> None:
    assert family.get(f"/stop/{issue(engine)}").status_code == 404
    assert family.post(f"/stop/{issue(engine)}", data={"channel": "email"}).status_code == 404
    assert latest_choice(engine) == []
