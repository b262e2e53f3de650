"""What must hold of a text in every language: it is there, in its script, whole, and no English was left."""

from __future__ import annotations

import re

import pytest

from content.catalog import Catalog, load
from content.languages import languages
from reports.records import Category

OTHERS = [language for language in languages() if language != "en"]
FIELD = re.compile(r"\{\w+\}")
LATIN = r"A-Za-zªº\u00c0-\u024f\u1e00-\u1eff"
SCRIPTS = {
    "ar": r"\u0600-\u06ff",
    "ur": r"\u0600-\u06ff",
    "zh": r"\u4e00-\u9fff",
    "ru": "А-Яа-яЁё",
    "ko": "가-힣",
}
# Written otherwise in Simplified Chinese.
TRADITIONAL = "學這個們為國說請與會報師測驗級數讀課問題時間電話應該還沒從對給寫"
# Of Urdu alone, and of Arabic alone.
URDU, ARABIC = "ٹڈڑںہھیے", "ةىيك"


def plain(text: str) -> str:
    return FIELD.sub("", text)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load()


@pytest.mark.parametrize("language", OTHERS)
def test_everything_is_written_in_every_language(catalog: Catalog, language: str) -> None:
    assert {unit for unit in catalog.versions() if language not in catalog.hashes(unit)} == set()
    assert language in catalog.interpreter_lines


@pytest.mark.parametrize("language", OTHERS)
def test_each_text_is_in_the_script_of_its_language(catalog: Catalog, language: str) -> None:
    own = SCRIPTS.get(language)
    strange = {}
    for string in catalog.strings(language):
        text = plain(string.text)
        words_in_english = re.search(r"[a-z]{2}", plain(string.source)) and not string.key.startswith(
            "forms."
        )
        if own and words_in_english and not re.search(f"[{own}]", text):
            strange[string.unit, string.key] = text
        if own is None and re.search(r"[^\W\d_]", re.sub(f"[{LATIN}]", "", text)):
            strange[string.unit, string.key] = text
    assert strange == {}


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_was_left_in_english(catalog: Catalog, language: str) -> None:
    left = [
        (string.unit, string.key)
        for string in catalog.strings(language)
        if string.text == string.source and len(re.findall(r"[a-z]{2,}", plain(string.source))) > 3
    ]
    assert left == []


@pytest.mark.parametrize(("language", "letters"), [("zh", TRADITIONAL), ("ar", URDU), ("ur", ARABIC)])
def test_letters_of_a_neighbour_are_not_used(catalog: Catalog, language: str, letters: str) -> None:
    found = {
        (string.unit, string.key): sorted(set(string.text) & set(letters))
        for string in catalog.strings(language)
        if set(string.text) & set(letters)
    }
    assert found == {}


@pytest.mark.parametrize("language", languages())
def test_every_category_names_the_child_the_subject_and_the_mark(catalog: Catalog, language: str) -> None:
    fields = {"student": "Ana", "subject": "SUBJECT", "mark": "B", "test": "TEST"}
    for category in Category:
        said = catalog.sentence(category, language, fields)
        assert "Ana" in said
        assert "{" not in said
        assert catalog.sentence(category, language, fields | {"time": "last_year"})


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("number", [0, 1, 2, 3, 5, 11, 21, 100, 1_000_000])
def test_every_number_of_days_can_be_said(catalog: Catalog, language: str, number: int) -> None:
    said = catalog.plural("report.days", language, number, str(number))
    assert said
    assert str(number) in said or number in (0, 1, 2)


@pytest.mark.parametrize("language", languages())
def test_an_email_keeps_its_build_in_every_language(catalog: Catalog, language: str) -> None:
    for id in catalog.messages:
        english, other = (catalog.message(id, "email", each).html for each in ("en", language))
        for tag in ("<p>", "<ol>", "<li>", "<hr>", '<a href="{stop_link}">', '2.5">{reports}</p>'):
            assert other.count(tag) == english.count(tag), (id, tag)
        assert "<bdi>{stop_link}" not in other, f"{id}: the link to stop is called by no words"


@pytest.mark.parametrize("language", languages())
def test_a_text_message_says_who_writes_and_how_to_stop(catalog: Catalog, language: str) -> None:
    for id in catalog.messages:
        text = catalog.message(id, "sms", language).text
        assert 0 <= text.find("{school}") < 8, f"{id}: at most a word like 'from' stands before the school"
        assert re.search("STOP|ALTO", text), id
