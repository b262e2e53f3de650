"""Words of the call list for staff."""

from __future__ import annotations

from campaign.calling.calls import Outcome, Told

OUTCOMES = {
    Outcome.REACHED: "Reached",
    Outcome.VOICE_MESSAGE: "Left a voice message",
    Outcome.NO_ANSWER: "No answer",
    Outcome.WRONG_NUMBER: "Wrong number",
    Outcome.STOPPED: "Asked to stop",
    Outcome.LETTER: "Wants it on paper",
    Outcome.OTHER_WAY: "Wants it another way",
}
# What each button does, under it.
EFFECTS = {
    Outcome.REACHED: "Counts as sent.",
    Outcome.VOICE_MESSAGE: "Comes up again tomorrow; three tries are enough.",
    Outcome.NO_ANSWER: "Comes up again tomorrow; three tries are enough.",
    Outcome.WRONG_NUMBER: "Nothing goes to this number for this family any more.",
    Outcome.STOPPED: "Holds at once, as if the family had written STOP.",
    Outcome.LETTER: "Counts as sent, and a letter waits for the next print run.",
    Outcome.OTHER_WAY: "Counts as sent. Write down which way, so that somebody does it.",
}
LINES = {
    "who": "Begin",
    "interpreter": "Offer",
    "ready": "Why you call",
    "wrote": "Why you call",
    "question": "One question",
    "act": "One thing to do",
    "ways": "Another way",
    "stop": "How to stop",
    "thanks": "End",
    "voicemail": "To a voice mail",
}
TOLD = {
    Told.KEPT: ("success", "It is written down, with your name and the time."),
    Told.CHANGED: ("warning", "Somebody was faster, so nothing was done. Below is how it stands now."),
    Told.NO_NOTE: ("error", "Write which way the family wants it, then press the button again."),
    Told.NO_PAPER: (
        "error",
        "This message is not written for paper. Choose “Wants it another way” and write which.",
    ),
    Told.UNDONE: ("success", "It is taken back. The call stands on the list again."),
}
