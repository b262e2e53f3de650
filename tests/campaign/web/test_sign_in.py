"""Coming in and going out: passwords, links, sessions, limits."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.sign_in import LINK_LASTS, PER_ACCOUNT, hash_password
from campaign.store import accounts
from tests.web_pages import Clock

PASSWORD = "a short sentence works well"
EMAIL = "district@example.org"


@pytest.fixture
def with_password(app: Flask, engine: Engine) -> Flask:
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text("UPDATE account SET password_hash = :hash WHERE email = :email"),
            {"hash": hash_password(PASSWORD), "email": EMAIL},
        )
    return app


def sign_in(
    client: FlaskClient, email: str = EMAIL, password: str = PASSWORD, next: str = ""
) -> tuple[int, str]:
    """Fill in the form; (status, where it leads or what it says)."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert found
    values = {"csrf_token": found.group(1), "email": email, "password": password, "next": next}
    answer = client.post("/sign-in", data=values)
    said = re.search(r'usa-alert__text">([^<]+)<', answer.text)
    return answer.status_code, answer.location or (said.group(1) if said else "")


def test_the_right_password_opens_the_home_page(with_password: Flask) -> None:
    client = with_password.test_client()
    assert sign_in(client, email=" District@Example.org ") == (303, "/staff/")
    assert client.get("/staff/").status_code == 200
    assert client.get("/").location == "/staff/"


def test_an_unknown_account_and_a_wrong_password_get_the_same_answer(with_password: Flask) -> None:
    client = with_password.test_client()
    answers = {
        sign_in(client, email="nobody@example.org"),
        sign_in(client, password="wrong"),
        sign_in(client, email="state@example.org"),
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 401


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/staff/plan", "/staff/plan"),
        ("//evil.example", "/staff/"),
        ("https://evil.example/staff/", "/staff/"),
        ("/\\evil.example", "/staff/"),
        ("/staff/\\evil", "/staff/"),
        ("javascript:alert(1)", "/staff/"),
    ],
)
def test_after_signing_in_the_page_asked_for_opens_if_it_is_ours(
    with_password: Flask, wanted: str, leads_to: str
) -> None:
    assert sign_in(with_password.test_client(), next=wanted) == (303, leads_to)


def test_signing_in_gives_a_new_session_and_keeps_only_its_hash(with_password: Flask, engine: Engine) -> None:
    client = with_password.test_client()
    client.set_cookie("gbg_session", "chosen-by-somebody-else")
    sign_in(client)
    cookie = client.get_cookie("gbg_session")
    assert cookie is not None
    assert cookie.value != "chosen-by-somebody-else"
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    with transaction(engine, ENGINE) as connection:
        stored = connection.scalars(text("SELECT token_sha256 FROM session")).all()
    assert stored == [accounts.hash_of(cookie.value)]


@pytest.mark.parametrize("limited", [EMAIL, "nobody@example.org"])
def test_after_too_many_tries_even_the_right_password_waits(
    with_password: Flask, clock: Clock, limited: str
) -> None:
    client = with_password.test_client()
    for _ in range(PER_ACCOUNT.tries):
        assert sign_in(client, email=limited, password="wrong")[0] == 401
    assert sign_in(client, email=limited)[0] == 429
    clock.forward(minutes=16)
    assert sign_in(client, email=limited)[0] == (303 if limited == EMAIL else 401)


def test_when_tries_cannot_be_counted_nobody_comes_in(with_password: Flask, engine: Engine) -> None:
    with_password.config["PROPAGATE_EXCEPTIONS"] = False
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE attempt_counter RENAME TO attempt_counter_gone"))
    client = with_password.test_client()
    assert sign_in(client)[0] == 500
    assert client.get("/staff/").status_code == 303


@pytest.mark.parametrize(
    ("minutes_between_clicks", "clicks", "signed_in_at_the_end"),
    [(29, 3, True), (31, 1, False), (29, 24, True), (29, 25, False)],
    ids=["active", "idle", "eleven hours and a half", "over twelve hours"],
)
def test_sessions_end_when_idle_and_after_the_longest_day(
    signed_in: Callable[[str], FlaskClient],
    clock: Clock,
    minutes_between_clicks: int,
    clicks: int,
    signed_in_at_the_end: bool,
) -> None:
    client = signed_in(EMAIL)
    for _ in range(clicks):
        clock.forward(minutes=minutes_between_clicks)
        answer = client.get("/staff/imports")
    assert (answer.status_code == 200) is signed_in_at_the_end


def test_signing_out_ends_the_session_on_the_server(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = signed_in(EMAIL)
    stolen = client.get_cookie("gbg_session")
    assert stolen is not None
    assert client.post("/sign-out").location == "/sign-in"
    assert client.get_cookie("gbg_session") is None
    thief = app.test_client()
    thief.set_cookie("gbg_session", stolen.value)
    assert thief.get("/staff/").status_code == 303


def test_a_closed_account_is_out_at_once(
    with_password: Flask, signed_in: Callable[[str], FlaskClient], engine: Engine, clock: Clock
) -> None:
    client = signed_in(EMAIL)
    assert client.get("/staff/").status_code == 200
    with transaction(engine, ENGINE) as connection:
        account = accounts.by_email(connection, EMAIL)
        assert account is not None
        token = accounts.issue_sign_in_link(connection, account.account_id, clock.now, LINK_LASTS)
        accounts.disable(connection, account.account_id, clock.now)
    assert client.get("/staff/").status_code == 303
    assert sign_in(with_password.test_client())[0] == 401
    assert follow(with_password.test_client(), token).status_code == 401


def issue(engine: Engine, clock: Clock) -> str:
    with transaction(engine, ENGINE) as connection:
        account = accounts.by_email(connection, EMAIL)
        assert account is not None
        return accounts.issue_sign_in_link(connection, account.account_id, clock.now, LINK_LASTS)


def follow(client: FlaskClient, token: str) -> object:
    page = client.get(f"/sign-in/link/{token}").text
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return client.post(f"/sign-in/link/{token}", data={"csrf_token": found.group(1)})


def test_a_link_signs_in_once_and_looking_at_it_uses_nothing_up(
    app: Flask, engine: Engine, clock: Clock
) -> None:
    token = issue(engine, clock)
    for _ in range(20):
        assert app.test_client().get(f"/sign-in/link/{token}").status_code == 200
    client = app.test_client()
    assert follow(client, token).status_code == 303
    assert client.get("/staff/").status_code == 200
    assert follow(app.test_client(), token).status_code == 401


@pytest.mark.parametrize(("after", "status"), [(LINK_LASTS - timedelta(seconds=1), 303), (LINK_LASTS, 401)])
def test_a_link_lasts_ten_minutes(
    app: Flask, engine: Engine, clock: Clock, after: timedelta, status: int
) -> None:
    token = issue(engine, clock)
    clock.now += after
    assert follow(app.test_client(), token).status_code == status


def test_a_short_password_is_refused_with_a_remedy() -> None:
    with pytest.raises(ValueError, match="at least 12 characters"):
        hash_password("too short")
