"""When a message may go that nothing stands against: hours, teachers' days, the household's cap, the weekly message.

Pure, and a part of the last look (see `campaign.gate`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from campaign.consents.said import Said
from campaign.definitions.definition import CHANNELS as ELECTRONIC
from campaign.school_year.calendar import SchoolYear, next_opening, school_days_later
from campaign.verdicts import Defer, Reason, Verdict, Withhold

if TYPE_CHECKING:
    from campaign.gate import AudienceRow, LastLook, Rules


def timing(look: LastLook, rules: Rules, allowed: Sequence[AudienceRow], now: datetime) -> Verdict | None:
    """When a message that goes by itself may go; None: now."""
    zones = [row.zone for row in allowed]
    earliest, reason = now, Reason.NO_OPEN_WINDOW
    if not look.step.answers:
        for moment, why in (*_holds(look, rules, allowed), *_caps(look, rules, allowed[0].said, now)):
            if moment is not None and moment > earliest:
                earliest, reason = moment, why
    if look.channel not in ELECTRONIC:
        # A letter wakes nobody, and who calls looks at the clock.
        return None if earliest == now else defer(earliest, reason, look)
    if reason is Reason.HOUSEHOLD_CAP and look.step.gathers_when_full:
        weekly = _opening_of_week(look, rules, zones, now)
        if weekly is not None:
            return Defer(weekly, Reason.DIGEST)
    opening = next_opening(earliest, zones, rules.window, rules.year, look.step.send_on)
    if opening is None:
        return Withhold(Reason.NO_OPEN_WINDOW)
    return None if opening == now else defer(opening, reason, look)


def gathering(look: LastLook, rules: Rules, weekly: datetime, now: datetime) -> Verdict | None:
    """When a message may go that comes together with others at the moment `weekly`; None: now."""
    if weekly > now:
        return Defer(weekly, Reason.DIGEST)
    zones = [row.zone for row in look.rows]
    full = None if look.digest_goes else _cap_frees(look, rules.household_cap, rules.household_cap_days, now)
    opening = next_opening(full or now, zones, rules.window, rules.year, rules.weekly.send_on)
    if opening is None:
        return Withhold(Reason.NO_OPEN_WINDOW)
    return None if opening == now else defer(opening, Reason.HOUSEHOLD_CAP if full else Reason.DIGEST, look)


def weekly_moment(look: LastLook, rules: Rules, allowed: Sequence[AudienceRow]) -> datetime | None:
    """When the message comes together with others, or None: it goes by itself.

    By itself goes what the family asked for, what the law demands, what corrects an earlier message, and what would be
    too late by then.
    """
    step = look.step
    if step.answers or step.is_legal or step.corrects or look.channel not in ELECTRONIC:
        return None
    if not (allowed[0].said.wants_weekly or look.gathered):
        return None
    ends = [moment for moment, _ in _holds(look, rules, allowed) if moment is not None]
    return _opening_of_week(look, rules, [row.zone for row in allowed], max([look.due_at, *ends]))


def _opening_of_week(look: LastLook, rules: Rules, zones: Sequence[str], since: datetime) -> datetime | None:
    """The first weekly moment from there on that lies in the hours of every zone; None where it comes too late."""
    first = max(rules.weekly.first(since, zone) for zone in zones)
    opening = next_opening(first, zones, rules.window, rules.year, rules.weekly.send_on)
    return opening if opening is not None and opening < look.expires_at else None


def _holds(
    look: LastLook, rules: Rules, allowed: Sequence[AudienceRow]
) -> tuple[tuple[datetime | None, Reason], ...]:
    """Until when teachers have the reports of this message."""
    return (
        (_preview_ends(look, rules, allowed), Reason.TEACHER_PREVIEW),
        (_hold_ends(look, allowed), Reason.TEACHER_HOLD),
    )


def _caps(
    look: LastLook, rules: Rules, said: Said, now: datetime
) -> tuple[tuple[datetime | None, Reason], ...]:
    """When the household has room again. Whoever wants one message a week has it beside what could not wait; what the
    law demands waits for no limit."""
    if look.step.is_legal:
        return ()
    own = None if said.wants_weekly else said.weekly_limit
    return (
        (_cap_frees(look, rules.household_cap, rules.household_cap_days, now), Reason.HOUSEHOLD_CAP),
        (_cap_frees(look, own, 7, now), Reason.HOUSEHOLD_CAP),
    )


def defer(until: datetime, reason: Reason, look: LastLook) -> Verdict:
    """Wait, unless the message would be too late by then: then say now why nobody will get it.

    A pause can end and an approval come any moment, so they never decide ahead.
    """
    if until >= look.expires_at and reason not in {Reason.PAUSED, Reason.NOT_APPROVED}:
        return Withhold(reason)
    return Defer(until, reason)


def _preview_ends(look: LastLook, rules: Rules, allowed: Sequence[AudienceRow]) -> datetime | None:
    """When teachers have had their school days to look at every report of this message."""
    if not look.step.waits_for_preview:
        return None
    ends = [
        preview_ends(rules.year, row.preview_since, rules.teacher_preview_days, row.zone)
        for row in allowed
        if row.preview_since is not None
    ]
    return max(filter(None, ends), default=None)


def preview_ends(year: SchoolYear, since: datetime | None, days: int, zone: str) -> datetime | None:
    """When teachers have had their school days to look at a report that waits `since` then; None: it never waited."""
    return None if since is None else school_days_later(year, since, days, zone)


def _hold_ends(look: LastLook, allowed: Sequence[AudienceRow]) -> datetime | None:
    """When the last hold of a teacher on a report of this message ends; a sibling's report waits with it."""
    if not look.step.waits_for_preview:
        return None
    return max([row.held_until for row in allowed if row.held_until], default=None)


def _cap_frees(look: LastLook, cap: int | None, days: int, now: datetime) -> datetime | None:
    """When the household may get one more; any stretch of so many days counts."""
    if cap is None or len(look.household_sent) < cap:
        return None
    span = timedelta(days=days)
    recent = sorted(sent for sent in look.household_sent if sent > now - span)
    if len(recent) < cap:
        return None
    return recent[len(recent) - cap] + span
