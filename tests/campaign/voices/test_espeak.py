"""The voice of this machine, listened to: as long as its words need, loud enough, in each language it speaks."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from campaign.voices.contract import VoiceFailed
from campaign.voices.espeak import ENCODER, EspeakVoice
from content import languages
from content.catalog import load
from reports.family.speech import SpeechScript, speech
from reports.family.write import write
from tests.reports.family.made_up import FACTS, ISSUE

RATE = 22_050
# Somali and Tagalog have no voice; Chinese has one that spells in English letters in some versions.
SURELY_SPOKEN = ("en", "es", "ar", "vi", "pt", "ht", "ru", "ko", "ur")


def script(language: str) -> SpeechScript:
    return speech(write(FACTS, ISSUE, language, load()))


def samples(sound: bytes, folder: Path) -> np.ndarray:
    """The sound as numbers between -1 and 1."""
    (folder / "sound.mp3").write_bytes(sound)
    command = [ENCODER, "--quiet", "--decode", "-t", str(folder / "sound.mp3"), str(folder / "sound.raw")]
    subprocess.run(command, check=True)
    return np.fromfile(folder / "sound.raw", dtype="<i2") / 32768


@pytest.mark.parametrize("language", SURELY_SPOKEN)
def test_a_report_can_be_heard_calmly_and_clearly(language: str, tmp_path: Path) -> None:
    made = script(language)
    heard = samples(EspeakVoice().read_aloud(made).content, tmp_path)
    seconds = len(heard) / RATE
    words = sum(len(said.aloud.split()) for section in made.sections for said in section)
    assert 60 < 60 * words / seconds < 170, "words a minute, pauses included"
    assert 0.3 < np.abs(heard).max() <= 1
    assert 0.03 < np.sqrt(np.mean(heard**2)) < 0.3
    quiet = np.abs(heard[: len(heard) // RATE * RATE].reshape(-1, RATE // 10)).max(axis=1) < 0.01
    assert quiet.mean() > 0.1, "there are pauses"


def test_what_it_cannot_read_it_does_not_offer() -> None:
    voice = EspeakVoice()
    offered = {language for language in languages.languages() if voice.speaks(language)}
    assert set(SURELY_SPOKEN) <= offered <= {*SURELY_SPOKEN, "zh"}


def test_the_same_report_is_the_same_bytes() -> None:
    assert EspeakVoice().read_aloud(script("en")) == EspeakVoice().read_aloud(script("en"))


def test_a_voice_that_takes_too_long_is_stopped() -> None:
    EspeakVoice().speaks("en")
    with pytest.raises(VoiceFailed, match="longer than"):
        EspeakVoice(seconds=0.001).read_aloud(script("en"))
