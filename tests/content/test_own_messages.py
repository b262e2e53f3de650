"""Staff write plain text with declared placeholders: whatever could run, or names what is not there, is refused."""

from __future__ import annotations

import pytest

from content import own_messages
from content.catalog import ContentError

MAIL = "Hello from {school}. It is about {child}.\n\n--\nStop: {stop_link}\n{postal_address}\n"

REFUSED = [
    "{{ child }}",
    "{{child}}",
    "{% for x in y %}",
    "{# note #}",
    "{child.first_name}",
    "{child!r}",
    "{child:>10}",
    "{0}",
    "{}",
    "{ child }",
    "{Child}",
    "{mark}",
    "{score}",
    "{secret_key}",
    "{config}",
    "{self.__class__}",
    "{{''.__class__.__mro__}}",
    "{{7*7}}",
    "{%print(1)%}",
    "{child",
    "child}",
    "{{{child}}}",
    "{\nchild}",
    "${child}x{y}",
    "{lipsum}",
    "{request}",
    "{cycler.__init__.__globals__}",
]


@pytest.mark.parametrize("said", REFUSED)
def test_what_is_no_declared_placeholder_is_refused_and_the_allowed_ones_are_named(said: str) -> None:
    with pytest.raises(ContentError) as refused:
        own_messages.check("email.text", f"{MAIL}{said}", "en")
    assert "You can write: {child}, {postal_address}, {reports}, {school}, {stop_link}" in str(refused.value)


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("email.text", "Hello {school} {postal_address}", "{stop_link} is missing"),
        ("email.text", "  ", "is empty"),
        ("email.text", MAIL + "x" * 5000, "at most 5,000"),
        ("email.subject", "About {child}", "{child} is not a placeholder here. You can write: {school}"),
        ("email.subject", "Two\nlines", "line break"),
        ("sms.text", "{school}: hello {child}. Reply STOP to end.", "You can write: {reports}, {school}"),
        ("sms.text", "{school}: hello", "Reply STOP to end"),
        ("sms.text", "hello. Reply STOP to end.", "{school} is missing"),
        ("sms.text", "{school}\x00 STOP", "cannot be printed"),
        ("fax.text", "hello", "is not a part of a message"),
    ],
)
def test_what_a_part_must_be(key: str, text: str, words: str) -> None:
    with pytest.raises(ContentError) as refused:
        own_messages.check(key, text, "en")
    assert words in str(refused.value)


def test_a_translation_has_the_placeholders_of_its_english() -> None:
    own_messages.check("sms.text", "{school}: hola. Responda STOP.", "es", "{school}: hello. Reply STOP.")
    with pytest.raises(ContentError, match="its English has it"):
        own_messages.check("sms.text", "hola", "es", "{school}: hello. Reply STOP.")
    with pytest.raises(ContentError, match=r"its English has no \{reports\}"):
        own_messages.check("sms.text", "{school} {reports}", "es", "{school}: hello. Reply STOP.")


def test_a_message_is_there_once_its_english_is_whole_and_in_languages_that_are() -> None:
    english = {"email.subject": "A night", "email.text": MAIL, "sms.text": "{school}: come. Reply STOP."}
    assert own_messages.message("own-night", 1, "A night", {"en": {"email.subject": "A night"}}) is None
    half = {"en": english, "es": {"sms.text": "{school}: venga. STOP."}}
    made = own_messages.message("own-night", 1, "A night", half)
    assert made is not None
    assert made.languages == {"en"}
    assert made.declared == {"school", "child", "stop_link", "postal_address"}
    assert set(made.bodies) == {"email", "sms"}
