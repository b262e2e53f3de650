"""The page on top of a letter: in the family's language and English, one thing to do, how to stop, and which law."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from campaign.definitions.definition import Step, parse
from campaign.paper.letter_pages import About, pages, text_hash
from content import catalog, languages
from content.catalog import ContentError
from reports.mailing import render
from reports.mailing.address import WINDOWS
from tests.campaign.paper.letter_post import STEP

LAW = "34 CFR 99.7"
STUDENTS = [("Ana Luísa", "Alder Elementary"), ("Eli", "Birch Middle")]


def step(**changes: object) -> Step:
    document = {"slug": "paper", "title": "On paper", "step": [{**STEP, **changes}]}
    return parse(document, "the test").steps["report_letter"]


def about(language: str, **changes: object) -> About:
    return replace(About(step(), language, None, STUDENTS, date(2026, 11, 10)), **changes)


@pytest.mark.parametrize("language", sorted(catalog.load().languages))
def test_every_language_keeps_to_its_side_and_english_is_on_the_back(language: str) -> None:
    found = pages(catalog.load(), about(language, follows=True), "9 School Way, Maple WA 98038")
    tags = [languages.language(side).tag for side in dict.fromkeys([language, "en"])]
    assert [page.tag for page in found] == tags
    assert all("Ana Luísa" in page.title and page.act for page in found)
    assert render.letter("a letter", found, WINDOWS["number-10"])[:5] == b"%PDF-"


def test_who_reads_another_language_is_offered_an_interpreter_on_top() -> None:
    (page,) = pages(catalog.load(), about("en", fallback_from="vi"), "")
    assert "thông dịch viên" in page.line
    assert page.line_tag == "vi"


@pytest.mark.parametrize(
    ("stopped", "words"),
    [(True, "You asked us to stop"), (False, "we cannot turn it off")],
    ids=["stopped", "not"],
)
def test_a_notice_says_which_law_asks_for_it_and_offers_no_stop(stopped: bool, words: str) -> None:
    legal = step(message="hello", needs_report=False, notice="legal", notice_reason=LAW)
    spanish, english = pages(catalog.load(), about("es", step=legal, stopped=stopped), "")
    assert LAW in spanish.small
    assert LAW in english.small
    assert words in english.small
    assert "This is Alder Elementary and Birch Middle" in english.paragraphs[1]
    assert (english.act, english.greeting, english.paragraphs[0]) == ("", "", "Hello,")


def test_a_message_without_words_for_paper_is_no_letter() -> None:
    with pytest.raises(ContentError, match="not written for paper"):
        pages(catalog.load(), about("en", step=step(message="tip", needs_report=False)), "")


def test_one_changed_word_is_another_hash() -> None:
    texts = catalog.load()
    assert text_hash(texts, step(), "es") == text_hash(texts, step(), "es")
    assert len({text_hash(texts, step(), language) for language in ("en", "es", "ar")}) == 3
