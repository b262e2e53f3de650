"""Days, months and lists in every language; Haitian Creole in its own words, for CLDR gives French ones."""

from __future__ import annotations

from datetime import date

import pytest

from content.catalog import load
from content.formats import listed, long_day, month, opened, sentences, titled
from content.languages import languages

DAY = date(2026, 8, 4)


@pytest.mark.parametrize(
    ("language", "day", "its_month", "names"),
    [
        ("en", "August 4, 2026", "August 2026", "Ana, Ben, and Leo"),
        ("es", "4 de agosto de 2026", "agosto de 2026", "Ana, Ben y Leo"),
        ("ht", "4 out 2026", "out 2026", "Ana, Ben ak Leo"),
        ("zh", "2026年8月4日", "2026年8月", "Ana、Ben和Leo"),
        ("tl", "Agosto 4, 2026", "Agosto 2026", "Ana, Ben, at Leo"),
    ],
)
def test_a_language_writes_days_months_and_names_its_way(
    language: str, day: str, its_month: str, names: str
) -> None:
    assert long_day(DAY, language) == day
    assert month(DAY, language) == its_month
    assert listed(["Ana", "Ben", "Leo"], language) == names


@pytest.mark.parametrize("language", languages())
def test_one_name_is_no_list_and_two_are_joined(language: str) -> None:
    assert listed(["Ana"], language) == "Ana"
    both = listed(["Ana", "Ben"], language)
    assert both.startswith("Ana")
    assert both.endswith("Ben")
    assert len(both) > len("AnaBen")


def test_own_months_are_those_of_the_page() -> None:
    for language, written in languages().items():
        if written.months:
            page = [load().text(f"page.door.months.{number}", language) for number in range(1, 13)]
            assert list(written.months) == page


@pytest.mark.parametrize(
    ("language", "text", "title", "heading"),
    [
        ("en", "One. Two? Three.", "One: two", "One:"),
        ("zh", "One。Two?Three。", "One：two", "One："),
        ("ur", "One۔ Two? Three۔", "One: two", "One:"),
    ],
)
def test_a_language_ends_and_joins_sentences_its_way(
    language: str, text: str, title: str, heading: str
) -> None:
    assert sentences(["One", "", "Two?", "Three"], language) == text
    assert titled("One", "two", language) == title
    assert titled("One", "", language) == "One"
    assert opened("One", language) == heading


@pytest.mark.parametrize("end", [".", "。", "۔", "؟", "!", ".\u2069"])
def test_a_sentence_that_ends_gets_no_second_stop(end: str) -> None:
    assert sentences([f"One{end}"], "zh") == f"One{end}"
