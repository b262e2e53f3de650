"""The translator that the settings choose."""

from __future__ import annotations

from collections.abc import Callable

from campaign.settings import Settings
from campaign.translators.apertium import Apertium
from campaign.translators.azure import Azure
from campaign.translators.contract import Translator
from campaign.translators.deepl import DeepL
from campaign.translators.google import Google
from campaign.translators.libretranslate import LibreTranslate


def translator_for(settings: Settings) -> Translator | None:
    """The translator of `[translation] translator`; None where nothing is to be translated by a machine."""
    chosen, key = settings.translation, settings.secrets.translation_api_key or ""
    known: dict[str, Callable[[], Translator]] = {
        "deepl": lambda: DeepL(key, chosen.server_url),
        "google": lambda: Google(key, chosen.server_url),
        "azure": lambda: Azure(key, chosen.region, chosen.server_url),
        "libretranslate": lambda: LibreTranslate(chosen.server_url, key),
        "apertium": lambda: Apertium(chosen.server_url),
    }
    return known[chosen.translator]() if chosen.translator in known else None
