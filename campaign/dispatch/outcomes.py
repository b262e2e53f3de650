"""What an outcome of sending makes of a message."""

from __future__ import annotations

from datetime import datetime, timedelta

from campaign.senders.contract import Accepted, Ambiguous, Outcome, Permanent
from campaign.store.dispatch import Change, Claimed

MOST_ATTEMPTS = 10
FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)


def change_of(claimed: Claimed, outcome: Outcome, now: datetime) -> Change:
    if isinstance(outcome, Accepted):
        return Change(
            claimed.id, claimed.fencing, "accepted", provider_message_id=outcome.provider_message_id
        )
    if isinstance(outcome, Permanent):
        return Change(claimed.id, claimed.fencing, "rejected", "refused_by_provider", detail=outcome.detail)
    if isinstance(outcome, Ambiguous):
        return Change(
            claimed.id, claimed.fencing, "ambiguous", "no_answer", detail=outcome.detail, look_again=now
        )
    # A provider that takes nothing from anybody says nothing about this message; its own time ends it.
    if claimed.attempts + 1 >= MOST_ATTEMPTS and not outcome.everybody:
        return Change(claimed.id, claimed.fencing, "failed", "tried_too_often", detail=outcome.detail)
    wait = max(outcome.after, min(FIRST_WAIT * 2**claimed.attempts, _LONGEST_WAIT))
    return Change(
        claimed.id, claimed.fencing, "retry_at", "sender_busy", not_before=now + wait, detail=outcome.detail
    )
