"""Terms of the glossary are found in each script, marked once a page, and held to in translations."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.catalog import load
from content.glossary import Term, TermPair, marked, marked_page, term_pairs, terms, terms_not_used

ENGLISH = terms(load(), "en")


def term(word: str, language: str, id: str = "x") -> Term:
    return Term(id, word, "…", language)


def found(text: str, listed: tuple[Term, ...] | list[Term]) -> list[tuple[str, str]]:
    return [(piece, id) for piece, id in marked(text, listed) if id is not None]


def test_the_longest_term_is_marked_and_each_only_once() -> None:
    text = "A grade-level line is not grade level. Grade level is the grade-level line."
    assert marked(text, ENGLISH) == (
        ("A ", None),
        ("grade-level line", "grade_level_line"),
        (" is not ", None),
        ("grade level", "grade_level"),
        (". Grade level is the grade-level line.", None),
    )


def test_a_page_has_each_term_marked_where_it_comes_first() -> None:
    first, second = marked_page(["The state test.", "One skill, one state test."], ENGLISH)
    assert [id for _, id in first if id] == ["state_test"]
    assert [id for _, id in second if id] == ["skill"]


@pytest.mark.parametrize(
    ("text", "word", "language", "piece"),
    [
        ("Two Skills.", "skill", "en", "Skills"),
        ("We are skilled.", "skill", "en", None),
        ("grade‑level work", "grade level", "en", "grade‑level"),
        ("two hot spots", "hot spot", "en", "hot spots"),
        ("tres exámenes estatales", "estatal", "es", "estatales"),
        ("孩子达到年级水平了吗", "年级水平", "zh", "年级水平"),
        ("무료 통역사가 있습니다", "통역사", "ko", "통역사가"),
        ("뭐통역사", "통역사", "ko", None),
        ("Позвоните переводчику.", "переводчик", "ru", "переводчику"),
        ("на уровне программы", "уровень программы", "ru", "уровне программы"),
        ("государственного экзамена", "государственный экзамен", "ru", "государственного экзамена"),
        ("والمترجم هنا", "مترجم", "ar", "مترجم"),
        ("turjubaanka dugsiga", "turjubaan", "so", "turjubaanka"),
        ("مہارت سیکھیں", "مہارت", "ur", "مہارت"),
        ("C++ and (more)", "(more)", "en", "(more)"),
    ],
)
def test_a_word_is_found_as_its_language_writes_it(
    text: str, word: str, language: str, piece: str | None
) -> None:
    assert found(text, [term(word, language)]) == ([(piece, "x")] if piece else [])


@given(st.text(alphabet="grade level- skillstest.{}", max_size=80))
def test_no_letter_of_a_text_is_lost(text: str) -> None:
    pieces = marked(text, ENGLISH)
    assert "".join(piece for piece, _ in pieces) == text
    ids = [id for _, id in pieces if id]
    assert len(ids) == len(set(ids))


def test_without_terms_nothing_is_marked() -> None:
    assert marked("grade level", ()) == (("grade level", None),)
    assert marked("", ENGLISH) == ()


@pytest.mark.parametrize("language", sorted(load().units["glossary"].texts))
def test_every_term_is_found_in_a_sentence_of_its_language(language: str) -> None:
    for each in terms(load(), language):
        assert found(f"… {each.term}.", [each]) == [(each.term, each.id)]


def test_the_terms_of_a_source_come_with_their_fixed_word() -> None:
    spanish = terms(load(), "es")
    source = "Is {skill} a skill for grade level?"
    assert term_pairs(source, ENGLISH, spanish) == (
        TermPair("skill", "skill", "habilidad"),
        TermPair("grade_level", "grade level", "nivel de su grado"),
    )
    assert terms_not_used(source, "¿Es {skill} una destreza del nivel de su grado?", ENGLISH, spanish) == (
        TermPair("skill", "skill", "habilidad"),
    )
    assert terms_not_used(source, "¿Qué habilidades son del nivel de su grado?", ENGLISH, spanish) == ()


@pytest.mark.parametrize("language", sorted(load().units["glossary"].texts))
def test_a_translation_uses_the_fixed_word_for_what_english_names_often(language: str) -> None:
    own, used, lacking = terms(load(), language), Counter[str](), Counter[str]()
    for string in load().strings(language):
        if string.unit != "glossary":
            used.update(pair.id for pair in term_pairs(string.source, ENGLISH, own))
            lacking.update(pair.id for pair in terms_not_used(string.source, string.text, ENGLISH, own))
    often = {id for id, times in used.items() if times > 2}
    assert len(often) >= 4
    assert {id: (lacking[id], used[id]) for id in often if lacking[id] * 2 > used[id]} == {}
