"""Proposals of the translation memory: equal texts first, then like ones, with how like they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.memory import LEAST_PERCENT, Pair, proposals

SOURCE = "How is {student} doing in math?"
PAIRS = [
    Pair("How is {student} doing in reading?", "¿Cómo va {student} en lectura?", "draft"),
    Pair(SOURCE, "¿Cómo va {student}?", "draft"),
    Pair(SOURCE, "¿Qué tal {student} en matemáticas?", "human_reviewed"),
    Pair("How is {child} doing in math?", "¿Cómo va {child} en matemáticas?", "draft"),
    Pair("Call the school today.", "Llame hoy a la escuela.", "human_reviewed"),
    Pair("How is {student} doing in science?", "", "draft"),
]


def test_the_best_stand_first_with_how_like_they_are() -> None:
    found = proposals(SOURCE, PAIRS)
    assert [(p.percent, p.state) for p in found[:2]] == [(100, "human_reviewed"), (100, "draft")]
    # 7 tokens each, 6 of them the same.
    assert {(p.source, p.percent) for p in found[2:]} == {(PAIRS[0].source, 85), (PAIRS[3].source, 85)}


@pytest.mark.parametrize(
    ("source", "percent"),
    [
        ("how is {student} doing in math?", 99),
        ("How is {student} doing in math", 92),
        ("How is {student} doing?", 83),
        ("Call us.", None),
        ("", None),
    ],
)
def test_likeness_counts_words_fields_and_marks(source: str, percent: int | None) -> None:
    found = proposals(SOURCE, [Pair(source, "x", "draft")])
    assert [p.percent for p in found] == ([] if percent is None else [percent])


def test_the_same_translation_comes_once_in_its_best_state() -> None:
    twice = [Pair(SOURCE, "x", "stale"), Pair(SOURCE, "x", "human_reviewed"), Pair(SOURCE, "x", "draft")]
    assert [p.state for p in proposals(SOURCE, twice)] == ["human_reviewed"]


def test_as_many_as_wanted() -> None:
    many = [Pair(SOURCE, f"x{n}", "draft") for n in range(9)]
    assert [p.translation for p in proposals(SOURCE, many, most=2)] == ["x0", "x1"]


texts = st.text(alphabet="ab {}.", max_size=12)


@given(
    texts, st.lists(st.builds(Pair, texts, texts, st.sampled_from(["draft", "human_reviewed"])), max_size=8)
)
def test_the_order_does_not_hang_on_the_order_of_the_memory(source: str, pairs: list[Pair]) -> None:
    found = proposals(source, pairs)
    assert found == proposals(source, pairs[::-1])
    assert [p.percent for p in found] == sorted((p.percent for p in found), reverse=True)
    assert all(
        LEAST_PERCENT <= p.percent <= 100 and (p.percent == 100) == (p.source == source) for p in found
    )
