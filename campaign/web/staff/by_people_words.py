"""Why a letter or a call waits for a person, and what to do about it."""

from __future__ import annotations

UNSETTLED = {
    "not_confirmed": (
        "It is in a print run of which nobody has said for two weeks whether it was posted.",
        "Ask who printed it, and say on the page of the run what became of it. It is not printed again by itself.",
    ),
    "not_drawn": (
        "The letter could not be drawn, mostly for a letter of the alphabet that no installed font has.",
        "Correct the name where it comes from, or install a font. Then send it again: the next run takes it.",
    ),
    "address_unknown": (
        "The letter came back: nobody lives there under that name.",
        "Ask the family for its address and correct it in the school's system. Then send it again.",
    ),
    "tried_3_times": (
        "Three calls on three days reached nobody.",
        "Ask the child's teacher how the family can be reached. Send it again to put it back on the call list.",
    ),
    "wrong_number": (
        "The number is somebody else's.",
        "Ask the family for its number and correct it in the school's system. Then send it again.",
    ),
}
