"""The voice of this machine: espeak-ng speaks, lame makes an MP3 of it. Both are programs, started without a shell.

The script goes in on standard input, never on the command line, where other accounts of the machine could read it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from campaign.voices.contract import MP3, NotSpoken, Sound, VoiceFailed
from content import languages
from reports.family.speech import SpeechScript

SPEAKER, ENCODER = "espeak-ng", "lame"
# Calm: as one reads to a listener, not as one talks.
WORDS_PER_MINUTE = 150
# A report takes about a second; a machine that is busy may take its time.
_SECONDS = 30.0
# Sixteen kilobits a second less, and consonants blur.
_KILOBITS = "32"
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?")
# espeak-ng marks where it falls back on English letters, as it does for a script it has no data for.
_SPELT_IN_ENGLISH = "(en)"


@dataclass(frozen=True)
class EspeakVoice:
    """espeak-ng with lame. `seconds` is what each of the two may take for one report."""

    seconds: float = field(default=_SECONDS)

    @property
    def id(self) -> str:
        return f"espeak-ng {_version()} at {WORDS_PER_MINUTE}, mp3 {_KILOBITS}"

    def speaks(self, language: str) -> bool:
        known = languages.languages().get(language)
        return bool(known and known.voice and is_installed() and _reads(known.voice, known.name))

    def read_aloud(self, script: SpeechScript) -> Sound:
        if not self.speaks(script.language):
            raise NotSpoken(f"espeak-ng does not speak {script.language!r} here")
        spoken = frozenset(language for language in languages.languages() if self.speaks(language))
        voice = languages.language(script.language).voice
        markup = script.only(spoken).ssml(lambda language: languages.language(language).voice)
        wave = self._run(
            [SPEAKER, "-m", "-v", voice, "-s", f"{WORDS_PER_MINUTE}", "--stdin", "--stdout"], markup
        )
        mono = ["-m", "m", "--preset", "cbr", _KILOBITS]
        return Sound(self._run([ENCODER, "--quiet", *mono, "-", "-"], wave), *MP3)

    def _run(self, command: Sequence[str], given: str | bytes) -> bytes:
        """What a program makes of its input. Its own words are dropped: they may quote the text."""
        data = given.encode() if isinstance(given, str) else given
        try:
            done = subprocess.run(  # noqa: S603  a fixed list of arguments, no shell
                command, input=data, capture_output=True, timeout=self.seconds, check=False
            )
        except subprocess.TimeoutExpired:
            raise VoiceFailed(f"{command[0]} took longer than {self.seconds:g} seconds") from None
        except OSError:
            raise VoiceFailed(f"{command[0]} could not be started") from None
        if done.returncode or not done.stdout:
            raise VoiceFailed(f"{command[0]} ended with {done.returncode} and {len(done.stdout)} bytes")
        return done.stdout


def is_installed() -> bool:
    return bool(shutil.which(SPEAKER) and shutil.which(ENCODER))


@cache
def _version() -> str:
    found = _VERSION.search(_told([SPEAKER, "--version"]))
    return found[0] if found else "unknown"


@cache
def _reads(voice: str, own_name: str) -> bool:
    """Whether the voice is there and reads its language's own name, which is not spelt out in English."""
    try:
        phonemes = _told([SPEAKER, "-v", voice, "-q", "-x", "--stdin"], own_name)
    except VoiceFailed:
        return False
    return bool(phonemes.strip()) and _SPELT_IN_ENGLISH not in phonemes


def _told(command: Sequence[str], given: str = "") -> str:
    return EspeakVoice()._run(command, given).decode("utf-8", "replace")
