"""What one stop stops beside what was said: the rule on revoking all consent at once. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from campaign.settings_file import SettingsError
from campaign.store.consent import EVERYTHING, STUDENT, Choice

# What 47 CFR 64.1200 speaks of: text messages and calls. E-mail and letters are not under it.
ROBOTIC = ("sms", "call")


@dataclass(frozen=True)
class Consent:
    """The section [consent] of the settings."""

    revoke_all: bool
    revoke_all_from: str

    def __post_init__(self) -> None:
        try:
            date.fromisoformat(self.revoke_all_from)
        except ValueError:
            raise SettingsError('revoke_all_from must be a day such as "2027-01-31"') from None

    def stops_all(self, on: date) -> bool:
        """Whether a stop on that day also stops all text messages and calls (47 CFR 64.1200(a)(10))."""
        return self.revoke_all and on >= date.fromisoformat(self.revoke_all_from)


def choices_of_stop(said: Sequence[Choice], *, all_of_them: bool) -> list[Choice]:
    """What a stop revokes: what was said, and where the rule holds also text messages and calls of every campaign.

    A stop about one child leaves what is written about the others: it is a matter of who may hear, not of consent.
    """
    more = all_of_them and any(not choice.scope.startswith(STUDENT) for choice in said)
    added = [Choice(channel) for channel in ROBOTIC] if more else []
    named = {choice.channel for choice in said if choice.scope == EVERYTHING}
    return [*said, *(choice for choice in added if choice.channel not in named and EVERYTHING not in named)]
