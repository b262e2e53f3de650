"""Pictures that families text: fetched as the account, judged like files of e-mails, never lost unsaid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from campaign.app import create_app
from campaign.demo.providers.asking import Simulator
from campaign.demo.providers.options import SimulatorOptions
from campaign.demo.providers.running import running
from campaign.senders.twilio_media import MediaDoor
from tests.campaign.web.doors import BASE, INBOUND, rows, texted
from tests.web_pages import Clock, page_settings

PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
JPEG = b"\xff\xd8\xff" + bytes(100)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    # Its own posts go nowhere: the tests post what it would.
    with running(SimulatorOptions(inbound_text_url="http://127.0.0.1:9/")) as simulator:
        yield simulator


@pytest.fixture
def client(engine: Engine, tmp_path: Path, clock: Clock, simulator: Simulator) -> FlaskClient:
    settings, options = page_settings(tmp_path, BASE), simulator.options
    account = {"twilio_account_sid": options.twilio_account, "twilio_auth_token": options.twilio_token}
    settings = replace(
        settings,
        secrets=replace(settings.secrets, **account),
        sms=replace(settings.sms, twilio_host=simulator.url),
        conversations=replace(settings.conversations, maximum_attachment_megabytes=1),
    )
    return create_app(settings, engine=engine, clock=clock).test_client()


def arrives(simulator: Simulator, *files: bytes) -> dict[str, str]:
    """The form of a text with files, as Twilio posts it."""
    sid, media = simulator.receive_pictures("+12025550101", "Look", *files)
    form = {"MessageSid": sid, "From": "+12025550101", "To": "+13125550100", "Body": "Look"}
    urls = {f"MediaUrl{number}": url for number, url in enumerate(media)}
    return form | {"NumMedia": str(len(urls))} | urls


def kept(engine: Engine) -> list[tuple[Any, ...]]:
    return rows(engine, "SELECT name, media_type, bytes, state FROM conversation_attachment ORDER BY id")


def post(client: FlaskClient, simulator: Simulator, form: dict[str, str]) -> int:
    return texted(client, INBOUND, form, token=simulator.options.twilio_token).status_code


def test_pictures_come_with_the_words_and_are_known_by_their_content(
    client: FlaskClient, engine: Engine, simulator: Simulator
) -> None:
    form = arrives(simulator, PNG, b"MZ a program", JPEG, PNG + bytes(1024 * 1024))
    assert post(client, simulator, form) == 200
    assert kept(engine) == [
        ("file-1.png", "image/png", 208, "not_scanned"),
        ("file-2", None, 12, "other_kind"),
        ("file-3.jpg", "image/jpeg", 103, "not_scanned"),
        ("file-4.png", "image/png", 1024 * 1024 + 1, "too_large"),
    ]
    assert rows(engine, "SELECT text FROM reply") == [("Look",)]


def test_the_same_text_again_brings_no_second_picture(
    client: FlaskClient, engine: Engine, simulator: Simulator
) -> None:
    form = arrives(simulator, PNG)
    assert [post(client, simulator, form) for _ in range(2)] == [200, 200]
    assert len(kept(engine)) == 1


@pytest.mark.parametrize("where", ["http://127.0.0.1:1/picture", "https://elsewhere.example/p.png", "gone"])
def test_a_picture_that_cannot_be_fetched_is_said_and_the_words_are_kept(
    client: FlaskClient, engine: Engine, simulator: Simulator, where: str
) -> None:
    form = arrives(simulator, PNG)
    form["MediaUrl0"] = form["MediaUrl0"][:-1] + "9" if where == "gone" else where
    assert post(client, simulator, form) == 200
    assert kept(engine) == [("file-1", None, 0, "not_fetched")]
    assert rows(engine, "SELECT text FROM reply") == [("Look",)]


def test_credentials_are_needed_and_go_nowhere_else(simulator: Simulator) -> None:
    form, options = arrives(simulator, PNG), simulator.options
    door = MediaDoor(simulator.url, options.twilio_account, options.twilio_token, 1000)
    assert door.fetch(form) == [PNG]
    assert replace(door, token="wrong").fetch(form) == [None]
    assert replace(door, host="https://api.twilio.example").fetch(form) == [None]
    assert replace(door, account_sid="AC2").fetch(form) == [None]
    assert door.fetch({"NumMedia": "x"}) == []
    assert options.twilio_token not in repr(door)
