"""Words of danger reach the persons of the district's protocol by e-mail too: that there is something, never what.

A note may come twice rather than not at all; the page shows it in any case.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch.delivery import Delivery
from campaign.senders.contract import Accepted, Ambiguous, OutgoingMessage, Permanent, Sender

SUBJECT = "Please open a conversation now"
_WORDS = """A message that came in may tell of danger. Please read it now:

{url}

You get this because your district's protocol names you (page Who answers). Nothing of the message stands here.
"""
_UNTOLD = text(
    """
    SELECT f.id AS flag, f.conversation_id, a.id AS account, a.email
    FROM conversation_flag f JOIN crisis_protocol p ON p.district_id = f.district_id
    JOIN account a ON a.id = ANY (p.account_ids) AND a.active
    WHERE f.told_at IS NULL AND f.cleared_at IS NULL ORDER BY f.id, a.id LIMIT 200
    """
)
_TOLD = text("UPDATE conversation_flag SET told_at = :now WHERE id = ANY (:ids)")


def tell(delivery: Delivery, now: datetime) -> int:
    """Write to those who are to be told of flags; how many notes went. What a sender did not take is tried again."""
    sender = _mail(delivery.senders)
    if sender is None:
        return 0
    with transaction(delivery.engine, ENGINE) as connection:
        untold = connection.execute(_UNTOLD).all()
    open_ones, gone = set(), 0
    for row in untold:
        outcome = sender.send(
            message=_note(delivery, row.flag, row.account, row.email, row.conversation_id, now=now)
        )
        if isinstance(outcome, Accepted | Ambiguous | Permanent):
            gone += not isinstance(outcome, Permanent)
        else:
            open_ones.add(row.flag)
    told = sorted({row.flag for row in untold} - open_ones)
    with transaction(delivery.engine, ENGINE) as connection:
        connection.execute(_TOLD, {"ids": told, "now": now})
    return gone


def _mail(senders: Iterable[Sender]) -> Sender | None:
    return next((sender for sender in senders if "email" in sender.channels), None)


def _note(
    delivery: Delivery, flag: int, account: int, email: str, conversation: int, *, now: datetime
) -> OutgoingMessage:
    url = f"{delivery.settings.installation.base_url}/staff/conversations/{conversation}"
    words = _WORDS.format(url=url)
    markup = f'<p>A message that came in may tell of danger. Please read it now:</p><p><a href="{url}">{url}</a></p>'
    return OutgoingMessage(
        public_id=delivery.public_id(f"flag|{flag}|{account}"),
        channel="email",
        to=email,
        subject=SUBJECT,
        text=words,
        html=markup,
        language="en",
        stop_url="",
        at=now,
    )
