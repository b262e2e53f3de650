"""What every voice must keep to: sound for a language it speaks, a failure of a kind for anything else, silence."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from campaign.voices.contract import NotSpoken, Voice, VoiceFailed
from campaign.voices.espeak import EspeakVoice
from campaign.voices.service import LARGEST_SOUND_BYTES, ServiceVoice
from content.catalog import load
from reports.family.speech import SpeechScript, speech
from reports.family.write import write
from tests.reports.family.made_up import FACTS, ISSUE

KEY = "key-that-nobody-may-see"
SOUND = b"ID3" + b"\0" * 500


def script(language: str) -> SpeechScript:
    return speech(write(FACTS, ISSUE, language, load()))


@contextmanager
def service(
    status: int = 200, media_type: str = "audio/mpeg", sound: bytes = SOUND, wait: float = 0
) -> Iterator[Any]:
    """A voice service on this machine; yields its address and the requests it got."""
    requests: list[tuple[dict[str, str], str]] = []
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            requests.append((dict(self.headers), body))
            stop.wait(wait)
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            self.wfile.write(sound)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/speak", requests
    finally:
        stop.set()
        server.shutdown()
        server.server_close()


@contextmanager
def a_service_voice() -> Iterator[Voice]:
    with service() as (url, _):
        yield ServiceVoice(url, frozenset({"en", "es"}), KEY)


@contextmanager
def this_machine() -> Iterator[Voice]:
    yield EspeakVoice()


@pytest.fixture(params=[this_machine, a_service_voice], ids=["espeak-ng", "service"])
def voice(request: pytest.FixtureRequest) -> Iterator[Voice]:
    with request.param() as made:
        yield made


def test_a_script_becomes_a_sound(voice: Voice) -> None:
    sound = voice.read_aloud(script("es"))
    assert (sound.media_type, sound.ending) == ("audio/mpeg", ".mp3")
    assert sound.content[:3] == b"ID3" or sound.content[0] == 0xFF
    assert "content" not in repr(sound)


def test_a_language_that_is_not_spoken_is_refused(voice: Voice) -> None:
    assert voice.speaks("en")
    for language in ("so", "tl", "xx"):
        assert not voice.speaks(language)
    with pytest.raises(NotSpoken):
        voice.read_aloud(script("so"))


def test_its_id_is_stable_and_tells_no_key(voice: Voice) -> None:
    assert voice.id == voice.id
    assert KEY not in f"{voice!r}{voice.id}"


def test_nothing_of_a_report_is_logged(voice: Voice, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    voice.read_aloud(script("en"))
    assert not [secret for secret in ("Ana", "reading", KEY) if secret in caplog.text]


def test_the_service_gets_markup_language_and_key() -> None:
    with service() as (url, requests):
        assert ServiceVoice(url, {"es"}, KEY).read_aloud(script("es")).content == SOUND
    ((headers, body),) = requests
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["Content-Language"] == "es-US"
    assert headers["Content-Type"].startswith("application/ssml+xml")
    assert body.startswith("<speak ")
    assert "Ana" not in str(headers)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 503}, "answered 503"),
        ({"status": 401}, "answered 401"),
        ({"status": 302}, "answered 302"),
        ({"media_type": "text/html"}, "neither MP3 nor OGG"),
        ({"sound": b""}, "empty sound"),
        ({"sound": b"x" * (LARGEST_SOUND_BYTES + 1)}, "more than"),
        ({"wait": 5.0}, "ReadTimeout"),
    ],
)
def test_a_service_that_fails_is_said_without_its_words(answer: dict[str, Any], words: str) -> None:
    with service(**answer) as (url, _), pytest.raises(VoiceFailed, match=words) as caught:
        ServiceVoice(url, {"en"}, KEY, read_seconds=0.3).read_aloud(script("en"))
    assert KEY not in str(caught.value)
    assert "Ana" not in str(caught.value)


def test_a_service_out_of_reach_is_said() -> None:
    with service() as (url, _):
        pass
    with pytest.raises(VoiceFailed, match="ConnectionError"):
        ServiceVoice(url, {"en"}, KEY).read_aloud(script("en"))
