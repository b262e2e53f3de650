"""How many parts a text message travels in, and what that costs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.senders.segments import Cost, cost, cost_of, segments


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


def test_a_send_costs_its_parts() -> None:
    assert cost(["a" * 160, "a" * 161, "í" * 71], 0.012) == Cost(5, Decimal("0.06"))
    assert cost([], 0.012) == Cost(0, Decimal("0.00"))
    assert cost_of(1_000_000, 0.012) == Cost(1_000_000, Decimal("12000.00"))


@given(st.lists(st.text(max_size=200), max_size=20), st.integers(0, 100).map(lambda cents: cents / 1000))
def test_the_cost_of_all_is_that_of_their_parts(texts: list[str], price: float) -> None:
    assert cost(texts, price) == cost_of(sum(cost([text], price).segments for text in texts), price)
