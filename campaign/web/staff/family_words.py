"""What staff read on the page From families."""

from __future__ import annotations

from campaign.correspondence.family_requests import Told
from campaign.store.family_requests import Kind, State

KINDS = {
    Kind.NOTE: "Note to the teacher",
    Kind.MISTAKE: "Something is wrong in the report",
    Kind.INTERPRETER: "Needs an interpreter",
    Kind.WRONG_PERSON: "Says it is not their child",
}

STATES = {
    State.NEW: "New",
    State.READ: "Read",
    State.ANSWERED: "Answered",
    State.CHECKING: "Being checked",
    State.CORRECTED: "Corrected",
    State.NOT_AGREED: "Not agreed",
    State.DONE: "Done",
}

TONES = {State.NEW: "not-yet", State.CHECKING: "close"}

# What the button says that brings a request into a state.
BUTTONS = {
    State.READ: "Read, needs no answer",
    State.ANSWERED: "Answered",
    State.CHECKING: "We are checking it",
    State.CORRECTED: "It was wrong and is corrected",
    State.NOT_AGREED: "We do not agree",
    State.DONE: "Done",
}

HELP = {
    Kind.NOTE: "Write an answer, and the family reads it on its page; or call, and say here that it is answered. "
    "The answer is shown as you write it, so choose its language.",
    Kind.INTERPRETER: "Call the family with an interpreter; it is free for them, and a child must not translate. "
    "Note in the school's system that this contact needs one. Then press Done.",
    Kind.WRONG_PERSON: "The links of this contact have ended, and nothing more is sent to its addresses. Check the "
    "contact in the school's system: a phone number may have a new owner. Then press Done.",
    Kind.MISTAKE: "The family has asked you to correct a record. Look at the records behind the report, correct what "
    "is wrong at its source, and import it again: a new report is made by itself.",
}

# 34 CFR 99.20 to 99.22, in brief.
RIGHTS = (
    "Decide within a reasonable time whether the record is changed (34 CFR 99.20).",
    "If you do not agree, write to the family why, and that it has the right to a hearing. Without an answer the "
    "decision is not kept.",
    "If the hearing does not change the record either, the family may add a statement to it. Keep it with the "
    "record, and give it out with it (34 CFR 99.21).",
    "A grade that a family finds too low is first a matter for a talk with the teacher. This right is about records "
    "that are wrong, misleading, or against the child's privacy.",
)

TOLD = {
    Told.KEPT: ("success", "Noted."),
    Told.TAKEN_BACK: ("success", "The last step is taken back. Its answer is no longer shown to the family."),
    Told.CHANGED: (
        "warning",
        "Nothing was done: somebody took a step since you opened the page. Look at it again.",
    ),
    Told.NEEDS_ANSWER: (
        "error",
        "Nothing was done: tell the family why you do not agree, and that it has the right to a hearing.",
    ),
    Told.TOO_LONG: ("error", "Nothing was done: the answer is too long. Use at most 2,000 letters."),
}

BOXES = {
    "loves": "What the child loves",
    "learns": "How the child learns best",
    "hope": "Their hope for the child",
    "question": "What they want to ask",
    "talk": "When they can talk",
    "language": "In which language",
    "more": "In their own words",
}

PLACES = {
    "grade": "The grade",
    "test": "The test",
    "attendance": "The days missed",
    "person": "A name, the school or the teacher",
    "other": "Something else",
}
