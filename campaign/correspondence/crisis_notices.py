"""Words of danger reach the persons of the district's protocol by e-mail too: that there is something, never what.

A note may come twice rather than not at all; the page shows it in any case.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch.delivery import Delivery
from campaign.senders.contract import Accepted, Ambiguous, OutgoingMessage, Permanent, Sender

SUBJECT = "Please open a conversation now"
_WORDS = """A message that came in may tell of danger. Please read it now:

{url}

You get this because your district's protocol names you (page Who answers), or because it names nobody who can read it.
Nothing of the message stands here.
"""
# Flags of threads, and replies that are in none yet, which the district office alone can open. Where the protocol
# names nobody who can, everybody at the office is told; of a reply of no known district, everybody at the state.
_UNTOLD = text(
    """
    WITH danger AS (
        SELECT 'flag' AS kind, id, district_id, conversation_id FROM conversation_flag
        WHERE told_at IS NULL AND cleared_at IS NULL
        UNION ALL
        SELECT 'reply', id, district_id, NULL FROM reply
        WHERE state = 'unplaced' AND cardinality(crisis) > 0 AND danger_told_at IS NULL
    ), named AS (
        SELECT d.*, a.id AS account, a.email
        FROM danger d JOIN crisis_protocol p ON p.district_id = d.district_id
        JOIN account a ON a.id = ANY (p.account_ids) AND a.active AND (d.kind = 'flag' OR a.role = 'district')
    )
    SELECT * FROM named
    UNION ALL
    SELECT d.*, a.id, a.email
    FROM danger d JOIN account a ON a.active AND CASE WHEN d.district_id IS NULL THEN a.role = 'state'
        ELSE a.role = 'district' AND a.district_id = d.district_id END
    WHERE NOT EXISTS (SELECT FROM named n WHERE n.kind = d.kind AND n.id = d.id)
    ORDER BY kind, id, account
    """
)
_TOLD = {
    "flag": text("UPDATE conversation_flag SET told_at = :now WHERE id = ANY (:ids)"),
    "reply": text("UPDATE reply SET danger_told_at = :now WHERE id = ANY (:ids)"),
}


def tell(delivery: Delivery, now: datetime) -> int:
    """Write to those who are to be told; how many notes went. What a sender did not take is tried again."""
    sender = _mail(delivery.senders)
    if sender is None:
        return 0
    with transaction(delivery.engine, ENGINE) as connection:
        untold = connection.execute(_UNTOLD).all()
    open_ones, gone = set(), 0
    for row in untold:
        outcome = sender.send(message=_note(delivery, row, now))
        if isinstance(outcome, Accepted | Ambiguous | Permanent):
            gone += not isinstance(outcome, Permanent)
        else:
            open_ones.add((row.kind, row.id))
    told = sorted({(row.kind, row.id) for row in untold} - open_ones)
    with transaction(delivery.engine, ENGINE) as connection:
        for kind, statement in _TOLD.items():
            connection.execute(statement, {"ids": [id for of, id in told if of == kind], "now": now})
    return gone


def _mail(senders: Iterable[Sender]) -> Sender | None:
    return next((sender for sender in senders if "email" in sender.channels), None)


def _note(delivery: Delivery, danger: Row[Any], now: datetime) -> OutgoingMessage:
    page = f"conversations/{danger.conversation_id or 'unplaced'}"
    url = f"{delivery.settings.installation.base_url}/staff/{page}"
    words = _WORDS.format(url=url)
    markup = f'<p>A message that came in may tell of danger. Please read it now:</p><p><a href="{url}">{url}</a></p>'
    return OutgoingMessage(
        public_id=delivery.public_id(f"{danger.kind}|{danger.id}|{danger.account}"),
        channel="email",
        to=danger.email,
        subject=SUBJECT,
        text=words,
        html=markup,
        language="en",
        stop_url="",
        at=now,
    )
