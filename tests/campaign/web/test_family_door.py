"""The door to a family's page: nothing is said, set or used up before the second step."""

from __future__ import annotations

import logging
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign import links
from campaign.access import ENGINE
from campaign.database import transaction
from tests.campaign.web.family_visits import BORN, CANARIES, WRONG, issue, value, way_out
from tests.web_pages import MORNING, Clock


def test_before_the_second_step_nothing_is_said_set_or_changed(family: FlaskClient, engine: Engine) -> None:
    address = f"/r/{issue(engine)}"
    agents = ["", "Slackbot-LinkExpanding 1.0", "WhatsApp/2.23", "Mozilla/5.0 (Windows; SafeLinks)"]
    for agent in agents * 5:
        for method in (family.get, family.head):
            page = method(address, headers={"User-Agent": agent})
            assert page.status_code == 200
            assert "Set-Cookie" not in page.headers
            assert not [word for word in CANARIES if word in page.text.replace("2016.", "")]
    page = family.get(address)
    assert 'lang="en-US"' in page.text
    assert 'lang="es-US"' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "http" not in re.sub(r"http-equiv|https?://127\.0\.0\.1", "", page.text), "nothing from elsewhere"
    assert 'property="og:' not in page.text
    assert value(engine, "SELECT wrong_tries FROM family_link") == 0
    assert value(engine, "SELECT count(*) FROM family_session") == 0
    assert value(engine, "SELECT count(*) FROM audit_entry") == 0
    assert value(engine, "SELECT count(*) FROM attempt_counter") == 0


def test_a_scanner_that_presses_buttons_uses_nothing_up(family: FlaskClient, engine: Engine) -> None:
    address = f"/r/{issue(engine)}"
    for form in [{}, {"month": "", "day": "", "year": ""}, {"month": "2", "day": "31", "year": "2016"}] * 3:
        page = family.post(address, data=form)
        assert page.status_code == 422
        assert "May 4, 2016" in page.text
    assert value(engine, "SELECT wrong_tries FROM family_link") == 0
    assert family.post(address, data=BORN).status_code == 303


def test_the_birth_date_opens_a_page_without_a_token(family: FlaskClient, engine: Engine) -> None:
    answer = family.post(f"/r/{issue(engine)}", data=BORN)
    assert answer.headers["Location"] == "/family"
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=1800"} <= set(cookie.split("; "))
    assert "Ana" in family.get("/family").text


def test_https_binds_the_cookie_to_the_host(app: Flask, engine: Engine) -> None:
    app.config["SESSION_COOKIE_SECURE"] = True
    answer = app.test_client().post(f"/r/{issue(engine)}", data=BORN, base_url="https://localhost")
    assert answer.headers["Set-Cookie"].startswith("__Host-gbg_family=")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_unknown_expired_and_revoked_get_one_answer(family: FlaskClient, engine: Engine) -> None:
    expired, revoked = issue(engine), issue(engine)
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text("UPDATE family_link SET expires_at = :now WHERE token_sha256 = :hash"),
            {"now": MORNING, "hash": links.fingerprint(expired)},
        )
        connection.execute(
            text("UPDATE family_link SET revoked_at = :now WHERE token_sha256 = :hash"),
            {"now": MORNING, "hash": links.fingerprint(revoked)},
        )
    tokens = ["x" * 43, expired, revoked, way_out()]
    for ask in (lambda t: family.get(f"/r/{t}"), lambda t: family.post(f"/r/{t}", data=BORN)):
        pages = [ask(token) for token in tokens]
        assert {page.status_code for page in pages} == {404}
        assert len({re.sub(r'nonce="[^"]+"', "", page.text) for page in pages}) == 1
        assert all("Set-Cookie" not in page.headers for page in pages)


def test_the_sixth_try_is_refused_even_with_the_right_date(
    app: Flask, family: FlaskClient, engine: Engine
) -> None:
    address = f"/r/{issue(engine)}"
    for left in (4, 3, 2, 1):
        page = family.post(address, data=WRONG)
        assert page.status_code == 422
        assert f"Tries left: {left}." in page.text
    assert family.post(address, data=WRONG).status_code == 404
    for client in (family, app.test_client()):
        assert client.post(address, data=BORN, environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 404


def test_too_many_tries_from_one_address_are_stopped_and_others_are_not(
    family: FlaskClient, engine: Engine, clock: Clock
) -> None:
    good = f"/r/{issue(engine)}"
    statuses = [family.get(f"/r/{'x' * 42}{n:x}").status_code for n in range(62)]
    assert statuses == [404] * 60 + [429] * 2
    assert family.get(good).status_code == 429
    assert family.get(good, environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 200
    clock.forward(minutes=16)
    assert family.get(good).status_code == 200


def test_all_addresses_together_are_limited(family: FlaskClient, engine: Engine) -> None:
    family.get("/r/unknown")
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE attempt_counter SET count = 6000 WHERE key = 'family:everybody'"))
    answer = family.post(f"/r/{issue(engine)}", data=BORN, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert answer.status_code == 429


def test_what_cannot_be_counted_is_refused(family: FlaskClient, engine: Engine) -> None:
    address = f"/r/{issue(engine)}"
    stop = f"/stop/{way_out()}"
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("RESET ROLE"))
        connection.execute(text("ALTER TABLE attempt_counter RENAME TO gone"))
    assert family.get(address).status_code == 503
    assert family.post(address, data=BORN).status_code == 503
    assert family.get(stop).status_code == 503


def test_without_a_birth_date_the_page_says_whom_to_call(family: FlaskClient, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE student SET birth_date = NULL WHERE id = 1"))
    address = f"/r/{issue(engine)}"
    for page in (family.get(address), family.post(address, data=BORN)):
        assert page.status_code == 200
        assert "call your child&#39;s school" in page.text.lower()
        assert "<form" not in page.text


def test_no_name_date_or_token_reaches_the_log(
    family: FlaskClient, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    token = issue(engine)
    with caplog.at_level(logging.DEBUG):
        family.get(f"/r/{token}")
        family.post(f"/r/{token}", data=WRONG)
        family.post(f"/r/{token}", data=BORN)
        family.get("/family")
    assert "/r/<token>" in caplog.text
    assert not [word for word in [token, "Ana", "Abrego", "2016-04"] if word in caplog.text]
