"""What a family writes on its page: kept once, seen by itself and its school, in no log."""

from __future__ import annotations

import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from content import catalog
from tests.campaign.web.family_visits import BORN, form_token, issue, send, value
from tests.web_pages import Clock

NOTE = {"loves": "Zebras & <b>maps</b>", "talk": "Mondays\r\nafter 5"}


def write(client: FlaskClient, **fields: object) -> str:
    return send(client, "/family/your-turn", "/family/your-turn?language=en", **fields).text


def test_a_note_is_kept_with_its_report_and_seen_by_who_wrote_it(reader: FlaskClient, engine: Engine) -> None:
    assert "The school has your note" in write(reader, **NOTE)
    assert value(engine, "SELECT said ->> 'talk' FROM family_request") == "Mondays\nafter 5"
    number = value(engine, "SELECT contract ->> 'number' FROM report WHERE language = 'en'")
    assert value(engine, "SELECT report_number FROM family_request") == f"{number}-1"
    page = reader.get("/family/your-turn").text
    assert "Zebras &amp; &lt;b&gt;maps&lt;/b&gt;" in page
    assert "November 2, 2026" in page
    assert value(engine, "SELECT action || ' ' || target FROM audit_entry ORDER BY id DESC LIMIT 1") == (
        "family_sent_note student:1"
    )


def test_whoever_writes_reads_first_whom_to_call_in_danger(reader: FlaskClient) -> None:
    for language in ("en", "es"):
        page = reader.get(f"/family/your-turn?language={language}").text
        assert catalog.load().text("page.your_turn.danger", language) in page
        assert "911" in page


def test_the_same_note_sent_twice_waits_once(reader: FlaskClient, engine: Engine) -> None:
    for _ in range(3):
        write(reader, **NOTE)
    write(reader, **NOTE, hope="A garden")
    assert value(engine, "SELECT count(*) FROM family_request") == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "at least one box"),
        ({"loves": " \r\n "}, "at least one box"),
        ({"hope": "h" * 1001}, "too long"),
        ({"language": "l" * 61, "loves": "Maps"}, "too long"),
    ],
)
def test_what_cannot_be_kept_is_said_and_what_was_written_stays(
    reader: FlaskClient, engine: Engine, fields: dict[str, str], words: str
) -> None:
    page = send(reader, "/family/your-turn", "/family/your-turn?language=en", **fields)
    assert page.status_code == 422
    assert words in page.text
    assert all(given.strip() in page.text for given in fields.values())
    assert value(engine, "SELECT count(*) FROM family_request") == 0


def test_line_ends_and_signs_that_are_no_text_do_no_harm(reader: FlaskClient, engine: Engine) -> None:
    assert "The school has your note" in write(reader, loves="a\0b\x1bc", hope="\r\n".join("h" * 500))
    assert value(engine, "SELECT said ->> 'loves' FROM family_request") == "abc"


def test_a_mistake_needs_a_place_and_is_kept(reader: FlaskClient, engine: Engine) -> None:
    send(reader, "/family", "/family/belief", skip="1")
    page = send(reader, "/family/mistake", "/family/mistake?language=en", more="It was 12 days")
    assert page.status_code == 422
    assert "choose what is wrong" in page.text
    assert "It was 12 days" in page.text
    chosen = {"what": ["attendance", "nonsense"], "more": "It was 12 days"}
    assert (
        "We told the school" in send(reader, "/family/mistake", "/family/mistake?language=en", **chosen).text
    )
    assert value(engine, "SELECT said::text FROM family_request") == (
        '{"more": "It was 12 days", "what": ["attendance"]}'
    )
    assert "It was 12 days" in reader.get("/family/mistake").text


def test_of_a_report_that_is_not_seen_no_mistake_is_told(reader: FlaskClient) -> None:
    assert reader.get("/family/mistake").status_code == 303


def test_without_a_report_a_family_can_still_write(inside: FlaskClient, engine: Engine) -> None:
    assert "/family/your-turn" in inside.get("/family").text
    write(inside, **NOTE)
    assert value(engine, "SELECT report_number FROM family_request") is None


def test_too_many_notes_are_stopped_for_a_while(reader: FlaskClient, engine: Engine, clock: Clock) -> None:
    pages = [write(reader, loves=f"Map {number}") for number in range(12)]
    assert ["wait a few minutes" in page for page in pages] == [False] * 10 + [True] * 2
    clock.forward(minutes=16)
    assert "The school has your note" in write(reader, loves="Map 13")
    assert value(engine, "SELECT count(*) FROM family_request") == 11


def test_the_other_adult_of_the_child_sees_none_of_it(
    app: Flask, reader: FlaskClient, engine: Engine
) -> None:
    write(reader, **NOTE)
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text("UPDATE student_contact SET student_id = 1, relation = 'father' WHERE contact_id = 2")
        )
    other = app.test_client()
    other.post(f"/r/{issue(engine, contact=2)}", data=BORN)
    page = other.get("/family/your-turn")
    assert page.status_code == 200
    assert "Zebras" not in page.text


@pytest.mark.parametrize("path", ["/family/your-turn", "/family/mistake"])
def test_what_is_sent_without_the_token_is_refused(reader: FlaskClient, engine: Engine, path: str) -> None:
    form_token(reader.get("/family"))
    assert reader.post(path, data={"loves": "Maps", "what": "grade"}).status_code == 400
    assert value(engine, "SELECT count(*) FROM family_request") == 0


def test_nothing_written_reaches_the_log(reader: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        write(reader, **NOTE)
        reader.get("/family/your-turn")
    assert "/family/your-turn" in caplog.text
    assert not [word for word in ("Zebras", "Mondays") if word in caplog.text]


def test_wishes_wait_for_staff_once(inside: FlaskClient, engine: Engine) -> None:
    for _ in range(2):
        send(inside, "/family/interpreter", "/family/interpreter")
    send(inside, "/family/wrong", "/family/wrong")
    assert value(engine, "SELECT string_agg(kind || ' ' || state, ', ' ORDER BY id) FROM family_request") == (
        "interpreter new, wrong_person new"
    )
