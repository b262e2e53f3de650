"""Mending what did not come in: corrections, retries, setting aside, starting again."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from tests.campaign.web.sending import ORGS, SCORES, file_of, one, run_of, send, stored, words_of, work_off

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def client(app: Flask, signed_in: SignIn) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return signed_in("district@example.org")


def test_an_import_whose_worker_died_is_started_again(
    client: FlaskClient, engine: Engine, tmp_path: Path
) -> None:
    run_id = run_of(send(client, ("orgs.csv", ORGS)))
    with transaction(engine, ENGINE) as connection:
        connection.execute(text(f"UPDATE import_run SET status = 'running' WHERE id = {run_id}"))
    page = words_of(client.get(f"/staff/imports/{run_id}").text)
    assert "The work on this import broke off" in page
    again = run_of(client.post(f"/staff/imports/{run_id}/again"))
    work_off(engine, tmp_path, again)
    assert "2 accepted" in words_of(client.get(f"/staff/imports/{again}").text)
    refused = client.post(f"/staff/imports/{run_id}/again")
    assert refused.location.endswith(f"/{run_id}"), "a newer import of the same file is not undone"


def test_a_corrected_file_takes_the_place_of_the_one_it_corrects(
    client: FlaskClient, engine: Engine, tmp_path: Path
) -> None:
    first = run_of(send(client, ("orgs.csv", ORGS)))
    work_off(engine, tmp_path, first)
    file = file_of(engine, first)
    open_before = words_of(client.get("/staff/problems").text)
    assert "orgs.csv (1)" in open_before
    mended = ORGS.replace(b"x,,,,", b"x,,,Yew Elementary,")
    run_id = run_of(send(client, ("mended.csv", mended), to=f"/staff/imports/files/{file}/corrected"))
    work_off(engine, tmp_path, run_id)
    page = words_of(client.get(f"/staff/imports/{run_id}").text)
    assert "orgs.csv oneroster 1.1 orgs 3 3 0 2" in page
    assert "orgs.csv (" not in words_of(client.get("/staff/problems").text)
    assert "1 problem" in words_of(client.get(f"/staff/problems?run={first}").text), "it stays in the history"
    assert "imported again since" in client.get(f"/staff/imports/files/{file}").text


def test_a_correction_of_another_kind_is_refused(client: FlaskClient, engine: Engine, tmp_path: Path) -> None:
    first = run_of(send(client, ("orgs.csv", ORGS)))
    work_off(engine, tmp_path, first)
    answer = send(
        client, ("orgs.pdf", b"%PDF"), to=f"/staff/imports/files/{file_of(engine, first)}/corrected"
    )
    assert "This is another kind of file" in client.get(answer.location).text
    assert [path.name for path in stored(tmp_path)] == ["orgs.csv"]


def test_the_same_file_is_tried_again_when_the_cause_lay_elsewhere(
    client: FlaskClient, engine: Engine, tmp_path: Path
) -> None:
    first = run_of(send(client, ("colours.csv", SCORES), ("orgs.csv", ORGS)))
    work_off(engine, tmp_path, first)
    colours = one(engine, "SELECT id FROM source_file WHERE name = 'colours.csv'")
    run_id = run_of(client.post(f"/staff/imports/files/{colours}/again"))
    work_off(engine, tmp_path, run_id)
    names = one(engine, f"SELECT string_agg(name, ' ') FROM source_file WHERE import_run_id = {run_id}")
    assert names == "colours.csv", "what came in well is not imported again"
    assert len(stored(tmp_path)) == 2


def test_a_file_that_lies_in_an_archive_or_was_deleted_says_how_to_go_on(
    client: FlaskClient, engine: Engine, tmp_path: Path
) -> None:
    assert "The corrected users.csv" in client.get("/staff/imports/files/1").text
    assert client.post("/staff/imports/files/1/again").location.endswith("/files/1"), "it was never stored"
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE source_file SET name = 'roster.zip/users.csv' WHERE id = 1"))
    assert "This file lies in an archive." in words_of(client.get("/staff/imports/files/1").text)
    first = run_of(send(client, ("orgs.csv", ORGS)))
    work_off(engine, tmp_path, first)
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE upload SET deleted_at = now()"))
    page = client.get(f"/staff/imports/files/{file_of(engine, first)}").text
    assert "was deleted 30 days after it came" in words_of(page)


def test_an_unknown_table_can_be_described(client: FlaskClient, engine: Engine, tmp_path: Path) -> None:
    run_id = run_of(send(client, ("colours.csv", SCORES), ("orgs.csv", ORGS)))
    work_off(engine, tmp_path, run_id)
    unknown = one(engine, "SELECT id FROM source_file WHERE name = 'colours.csv'")
    page = client.get(f"/staff/imports/{run_id}").text
    assert re.findall(r'href="(/staff/tables/\d+)"', page) == [f"/staff/tables/{unknown}"]
    assert f'href="/staff/tables/{unknown}"' in client.get(f"/staff/imports/files/{unknown}").text


def test_what_is_set_aside_leaves_the_open_list_and_comes_back(client: FlaskClient, engine: Engine) -> None:
    client.post("/staff/imports/files/3/set-aside")
    assert "could not be read" not in client.get("/staff/problems").text
    assert "Set aside" in client.get("/staff/imports/files/3").text
    client.post("/staff/imports/files/3/take-up")
    assert "could not be read" in client.get("/staff/problems").text
    assert one(engine, "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_entry") == (
        "set_aside_file took_up_file"
    )


def test_a_file_that_could_not_be_read_is_settled_by_a_good_one_of_its_name(
    client: FlaskClient, engine: Engine
) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                UPDATE source_file SET format = 'unknown' WHERE id = 3;
                INSERT INTO source_file (import_run_id, district_id, name, sha256, bytes, format, status)
                VALUES (1, 1, 'broken.xml', 'a4', 10, 'ed-fi students', 'done')
                """
            )
        )
    assert "could not be read" not in client.get("/staff/problems").text
