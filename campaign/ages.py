"""When somebody is an adult. Pure."""

from __future__ import annotations

from datetime import date

ADULT_AGE = 18


def is_adult(birth_date: date, today: date) -> bool:
    """Whether the eighteenth birthday has come; one born on 29 February has it on 1 March."""
    before_birthday = (today.month, today.day) < (birth_date.month, birth_date.day)
    return today.year - birth_date.year - before_birthday >= ADULT_AGE
