"""The page on top of what lies in an envelope: who writes, one thing to do, and how to get no more. As values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LetterPage:
    """One side, in one language. `tag` and `direction` are those of HTML; `line` stands on top in another language."""

    tag: str
    direction: str
    sender: str
    day: str
    title: str
    greeting: str
    paragraphs: tuple[str, ...]
    act_title: str
    act: str
    interpreter: str
    closing: str
    small: str
    postal_address: str
    line: str = ""
    line_tag: str = ""
    line_direction: str = "ltr"
