"""How many parts a text message travels in."""

from __future__ import annotations

import pytest

from campaign.senders.segments import segments


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("é" * 160, 1),
        ("í" + "a" * 69, 1),
        ("í" + "a" * 70, 2),
        ("👋" * 35, 1),
        ("👋" * 36, 2),
    ],
)
def test_one_letter_outside_the_alphabet_more_than_halves_the_room(text: str, parts: int) -> None:
    assert segments(text) == parts
