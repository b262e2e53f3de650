"""Read this to me: offered where there is a voice, made once, closed to others, and gone with the report."""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.documents import report_files
from campaign.settings import Speech
from campaign.web.parts import EXTENSION
from tests.campaign.web.family_visits import send
from tests.web_pages import MORNING

SOUND = "/family/report.mp3?language=en"


@pytest.fixture
def listener(reader: FlaskClient) -> FlaskClient:
    """A family past the question."""
    send(reader, "/family", "/family/belief", skip="1")
    return reader


def kept(home: Path) -> list[Path]:
    return sorted((home / "drawn").glob("*/*.mp3"))


def set_voice(app: Flask, voice: str, url: str = "") -> None:
    found = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(
        found, settings=replace(found.settings, speech=Speech(voice=voice, service_url=url))
    )


def test_the_question_comes_before_the_sound(reader: FlaskClient, tmp_path: Path) -> None:
    assert reader.get(SOUND).status_code == 303
    assert kept(tmp_path) == []


def test_nobody_else_can_listen(app: Flask) -> None:
    assert app.test_client().get(SOUND).status_code == 401


def test_the_page_offers_it_and_loads_nothing(listener: FlaskClient, tmp_path: Path) -> None:
    page = listener.get("/family?language=en")
    assert "Read this to me" in page.text
    audio = re.search(r"<audio [^>]*>", page.text)
    assert audio
    assert 'preload="none"' in audio[0]
    assert "autoplay" not in audio[0]
    assert "media-src 'self'" in page.headers["Content-Security-Policy"]
    assert len(page.data) < 100_000
    assert kept(tmp_path) == [], "nothing is made before somebody listens"


def test_the_sound_is_made_once_and_kept_closed(listener: FlaskClient, tmp_path: Path) -> None:
    first = listener.get(SOUND)
    assert (first.status_code, first.mimetype) == (200, "audio/mpeg")
    assert first.headers["Cache-Control"] == "no-store"
    assert re.fullmatch(r"inline; filename=[0-9A-Z-]{14}\.mp3", first.headers["Content-Disposition"]), (
        "the name says nothing about the child"
    )
    (file,) = kept(tmp_path)
    made = file.stat()
    assert stat.S_IMODE(made.st_mode) & 0o077 == 0
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    again = listener.get(SOUND)
    assert again.data == first.data == file.read_bytes()
    assert kept(tmp_path) == [file]
    assert file.stat().st_mtime_ns == made.st_mtime_ns


def test_a_telephone_gets_the_part_it_asks_for(listener: FlaskClient) -> None:
    whole = listener.get(SOUND).data
    part = listener.get(SOUND, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.data == whole[100:200]
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole)}"
    assert part.headers["Cache-Control"] == "no-store"


def test_the_sound_goes_with_its_report(listener: FlaskClient, engine: Engine, tmp_path: Path) -> None:
    listener.get(SOUND)
    tomorrow = MORNING + timedelta(days=1)
    report_files.clean(engine, tmp_path, tomorrow)
    assert len(kept(tmp_path)) == 1
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("DELETE FROM report WHERE student_id = 1"))
    report_files.clean(engine, tmp_path, tomorrow)
    assert kept(tmp_path) == []


def test_without_a_voice_the_page_offers_none(app: Flask, listener: FlaskClient) -> None:
    set_voice(app, "none")
    assert "<audio" not in listener.get("/family?language=en").text
    assert listener.get(SOUND).status_code == 404


def test_a_voice_that_fails_is_tried_again_later(
    app: Flask, listener: FlaskClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    set_voice(app, "service", "http://127.0.0.1:1/")
    answer = listener.get(SOUND)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert kept(tmp_path) == []
    assert "the voice service did not answer" in caplog.text
    assert "Ana" not in caplog.text
