"""Holding messages back: a whole district at once, one campaign, or one step on one day, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from campaign.store import audit
from campaign.store import holding as store
from campaign.store.holding import Cancellation, InHand
from campaign.wordings.translations import Author

__all__ = [
    "Cancellation",
    "HoldingError",
    "InHand",
    "Send",
    "cancel",
    "pause_all",
    "resume_all",
    "undo_cancel",
]


class HoldingError(Exception):
    """It cannot be held back or let go so; the message says why."""


@dataclass(frozen=True)
class Send:
    """What is called off: one step on one day, or without a step the whole campaign. `due_at`: when the step is due."""

    campaign_id: int
    district_id: int
    step: str | None = None
    day: date | None = None
    due_at: datetime | None = None


def pause_all(connection: Connection, district_id: int, author: Author) -> InHand:
    """Let no message of the district begin its way; what was already on its way. The connection acts as the engine."""
    if store.pause_all(connection, district_id, author.actor, author.at):
        _trace(connection, "paused_all_campaigns", None, district_id, author)
    return store.in_hand(connection, district_id)


def resume_all(connection: Connection, district_id: int, author: Author) -> None:
    """Campaigns go on as each of them stood; one that was paused by itself stays so."""
    if store.resume_all(connection, district_id):
        _trace(connection, "resumed_all_campaigns", None, district_id, author)


def cancel(connection: Connection, send: Send, author: Author) -> InHand:
    """Call it off; what was already on its way or gone. The connection acts as the engine."""
    if not store.is_cancelled(connection, send.campaign_id, send.step, send.day):
        store.cancel(connection, vars(send) | {"actor": author.actor, "at": author.at})
        _trace(connection, "cancelled_send", send, send.district_id, author)
    return store.in_hand(connection, send.district_id, send.campaign_id, send.step, send.day)


def undo_cancel(connection: Connection, send: Send, author: Author) -> None:
    """Let it go out after all. Raises HoldingError once a step's time has come."""
    if send.due_at is not None and author.at >= send.due_at:
        raise HoldingError("Its time has come: these messages were withheld, and nobody gets them any more.")
    if store.undo(connection, send.campaign_id, send.step, send.day, author.at):
        _trace(connection, "undid_cancelled_send", send, send.district_id, author)


def _trace(connection: Connection, action: str, send: Send | None, district_id: int, author: Author) -> None:
    target = f"campaign:{send.campaign_id}" if send else f"district:{district_id}"
    detail = {"step": send.step, "day": str(send.day)} if send and send.step else {}
    audit.write(connection, audit.Entry(author.at, author.actor, action, target, district_id, detail))
