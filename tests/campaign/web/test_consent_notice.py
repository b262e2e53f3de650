"""What staff read of the text that told a contact how to stop: in words, with what an audit asks for beside it."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from tests.campaign.web.sending import words_of
from tests.web_pages import MORNING

SignIn = Callable[[str], FlaskClient]


def test_who_was_enrolled_by_a_first_message_is_told_in_words(signed_in: SignIn, engine: Engine) -> None:
    words = "notice in message 00ab: heads_up version 3, es, sha256 66c6"
    with transaction(engine, ENGINE) as connection:
        enrolled = text(
            """
            INSERT INTO consent_event (district_id, contact_id, channel, scope, action, source, words, at)
            VALUES (1, 1, 'sms', 'all', 'granted', 'roster', :words, :now)
            """
        )
        connection.execute(enrolled, {"words": words, "now": MORNING})
    page = signed_in("teacher@example.org").get("/staff/consent/1").text
    said = words_of(page)
    assert "The message “Heads up” said how to stop, in Spanish (version 3 of its text)." in said
    assert f"For an audit {words}" in said
