"""Azure AI Translator, v3: https://learn.microsoft.com/azure/ai-services/translator/text-translation/reference/v3/translate"""

from __future__ import annotations

from dataclasses import dataclass, field

from campaign.translators.asking import READ_SECONDS, Question, ask, text_at
from campaign.translators.contract import NotTranslated

_CODES = {"zh": "zh-Hans", "tl": "fil"}


@dataclass(frozen=True)
class Azure:
    """`region` is needed for a resource that is not global."""

    key: str = field(repr=False)
    region: str = ""
    url: str = ""
    seconds: float = READ_SECONDS
    id: str = "Azure Translator"

    def translate(self, text: str, source: str, target: str) -> str:
        headers = {"Ocp-Apim-Subscription-Key": self.key}
        if self.region:
            headers["Ocp-Apim-Subscription-Region"] = self.region
        if len(text) > 50_000:
            raise NotTranslated("Azure Translator takes at most 50,000 letters at a time")
        query = {
            "api-version": "3.0",
            "from": _CODES.get(source, source),
            "to": _CODES.get(target, target),
            "textType": "html",
        }
        question = Question(
            f"{self.url or 'https://api.cognitive.microsofttranslator.com'}/translate",
            [{"Text": text}],
            headers,
            query,
            seconds=self.seconds,
        )
        return text_at(self.id, ask(self.id, question), 0, "translations", 0, "text")
