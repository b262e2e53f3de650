"""Apertium behind its web service (apertium-apy): rules instead of guesses, on the district's own machine.

https://wiki.apertium.org/wiki/Apertium-apy
"""

from __future__ import annotations

from dataclasses import dataclass

from campaign.translators.asking import READ_SECONDS, Question, ask, text_at
from campaign.translators.contract import NotTranslated

_CODES = {
    "en": "eng",
    "es": "spa",
    "pt": "por",
    "ru": "rus",
    "ar": "ara",
    "ur": "urd",
    "zh": "zho",
    "ko": "kor",
    "vi": "vie",
}


@dataclass(frozen=True)
class Apertium:
    """Words that it does not know come back marked with "*"; our checks find them, and the marks are taken off."""

    url: str
    seconds: float = READ_SECONDS
    id: str = "Apertium"

    def translate(self, text: str, source: str, target: str) -> str:
        if source not in _CODES or target not in _CODES:
            raise NotTranslated(f"Apertium is not asked for {source} to {target}")
        body = {
            "q": text,
            "langpair": f"{_CODES[source]}|{_CODES[target]}",
            "markUnknown": "yes",
            "format": "html",
        }
        question = Question(f"{self.url}/translate", body, form=True, seconds=self.seconds)
        return text_at(self.id, ask(self.id, question), "responseData", "translatedText")
