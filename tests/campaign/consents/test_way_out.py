"""The way out of a message: made from it, the same each time it is handed over, and opened by nothing else."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.consents import way_out
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.deliver import deliver_due
from campaign.senders.contract import OutgoingMessage
from tests.campaign import families
from tests.campaign.providers import Provider

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
DUE = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)


def test_each_e_mail_has_one_way_out_that_leads_to_whom_it_was_written(
    engine: Engine, tmp_path: Path
) -> None:
    handed_over: dict[str, list[OutgoingMessage]] = defaultdict(list)
    provider = Provider("busy", during=lambda message: handed_over[message.public_id].append(message))
    families.build(engine)
    delivery = families.delivery(engine, tmp_path, provider)
    ledger.plan(delivery, NOON)
    deliver_due(delivery, DUE)
    provider.behaviour = "well"
    deliver_due(delivery, DUE + timedelta(minutes=10))
    key = delivery.settings.secrets.secret_key
    again = [some for some in handed_over.values() if len(some) > 1]
    assert again
    assert all(len({one.stop_url for one in some}) == 1 for some in again)
    mails = [some[-1] for some in handed_over.values() if some[-1].channel == "email"]
    with transaction(engine, ENGINE) as connection:
        addresses = {id: email for id, email in connection.execute(text("SELECT id, email FROM contact"))}
        for mail in mails:
            token = mail.stop_url.rpartition("/")[2]
            assert len(token) == way_out.TOKEN_LENGTH
            written = way_out.addressee(connection, token, key)
            assert written is not None
            assert addresses[written.contact_id] == mail.to
            assert way_out.addressee(connection, token, f"{key}x") is None
            assert way_out.addressee(connection, mail.public_id, key) is None
        assert connection.scalar(text("SELECT count(*) FROM family_link WHERE purpose <> 'report'")) == 0
    assert len({mail.stop_url for mail in mails}) == len(mails) > 1
