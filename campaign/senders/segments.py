"""What a text message costs: how many parts it travels in.

GSM 03.38 letters take 160 in one part and 153 in each of several, some of them two places; any other letter makes
the whole text UCS-2 with 70 and 67.
"""

from __future__ import annotations

from math import ceil

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWO_PLACES = frozenset("\f^{}\\[~]|€")
_KNOWN = _BASIC | _TWO_PLACES
MOST_SEGMENTS = 2


def is_gsm(text: str) -> bool:
    return set(text) <= _KNOWN


def segments(text: str) -> int:
    """Number of parts, 1 for an empty text."""
    if is_gsm(text):
        places = sum(2 if letter in _TWO_PLACES else 1 for letter in text)
        return 1 if places <= 160 else ceil(places / 153)
    places = len(text.encode("utf-16-be")) // 2
    return 1 if places <= 70 else ceil(places / 67)
