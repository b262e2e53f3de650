"""What the pages of campaigns say for the codes of a definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from campaign.school_year.student_events import KNOWN_BEFORE, EventKind
from campaign.store.holding import InHand
from campaign.web.staff import words
from content import own_messages
from content.formats import listed

ANCHORS = {
    "first_day": "the first day of school",
    "report_card": "a report-card day",
    "results": "a day of test results",
    "conference": "a conference day",
    "conference_week": "the first day of a week of conferences",
    "sign_up": "a day on which sign-up opens",
    "correction": "a day on which reports were corrected",
}
EVENTS = {
    EventKind.NEW_COMPARISON: "a new comparison of a student",
    EventKind.CATEGORY_CHANGE: "a student's comparison says something else",
    EventKind.CORRECTION: "a student's report is put right",
    EventKind.ABSENCE: "a student has missed days of school",
    EventKind.REPLY: "a family writes",
    EventKind.BOOKING: "the day of a talk that a family booked",
    EventKind.BIRTHDAY_18: "a student's 18th birthday",
}
CHANNELS = {
    "email,sms": "E-mail; who has none, a text message",
    "sms,email": "Text message; who has none, an e-mail",
    "email": "E-mail only",
    "sms": "Text message only",
    "email,sms,letter": "E-mail, else text message, else letter",
    "sms,email,letter": "Text message, else e-mail, else letter",
    "letter": "Letter",
    "call": "A call by staff",
}
_WAYS = {"other": "the other way", "letter": "a letter", "call": "a call"}
BELIEFS = {
    "above": "above grade level",
    "at": "at grade level",
    "below": "below grade level",
    "not_sure": "not sure",
    "skipped": "skipped the question",
    "not_asked": "has not been asked",
}
TOLD = {
    "made": "Made. Add its first step.",
    "imported": "Taken in. Look at it, then have it approved.",
    "kept": "Kept. Whatever was approved before has to be approved again.",
    "removed": "Removed. Undo brings it back.",
    "undone": "Undone. It is as it was before.",
    "copied": "This is the copy. Give it a name of its own; nothing of it goes out before it is approved.",
    "brought_back": "Brought back. What came after it still stands below, and can be brought back as well.",
    "approved": "Your approval is noted.",
    "withdrawn": "Your approval is taken back. Nothing is sent until it is approved again.",
    "paused": "Everything is paused: no message begins its way until you resume.",
    "resumed": "Everything goes on. What has become too late in the meantime is dropped and counted.",
    "cancelled": "Called off. Undo is possible until its time has come.",
    "uncancelled": "It goes out after all.",
    "tested": "The test is on its way to your own address. It counts nowhere, and no family gets it.",
}


def when(entry: Mapping[str, Any]) -> str:
    """When a step comes, as a sentence: "3 days before a report-card day, at 17:30"."""
    hangs = EVENTS.get(entry.get("event", "")) or ANCHORS.get(entry.get("anchor", ""), "a day")
    if entry.get("event") == EventKind.ABSENCE:
        hangs = f"a student has missed {entry.get('at_least', 1)} days of school"
    offset, unit = int(entry["offset"]), "school day" if entry["unit"] == "school_days" else "day"
    if offset == 0:
        said = "when" if entry.get("event") and entry["event"] not in KNOWN_BEFORE else "on"
    else:
        said = f"{words.count(abs(offset), unit)} {'before' if offset < 0 else 'after'}"
    saturday = ", on the Saturday from there on" if entry["send_on"] == "saturday" else ""
    return f"{said} {hangs}{saturday}, at {entry['at']}"


def channels(entry: Mapping[str, Any]) -> str:
    joined = ",".join(entry["channels"])
    return CHANNELS.get(joined) or ", then ".join(words.CHANNELS.get(one, one) for one in entry["channels"])


def follow_ups(entry: Mapping[str, Any]) -> str:
    """What comes where nobody answers, in one line; empty where nothing does."""
    return ", then ".join(
        f"{_WAYS[rung['by']]} after {words.count(rung['after_hours'], 'hour')}"
        if rung["after_hours"] % 24
        else f"{_WAYS[rung['by']]} after {words.count(rung['after_hours'] // 24, 'day')}"
        for rung in entry.get("follow_up", ())
    )


def audience(entry: Mapping[str, Any]) -> str:
    """Whom a step is for, in one line."""
    chosen = entry.get("audience", {})
    said = []
    if chosen.get("categories"):
        said.append(words.count(len(chosen["categories"]), "outcome") + " of the comparison")
    if chosen.get("subjects"):
        said.append(", ".join(map(words.subject, chosen["subjects"])))
    if chosen.get("grade_levels"):
        lowest, highest = chosen["grade_levels"]
        said.append(f"{words.grade(lowest)} to {words.grade(highest).lower()}")
    for key, name in (("schools", "school"), ("languages", "language")):
        if chosen.get(key):
            said.append(words.count(len(chosen[key]), name))
    if chosen.keys() - {"categories", "subjects", "grade_levels", "schools", "languages"}:
        said.append("and more")
    if entry.get("needs_report"):
        said.append("with a report")
    return "; ".join(said) or "All families"


def message(id: str, about: str) -> str:
    """The name of a message: of one that ships its id in words, of the district's own what it is about."""
    return about if own_messages.is_own(id) else words.step(id)


def held(in_hand: InHand) -> str:
    """What a pause or a cancellation could still hold, honestly."""
    flying = (
        f" {words.count(in_hand.in_flight, 'message')} {'is' if in_hand.in_flight == 1 else 'are'} with the provider "
        "or on the way this moment and cannot be called back."
        if in_hand.in_flight
        else " Nothing is on its way this moment."
    )
    return f"{words.count(in_hand.staying, 'message')} written down and held.{flying}"


def steps(ids: Sequence[str]) -> str:
    """Their names in a row."""
    return listed([f"“{words.step(id)}”" for id in ids], "en")
