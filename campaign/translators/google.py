"""Google Cloud Translation, Basic (v2): https://cloud.google.com/translate/docs/reference/rest/v2/translate"""

from __future__ import annotations

from dataclasses import dataclass, field

from campaign.translators.asking import READ_SECONDS, Question, ask, text_at

_CODES = {"zh": "zh-CN"}


@dataclass(frozen=True)
class Google:
    """The key goes in a header, never in the address, which servers on the way may log."""

    key: str = field(repr=False)
    url: str = ""
    seconds: float = READ_SECONDS
    id: str = "Google Translate"

    def translate(self, text: str, source: str, target: str) -> str:
        question = Question(
            f"{self.url or 'https://translation.googleapis.com'}/language/translate/v2",
            {
                "q": [text],
                "source": _CODES.get(source, source),
                "target": _CODES.get(target, target),
                "format": "html",
            },
            {"X-Goog-Api-Key": self.key},
            seconds=self.seconds,
        )
        return text_at(self.id, ask(self.id, question), "data", "translations", 0, "translatedText")
