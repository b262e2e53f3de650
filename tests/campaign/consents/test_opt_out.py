"""What people mean who answer a message: tables of what they write, and what must hold for anything they write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.consents.opt_out import (
    NOTHING,
    Confidence,
    Kind,
    Meaning,
    channels_named,
    folded,
    interpret,
    own_words,
)

STOPS = [
    # The words of the carriers, however they are typed.
    "STOP",
    "stop",
    "Stop.",
    " StOp!! ",
    "«stop»",
    "ＳＴＯＰ",
    "stop 🙏",
    "🛑 STOP 🛑",
    "END",
    "Quit",
    "cancel",
    "UNSUBSCRIBE",
    "Stopall",
    "STOP ALL",
    "revoke",
    "OptOut",
    "opt-out",
    "opt out",
    # Courtesies, impatience, slips.
    "stop please",
    "Please STOP",
    "ok stop",
    "STOP STOP STOP",
    "stop it",
    "stop now",
    "STOP, thank you",
    "stpo",
    "sotp",
    "stopp",
    "st0p",
    "s t o p",
    "unsuscribe",
    "unsubscrbie",
    "Stop it now please!!!",
    # Sentences.
    "please stop texting me",
    "Please stop sending me these messages",
    "I want you to stop texting this number",
    "take me off your list",
    "Remove me from this list please",
    "do not text me again",
    "Don't text me anymore",
    "dont message me",
    "no more texts!",
    "I don’t want these messages",
    "We do not want any more of these",
    "unsubscribe me from all of this",
    "stop bothering me",
    "I revoke my consent to be texted",
    # Spanish, with and without accents.
    "ALTO",
    "¡Alto!",
    "alto por favor",
    "Parar",
    "pare",
    "BASTA",
    "basta ya",
    "cancelar",
    "BAJA",
    "no más",
    "No mas mensajes",
    "no más mensajes por favor",
    "ya no me escriban",
    "Ya no me manden mensajes, gracias",
    "quiero dejar de recibir esto",
    "por favor dejen de mandarme mensajes",
    "No quiero recibir más textos",
    "quítenme de la lista",
    "darme de baja",
    # Other languages.
    "توقف",
    "أوقفوا الرسائل",
    "إلغاء الاشتراك",
    "停止",
    "退订",
    "请不要再发短信了",
    "dừng",
    "Dừng lại",
    "xin đừng nhắn tin nữa",
    "Sair",
    "parem de enviar mensagens",
    "não quero mais",
    "sispann",
    "pa voye mesaj ankò",
    "стоп",
    "Больше не пишите",
    "отписаться",
    "jooji",
    "ha ii soo dirin fariimo",
    "itigil",
    "wag na kayo magtext",
    "그만",
    "문자 보내지 마세요",
    "수신거부",
    "بند کریں",
    "میسج نہ بھیجیں",
]
PERHAPS = [
    "🛑",
    "You people need to stop",
    "stop I said",
    "leave me alone",
    "How do I stop these messages?",
    "not interested",
    "Why did you stop texting me?",
    "stol",
    "demasiados mensajes",
    "¿Cómo paro estos?",
    "tama na",
]
OTHERS = [
    "",
    " ",
    "🙂",
    "don't stop",
    "Don’t stop!",
    "please do not stop sending these",
    "Don't ever stop texting us",
    "no paren",
    "no dejen de escribir",
    "the bus stop",
    "He waits at the bus stop",
    "Is there a stop sign at the school?",
    "I can stop by tomorrow",
    "stop by the office?",
    "She can't stop laughing",
    "Ana got off at the wrong stop",
    "non-stop",
    "el nivel es muy alto",
    "es más alto que yo",
    "My son needs to stop talking in class",
    "the weekend",
    "I quit my job",
    "cancel the conference please",
    "Cancelar la cita por favor",
    "at the end of the day",
    "top",
    "step",
    "Ana stopped reading",
    "đúng",
    "dung",
    "You have the wrong date for the meeting",
    "the wrong number of absences is listed",
    "Thank you",
    "gracias",
    "ok",
    "no",
    "Can we talk on Tuesday?",
    "He is ending the year well",
    "What does a B mean?",
    "Thanks!\n\nOn Mon, Nov 2, 2026 School wrote:\n> Reply STOP to end",
    "Gracias\n> Responda ALTO y no le escribimos",
    "We will be there\n\n-----Original Message-----\nStop these e-mails: https://x",
    "The teacher said to stop and think",
]
HELPS = [
    "HELP",
    "help!",
    "Info",
    "who is this?",
    "Hi, who is this",
    "ayuda",
    "AYUDA por favor",
    "¿Quién es?",
    "помощь",
    "帮助",
]
STARTS = ["START", "unstop", "Start again", "empezar", "activar", "начать", "开始"]
ANSWERS_YES = ["Yes", "sí", "SI", "да", "نعم"]
WRONGS = [
    "Wrong number",
    "wrong number!",
    "WRONG",
    "You have the wrong number",
    "sorry wrong person",
    "Número equivocado",
    "numero equivocado, no tengo hijos",
    "equivocado",
    "wrong number stop texting me",
    "Persona equivocada",
    "رقم خطأ",
    "号码错了",
    "nhầm số",
    "número errado",
    "move nimewo",
    "не тот номер",
    "lambar khaldan",
    "maling numero",
    "번호가 틀렸어요",
    "غلط نمبر",
]
PERHAPS_WRONG = [
    "This is not my child",
    "I don't have kids",
    "No es mi hijo",
    "no tengo hijos",
    "my phone had the wrong number saved for the school so I called the office",
]


@pytest.mark.parametrize("text", STOPS)
def test_a_stop_is_a_stop(text: str) -> None:
    assert interpret(text) == Meaning(Kind.STOP)


@pytest.mark.parametrize("text", PERHAPS)
def test_what_may_be_a_stop_waits_for_a_person(text: str) -> None:
    assert interpret(text) == Meaning(Kind.STOP, Confidence.UNSURE)


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_about_something_else_stops_nothing(text: str) -> None:
    assert interpret(text) == NOTHING


@pytest.mark.parametrize(
    ("texts", "meaning"),
    [
        (HELPS, Meaning(Kind.HELP)),
        (STARTS, Meaning(Kind.START)),
        (ANSWERS_YES, Meaning(Kind.START, only_if_stopped=True)),
        (WRONGS, Meaning(Kind.WRONG)),
        (PERHAPS_WRONG, Meaning(Kind.WRONG, Confidence.UNSURE)),
    ],
)
def test_the_other_answers(texts: list[str], meaning: Meaning) -> None:
    assert {text: interpret(text) for text in texts} == dict.fromkeys(texts, meaning)


@pytest.mark.parametrize(
    ("text", "channels"),
    [
        ("stop texting me", {"sms"}),
        ("please stop calling and emailing us", {"call", "email"}),
        ("no más correos", {"email"}),
        ("STOP", set()),
        ("the context of the lettering", set()),
    ],
)
def test_a_stop_may_name_other_channels(text: str, channels: set[str]) -> None:
    assert channels_named(text) == channels


@given(st.text())
def test_anything_at_all_is_read_and_reads_the_same_twice(text: str) -> None:
    assert interpret(text) == interpret(text)
    assert folded(folded(text)) == folded(text)
    assert own_words(own_words(text)) == own_words(text)


@given(
    st.sampled_from(
        ["STOP", "ALTO", "unsubscribe", "parar", "wrong number", "help", "start", "no más mensajes"]
    ),
    st.text("!.,;:¡¿?*_-()\"'” \t🙂👍🏽", max_size=6),
    st.text("!.,;:¡¿?*_-()\"'” \t🙂👍🏽", max_size=6),
    st.booleans(),
)
def test_signs_emoji_and_capitals_change_nothing(word: str, before: str, after: str, capitals: bool) -> None:
    if before.startswith("---"):
        before = ""
    written = before + (word.upper() if capitals else word.lower()) + after
    assert interpret(written) == interpret(word)


@given(
    st.sampled_from(["don't", "do not", "never", "please don't", "Don’t ever"]), st.sampled_from(STOPS[:3])
)
def test_a_stop_turned_round_is_none(negation: str, word: str) -> None:
    assert interpret(f"{negation} {word}").kind is Kind.NONE


@given(
    st.sampled_from(["the", "a", "at the", "next", "his", "bus", "every"]), st.sampled_from(["", " tomorrow"])
)
def test_a_stop_that_is_a_place_is_none(before: str, after: str) -> None:
    assert interpret(f"{before} stop{after}").kind is Kind.NONE
