"""Every shipped text is easy enough, uses no word we do not say, and was released as it stands."""

import pytest

from content import languages
from content.catalog import load
from content.linter import lint
from content.readability import measure, words
from reports.compare.norms import StatementCode
from reports.records import Category
from tests.content.shipped import LANGUAGES, blocks, every_text

# Below this a formula built on samples of 100 words says nothing; a text message may be shorter.
LABEL_WORDS = 5
MESSAGE_WORDS = 30


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_block_is_easy_to_read(language: str) -> None:
    hard = []
    for where, text in blocks(language):
        found = measure(text, language)
        least = MESSAGE_WORDS if where.startswith("messages/") else LABEL_WORDS
        if found and found.words >= least and not found.easy_enough:
            scores = [(score.formula.name, round(score.value, 1)) for score in found.scores]
            hard.append((where, scores, text))
    assert hard == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_blocks_to_measure(language: str) -> None:
    measured = [where for where, text in blocks(language) if measure(text, language)]
    assert len(measured) > 90


@pytest.mark.parametrize("language", languages.languages())
def test_no_text_says_what_we_do_not_say(language: str) -> None:
    found = {where: lint(text, language) for where, text in every_text(language)}
    assert {where: findings for where, findings in found.items() if findings} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_explanations_of_words_are_short(language: str) -> None:
    says = {w: t for w, t in every_text(language) if w.startswith("glossary.") and w.endswith(".says")}
    assert len(says) >= 10
    assert {where: text for where, text in says.items() if len(words(text)) > 25} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_category_has_its_sentence(language: str) -> None:
    fields = {"student": "Ana", "subject": "math", "mark": "B", "test": "state test"}
    for category in Category:
        assert "Ana" in load().sentence(category, language, fields)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", StatementCode)
def test_what_a_grade_meant_is_never_said_alone(language: str, code: StatementCode) -> None:
    said = load().norm(code, language, {"student": "Ana", "mark": "B", "tenths": "4"})
    assert ("4" in said) == (code == StatementCode.ABOUT)
    assert said.endswith(load().text("report.norms.not_a_guess", language, {"student": "Ana"}))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("subject", ["math", "reading", "other"])
@pytest.mark.parametrize("band", ["K-2", "3-5", "6-8", "9-12"])
def test_the_library_has_something_for_every_child(language: str, subject: str, band: str) -> None:
    catalog = load()
    assert catalog.has(f"questions.skills.{subject}.{band}", language)
    for kind in ("practice", "stretch", "any"):
        assert catalog.has(f"activities.{subject}.{kind}.{band}", language)


def test_released_texts_do_not_change_under_their_version() -> None:
    catalog = load()
    recorded = {(r.unit, r.version, r.language): r.hash for r in catalog.releases}
    shipped = {
        (unit, version, language): digest
        for unit, version in catalog.versions().items()
        for language, digest in catalog.hashes(unit).items()
    }
    changed = [key for key, digest in shipped.items() if recorded.get(key) != digest]
    assert changed == [], "raise the version in these units and run: python -m content.release"


def test_our_translations_are_drafts_and_english_is_reviewed() -> None:
    catalog = load()
    assert {catalog.state(unit, "en") for unit in catalog.versions()} == {"human_reviewed"}
    assert {catalog.state(unit, "es") for unit in catalog.versions()} == {"draft"}


def test_the_record_lists_no_text_that_was_never_there() -> None:
    catalog = load()
    assert {record.unit for record in catalog.releases} == set(catalog.versions())
    assert all(record.state in {"draft", "human_reviewed"} for record in catalog.releases)
