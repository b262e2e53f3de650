"""The staff page Programmes: added, shown as printed, changed, ended; by the office of the district alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.store import programmes as store
from tests.campaign.web.family_visits import form_token, value

SignIn = Callable[[str], FlaskClient]
CLUB = {
    "title_en": "Math  Club",
    "title_ar": "نادي الرياضيات",
    "details_en": "Mondays after school, <room> 3.",
    "subjects": ["math", "science"],
    "lowest": "3",
    "highest": "5",
    "starts_on": "2026-11-16",
    "free": "on",
    "contact": "555-0100",
}


def send(client: FlaskClient, path: str, do: str = "keep", **fields: object) -> tuple[int, str]:
    token = form_token(client.get("/staff/programmes/new"))
    answer = client.post(path, data={"csrf_token": token, "do": do, **fields}, follow_redirects=True)
    return answer.status_code, answer.text


def test_a_programme_is_added_changed_and_ended(signed_in: SignIn, engine: Engine) -> None:
    client = signed_in("district@example.org")
    assert "No programmes yet" in client.get("/staff/programmes").text
    status, page = send(client, "/staff/programmes/new", **CLUB)
    assert (status, "Kept." in page, "Math Club" in page) == (200, True, True)
    assert "Starts November 16, 2026. It is free. Sign up: 555-0100." in page
    with transaction(engine, ENGINE) as connection:
        ((number, one),) = store.numbered(connection, 1)
    assert (one.title["en"], one.title["ar"], list(one.subjects)) == (
        "Math Club",
        CLUB["title_ar"],
        ["math", "science"],
    )
    form = client.get(f"/staff/programmes/{number}").text
    assert "&lt;room&gt; 3." in form
    assert "نادي الرياضيات" in form
    send(client, f"/staff/programmes/{number}", **{**CLUB, "contact": ""})
    assert "Ask the school how to sign up." in client.get("/staff/programmes").text
    assert "Ended." in send(client, f"/staff/programmes/{number}/end")[1]
    assert value(engine, "SELECT ends_on::text FROM programme") == "2026-11-01"
    assert value(engine, "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_entry") == (
        "programme_kept programme_kept programme_ended"
    )


def test_it_is_shown_as_printed_before_it_is_kept(signed_in: SignIn, engine: Engine) -> None:
    page = send(signed_in("district@example.org"), "/staff/programmes/new", "show", **CLUB)[1]
    assert "As reports print it" in page
    assert page.count("<strong>") >= 2
    assert 'dir="rtl" lang="ar"><strong>نادي الرياضيات' in page
    assert value(engine, "SELECT count(*) FROM programme") == 0


@pytest.mark.parametrize(
    ("field", "given", "words"),
    [
        ("title_en", " ", "title.en: is missing"),
        ("title_en", "T" * 61, "61 letters"),
        ("details_en", "For failing students", "failing"),
        ("subjects", [], "subjects: is missing"),
        ("subjects", ["alchemy"], "alchemy"),
        ("lowest", "9", "9 to 5"),
        ("ends_on", "2026-11-15", "comes before"),
        ("starts_on", "soon", "is not a day"),
    ],
)
def test_what_cannot_be_printed_is_said_and_nothing_kept(
    signed_in: SignIn, engine: Engine, field: str, given: object, words: str
) -> None:
    status, page = send(signed_in("district@example.org"), "/staff/programmes/new", **{**CLUB, field: given})
    assert (status, words in page) == (422, True)
    assert "555-0100" in page, "what was typed stays"
    assert value(engine, "SELECT count(*) FROM programme") == 0


def test_another_district_cannot_change_it(signed_in: SignIn, engine: Engine) -> None:
    send(signed_in("district@example.org"), "/staff/programmes/new", **CLUB)
    number = value(engine, "SELECT id FROM programme")
    stranger = signed_in("elsewhere@example.org")
    for path in (f"/staff/programmes/{number}", f"/staff/programmes/{number}/end"):
        assert send(stranger, path, **CLUB)[0] == 404
    assert "Math Club" not in stranger.get("/staff/programmes?district=maple").text
    assert value(engine, "SELECT ends_on FROM programme") is None
