"""Whether a family has been reached, and if not, by which way it is tried next. Pure: ledger rows and facts in.

A cascade belongs to one household in one occurrence: each of its rungs comes at most once. Whoever answers ends it, and
so does whoever says stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from campaign.definitions.follow_ups import Way
from campaign.plans.cascade_fates import fate
from campaign.plans.cascade_targets import has_no_phone, rung_targets
from campaign.plans.cascade_values import End, Ending, Facts, Family, Fate, Go, Line, Move, Wait
from campaign.verdicts import Reason, gravest

_KNOWN = frozenset(map(str, Reason))


def decide(family: Family, facts: Facts) -> Move:
    """What comes next for a family."""
    if family.stopped:
        return End(Ending.STOPPED, Reason.CONSENT_REVOKED)
    if family.answered:
        return End(Ending.REACHED, Reason.ANSWERED)
    rungs = facts.step.follow_ups
    for number, rung in enumerate(rungs[family.rung :], start=family.rung + 1):
        found = _silence(family, rung.after, facts.now)
        if not isinstance(found, datetime):
            return found
        if targets := list(rung_targets(rung.by, family, facts)):
            return Go(number, found, targets)
    return _no_way_left(family, facts)


def _silence(family: Family, after: timedelta, now: datetime) -> datetime | Wait | End:
    """Since when the next rung is due, so long `after` the last message; else what to do instead."""
    last = [line for line in family.lines if line.rung == family.rung]
    found = {fate(line) for line in last}
    if Fate.OPEN in found:
        waits = [line for line in last if fate(line) is Fate.OPEN]
        until = max(now, *(line.opens for line in waits)) + after
        closes = max(line.closes for line in waits)
        return Wait(min(until, closes) if closes > now else until)
    if found == {Fate.OVER}:
        return End(Ending.STOPPED, _gravest(last))
    sent = [line.at for line in last if fate(line) is Fate.SENT]
    if not sent:
        return now
    due = max(sent) + after
    return due if due <= now else Wait(due)


def _no_way_left(family: Family, facts: Facts) -> Wait | End:
    """No rung is left, or none finds anybody: the last that did may still be answered, then it is the end."""
    if any(line.channel == Way.CALL for line in family.lines):
        return End(Ending.CALL_LIST)
    last = facts.step.follow_ups[-1]
    found = _silence(family, last.after, facts.now)
    if isinstance(found, Wait | End):
        return found
    if last.by is Way.CALL and has_no_phone(family, facts):
        return End(Ending.NO_PHONE, Reason.NO_ADDRESS)
    sent = any(fate(line) is Fate.SENT for line in family.lines)
    return End(Ending.SILENT) if sent else End(Ending.STOPPED, _gravest(family.lines))


def _gravest(lines: Sequence[Line]) -> Reason:
    """The first in Reason of why nobody got these; what failed on its way has none of them."""
    known = [Reason(line.reason) for line in lines if line.reason in _KNOWN]
    return gravest(known) if known else Reason.NO_ADDRESS
