"""LibreTranslate on a server of the district's own: https://docs.libretranslate.com"""

from __future__ import annotations

from dataclasses import dataclass, field

from campaign.translators.asking import READ_SECONDS, Question, ask, text_at


@dataclass(frozen=True)
class LibreTranslate:
    """`key`: "" where the server asks for none."""

    url: str
    key: str = field(default="", repr=False)
    seconds: float = READ_SECONDS
    id: str = "LibreTranslate"

    def translate(self, text: str, source: str, target: str) -> str:
        body = {"q": text, "source": source, "target": target, "format": "html"}
        if self.key:
            body["api_key"] = self.key
        question = Question(f"{self.url}/translate", body, seconds=self.seconds)
        return text_at(self.id, ask(self.id, question), "translatedText")
