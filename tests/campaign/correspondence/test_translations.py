"""Translations in threads: names stay here, each is checked, a person's is remembered; and what runs by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from campaign.correspondence.attachments import Attachment
from campaign.correspondence.conversation_rounds import clean_files, look_after
from campaign.correspondence.conversation_translation import REMEMBERED, Task, translate
from campaign.translators.checks import Doubt, check
from campaign.translators.contract import NotTranslated, TranslatorFailed
from campaign.translators.protecting import Fixed, protect, put_back
from content.catalog import load
from content.memory import Pair
from tests.campaign.correspondence.written import row, rows, settings_in, sms, take_in
from tests.web_pages import MORNING

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@dataclass
class Service:
    """A translator that keeps what it was asked and answers as it is told."""

    says: Callable[[str], str] = str.upper
    asked: list[str] = field(default_factory=list)
    id: str = "Made up"

    def translate(self, text: str, source: str, target: str) -> str:
        self.asked.append(text)
        return self.says(text)


class Broken(Service):
    def translate(self, text: str, source: str, target: str) -> str:
        super().translate(text, source, target)
        raise TranslatorFailed("Made up did not answer (ReadTimeout)")


def test_a_service_sees_no_name_that_we_know_and_no_number(district: Engine, tmp_path: Path) -> None:
    service = Service(
        lambda markup: markup.replace("no va el", "will not go on").replace("de mayo", "of May")
    )
    take_in(district, sms("Ana Abrego no va el 3 de mayo con Rosa"), tmp_path)
    done = look_after(district, settings_in(tmp_path), service, load(), MORNING)
    assert (done.translated, done.trouble) == (1, "")
    asked = re.sub(r'<x id="\d+"/>', "", *service.asked)
    assert not [known for known in ("Ana", "Abrego", "Rosa", "3") if known in asked]
    kept = row(district, "SELECT text, translator, account_id FROM conversation_translation")
    assert kept == {
        "text": "Ana Abrego will not go on 3 of May con Rosa",
        "translator": "Made up",
        "account_id": None,
    }
    assert look_after(district, settings_in(tmp_path), service, load(), MORNING).translated == 0


def test_a_failure_leaves_all_as_it_was_and_the_next_round_goes_on(district: Engine, tmp_path: Path) -> None:
    take_in(district, sms("Gracias por todo"), tmp_path)
    broken = look_after(district, settings_in(tmp_path), Broken(), load(), MORNING)
    assert (broken.translated, broken.trouble) == (0, "Made up did not answer (ReadTimeout)")
    assert rows(district, "SELECT 1 FROM conversation_translation") == []
    service = Service(lambda markup: "Thank you for all")
    assert look_after(district, settings_in(tmp_path), service, load(), MORNING).translated == 1


def test_what_a_person_translated_is_used_again_and_no_service_is_asked() -> None:
    service = Service()
    task = Task("Gracias", "es", "en", memory=[Pair("Gracias", "Thank you", "human_reviewed")])
    found = translate(task, service, load())
    assert (found.text, found.by, service.asked) == ("Thank you", REMEMBERED, [])


@pytest.mark.parametrize(("text", "source"), [("Hello", "ru"), ("Здравствуйте", "es"), ("Hello", "en")])
def test_a_text_that_is_not_in_its_language_is_not_sent(text: str, source: str) -> None:
    service = Service()
    with pytest.raises(NotTranslated):
        translate(Task(text, source, "en"), service, load())
    assert service.asked == []


def test_without_a_translator_staff_are_told_how_to_get_one() -> None:
    with pytest.raises(NotTranslated, match=r"config\.toml"):
        translate(Task("Hola", "es", "en"), None, load())


@pytest.mark.parametrize(
    ("source", "translation", "pair", "doubts"),
    [
        ("No puede ir mañana.", "She cannot go tomorrow.", ("es", "en"), []),
        ("No puede ir mañana.", "She can go tomorrow.", ("es", "en"), [Doubt.NEGATION_LOST]),
        ("Puede ir mañana.", "She can not go tomorrow.", ("es", "en"), [Doubt.NEGATION_ADDED]),
        ("She can't come.", "Она придёт.", ("en", "ru"), [Doubt.NEGATION_LOST]),
        ("She can't come.", "Она не придёт.", ("en", "ru"), []),
        ("She is not ill.", "她没有生病。", ("en", "zh"), []),
        ("El 3 de mayo", "On 4 May", ("es", "en"), [Doubt.NUMBERS]),
        ("At 7:30 on the 5th", "في ٧:٣٠ يوم ٥", ("en", "ar"), []),
        ("We have 1,200 books", "Tenemos 1200 libros", ("en", "es"), []),
        ("Please bring the blue form tomorrow morning", "Sí", ("en", "es"), [Doubt.LENGTH]),
        ("Come to school", "Come to school", ("en", "ko"), [Doubt.SCRIPT, Doubt.UNTRANSLATED]),
        ("Mi hija tiene tos", "My daughter has *tos", ("es", "en"), [Doubt.UNKNOWN_WORDS]),
        ("Mi hija tiene tos y fiebre", "mi hija tiene tos and fever", ("es", "en"), [Doubt.UNTRANSLATED]),
    ],
)
def test_what_may_be_wrong_with_a_translation_is_said(
    source: str, translation: str, pair: tuple[str, str], doubts: list[Doubt]
) -> None:
    assert [one.doubt for one in check(source, translation, pair)] == doubts


def test_what_a_service_loses_or_says_twice_is_found() -> None:
    protected = protect("Ana viene a las 7:30.", ["Ana"])
    assert put_back(protected.markup, protected) == ("Ana viene a las 7:30.", [])
    assert put_back('<x id="2"/> comes', protected) == ("7:30 comes", ["Ana"])
    twice = '<x id="1"></x> and <X ID=1 /> at <x id="2"/> <x id="9"/>'
    assert put_back(twice, protected) == ("Ana and Ana at 7:30", ["Ana"])


def test_a_fixed_word_comes_back_as_the_other_language_has_it() -> None:
    protected = protect("An interpreter is free.", [], [Fixed("interpreter", "intérprete")])
    assert (
        put_back(protected.markup.replace("is free", "es gratis"), protected)[0] == "An intérprete es gratis."
    )


@given(
    text=st.text(alphabet=st.characters(exclude_characters="\0"), max_size=200),
    names=st.lists(st.text(min_size=1, max_size=10), max_size=4),
)
def test_what_is_taken_out_is_put_back(text: str, names: list[str]) -> None:
    protected = protect(text, names)
    back, lost = put_back(protected.markup, protected)
    assert lost == []
    assert "".join(back.split()) == "".join(text.split())


def test_files_of_nobody_are_deleted_and_others_stay(district: Engine, tmp_path: Path) -> None:
    take_in(district, sms("Mire", attachments=[Attachment("a.png", PNG)]), tmp_path)
    orphan = tmp_path / "attachments" / "ab" / "abandoned"
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(PNG)
    later = MORNING + timedelta(days=36500)
    assert clean_files(district, settings_in(tmp_path), later) == 1
    assert not orphan.exists()
    assert len([path for path in (tmp_path / "attachments").rglob("*") if path.is_file()]) == 1
