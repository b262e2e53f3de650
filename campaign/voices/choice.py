"""The voice that the settings choose."""

from __future__ import annotations

from campaign.settings import Settings
from campaign.voices.contract import Voice
from campaign.voices.espeak import EspeakVoice
from campaign.voices.service import ServiceVoice


def voice_for(settings: Settings) -> Voice | None:
    """The voice of `[speech] voice`; None where reports are not to be read aloud."""
    chosen = settings.speech
    if chosen.voice == "espeak-ng":
        return EspeakVoice()
    if chosen.voice == "service":
        spoken = frozenset(settings.languages.offered)
        return ServiceVoice(chosen.service_url, spoken, settings.secrets.speech_api_key or "")
    return None


def heard(settings: Settings) -> tuple[list[str], list[str]]:
    """Offered languages that can be heard, and those that cannot."""
    voice = voice_for(settings)
    spoken = [language for language in settings.languages.offered if voice and voice.speaks(language)]
    return spoken, [language for language in settings.languages.offered if language not in spoken]
