"""A stop among other words: a sentence of its own, a signature behind it, the plain words of tired people."""

from __future__ import annotations

import pytest

from campaign.consents.opt_out import NOTHING, Confidence, Kind, Meaning, interpret


@pytest.mark.parametrize(
    "text",
    [
        "Please stop. Thanks, Maria Lopez",
        "Stop! Who is this?",
        "Ok thanks. STOP",
        "Basta. No soy de esa escuela",
        "I don't want any more text messages from the school",
        "I dont want texts",
        "We don’t want any more emails please",
        "stop the calls",
        "da de baja mi número",
        "Ya basta con los mensajes",
        "Fin",
        "Arrêtez",
        "rete",
        "iska jooji",
    ],
)
def test_a_stop_beside_other_words_is_a_stop(text: str) -> None:
    assert interpret(text) == Meaning(Kind.STOP)


@pytest.mark.parametrize(
    "text",
    [
        "Stop. My daughter has not been at this school since we moved last year",
        "I don't want any more",
        "Who gave you my number?",
        "I never signed up for this",
        "f off",
        "dejen de chingar",
        "بس",
    ],
)
def test_what_sounds_like_a_stop_waits_for_a_person(text: str) -> None:
    assert interpret(text) == Meaning(Kind.STOP, Confidence.UNSURE)


@pytest.mark.parametrize(
    "text",
    [
        "Don't stop. We like these",
        "He takes the bus. The stop is closed",
        "Buen fin de semana",
        "Is the block schedule still on?",
        "Do you want any more information?",
    ],
)
def test_what_is_about_something_else_stops_nothing(text: str) -> None:
    assert interpret(text) == NOTHING
