"""A voice service reached over HTTP: an example of how a district plugs in a service it has a contract with.

One request a report: `POST` of SSML (`application/ssml+xml`) with the language in `Content-Language`, the key as bearer
token; the answer is the sound. A service with another form of request gets a file of its own beside this one and a line
in `choice.py`. The child's name and results go to the service: the district's agreement with it must cover that.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import sha256

import requests

from campaign.voices.contract import NotSpoken, Sound, VoiceFailed
from content import languages
from reports.family.speech import SpeechScript

CONNECT_SECONDS, READ_SECONDS = 5.0, 30.0
LARGEST_SOUND_BYTES = 20_000_000
_ENDINGS = {"audio/mpeg": ".mp3", "audio/ogg": ".ogg"}


@dataclass(frozen=True)
class ServiceVoice:
    """`spoken` are the languages it is asked for; `key` never shows in a repr or an error."""

    url: str
    spoken: Collection[str]
    key: str = field(repr=False)
    read_seconds: float = READ_SECONDS

    @property
    def id(self) -> str:
        return f"service {sha256(self.url.encode()).hexdigest()[:12]}"

    def speaks(self, language: str) -> bool:
        return language in self.spoken

    def read_aloud(self, script: SpeechScript) -> Sound:
        if not self.speaks(script.language):
            raise NotSpoken(f"the voice service is not asked for {script.language!r}")
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/ssml+xml; charset=utf-8",
            "Content-Language": languages.language(script.language).tag,
            "Accept": ", ".join(_ENDINGS),
        }
        try:
            with requests.post(
                self.url,
                data=script.only(self.spoken).ssml().encode(),
                headers=headers,
                timeout=(CONNECT_SECONDS, self.read_seconds),
                allow_redirects=False,
                stream=True,
            ) as answer:
                return _sound(answer)
        except requests.RequestException as error:
            # The kind alone: the words of an error may hold the address, in which some services want a key.
            raise VoiceFailed(f"the voice service did not answer ({type(error).__name__})") from None


def _sound(answer: requests.Response) -> Sound:
    media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if answer.status_code != requests.codes.ok:
        raise VoiceFailed(f"the voice service answered {answer.status_code}")
    if media_type not in _ENDINGS:
        raise VoiceFailed("the voice service sent something that is neither MP3 nor OGG")
    content = bytearray()
    for part in answer.iter_content(65_536):
        content += part
        if len(content) > LARGEST_SOUND_BYTES:
            raise VoiceFailed(f"the voice service sent more than {LARGEST_SOUND_BYTES:,} bytes")
    if not content:
        raise VoiceFailed("the voice service sent an empty sound")
    return Sound(bytes(content), media_type, _ENDINGS[media_type])
