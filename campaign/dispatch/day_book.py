"""What is left of a day's worth of text messages: counted in the database, so that all workers share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch.budget import DayLimit
from campaign.senders.contract import OutgoingMessage
from campaign.senders.segments import MOST_SEGMENTS, segments
from campaign.settings import Settings
from campaign.store import providers
from campaign.store.dispatch import Change, Claimed
from campaign.verdicts import Reason


def limits_of(settings: Settings) -> dict[str, DayLimit]:
    """The limit by sender; the mailbox of a trial has none."""
    sender, limits = settings.sms.sender, settings.limits
    if not limits.sms_per_day or sender != "twilio":
        return {}
    return {sender: DayLimit(limits.sms_per_day, limits.sms_day_zone)}


@dataclass(frozen=True)
class Share:
    """So many messages may go, with parts for each at its longest; taken at `at`."""

    messages: int
    at: datetime


@dataclass(frozen=True)
class DayBook:
    """`limits` by sender; whatever has none may go."""

    engine: Engine
    limits: Mapping[str, DayLimit]

    def take(self, sender: str, wanted: int, now: datetime) -> Share:
        """How many of `wanted` messages fit into the day. Parts are counted before a message leaves, never after."""
        limit = self.limits.get(sender)
        if limit is None:
            return Share(wanted, now)
        with transaction(self.engine, ENGINE) as connection:
            found = providers.take_of_day(
                connection, sender, wanted * MOST_SEGMENTS, limit.parts, limit.day(now)
            )
            messages, rest = divmod(found, MOST_SEGMENTS)
            if rest:
                providers.give_back_of_day(connection, sender, rest, limit.day(now))
        return Share(messages, now)

    def give_back(self, sender: str, share: Share, sent: Sequence[OutgoingMessage]) -> None:
        """What was taken and not needed."""
        limit = self.limits.get(sender)
        if limit is None:
            return
        unused = share.messages * MOST_SEGMENTS - sum(segments(one.text.strip()) for one in sent)
        if unused <= 0:
            return
        with transaction(self.engine, ENGINE) as connection:
            providers.give_back_of_day(connection, sender, unused, limit.day(share.at))

    def ends(self, sender: str, now: datetime) -> datetime:
        """When the day of a sender with a limit is over."""
        return self.limits[sender].ends(now)


def tomorrow(claimed: Claimed, ends: datetime) -> Change:
    """What becomes of a message that does not fit into the day."""
    if claimed.expires_at <= ends:
        return Change(claimed.id, claimed.fencing, "dropped", Reason.DAY_LIMIT)
    state = "retry_at" if claimed.attempts else "planned"
    return Change(claimed.id, claimed.fencing, state, Reason.DAY_LIMIT, not_before=ends)
