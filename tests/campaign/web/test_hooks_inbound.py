"""What families write back, at the doors of providers: kept once, in its own letters; a choice is confirmed."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.store import consent
from tests.campaign.web.doors import INBOUND, SECRET, counts, program, rows, texted
from tests.web_pages import Clock


@pytest.fixture
def client(engine: Engine, tmp_path: Path, clock: Clock) -> FlaskClient:
    return program(engine, tmp_path, clock)


def test_a_text_from_a_family_is_kept_once_and_answered_with_nothing(
    client: FlaskClient, engine: Engine
) -> None:
    form = {"MessageSid": "SM7", "From": "+12025550103", "To": "+13125550100", "Body": "Cảm ơn 👍"}
    for _ in range(2):
        answer = texted(client, INBOUND, form)
        assert (answer.status_code, answer.mimetype) == (200, "text/xml")
        assert b"Message" not in answer.data
    query = "SELECT channel, provider_id, from_address, text FROM reply"
    assert rows(engine, query) == [("sms", "SM7", "+12025550103", "Cảm ơn 👍")]


def test_a_stop_that_the_carrier_heard_is_our_stop_too(client: FlaskClient, engine: Engine) -> None:
    form = {"MessageSid": "SM8", "From": "+12025550101", "To": "+13125550100", "Body": "Stop"}
    texted(client, INBOUND, form | {"OptOutType": "STOP"})
    with transaction(engine, ENGINE) as connection:
        assert "sms" in consent.revoked_channels(connection, 1)


def test_a_stop_in_our_words_is_confirmed_once_in_the_familys_language(
    client: FlaskClient, engine: Engine
) -> None:
    form = {"MessageSid": "SM9", "From": "+12025550101", "To": "+13125550100", "Body": "PARAR"}
    answer, again = (texted(client, INBOUND, form).text for _ in range(2))
    assert "<Message>" in answer
    assert "Alder Elementary" in answer
    assert "mensajes" in answer
    assert "<Message>" not in again
    unknown = texted(client, INBOUND, form | {"MessageSid": "SM10", "From": "+12025550199", "Body": "stop"})
    assert "Go Beyond Grades" in unknown.text
    answered = texted(client, INBOUND, form | {"MessageSid": "SM11", "Body": "HELP", "OptOutType": "HELP"})
    assert "<Message>" not in answered.text
    with transaction(engine, ENGINE) as connection:
        assert "sms" in consent.revoked_channels(connection, 1)


MAIL = {
    "headers": "Message-ID: <r1@mail.example>\nSubject: Re: report\n",
    "from": "Rosa Abrego <rosa@example.org>",
    "to": "reply+0123@families.example.org",
    "subject": "Re: report",
    "envelope": '{"to": ["reply+0123@families.example.org"], "from": "rosa@example.org"}',
    "charsets": '{"text": "iso-8859-1", "from": "UTF-8"}',
}


def mailed(client: FlaskClient, **fields: Any) -> TestResponse:
    return client.post(
        f"/hooks/sendgrid/inbound/{SECRET}", data=MAIL | fields, content_type="multipart/form-data"
    )


def test_a_mail_from_a_family_is_kept_once_in_its_own_letters_with_its_files(
    client: FlaskClient, engine: Engine
) -> None:
    words = ("¿Qué puedo hacer?".encode("iso-8859-1"), None, "text/plain")
    for _ in range(2):
        picture = (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "note.png")
        assert mailed(client, text=_file(*words), attachment1=_file(*picture)).status_code == 204
    query = "SELECT channel, provider_id, from_address, to_address, subject, text FROM reply"
    assert rows(engine, query) == [
        (
            "email",
            "<r1@mail.example>",
            "Rosa Abrego <rosa@example.org>",
            "reply+0123@families.example.org",
            "Re: report",
            "¿Qué puedo hacer?",
        )
    ]
    query = "SELECT name, media_type, bytes FROM conversation_attachment"
    assert rows(engine, query) == [("note.png", "image/png", 264)]
    assert counts(engine) == {("sendgrid", "mail"): 2}


def _file(content: bytes, name: str | None, media_type: str = "application/octet-stream") -> Any:
    return (BytesIO(content), name, media_type)


def test_a_mail_of_html_alone_is_read(client: FlaskClient, engine: Engine) -> None:
    page = "<html><head><style>p{}</style></head><body><p>Hello&nbsp;there</p><div>two<br>lines</div></body>"
    mailed(client, html=page, headers="Message-ID: <r2@x>\n")
    assert rows(engine, "SELECT text FROM reply") == [("Hello there\ntwo\nlines",)]
    assert counts(engine) == {("sendgrid", "mail"): 1}


@pytest.mark.parametrize(
    "odd",
    [
        {"charsets": '{"text": "undefined"}'},
        {"charsets": '{"text": "a\\u0000"}'},
        {"envelope": "[%s]" % ("1" * 5000)},
    ],
    ids=["letters nobody knows", "letters without a name", "a number too long"],
)
def test_what_is_odd_about_a_mail_loses_none_of_its_words(
    client: FlaskClient, engine: Engine, odd: dict[str, str]
) -> None:
    assert mailed(client, text="Please call me", **odd).status_code == 204
    assert rows(engine, "SELECT text FROM reply") == [("Please call me",)]


ROSAS = '{"to": ["x@y"], "from": "rosa@example.org"}'


@pytest.mark.parametrize(
    ("header", "more", "automatic", "waits"),
    [
        ("", {}, False, True),
        ("Auto-Submitted: no", {}, False, True),
        ("Auto-Submitted: No ; owner=x", {}, False, True),
        ("Auto-Submitted: auto-replied", {}, True, False),
        ("auto-submitted: Auto-Generated; x=y", {}, True, False),
        ("Auto-Submitted: something-new", {}, True, False),
        ("Precedence: bulk", {}, True, False),
        ("Precedence: Junk", {}, True, False),
        ("Precedence: auto_reply", {}, True, False),
        ("Precedence: list", {}, False, True),
        ("Precedence: first-class", {}, False, True),
        ("X-Autoreply: yes", {}, True, False),
        ("X-Autorespond: Vacation", {}, True, False),
        ("Return-Path: <>", {}, True, False),
        ("Return-Path: <rosa@example.org>", {}, False, True),
        ('Content-Type: multipart/report; boundary="x"', {}, True, False),
        ("", {"envelope": '{"to": ["x@y"], "from": ""}'}, True, False),
        ("", {"from": "Mail Delivery <MAILER-DAEMON@example.org>"}, True, None),
        ("", {"from": "postmaster@example.org"}, True, None),
        ("", {"from": "mailer@example.org"}, False, None),
    ],
)
def test_who_is_a_machine_and_is_not_answered(
    client: FlaskClient,
    engine: Engine,
    header: str,
    more: dict[str, str],
    automatic: bool,
    waits: bool | None,
) -> None:
    """`waits`: whether a thread waits for an answer; None where the sender is nobody's."""
    fields = {"envelope": ROSAS, **more}
    mailed(client, text="I am away.", headers=f"Message-ID: <r3@x>\n{header}\n", **fields)
    assert rows(engine, "SELECT automatic, to_confirm FROM reply") == [(automatic, None)]
    assert counts(engine) == {("sendgrid", "automatic" if automatic else "mail"): 1}
    waiting = rows(engine, "SELECT due_at IS NOT NULL FROM conversation")
    assert waiting == ([] if waits is None else [(waits,)])
    assert rows(engine, "SELECT id FROM conversation_message WHERE direction = 'out'") == []


@pytest.mark.parametrize(
    ("header", "confirmed"),
    [
        ("", True),
        ("Precedence: list", False),
        ("Auto-Submitted: auto-replied", False),
        ("Precedence: bulk", False),
    ],
)
def test_a_stop_is_confirmed_to_people_alone(
    client: FlaskClient, engine: Engine, header: str, confirmed: bool
) -> None:
    mailed(client, text="STOP", headers=f"Message-ID: <r4@x>\n{header}\n", envelope=ROSAS)
    with transaction(engine, ENGINE) as connection:
        assert "email" in consent.revoked_channels(connection, 1)
    assert rows(engine, "SELECT to_confirm IS NOT NULL FROM reply") == [(confirmed,)]


def test_a_post_that_is_no_mail_is_counted(client: FlaskClient, engine: Engine) -> None:
    address = f"/hooks/sendgrid/inbound/{SECRET}"
    assert client.post(address, data=b"{}", content_type="application/json").status_code == 204
    assert (
        client.post(address, data=b"--x", content_type="multipart/form-data; boundary=x").status_code == 204
    )
    assert counts(engine) == {("sendgrid", "unreadable"): 2}
    assert rows(engine, "SELECT * FROM reply") == []
