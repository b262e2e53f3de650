"""The room of a text message: exactly as many children as the written text has room for."""

from __future__ import annotations

import sys

import pytest

from campaign.dispatch.writing import direction, room, with_interpreter
from campaign.senders.segments import MOST_SEGMENTS, segments
from campaign.wordings.wording import Sendable, Wording
from content import catalog
from content.messages import RenderedMessage

TEXTS = catalog.load()
MESSAGES = sorted(name for name, message in TEXTS.messages.items() if "sms" in message.bodies)
LINK = "https://families.example.org/r/" + "x" * 43


@pytest.mark.parametrize("language", sorted(TEXTS.interpreter_lines))
@pytest.mark.parametrize("message", MESSAGES)
def test_the_room_is_what_the_text_leaves(message: str, language: str) -> None:
    english, line = TEXTS.message(message, "sms", "en"), TEXTS.interpreter_lines[language]
    has_room_for = room(english, line, "https://families.example.org")

    def parts(students: int) -> int:
        links = " ".join([LINK] * students)
        said = english.text.strip().replace("{school}", "N" * 24).replace("{reports}", links)
        whole = with_interpreter(RenderedMessage("", said, ""), line, language, short=True)
        return segments(whole.text.strip())

    assert has_room_for == 0 or parts(min(has_room_for, 99)) <= MOST_SEGMENTS
    assert has_room_for == sys.maxsize or parts(has_room_for + 1) > MOST_SEGMENTS


def test_a_script_outside_the_alphabet_of_text_messages_takes_the_room_away_and_accents_do_not() -> None:
    ready = TEXTS.message("report_ready", "sms", "en")
    assert [
        room(ready, TEXTS.interpreter_lines[x], "https://families.example.org") for x in ("so", "vi", "ar")
    ] == [2, 2, 0]


@pytest.mark.parametrize("language", sorted(TEXTS.interpreter_lines))
def test_each_line_runs_in_the_direction_of_its_script(language: str) -> None:
    assert direction(TEXTS.interpreter_lines[language]) == ("rtl" if language in {"ar", "ur"} else "ltr")


@pytest.mark.parametrize(
    ("language", "wording"),
    [
        ("fil-PH", Wording("tl")),
        ("pt-BR", Wording("pt")),
        ("cmn", Wording("zh")),
        ("en-GB", Wording("en")),
        ("so-SO", Wording("en", "so-SO")),
    ],
)
def test_a_language_is_known_by_every_tag_it_goes_by(language: str, wording: Wording) -> None:
    texts = frozenset(("hello", "email", written) for written in ("en", "tl", "pt", "zh"))
    assert Sendable(texts, {}).wording("hello", "email", language) == wording
