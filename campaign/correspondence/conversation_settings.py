"""The sections [conversations] and [translation] of the settings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from campaign.settings_file import SettingsError

TRANSLATORS = ("none", "deepl", "google", "azure", "libretranslate", "apertium")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_ADDRESS = re.compile(r"[^@\s+]+@[^@\s]+")
# These are run on a machine of the district's own choice; the others have an address of their own.
_SELF_HOSTED = {"libretranslate", "apertium"}
# Staff look back at what was said this month; a slip of the pen must not delete it tonight.
SHORTEST_KEPT_DAYS = 30


@dataclass(frozen=True)
class Conversations:
    office_opens: str
    office_closes: str
    answer_within_school_days: int
    reply_address: str
    maximum_attachment_megabytes: int
    scan_command: str
    keep_texts_days: int

    def __post_init__(self) -> None:
        hours = (self.office_opens, self.office_closes)
        _demand(all(map(_CLOCK.fullmatch, hours)), 'office_opens and office_closes must be like "08:00"')
        _demand(self.office_opens < self.office_closes, "office_opens must be before office_closes")
        _demand(self.answer_within_school_days > 0, "answer_within_school_days must be at least 1")
        _demand(
            not self.reply_address or bool(_ADDRESS.fullmatch(self.reply_address)),
            'reply_address must be an e-mail address without "+", or "" (replies go to from_address)',
        )
        _demand(
            0 < self.maximum_attachment_megabytes <= 100,
            "maximum_attachment_megabytes must lie between 1 and 100",
        )
        _demand(
            self.keep_texts_days == 0 or self.keep_texts_days >= SHORTEST_KEPT_DAYS,
            f"keep_texts_days must be at least {SHORTEST_KEPT_DAYS}, or 0 to keep words for ever",
        )

    @property
    def opens(self) -> time:
        return time.fromisoformat(self.office_opens)

    @property
    def closes(self) -> time:
        return time.fromisoformat(self.office_closes)

    def reply_to(self, public_id: str) -> str:
        """The address under which an answer to this message finds its family again; "" = none."""
        local, _, domain = self.reply_address.partition("@")
        return f"{local}+{public_id}@{domain}" if domain else ""


@dataclass(frozen=True)
class Translation:
    translator: str
    server_url: str
    region: str

    def __post_init__(self) -> None:
        _demand(self.translator in TRANSLATORS, f"translator must be one of {', '.join(TRANSLATORS)}")
        safe = self.server_url.startswith(("https://", "http://127.0.0.1:", "http://[::1]:"))
        _demand(
            not self.server_url or (safe and not self.server_url.endswith("/")),
            'server_url must be https://… without a slash at the end (http:// only on this machine), or ""',
        )
        _demand(
            self.translator not in _SELF_HOSTED or bool(self.server_url),
            f'server_url is needed for translator = "{self.translator}"',
        )


def _demand(holds: bool, rule: str) -> None:
    if not holds:
        raise SettingsError(rule)
