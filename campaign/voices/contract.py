"""What every voice promises: a script in, one sound file out, and a failure of a kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from reports.family.speech import SpeechScript


class NotSpoken(Exception):
    """The voice does not speak this language, or is not installed; trying again changes nothing."""


class VoiceFailed(Exception):
    """No sound came this time: too slow, out of reach, broken off. The message quotes nothing of the report."""


@dataclass(frozen=True)
class Sound:
    """A sound file. `ending` is that of its file name, with its dot."""

    content: bytes = field(repr=False)
    media_type: str
    ending: str


MP3 = ("audio/mpeg", ".mp3")


class Voice(Protocol):
    """Reads scripts aloud. Threads and processes may share one."""

    @property
    def id(self) -> str:
        """Name and version: sounds of another id are made anew."""
        ...

    def speaks(self, language: str) -> bool:
        """Whether it can read a report in this language (an id of content/languages.toml)."""
        ...

    def read_aloud(self, script: SpeechScript) -> Sound:
        """The sound of a script. Raises NotSpoken or VoiceFailed; logs and quotes nothing of the script."""
        ...
