"""Numbers of reports."""

from __future__ import annotations

import secrets

# Letters and digits that nobody takes for one another on the telephone.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_number() -> str:
    """Twelve random letters: a number that says nothing about the child and cannot be guessed."""
    letters = [secrets.choice(_LETTERS) for _ in range(12)]
    return "-".join("".join(letters[start : start + 4]) for start in (0, 4, 8))
