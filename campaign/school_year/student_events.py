"""What can happen to a student that a step of a campaign may hang on."""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    """Each happens once: a comparison says something for the first time in a school year, says something else than
    before, is put right; days were missed; a family wrote; a talk was booked (its day is that of the talk); the student
    comes of age."""

    NEW_COMPARISON = "new_comparison"
    CATEGORY_CHANGE = "category_change"
    CORRECTION = "correction"
    ABSENCE = "absence"
    REPLY = "reply"
    BOOKING = "booking"
    BIRTHDAY_18 = "birthday_18"


KNOWN_BEFORE = frozenset({EventKind.BOOKING, EventKind.BIRTHDAY_18})
"""Steps may come before these, too."""
