"""What every shipped message must and must not hold, by channel."""

from __future__ import annotations

import pytest

from campaign.senders.segments import MOST_SEGMENTS, is_gsm, segments
from content import catalog, languages

DIGEST = "digest"
MESSAGES = sorted(catalog.load().messages)
# The longest school name that a text message gets, and a link of an ordinary address.
WORST = {"school": "S" * 24, "reports": "https://gbg.example.org/r/" + "x" * 43}


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("language", languages.languages())
def test_a_text_message_fits_and_says_nothing_about_a_child(message: str, language: str) -> None:
    template = catalog.load().message(message, "sms", language)
    rendered = template.render({name: WORST[name] for name in template.fields}).text.strip()
    assert segments(rendered) <= (1 if language == "en" else MOST_SEGMENTS)
    assert language != "en" or is_gsm(rendered)
    assert template.fields <= WORST.keys()
    assert "{school}" in template.text
    assert any(word in template.text for word in ("STOP", "ALTO"))


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("language", languages.languages())
def test_an_email_says_who_writes_and_how_to_stop_and_keeps_the_subject_general(
    message: str, language: str
) -> None:
    template = catalog.load().message(message, "email", language)
    assert "{" not in template.subject
    for body in (template.text, template.html):
        assert all(field in body for field in ("{school}", "{stop_link}", "{postal_address}", "{child}"))
    assert '<a href="{stop_link}">' in template.html
    assert f'<html lang="{languages.language(language).tag}" ' in template.html


@pytest.mark.parametrize("message", MESSAGES)
def test_no_message_holds_a_result(message: str) -> None:
    for channel in ("email", "sms"):
        fields = catalog.load().message(message, channel, "en").fields
        # The weekly message lists the subjects of others, which are general themselves (see above).
        lists = {"items"} if message == DIGEST else set()
        assert fields <= {"child", "school", "reports", "stop_link", "postal_address"} | lists
