"""A person's own words in an e-mail, without what their mail program added; whatever it is, nothing is made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.correspondence.reply_text import clean, own_words, with_subject

CASES = [
    (
        "Sí, voy.\n\nEl lun, 2 nov 2026 a las 9:30, Escuela\n<f@example.org> escribió:\n\n> Hola\n> Adiós",
        "Sí, voy.",
    ),
    ("Yes\n\nOn Mon, Nov 2, 2026 at 9:30 AM School <f@example.org> wrote:\n> Hello", "Yes"),
    ("Yes\n\nOn Nov 2, 2026, at 9:30 AM, School <f@example.org> wrote:\n\nHello\nnot marked", "Yes"),
    ("好的\n\n在 2026年11月2日 9:30，School <f@example.org> 写道：\n> 您好", "好的"),
    ("Да\n\n2 ноября 2026 г., School <f@example.org> написал(а):\n> Привет", "Да"),
    ("네\n\n2026년 11월 2일 (월) School <f@example.org>님이 작성:\n> 안녕", "네"),
    ("> Can you come?\nYes, at 5.\n> And your husband?\nNo.", "Yes, at 5.\nNo."),
    ("On 2 Nov, School <f@example.org> wrote:\n> Hello\n\nBelow it I write.", "Below it I write."),
    ("Yes\n\n-----Original Message-----\nFrom: School\nSent: Monday\nHello", "Yes"),
    ("Yes\n\n-----Mensaje original-----\nDe: Escuela", "Yes"),
    ("Yes\n\nFrom: School <f@example.org>\nSent: Monday\nTo: Rosa\nSubject: Report\n\nHello", "Yes"),
    ("Yes\n\nDe: Escuela\nEnviado el: lunes\nPara: Rosa\nAsunto: Informe\n\nHola", "Yes"),
    ("Yes\n________________________________\nFrom: School", "Yes"),
    ("Yes\n--\nRosa Abrego\n555-0100", "Yes"),
    ("Yes\n\nSent from my iPhone", "Yes"),
    ("Sí\n\nEnviado desde mi Samsung Galaxy", "Sí"),
    ("To: the teacher\nAna is sick", "To: the teacher\nAna is sick"),
    ("He wrote: I am fine", "He wrote: I am fine"),
    ("She wrote:\nI am sad", "She wrote:\nI am sad"),
    ("> only quoted", "> only quoted"),
    ("Sent from my iPhone", "Sent from my iPhone"),
    ("Line one\r\nLine two\r\n", "Line one\nLine two"),
    ("a\0b", "ab"),
    ("", ""),
]


@pytest.mark.parametrize(("mail", "words"), CASES)
def test_own_words(mail: str, words: str) -> None:
    assert own_words(mail) == words


LINES = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from(
            ["> quoted", "--", "On 2 Nov x@y.org wrote:", "From: a", "Sent: b", "To: c", "____" * 6]
        ),
    ),
    max_size=12,
)


@pytest.mark.parametrize(
    ("subject", "words", "shown"),
    [
        ("Ana is sick today", "", "Ana is sick today"),
        ("Ana is sick", "She has a fever.", "Ana is sick\nShe has a fever."),
        ("Ana is sick", "ana is sick today", "ana is sick today"),
        ("RE: Ana's report is ready", "Thank you", "Thank you"),
        ("Re[2]: News", "Thank you", "Thank you"),
        ("RV: Noticias de la escuela", "Gracias", "Gracias"),
        ("Ответ: Новости", "Спасибо", "Спасибо"),
        ("回复：学校消息", "谢谢", "谢谢"),
        ("Reading: may we talk?", "Call me", "Reading: may we talk?\nCall me"),
        (" \r\n ", "Thank you", "Thank you"),
        (None, "Thank you", "Thank you"),
    ],
)
def test_a_subject_of_the_writers_own_stands_above_the_words(
    subject: str | None, words: str, shown: str
) -> None:
    assert with_subject(subject, words) == shown


@given(LINES)
def test_every_line_is_one_that_was_written_and_something_always_stays(lines: list[str]) -> None:
    mail = "\n".join(lines)
    words = own_words(mail)
    written = {line.strip() for line in clean(mail).split("\n")}
    assert {line.strip() for line in words.split("\n")} <= written | {""}
    assert bool(words) == bool(clean(mail).strip())


@given(st.text(max_size=300))
def test_the_database_takes_what_is_left(text: str) -> None:
    assert "\0" not in clean(text)
    clean(text).encode()
