"""What a text message costs: how many parts it travels in.

GSM 03.38 letters take 160 in one part and 153 in each of several, some of them two places; any other letter makes
the whole text UCS-2 with 70 and 67.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWO_PLACES = frozenset("\f^{}\\[~]|€")
MOST_SEGMENTS = 2


@dataclass(frozen=True)
class Cost:
    """What text messages come to: parts, and dollars to the cent."""

    segments: int
    money: Decimal


def cost(texts: Iterable[str], per_segment: float) -> Cost:
    """The cost of sending these texts at so many dollars a part; rounded once, at the end."""
    return cost_of(sum(segments(text.strip()) for text in texts), per_segment)


def cost_of(parts: int, per_segment: float) -> Cost:
    """The cost of so many parts."""
    # The price as it was written, not as the machine keeps it: 0.012 is twelve tenths of a cent.
    return Cost(parts, (parts * Decimal(str(per_segment))).quantize(Decimal("0.01")))


def is_gsm(text: str) -> bool:
    return set(text) <= _BASIC | _TWO_PLACES


def segments(text: str) -> int:
    """Number of parts, 1 for an empty text."""
    if is_gsm(text):
        places = sum(2 if letter in _TWO_PLACES else 1 for letter in text)
        return 1 if places <= 160 else ceil(places / 153)
    places = len(text.encode("utf-16-be")) // 2
    return 1 if places <= 70 else ceil(places / 67)
