"""Sending files on the import page, and watching them come in."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from campaign.app import create_app
from tests.campaign.web.sending import ORGS, SCORES, one, run_of, send, stored, words_of, work_off
from tests.web_pages import Clock, page_settings, session_for

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def client(app: Flask, signed_in: SignIn) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return signed_in("district@example.org")


def test_files_are_sent_wait_come_in_and_show_what_became_of_them(
    client: FlaskClient, engine: Engine, tmp_path: Path
) -> None:
    run_id = run_of(send(client, ("orgs.csv", ORGS), ("../../colours.csv", SCORES)))
    waits = client.get(f"/staff/imports/{run_id}").text
    assert "No worker is running" in words_of(waits)
    assert "Asked for by District Person" in words_of(waits)
    assert 'hx-trigger="every 2s"' in waits
    work_off(engine, tmp_path, run_id)
    page = client.get(f"/staff/imports/{run_id}").text
    said = words_of(page)
    assert "3 rows in = 2 accepted + 1 refused" in said
    assert "orgs.csv oneroster 1.1 orgs 3 2 1 refused rows of orgs.csv" in said
    assert "Could not be read. colours.csv has a header, but not one that the program knows." in said
    assert "hx-trigger" not in page
    history = words_of(client.get("/staff/imports").text)
    assert (
        "District Person 2 3 2 1 refused rows of this import Done, but files failed 1 file failed" in history
    )
    assert "On the server" in history, "the import of the small district"
    assert [path.name for path in stored(tmp_path)] == ["colours.csv", "orgs.csv"]
    assert (
        one(engine, "SELECT action || ' ' || target FROM audit_entry") == f"asked_for_import import:{run_id}"
    )


def test_what_a_district_sends_goes_into_that_district_whatever_the_form_says(
    client: FlaskClient, engine: Engine
) -> None:
    run_id = run_of(send(client, ("orgs.csv", ORGS), district="2"))
    assert one(engine, f"SELECT district_id FROM import_run WHERE id = {run_id}") == 1


@pytest.mark.parametrize(("district", "kept"), [("", None), ("2", 2)])
def test_the_state_may_choose_the_district_or_leave_it_to_the_files(
    app: Flask, signed_in: SignIn, engine: Engine, district: str, kept: int | None
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    state = signed_in("state@example.org")
    assert "Cedar Hills" in state.get("/staff/imports").text
    run_id = run_of(send(state, ("orgs.csv", ORGS), district=district))
    assert one(engine, f"SELECT district_id FROM import_run WHERE id = {run_id}") == kept


def test_a_district_that_does_not_exist_is_refused_and_nothing_stays(
    app: Flask, signed_in: SignIn, engine: Engine, tmp_path: Path
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    assert send(signed_in("state@example.org"), ("orgs.csv", ORGS), district="77").status_code == 404
    assert stored(tmp_path) == []
    assert one(engine, "SELECT count(*) FROM upload") == 0


@pytest.mark.parametrize("email", ["school@example.org", "teacher@example.org", "partner@example.org"])
def test_only_the_office_sends_files_and_nobody_else_can_fill_the_disk(
    app: Flask, signed_in: SignIn, tmp_path: Path, email: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    assert send(signed_in(email), ("orgs.csv", ORGS)).status_code == 403
    assert send(app.test_client(), ("orgs.csv", ORGS)).status_code == 303
    assert stored(tmp_path) == []


def test_files_without_a_form_token_are_refused_and_deleted(signed_in: SignIn, tmp_path: Path) -> None:
    client = signed_in("district@example.org")
    assert send(client, ("orgs.csv", ORGS)).status_code == 400
    assert stored(tmp_path) == []
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/staff/imports").text)
    assert token is not None
    assert send(client, ("orgs.csv", ORGS), csrf_token=token[1]).status_code == 303


def test_a_form_without_a_file_says_so(client: FlaskClient, engine: Engine) -> None:
    answer = send(client, ("", b""))
    assert "No file was chosen." in client.get(answer.location).text
    assert one(engine, "SELECT count(*) FROM import_run") == 1


def test_more_than_the_settings_allow_is_refused_and_nothing_stays(
    app: Flask, engine: Engine, tmp_path: Path, clock: Clock
) -> None:
    settings = page_settings(tmp_path)
    narrow = replace(settings, intake=replace(settings.intake, maximum_file_megabytes=1))
    client = create_app(narrow, engine=engine, clock=clock).test_client()
    client.set_cookie("gbg_session", session_for(engine, "district@example.org"))
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="large.csv"\r\n\r\n'
    body = head + b"x" * 3_000_000 + b"\r\n--x--\r\n"
    answer = client.post("/staff/imports", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
    assert "That is too much at once" in answer.text
    assert stored(tmp_path) == []


def test_other_pages_take_no_large_forms(client: FlaskClient) -> None:
    assert client.post("/staff/students", data={"search": "x" * 3_000_000}).status_code == 413


def test_an_import_is_called_off_before_it_begins_and_taken_up_again(
    client: FlaskClient, engine: Engine, tmp_path: Path
) -> None:
    run_id = run_of(send(client, ("orgs.csv", ORGS)))
    client.post(f"/staff/imports/{run_id}/cancel")
    assert "Nothing was imported" in client.get(f"/staff/imports/{run_id}").text
    work_off(engine, tmp_path, run_id)
    assert one(engine, f"SELECT count(*) FROM source_file WHERE import_run_id = {run_id}") == 0
    again = run_of(client.post(f"/staff/imports/{run_id}/again"))
    work_off(engine, tmp_path, again)
    assert f"Repeats import {run_id}" in words_of(client.get(f"/staff/imports/{again}").text)
    assert f"Repeated as import {again}" in words_of(client.get(f"/staff/imports/{run_id}").text)


@pytest.mark.parametrize(
    "path",
    ["/staff/imports/1", "/staff/imports/files/1", "/staff/imports/99", f"/staff/imports/{2**63}"],
)
def test_imports_of_another_district_are_not_there(signed_in: SignIn, path: str) -> None:
    assert signed_in("elsewhere@example.org").get(path).status_code == 404


def test_nothing_of_a_file_stands_in_the_logs(
    client: FlaskClient, engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        run_id = run_of(send(client, ("Abrego Ana.csv", b"name\nAna Abrego\n")))
        work_off(engine, tmp_path, run_id)
    assert "Abrego" not in caplog.text
