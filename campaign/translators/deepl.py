"""DeepL, API v2: https://developers.deepl.com/docs/api-reference/translate"""

from __future__ import annotations

from dataclasses import dataclass, field

from campaign.translators.asking import READ_SECONDS, Question, ask, text_at
from campaign.translators.contract import NotTranslated

# Their codes of our languages; as a target some want a region.
_SOURCE = {"en": "EN", "es": "ES", "ar": "AR", "zh": "ZH", "vi": "VI", "pt": "PT", "ru": "RU", "ko": "KO"}
_TARGET = _SOURCE | {"en": "EN-US", "zh": "ZH-HANS", "pt": "PT-BR"}


@dataclass(frozen=True)
class DeepL:
    """Keys of the free plan end in ":fx" and have an address of their own. `key` never shows in a repr or an error."""

    key: str = field(repr=False)
    url: str = ""
    seconds: float = READ_SECONDS
    id: str = "DeepL"

    def translate(self, text: str, source: str, target: str) -> str:
        if source not in _SOURCE or target not in _TARGET:
            raise NotTranslated(f"DeepL is not asked for {source} to {target}")
        free = "-free" if self.key.endswith(":fx") else ""
        question = Question(
            f"{self.url or f'https://api{free}.deepl.com'}/v2/translate",
            {
                "text": [text],
                "source_lang": _SOURCE[source],
                "target_lang": _TARGET[target],
                "preserve_formatting": True,
                "tag_handling": "xml",
                "ignore_tags": ["x"],
            },
            {"Authorization": f"DeepL-Auth-Key {self.key}"},
            seconds=self.seconds,
        )
        return text_at(self.id, ask(self.id, question), "translations", 0, "text")
