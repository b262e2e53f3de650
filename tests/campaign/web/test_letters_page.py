"""The page of letters: a run is started, its files are taken, and a person says what became of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from campaign.access import ENGINE
from campaign.app import create_app
from campaign.database import transaction
from campaign.paper import letter_files, letter_list
from campaign.store import letters as store
from tests.campaign.paper.letter_post import DUE, delivery_of, plain, post_office, settings_of
from tests.campaign.web.family_visits import form_token
from tests.web_pages import Clock

SignIn = Callable[[str], FlaskClient]
PAGE = "/staff/letters"
OFFICE = "district@example.org"


@pytest.fixture
def clock() -> Clock:
    return Clock(DUE)


@pytest.fixture
def app(engine: Engine, tmp_path: Path, clock: Clock) -> Flask:
    """The application, on a campaign whose step is a letter; campaigns need no approval."""
    post_office(engine, tmp_path, drawn=True)
    return create_app(settings_of(tmp_path), engine=engine, clock=clock)


def press(client: FlaskClient, address: str = PAGE, **fields: str) -> TestResponse:
    fields["csrf_token"] = form_token(client.get(address))
    return client.post(address, data=fields, follow_redirects=True)


def printed(client: FlaskClient, engine: Engine, home: Path) -> str:
    """Start a run and draw it as the worker does; its address."""
    address = press(client).request.path
    with transaction(engine, ENGINE) as connection:
        run = store.run(connection, address.rpartition("/")[2])
    assert run is not None
    letter_files.produce(delivery_of(engine, home), run, letter_list.folder(home, run), DUE)
    return address


def test_a_run_from_the_page_to_the_post(
    signed_in: SignIn, engine: Engine, tmp_path: Path, clock: Clock
) -> None:
    client = signed_in(OFFICE)
    assert "7 letters to print" in client.get("/staff/").text
    started = press(client)
    assert "It is being printed" in started.text
    assert "No worker is running" in started.text
    address = printed(client, engine, tmp_path)
    page = client.get(address).text
    files = re.findall(rf'href="({address}/[^"]+)"', page)
    assert [name.rpartition("-")[2] for name in files] == ["cover.pdf", "list.csv", "001.pdf", "002.pdf"]
    taken = client.get(files[0])
    assert (taken.status_code, taken.data[:5], taken.headers["Cache-Control"]) == (200, b"%PDF-", "no-store")
    taken.close()
    assert "1 run of letters: were they posted?" in client.get("/staff/").text
    clock.now = DUE + timedelta(days=1)
    client = signed_in(OFFICE)
    told = press(client, address, said="posted", day="2026-11-10").text
    assert "Posted on November 10, 2026, says District Person" in told
    assert plain(engine)["accepted"] == 6
    assert not list((tmp_path / "letters").glob("*/*"))
    assert client.get(files[0]).status_code == 404


def test_what_cannot_be_is_said_and_changes_nothing(
    signed_in: SignIn, engine: Engine, tmp_path: Path
) -> None:
    client = signed_in(OFFICE)
    address = printed(client, engine, tmp_path)
    refused = press(client, address, said="posted", day="2026-12-24")
    assert (refused.status_code, "Choose the day" in refused.text) == (422, True)
    assert press(client, address, said="posted", day="soon").status_code == 400
    assert press(client, address, said="eaten").status_code == 400
    assert "None of these envelopes" in press(client, address, said="spoiled", envelopes="99").text
    assert plain(engine)["dispatching"] == 6
    assert (
        "These letters wait for the next run" in press(client, address, said="spoiled", envelopes="1, 2").text
    )
    assert plain(engine)["planned"] == 2


def test_a_slip_about_one_envelope_is_taken_back_on_its_day(
    signed_in: SignIn, engine: Engine, tmp_path: Path, clock: Clock
) -> None:
    client = signed_in(OFFICE)
    address = printed(client, engine, tmp_path)
    said = press(client, address, said="spoiled", envelopes="1, 2").text
    assert said.count('value="put_back"') == 2
    told = press(client, address, said="put_back", envelopes="1").text
    assert ("Taken back" in told, told.count('value="put_back"')) == (True, 1)
    assert (plain(engine)["planned"], plain(engine)["dispatching"]) == (1, 5)
    assert 'value="put_back"' not in signed_in("state@example.org").get(address).text
    clock.now = DUE + timedelta(days=1)
    client = signed_in(OFFICE)
    assert 'value="put_back"' not in client.get(address).text
    late = press(client, address, said="put_back", envelopes="2")
    assert (late.status_code, "only on the day" in late.text) == (422, True)
    assert plain(engine)["planned"] == 1


def test_who_may(signed_in: SignIn, engine: Engine, tmp_path: Path) -> None:
    address = printed(signed_in(OFFICE), engine, tmp_path)
    assert signed_in("elsewhere@example.org").get(address).status_code == 404
    assert signed_in("school@example.org").get(address).status_code == 403
    state = signed_in("state@example.org")
    page = state.get(address)
    assert (page.status_code, f"{address}/" in page.text) == (200, False)
    (file,) = {path.name for path in (tmp_path / "letters").glob("*/*list.csv")}
    assert state.get(f"{address}/{file}").status_code == 403
    assert signed_in("elsewhere@example.org").get(f"{address}/{file}").status_code == 404


def test_nothing_to_print_is_said(signed_in: SignIn, engine: Engine, tmp_path: Path, clock: Clock) -> None:
    client = signed_in(OFFICE)
    printed(client, engine, tmp_path)
    again = press(client)
    assert (again.status_code, "No letter is due" in again.text) == (422, True)
