"""The one e-mail that says that a stop, a start or a cry for help was heard; texts are confirmed as they come in.

The law allows one message, within five minutes. So each is marked before it is sent, and after five minutes none goes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape

from sqlalchemy import Connection

from campaign.access import ENGINE
from campaign.consents import confirming
from campaign.correspondence.replies import bare_address
from campaign.database import transaction
from campaign.dispatch.delivery import Delivery
from campaign.senders.contract import OutgoingMessage, Retryable
from campaign.store import confirmations
from campaign.store.confirmations import ToConfirm

SOON_ENOUGH = timedelta(minutes=5)


def send(delivery: Delivery, now: datetime) -> int:
    """Confirm what was heard by e-mail in the last five minutes; how many were handed to the sender."""
    sender = next((sender for sender in delivery.senders if "email" in sender.channels), None)
    if sender is None:
        return 0
    with transaction(delivery.engine, ENGINE) as connection:
        taken = confirmations.take(connection, now - SOON_ENOUGH, now)
        mails = {one.reply_id: _mail(delivery, connection, one, now) for one in taken}
    refused = [
        reply_id for reply_id, mail in mails.items() if isinstance(sender.send(message=mail), Retryable)
    ]
    with transaction(delivery.engine, ENGINE) as connection:
        confirmations.give_back(connection, refused)
    return len(mails) - len(refused)


def _mail(delivery: Delivery, connection: Connection, one: ToConfirm, now: datetime) -> OutgoingMessage:
    address = bare_address(one.from_address)
    told = confirming.mail(
        connection,
        one.key,
        address,
        lambda district: delivery.shelf.of(connection, district),
        delivery.settings.installation.name,
    )
    return OutgoingMessage(
        public_id=delivery.public_id(f"confirmation|{one.reply_id}"),
        channel="email",
        to=address,
        subject=told.subject,
        text=told.words + "\n",
        html=f'<p lang="{told.language}" dir="auto">{escape(told.words)}</p>',
        language=told.language,
        stop_url="",
        at=now,
        is_reply=True,
    )
