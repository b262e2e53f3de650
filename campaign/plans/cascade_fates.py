"""Which reasons let another way try, and which end a cascade; and so what one row of the ledger means for it. Pure."""

from __future__ import annotations

from campaign.dispatch.receipts import NOT_ARRIVED
from campaign.plans.cascade_values import Fate, Line
from campaign.verdicts import Reason

NEXT_MAY_TRY = frozenset(
    {
        Reason.LANGUAGE_REQUIRED,
        Reason.LANGUAGE_NOT_SENDABLE,
        Reason.NO_NOTICE,
        Reason.SUPPRESSED,
        Reason.NO_ADDRESS,
        Reason.CHANNEL_NOT_OFFERED,
        Reason.DIGEST,
        Reason.HOUSEHOLD_CAP,
        Reason.NO_OPEN_WINDOW,
        Reason.DAY_LIMIT,
        Reason.EXPIRED,
        Reason.TEXT_TOO_LONG,
    }
)
"""Reasons that lie in the way the message went, not in the family or the school: another way may be tried."""

THE_END = frozenset(Reason) - NEXT_MAY_TRY
"""Reasons that hold whatever the way: rights, a word of the family, a hold, a word of staff."""


def fate(line: Line) -> Fate:
    if line.state in {"planned", "claimed", "dispatching", "retry_at"}:
        return Fate.OPEN
    if line.state == "accepted":
        return Fate.LOST if line.delivery in NOT_ARRIVED else Fate.SENT
    # Nobody knows whether it arrived: so the family is given its time, and is not forgotten.
    if line.state == "ambiguous":
        return Fate.SENT
    if line.state in {"withheld", "dropped"} and line.reason not in NEXT_MAY_TRY:
        return Fate.OVER
    return Fate.LOST
