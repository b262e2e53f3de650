"""Stopping messages and letting them come again, from a link and from the page."""

from __future__ import annotations

from datetime import UTC, datetime

from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.store import audience
from tests.campaign.web.family_visits import CANARIES, issue, send, way_out
from tests.web_pages import Clock


def latest_choice(engine: Engine) -> list[tuple[str, str, str]]:
    with transaction(engine, ENGINE) as connection:
        rows = connection.execute(text("SELECT channel, action, source FROM consent_event ORDER BY id"))
        return [tuple(row) for row in rows]


def scopes(engine: Engine) -> list[tuple[str, str, str]]:
    with transaction(engine, ENGINE) as connection:
        rows = connection.execute(text("SELECT channel, scope, action FROM consent_event ORDER BY id"))
        return [tuple(row) for row in rows]


def test_one_click_stops_e_mail_and_looking_does_not(family: FlaskClient, engine: Engine) -> None:
    address = f"/stop/{way_out()}"
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
    address = f"/stop/{way_out()}"
    assert family.post(address, data={}).status_code == 422
    page = family.post(address, data={"channel": ["sms", "letter", "owl"]})
    assert "Text messages, Letters on paper" in page.text
    assert latest_choice(engine) == [("sms", "revoked", "family_page"), ("letter", "revoked", "family_page")]
    family.post(address, data={"channel": ["sms"], "again": "1"})
    assert latest_choice(engine)[-1] == ("sms", "granted", "family_page")


def test_a_stop_may_be_about_one_campaign(family: FlaskClient, engine: Engine) -> None:
    address = f"/stop/{way_out()}"
    assert "Which messages?" not in family.get(address).text
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text("INSERT INTO campaign (district_id, slug, title) VALUES (1, 'summer', 'Summer')")
        )
    assert "Only: Summer" in family.get(address).text
    page = family.post(address, data={"channel": "email", "scope": "summer"})
    assert scopes(engine) == [("email", "summer", "revoked")]
    assert '<input type="hidden" name="scope" value="summer">' in page.text
    family.post(address, data={"channel": "email", "scope": "summer", "again": "1"})
    assert scopes(engine)[-1] == ("email", "summer", "granted")
    family.post(address, data={"channel": "email", "scope": "of another district"})
    assert scopes(engine)[-1] == ("email", "all", "revoked")
    assert "off now" in family.get(address).text


def test_fewer_messages_can_be_asked_for(family: FlaskClient, engine: Engine) -> None:
    address = f"/stop/{way_out()}"
    assert 'value="planned" checked' in family.get(address).text
    assert "all in one message" in family.post(address, data={"often": "one"}).text
    assert 'value="one" checked' in family.get(address).text
    with transaction(engine, ENGINE) as connection:
        (row,) = audience.rows(connection, [1], slug="go-beyond-grades", zone="UTC")
    assert row.said.weekly_limit == 1
    family.post(address, data={"often": "planned"})
    assert 'value="planned" checked' in family.get(address).text
    assert family.post(address, data={"often": "never"}).status_code == 422


def test_from_the_day_of_the_rule_one_stop_stops_texts_and_calls_too(
    family: FlaskClient, engine: Engine, clock: Clock
) -> None:
    address = f"/stop/{way_out()}"
    family.post(address, data={"channel": "letter"})
    assert scopes(engine) == [("letter", "all", "revoked")]
    clock.now = datetime(2027, 1, 31, 12, tzinfo=UTC)
    family.post(address, data={"List-Unsubscribe": "One-Click"})
    assert scopes(engine)[1:] == [(channel, "all", "revoked") for channel in ("email", "sms", "call")]


def test_a_stop_is_honoured_by_the_next_look_and_again_opens_it(family: FlaskClient, engine: Engine) -> None:
    def open_channels() -> set[str]:
        with transaction(engine, ENGINE) as connection:
            (row,) = audience.rows(connection, [1], slug="go-beyond-grades", zone="UTC")
        return set(row.reachable - row.revoked - row.suppressed) & {"email", "sms"}

    address = f"/stop/{way_out()}"
    assert open_channels() == {"email", "sms"}
    family.post(address, data={"List-Unsubscribe": "One-Click"})
    assert open_channels() == {"sms"}
    family.post(address, data={"channel": "email", "again": "1"})
    assert open_channels() == {"email", "sms"}


def test_stopping_from_the_page(inside: FlaskClient, engine: Engine) -> None:
    page = send(inside, "/family/stop", "/family/stop", channel="email")
    assert page.status_code == 200
    assert latest_choice(engine) == [("email", "revoked", "family_page")]


def test_the_ledger_knows_through_what_a_choice_came(inside: FlaskClient, engine: Engine) -> None:
    inside.post(f"/stop/{way_out()}", data={"List-Unsubscribe": "One-Click"})
    send(inside, "/family/stop", "/family/stop", often="one")
    with transaction(engine, ENGINE) as connection:
        said = connection.execute(text("SELECT source, actor FROM consent_event ORDER BY id")).all()
    assert [tuple(one) for one in said] == [("one_click", "message:1"), ("family_page", "family_link:1")]


def test_nothing_else_opens_the_way_out(family: FlaskClient, engine: Engine) -> None:
    good = way_out()
    changed = [
        good[:-1] + ("0" if good[-1] != "0" else "1"),
        "p2" + good[2:],
        good[2:],
        good[:-32],
        "p1",
        "ü",
    ]
    for token in [*changed, issue(engine), way_out("nobody's")]:
        assert family.get(f"/stop/{token}").status_code == 404
        assert family.post(f"/stop/{token}", data={"channel": "email"}).status_code == 404
    assert latest_choice(engine) == []


def test_guessing_is_stopped(family: FlaskClient) -> None:
    tries = [family.get(f"/stop/{way_out(f'guess {number}')}").status_code for number in range(61)]
    assert tries == [404] * 60 + [429]
    assert family.post(f"/stop/{way_out()}", data={"channel": "email"}).status_code == 429


def test_a_barred_contact_can_still_stop_messages(family: FlaskClient, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE student_contact SET may_receive = false, court_restriction = true"))
        connection.execute(text("UPDATE family_link SET revoked_at = now()"))
    assert family.post(f"/stop/{way_out()}", data={"channel": "email"}).status_code == 200
    assert latest_choice(engine) == [("email", "revoked", "family_page")]
