"""In which language a message goes to somebody: their own, or English with the way to a free interpreter. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from content import languages

ENGLISH = "en"
# BCP 47's tag of a language nobody has told us.
NOT_KNOWN = "und"


@dataclass(frozen=True, slots=True)
class Wording:
    """The language of the text and, where English goes out in its place, the language the contact reads."""

    language: str
    fallback_from: str | None = None


@dataclass(frozen=True)
class Sendable:
    """Which texts may go out.

    `texts`: (message, channel, language). `room`: (message, language) → of how many students a text message in
    English can speak beside the line about the interpreter in `language`; languages without such a line are missing.
    `notices`: those of `texts` that say how to stop.
    """

    texts: frozenset[tuple[str, str, str]]
    room: Mapping[tuple[str, str], int]
    notices: frozenset[tuple[str, str, str]] = frozenset()

    def wording(self, message: str, channel: str, language: str) -> Wording:
        """The language as the contact has it (es-MX), else its base (es), else English in its place."""
        if (message, channel, language) in self.texts:
            return Wording(language)
        known = base(language)
        if (message, channel, known) in self.texts:
            return Wording(known)
        return Wording(ENGLISH, None if known == ENGLISH else language)

    def says_how_to_stop(self, message: str, channel: str, wording: Wording) -> bool:
        return (message, channel, wording.language) in self.notices

    def allows(self, message: str, channel: str, wording: Wording, students: int) -> bool:
        """Whether the text may go out and, as a text message, leaves room for the line about the interpreter."""
        if (message, channel, wording.language) not in self.texts:
            return False
        if channel != "sms" or wording.fallback_from is None:
            return True
        return students <= self.room.get((message, base(wording.fallback_from)), students)


def base(language: str) -> str:
    """The language as our texts know it: es of es-MX, tl of fil."""
    return languages.of_tag(language)
