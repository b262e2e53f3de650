"""What every translator promises: words in, words out, and a failure of a kind that quotes nothing of them."""

from __future__ import annotations

from typing import Protocol


class NotTranslated(Exception):
    """It does not translate this pair of languages, or is set up wrongly; trying again changes nothing."""


class TranslatorBusy(Exception):
    """It takes nothing now: too many requests, or the month's letters are used up. Try again later."""


class TranslatorFailed(Exception):
    """No translation came this time: too slow, out of reach, broken. The message quotes nothing of the text."""


class Translator(Protocol):
    """Translates single texts. Threads and processes may share one."""

    @property
    def id(self) -> str:
        """The service's name as staff read it."""
        ...

    def translate(self, text: str, source: str, target: str) -> str:
        """`text` from one language of content/languages.toml into another.

        Raises NotTranslated, TranslatorBusy or TranslatorFailed; logs and quotes nothing of the text.
        """
        ...
