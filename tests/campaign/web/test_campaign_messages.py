"""Messages that staff write themselves, and campaigns that go out and come in as files."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pikepdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from tests.campaign.web.building import STEP, new_campaign, post
from tests.campaign.web.family_visits import value

SignIn = Callable[[str], FlaskClient]
SMS = "{school}: come to the reading night. Reply STOP to end."
# As the program itself hands over an answer of staff: at any hour, and with no approval.
AN_ANSWER = b"""
[[step]]
id = "hurry"
answers = "at_once"
anchor = "report_card"
offset = 0
unit = "days"
send_on = "school_day"
at = "17:30"
expires_after_hours = 48
priority = 50
message = "tip"
channels = ["sms"]
needs_report = false
waits_for_preview = false
"""


@pytest.fixture
def office(signed_in: SignIn) -> FlaskClient:
    client = signed_in("district@example.org")
    assert client.get("/staff/campaigns").status_code == 200
    return client


def test_a_message_of_ones_own_refuses_what_is_no_placeholder(office: FlaskClient) -> None:
    refused = post(
        office,
        "/staff/campaigns/messages/new",
        about="Night",
        do="keep",
        **{"sms.text": "{school} {{ child.name }} STOP"},
    )
    assert refused.status_code == 422
    assert "is not a placeholder here. You can write: {reports}, {school}" in refused.text
    named = post(
        office, "/staff/campaigns/messages/new", about="N", do="keep", **{"sms.text": SMS + "{child}"}
    )
    assert "{child} is not a placeholder here" in named.text
    long = post(
        office, "/staff/campaigns/messages/new", about="N", do="keep", **{"sms.text": SMS + "ы" * 200}
    )
    assert "at most 2 are sent. Make it shorter. Nothing was saved." in long.text
    assert "None yet." in office.get("/staff/campaigns").text


def test_a_message_of_ones_own_is_written_translated_used_and_then_stays(office: FlaskClient) -> None:
    kept = post(
        office, "/staff/campaigns/messages/new", about="Reading night", do="keep", **{"sms.text": SMS}
    )
    assert "Kept." in kept.text
    path = "/staff/campaigns/messages/own-reading-night"
    spanish = {"sms.text": "{school}: venga a la noche de lectura. Responda STOP."}
    assert "(draft)" in post(office, f"{path}?language=es", do="keep", **spanish).text
    assert "(draft)" not in post(office, f"{path}?language=es", do="review", **spanish).text
    campaign = new_campaign(office)
    fields = {**STEP, "message": "own-reading-night", "channels": "sms"}
    assert "Reading night" in post(office, f"{campaign}/steps/new", do="keep", **fields).text
    worst = office.get(f"{campaign}/words/own-reading-night").text
    assert "venga a la noche de lectura" in worst
    refused = post(office, f"{path}/remove")
    assert (refused.status_code, "It is used in Reading nights." in refused.text) == (422, True)


def test_how_the_words_read_is_said_while_they_are_written(office: FlaskClient) -> None:
    look = post(office, "/staff/campaigns/messages/look", **{"sms.text": SMS}).text
    assert "1 part" in look
    accented = SMS.replace("reading", "lectúra") + " Más palabras para llegar a otra parte del mensaje."
    assert "makes the parts less than half as long" in (
        post(office, "/staff/campaigns/messages/look", **{"sms.text": accented}).text
    )


def test_a_campaign_goes_out_as_a_file_and_comes_in_again(
    office: FlaskClient, signed_in: SignIn, engine: Engine
) -> None:
    post(office, "/staff/campaigns/messages/new", about="Reading night", do="keep", **{"sms.text": SMS})
    campaign = new_campaign(office)
    fields = {**STEP, "message": "own-reading-night", "channels": "sms"}
    post(office, f"{campaign}/steps/new", do="keep", **fields)
    file = office.get(f"{campaign}/campaign.toml").data
    elsewhere = signed_in("elsewhere@example.org")
    sent = {"file": (io.BytesIO(file), "year.toml")}
    taken = post(elsewhere, "/staff/campaigns/import", **sent)
    assert "Taken in." in taken.text, taken.text
    there = re.search(r"/staff/campaigns/(\d+)/title", taken.text)
    assert there
    assert elsewhere.get(f"/staff/campaigns/{there[1]}/campaign.toml").data == file


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"slug = ", "cannot be read as TOML"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b'slug = "x"\ntitle = "X"\n[[step]]\nid = "a"\n', "step a: anchor: is missing"),
        (b'slug = "x"\ntitle = "X"\n' + AN_ANSWER, "step hurry: answers: is only for answers of staff"),
        (b'slug = "answers"\ntitle = "X"\n' + AN_ANSWER, "slug: &#34;answers&#34; is taken by the answers"),
        (b'slug = "answers"\ntitle = "X"\n', "slug: &#34;answers&#34; is taken by the answers"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(
    office: FlaskClient, engine: Engine, content: bytes, words: str
) -> None:
    before = value(engine, "SELECT count(*) FROM campaign_version")
    sent = {"file": (io.BytesIO(content), "year.toml")}
    refused = post(office, "/staff/campaigns/import", **sent)
    assert (refused.status_code, words in refused.text) == (422, True)
    assert value(engine, "SELECT count(*) FROM campaign_version") == before


def test_a_file_with_a_text_message_that_is_too_long_changes_nothing(
    office: FlaskClient, engine: Engine
) -> None:
    """In the same words as in the form."""
    post(office, "/staff/campaigns/messages/new", about="Reading night", do="keep", **{"sms.text": SMS})
    campaign = new_campaign(office)
    fields = {**STEP, "message": "own-reading-night", "channels": "sms"}
    post(office, f"{campaign}/steps/new", do="keep", **fields)
    file = office.get(f"{campaign}/campaign.toml").data.decode()
    words = SMS.split(".")[0]
    longer = file.replace(words, words + " más" * 30).encode()
    before = value(engine, "SELECT count(*) FROM wording")
    refused = post(office, "/staff/campaigns/import", file=(io.BytesIO(longer), "year.toml"))
    assert refused.status_code == 422
    assert re.search(r"message own-reading-night, en: Text message: travels in \d parts", refused.text)
    assert "at most 2 are sent. Make it shorter." in refused.text
    assert value(engine, "SELECT count(*) FROM wording") == before


def test_what_people_carry_is_shown_before_it_is_approved(office: FlaskClient, app: Flask) -> None:
    campaign = new_campaign(office, "A year", like="go-beyond-grades")
    assert "and for who does not answer: letter, phone call" in office.get(f"{campaign}/review").text
    page = office.get(f"{campaign}/words/report_ready").text
    letters, calls = page.partition("By letter, to who does not answer")[2].split("By a call, to whom")
    assert letters.count("As it is printed (PDF)") > letters.count("English in its place") > 0
    assert letters.count("Maximiliano-Alejandro") >= 3
    assert "To a voice mail" in calls
    assert "Maximiliano-Alejandro" in calls
    assert "By letter" not in office.get(f"{campaign}/words/tip").text


def test_the_specimen_is_the_letter_as_it_is_printed(office: FlaskClient) -> None:
    campaign = new_campaign(office, "A year", like="go-beyond-grades")
    specimen = office.get(f"{campaign}/words/report_ready/letter/en.pdf")
    assert (specimen.status_code, specimen.mimetype) == (200, "application/pdf")
    with pikepdf.open(io.BytesIO(specimen.data)) as printed:
        assert len(printed.pages) == 1
    for nothing in ("report_ready/letter/xx", "tip/letter/en"):
        assert office.get(f"{campaign}/words/{nothing}.pdf").status_code == 404
