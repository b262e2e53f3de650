"""The call list: who is to be called now, looked at as any message is before it goes, and what came of a call.

A try is kept with who and when, and can be taken back. Reached is sent; three tries on three days are enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from campaign.consents import consent
from campaign.definitions.definition import Step
from campaign.dispatch.delivery import Delivery
from campaign.dispatch.in_force import InForce
from campaign.dispatch.looking import Looker, put_off_to
from campaign.gate import Reason, Send
from campaign.store import audit, dispatch, suppressions
from campaign.store import calls as store
from campaign.store import consent as consent_store
from campaign.store.consent import Choice, Voice
from campaign.store.dispatch import Change, Claimed
from campaign.store.suppressions import About, Why
from campaign.wordings.by_people import letter_body

MOST_TRIES = 3
TRIED, WRONG_NUMBER = "tried_3_times", "wrong_number"
LONGEST_NOTE = 500
_ON_PAPER_WITHIN = timedelta(days=60)
_OPEN = ["planned", "retry_at"]


class Outcome(StrEnum):
    """What came of one call."""

    REACHED = "reached"
    VOICE_MESSAGE = "voice_message"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"
    STOPPED = "stopped"
    LETTER = "letter"
    OTHER_WAY = "other_way"


NOT_REACHED = frozenset({Outcome.VOICE_MESSAGE, Outcome.NO_ANSWER})


class Told(StrEnum):
    """What became of an entry. CHANGED: somebody was faster, so nothing was done."""

    KEPT = "kept"
    CHANGED = "changed"
    NO_NOTE = "no_note"
    NO_PAPER = "no_paper"
    UNDONE = "undone"


@dataclass(frozen=True)
class Caller:
    """Who called: the name, and as the audit has it."""

    name: str
    actor: str
    now: datetime


@dataclass(frozen=True)
class Entry:
    """What somebody wrote down about one call. `seen`: how many tries there were when the page was made; `note`: what
    the family asked for or said."""

    message_id: int
    seen: int
    outcome: Outcome
    note: str = ""


def look(delivery: Delivery, connection: Connection, ids: Sequence[int], now: datetime) -> dict[int, Send]:
    """Those of these calls that may be made now; of all others it is written down why not. As the engine."""
    in_force = InForce(delivery)
    looker = Looker(delivery.settings, in_force, connection, dispatch.open_calls(connection, ids), now)
    wrong = store.with_wrong_number(connection, {one.contact_id for one in looker.held})
    free: dict[int, Send] = {}
    changes: list[Change] = []
    for claimed in looker.held:
        verdict = looker.verdict(claimed)
        if not isinstance(verdict, Send):
            changes.append(put_off_to(claimed, verdict))
        elif claimed.contact_id in wrong:
            changes.append(Change(claimed.id, claimed.fencing, "withheld", Reason.SUPPRESSED))
        else:
            free[claimed.id] = verdict
    dispatch.change(connection, changes, from_states=_OPEN, now=now, trace=False)
    return free


def enter(delivery: Delivery, connection: Connection, entry: Entry, caller: Caller) -> Told:
    """Write down what came of a call, as the engine; the caller checks the scope."""
    found = dispatch.open_calls(connection, [entry.message_id])
    if not found or store.count_tries(connection, entry.message_id, list(Outcome)) != entry.seen:
        return Told.CHANGED
    claimed = found[0]
    if entry.outcome is Outcome.OTHER_WAY and not entry.note:
        return Told.NO_NOTE
    if entry.outcome is Outcome.LETTER and not _write_on_paper(delivery, connection, claimed, caller.now):
        return Told.NO_PAPER
    events = _stop(delivery, connection, claimed, entry, caller) if entry.outcome is Outcome.STOPPED else []
    if entry.outcome is Outcome.WRONG_NUMBER:
        _close_number(connection, claimed, entry, caller)
    store.add(
        connection,
        {
            "message_id": claimed.id,
            "district_id": claimed.district_id,
            "outcome": entry.outcome,
            "note": entry.note[:LONGEST_NOTE] or None,
            "said_by": caller.name,
            "actor": caller.actor,
            "at": caller.now,
            "before": "planned",
            "consent_events": events,
        },
    )
    change = _change(delivery, connection, claimed, entry.outcome, caller.now)
    dispatch.change(connection, [change], from_states=_OPEN, now=caller.now, trace=True)
    if change.state == "accepted":
        consent_store.enrol(connection, [claimed.id], caller.now)
    _trace(connection, caller, "entered_call", claimed.id, claimed.district_id, entry.outcome)
    return Told.KEPT


def undo(delivery: Delivery, connection: Connection, try_id: int, caller: Caller) -> Told:
    """Make the last entry of a call not have been, as the engine: it is to be made as before."""
    kept = store.last(connection, try_id)
    if kept is None:
        return Told.CHANGED
    outcome = Outcome(kept.outcome)
    voice = Voice("staff", "entered on the call list by mistake", caller.now, caller.name, caller.actor)
    for event in reversed(kept.consent_events):
        consent.undo(connection, kept.contact_id, event, voice)
    if outcome is Outcome.WRONG_NUMBER:
        for one in suppressions.of_contact(connection, kept.contact_id):
            if one.reason == Why.WRONG_NUMBER:
                why = "entered on the call list by mistake"
                suppressions.lift(connection, one.suppression_id, by=caller.name, why=why, now=caller.now)
    if outcome is Outcome.LETTER:
        store.call_off_paper(connection, kept.message_id, caller.now)
    change = Change(kept.message_id, kept.fencing, "planned", detail=f"{outcome} taken back")
    states = ["planned", "retry_at", "accepted", "rejected", "failed", "withheld"]
    dispatch.change(connection, [change], from_states=states, now=caller.now, trace=True)
    store.undo(connection, kept.id, caller.name, caller.now)
    _trace(connection, caller, "took_back_call", kept.message_id, kept.district_id, outcome)
    return Told.UNDONE


def _change(
    delivery: Delivery, connection: Connection, claimed: Claimed, outcome: Outcome, now: datetime
) -> Change:
    """What the outcome makes of the message; the try is written down already."""
    detail = f"call: {outcome}"
    if outcome is Outcome.STOPPED:
        return Change(claimed.id, claimed.fencing, "withheld", Reason.CONSENT_REVOKED, detail=detail)
    if outcome is Outcome.WRONG_NUMBER:
        return Change(claimed.id, claimed.fencing, "rejected", WRONG_NUMBER, detail=detail)
    if outcome not in NOT_REACHED:
        return Change(claimed.id, claimed.fencing, "accepted", detail=detail)
    if store.count_tries(connection, claimed.id, list(NOT_REACHED)) >= MOST_TRIES:
        return Change(claimed.id, claimed.fencing, "failed", TRIED, detail=detail)
    zone = ZoneInfo(delivery.settings.installation.time_zone)
    tomorrow = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
    return Change(claimed.id, claimed.fencing, "planned", "try_again", not_before=tomorrow, detail=detail)


def _stop(
    delivery: Delivery, connection: Connection, claimed: Claimed, entry: Entry, caller: Caller
) -> list[int]:
    """Take the stop through the one door; the events it wrote down."""
    before = {event.event_id for event in consent_store.history(connection, claimed.contact_id)}
    zone = ZoneInfo(delivery.settings.installation.time_zone)
    revoke_all = delivery.settings.consent.stops_all(caller.now.astimezone(zone).date())
    words = entry.note or "said stop on the phone"
    voice = Voice("staff", words, caller.now, caller.name, caller.actor)
    consent.stop(connection, claimed.contact_id, [Choice("call")], voice, revoke_all=revoke_all)
    after = consent_store.history(connection, claimed.contact_id)
    return [event.event_id for event in after if event.event_id not in before]


def _close_number(connection: Connection, claimed: Claimed, entry: Entry, caller: Caller) -> None:
    """Nothing goes to the number for this contact any more; the school must ask for the right one."""
    number = consent_store.address(connection, claimed.contact_id, "sms")
    if number:
        about = About(entry.note or "found on the phone", caller.actor, claimed.contact_id)
        suppressions.suppress(connection, "sms", number, Why.WRONG_NUMBER, caller.now, about)


def _write_on_paper(delivery: Delivery, connection: Connection, claimed: Claimed, now: datetime) -> bool:
    """Plan a letter; False where this message is not written for paper, or a letter of it was planned before."""
    step = step_of(delivery, connection, claimed)
    if letter_body(delivery.texts(connection, claimed.district_id).catalog, step) is None:
        return False
    key = f"{claimed.public_id}|letter"
    values = {
        "key": key,
        "public_id": delivery.public_id(key),
        "now": now,
        "expires_at": now + _ON_PAPER_WITHIN,
    }
    return store.write_on_paper(connection, claimed.id, values)


def step_of(delivery: Delivery, connection: Connection, claimed: Claimed) -> Step:
    return InForce(delivery).definition(connection, claimed.document_id).steps[claimed.step]


def _trace(
    connection: Connection, caller: Caller, action: str, message_id: int, district_id: int, outcome: Outcome
) -> None:
    target, detail = f"message:{message_id}", {"outcome": str(outcome)}
    audit.write(connection, audit.Entry(caller.now, caller.actor, action, target, district_id, detail))
