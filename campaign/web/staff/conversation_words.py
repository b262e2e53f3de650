"""What staff read on the pages of conversations."""

from __future__ import annotations

from campaign.correspondence.conversation_routing import StaffRole
from campaign.correspondence.conversation_steps import LONGEST_ANSWER, State, Told
from campaign.correspondence.crisis import Danger
from campaign.correspondence.replies import Why

ROLES = {
    StaffRole.TEACHER: "Teacher",
    StaffRole.ADVISOR: "Advisor",
    StaffRole.NURSE: "Nurse",
    StaffRole.SPECIAL_EDUCATION: "Special education",
    StaffRole.BUS: "Bus",
    StaffRole.FRONT_OFFICE: "Front office",
}

STATES = {State.WAITING: "Waiting for us", State.ANSWERED: "Answered", State.CLOSED: "Closed"}

CHANNELS = {"sms": "Text message", "email": "E-mail", "page": "Family page"}

DANGERS = {
    Danger.SELF_HARM: "may tell of self-harm or suicide",
    Danger.ABUSE: "may tell of abuse or violence",
    Danger.WEAPON: "may tell of a weapon or a threat",
}

WHY = {
    Why.UNKNOWN_SENDER: "We know nobody with this address or number.",
    Why.SHARED_ADDRESS: "Several contacts have this address or number.",
    Why.SEVERAL_CHILDREN: "This contact has several children, and the words do not say which one is meant.",
    Why.AUTOMATIC: "A machine wrote it, such as “I am away”.",
    Why.WRONG_NUMBER: "The sender says that the school has the wrong number or address.",
}

STEPS = {
    "handed_over": "Handed over",
    "escalated": "Passed on, because nobody answered in time",
    "answered": "Answered",
    "closed": "Closed",
    "reopened": "Opened again",
}

FILES = {
    "clean": "scanned, nothing found",
    "not_scanned": "not scanned for viruses",
    "too_large": "refused: too large",
    "other_kind": "refused: not a picture, PDF, sound or video",
    "forgotten": "deleted after its time",
    "not_fetched": "did not come through; ask the family to send it again",
    "infected": "refused: the scanner did not let it through",
}

DOUBTS = {
    "lost": "A name, number or address may be lost or doubled: {words}.",
    "numbers": "Numbers differ from the original: {words}.",
    "length": "It is much longer or shorter than the original.",
    "script": "Much of it is not in the letters of its language.",
    "untranslated": "Something was left as it was: {words}",
    "unknown_words": "The service did not know the word “{words}”.",
    "negation_lost": "The original says no or not; the translation may not. Read it with care.",
    "negation_added": "The translation says no or not; the original may not. Read it with care.",
    "term": "Our fixed word was not used ({words}).",
}


def doubt(kind: str, words: str) -> str:
    return DOUBTS[kind].format(words=words).replace(": .", ".")


TOLD = {
    Told.ANSWERED: ("success", "Kept. The family reads your answer on its page."),
    Told.HANDED_OVER: ("success", "Handed over. Your note stands in the thread, for staff only."),
    Told.CLOSED: ("success", "Closed. It opens by itself when the family writes again."),
    Told.REOPENED: ("success", "Open again, with a new clock."),
    Told.TAKEN_BACK: ("success", "The last step is taken back."),
    Told.CLEARED: ("success", "Noted with your name. The words of the family stay as they are."),
    Told.CORRECTED: ("success", "Your translation is kept, and used again for the same words."),
    Told.CHANGED: (
        "warning",
        "Nothing was done: somebody was here since you opened the page. Look at it again.",
    ),
    Told.FLAGGED: ("error", "Nothing was done: first say what came of the words that may tell of danger."),
    Told.EMPTY: ("error", "Nothing was done: write something first."),
    Told.TOO_LONG: (
        "error",
        f"Nothing was done: the text is too long. Use at most {LONGEST_ANSWER:,} letters.",
    ),
    Told.NOT_CONFIRMED: ("error", "Nothing was sent: tick the box that you have read it first."),
    Told.NEEDS_REASON: ("error", "Nothing was done: write a sentence why, for those who read this later."),
    Told.GONE_OUT: ("error", "It has gone out and cannot be taken back. Write to the family what is right."),
    Told.NO_CAPTIONS: (
        "error",
        "Nothing was sent: a video needs captions in the family's language. Add a WebVTT file, or take the video out.",
    ),
    Told.FILE_REFUSED: (
        "error",
        "The file was not taken. Send a picture, a PDF, a sound or a video that is not too large.",
    ),
}

PROTOCOL = (
    "Follow your school's own protocol now. Call; do not only write. If somebody may be in danger at this moment, call "
    "911. For thoughts of suicide, families can call or text 988 at any hour. Your district has not written down its "
    "own protocol here yet (page Who answers)."
)


def amount(hours: float, day: float) -> str:
    """So many hours in words; in whole days, each of `day` hours, once they are two or more."""
    if hours < 2 * day:
        return f"{hours:.1f} school hours"
    return f"{round(hours / day)} school days"
