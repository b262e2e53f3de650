"""Plain language: a pasted text comes back marked, works without JavaScript, and leaves no trace."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from tests.campaign.web.family_visits import send, value

SignIn = Callable[[str], FlaskClient]
PAGE = "/staff/plain-language"
TEXT = (
    "We will utilize the assessment prior to Monday. Ana is failing.\n"
    "Ana reads well at home with you each night, and the teacher would like to hear more of it very soon."
)


@pytest.fixture
def office(signed_in: SignIn) -> FlaskClient:
    return signed_in("district@example.org")


def measured(client: FlaskClient, text: str = TEXT, language: str = "en") -> TestResponse:
    return send(client, PAGE, PAGE, text=text, language=language)


def test_hard_words_and_sentences_are_marked_with_what_to_say(office: FlaskClient) -> None:
    page = measured(office)
    assert page.status_code == 200
    marked = re.findall(r'<mark class="([^"]+)">([^<]+)</mark>', page.text)
    assert ("gbg-mark--word ", "utilize") in marked
    assert ("gbg-mark--word ", "prior to") in marked
    assert ("gbg-mark--not-said ", "failing") in marked
    assert any(kind == "gbg-mark--sentence " and words.startswith("Ana reads well") for kind, words in marked)
    for advice in (
        "Say “use”.",
        "Say “before”.",
        "Say &#34;not yet at grade level&#34;.",
        "end it after “each night”",
    ):
        assert advice in page.text, advice


def test_every_number_in_the_text_leads_to_its_advice(office: FlaskClient) -> None:
    page = measured(office).text
    links = re.findall(r'href="#finding-(\d+)"', page)
    assert sorted(links) == sorted(re.findall(r'<li id="finding-(\d+)"', page))
    assert len(links) == 5


def test_the_marked_text_is_the_text(office: FlaskClient) -> None:
    page = measured(office, "Utilize <b>it</b>\r\n& go.").text
    box = page.partition('<div class="gbg-marked"')[2].partition(">")[2].partition("</div>")[0]
    plain = re.sub(r"<sup>.*?</sup>|</?mark[^>]*>", "", box)
    assert plain == "Utilize &lt;b&gt;it&lt;/b&gt;\n&amp; go."


def test_a_language_without_a_formula_gets_no_number(office: FlaskClient) -> None:
    page = measured(office, "انا ریاضی میں فیل ہے۔ ٹیچر سے پوچھیں۔", "ur").text
    assert "Not measured: we know no formula that holds for Urdu" in page
    assert "is a draft that nobody has reviewed" in page
    assert 'lang="ur" dir="rtl"' in page
    assert "gbg-mark--not-said" in page


def test_spanish_gets_its_three_measures(office: FlaskClient) -> None:
    page = measured(office, "Ana lee bien. Lea con Ana. " * 8, "es").text
    for name in ("Fernández-Huerta ease", "INFLESZ ease", "Crawford grade"):
        assert name in page
    assert "Easy enough to read" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": " \n ", "language": "en"}, "Paste a text first"),
        ({"text": "…!", "language": "en"}, "Paste a text first"),
        ({"text": "Ana.", "language": "xx"}, "Choose one of the languages"),
        ({"text": "a " * 10_001, "language": "en"}, "Paste at most 20,000"),
    ],
)
def test_what_cannot_be_measured_is_said(office: FlaskClient, fields: dict[str, str], words: str) -> None:
    page = send(office, PAGE, PAGE, **fields)
    assert page.status_code == 422
    assert words in page.text


def test_nothing_of_the_text_is_stored_or_logged(
    office: FlaskClient, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    before = value(engine, "SELECT count(*) FROM audit_entry")
    measured(office, "Zebulon is failing.")
    assert "Zebulon" not in caplog.text
    assert value(engine, "SELECT count(*) FROM audit_entry") == before


@pytest.mark.parametrize(
    ("who", "status"), [("state@example.org", 200), ("school@example.org", 200), ("teacher@example.org", 403)]
)
def test_who_may_open_it(signed_in: SignIn, who: str, status: int) -> None:
    assert signed_in(who).get(PAGE).status_code == status
