"""Headers, form tokens, hosts, the access log."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from campaign.app import create_app
from tests.web_pages import Clock, page_settings

PATHS = [
    "/", "/sign-in", "/sign-in/link/x", "/staff/", "/staff/students", "/staff/students/1", "/staff/students/99",
    "/staff/plan", "/staff/problems", "/staff/problems.csv", "/staff/imports", "/nowhere", "/static/app.css",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_headers_of_every_answer(signed_in: Callable[[str], FlaskClient], path: str) -> None:
    headers = signed_in("district@example.org").get(path, buffered=True).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == ("public, max-age=3600" if path.startswith("/static") else "no-store")
    assert "Strict-Transport-Security" not in headers


def test_the_nonce_is_new_for_every_answer(app: Flask) -> None:
    client = app.test_client()
    nonces = {
        re.findall(r"nonce-([\w-]+)", client.get("/sign-in").headers["Content-Security-Policy"])[0]
        for _ in range(5)
    }
    assert len(nonces) == 5


def test_pages_have_no_inline_script_or_style(signed_in: Callable[[str], FlaskClient]) -> None:
    client = signed_in("district@example.org")
    for path in PATHS:
        page = client.get(path).text if not path.startswith("/static") else ""
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style| style=|\son\w+=", page), path


def test_https_adds_hsts_and_binds_cookies_to_the_host(engine: Engine, tmp_path: Path) -> None:
    app = create_app(page_settings(tmp_path, "https://grades.example.org"), engine=engine, clock=Clock())
    answer = app.test_client().get("/sign-in", base_url="https://grades.example.org")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-gbg_form=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1", 200), ("localhost:8000", 200), ("evil.example", 400), ("127.0.0.1.evil", 400)],
)
def test_other_hosts_are_refused(app: Flask, host: str, status: int) -> None:
    assert app.test_client().get("/sign-in", headers={"Host": host}).status_code == status


def form_token(client: FlaskClient, path: str = "/sign-in") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found
    return found.group(1)


def test_a_form_without_its_token_changes_nothing(signed_in: Callable[[str], FlaskClient]) -> None:
    client = signed_in("district@example.org")
    answer = client.post("/staff/plan/campaigns/1/pause")
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.text
    assert "Running" in client.get("/staff/plan").text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "https://evil.example"}, 400),
        ({"Sec-Fetch-Site": "cross-site"}, 400),
        ({"Sec-Fetch-Site": "same-site"}, 400),
    ],
)
def test_a_form_of_another_site_is_refused_whatever_token_it_has(
    signed_in: Callable[[str], FlaskClient], headers: dict[str, str], status: int
) -> None:
    client = signed_in("district@example.org")
    values = {"csrf_token": form_token(client, "/staff/plan")}
    assert client.post("/staff/plan/campaigns/1/pause", data=values, headers=headers).status_code == status


def test_a_form_that_is_too_large_is_refused(app: Flask) -> None:
    client = app.test_client()
    answer = client.post("/sign-in", data={"csrf_token": form_token(client), "email": "x" * 3_000_000})
    assert answer.status_code == 413


def test_the_access_log_names_no_person_and_no_address_of_a_page(
    app: Flask, signed_in: Callable[[str], FlaskClient], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client = signed_in("teacher@example.org")
    client.get("/staff/students/1")
    client.get("/staff/imports")
    client.get("/sign-in/link/secret-token")
    app.test_client().post("/sign-in", data={"email": "rosa@example.org", "password": "Abrego"})
    assert "route=/staff/students/<int:student_id> status=200" in caplog.text
    assert "actor=account:" in caplog.text
    for secret in ("secret-token", "Abrego", "Ana", "@", "students/1"):
        assert secret not in caplog.text, secret


def test_a_page_that_breaks_says_so_kindly_and_keeps_its_headers(app: Flask) -> None:
    from campaign.web.guard import public

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/broken", "broken", public(lambda: 1 / 0))
    answer = app.test_client().get("/broken")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
