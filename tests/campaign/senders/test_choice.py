"""Which sender the settings choose, and what it says where a secret is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch.receipts import Kind, Reported
from campaign.senders.choice import text_sender_for
from campaign.senders.contract import Accepted, SenderError, Unknown
from campaign.settings import Settings
from campaign.store import receipts
from tests.web_pages import MORNING, page_settings, small_district


def texting(home: Path, sender: str) -> Settings:
    settings = page_settings(home, "https://gbg.example.org")
    return replace(settings, sms=replace(settings.sms, sender=sender, messaging_service="MG1"))


def test_text_messages_go_nowhere_into_the_mailbox_or_by_twilio(engine: Engine, tmp_path: Path) -> None:
    assert text_sender_for(texting(tmp_path, "none"), engine) is None
    mailbox = text_sender_for(texting(tmp_path, "mailbox"), engine)
    assert mailbox is not None
    assert (mailbox.name, mailbox.channels) == ("mailbox", {"sms"})
    with pytest.raises(SenderError, match="TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"):
        text_sender_for(texting(tmp_path, "twilio"), engine)


def test_twilio_knows_what_it_has_told_us_of_the_message_as_it_was_last_sent(
    engine: Engine, tmp_path: Path
) -> None:
    small_district(engine)
    settings = texting(tmp_path, "twilio")
    secrets = replace(settings.secrets, twilio_account_sid="AC1", twilio_auth_token="t")
    sender = text_sender_for(replace(settings, secrets=secrets), engine)
    assert sender is not None
    assert (sender.name, sender.channels) == ("twilio", {"sms"})
    assert sender.lookup(public_id="p2") == Unknown()
    with transaction(engine, ENGINE) as connection:
        receipts.keep(connection, "twilio", [Reported("e1", "p2", Kind.SENT, "SM1", None, MORNING)], MORNING)
    assert sender.lookup(public_id="p2") == Accepted()
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE message SET fencing = fencing + 1 WHERE public_id = 'p2'"))
    assert sender.lookup(public_id="p2") == Unknown()
    sender.close()
