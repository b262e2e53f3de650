"""Where an address stands so that the window of an envelope shows it, and nothing else, and how it is written.

Positions are millimetres from the upper left corner of the sheet. A folded sheet slides in its envelope, so the slot is
what the window shows wherever the sheet lies.

#10 (9½ × 4⅛ in; window 4½ × 1⅛ in, ⅞ in from the left, ½ in from the bottom) around Letter folded to 3⅔ in: the sheet
slides 1 in sideways and 0.46 in up and down. DL (220 × 110 mm) around A4 folded to 99 mm: the address field of
DIN 5008, form B, below its 17.7 mm for the sender.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MOST_LINES: Final = 4


@dataclass(frozen=True)
class Window:
    """The slot of one kind of envelope, in millimetres, and the paper that is folded into it."""

    paper: str
    left: float
    top: float
    width: float
    height: float


WINDOWS: Final = {
    "number-10": Window("letter", 23.0, 63.5, 88.0, 16.9),
    "dl": Window("a4", 25.0, 62.7, 80.0, 27.3),
}


@dataclass(frozen=True)
class Address:
    """An address as a school's system keeps it."""

    name: str
    street: str
    city: str
    state: str
    postal_code: str

    @property
    def is_complete(self) -> bool:
        """Whether the post could deliver it: a street, and a town or a code."""
        return bool(self.street.strip() and (self.city.strip() or self.postal_code.strip()))


def lines(address: Address) -> tuple[str, ...]:
    """At most MOST_LINES lines: the name, the street, "Town ST 12345"."""
    street = [line.strip() for line in address.street.splitlines() if line.strip()]
    if len(street) > MOST_LINES - 2:
        street = [*street[: MOST_LINES - 3], ", ".join(street[MOST_LINES - 3 :])]
    town = " ".join(
        part for part in (address.city.strip(), address.state.strip(), address.postal_code.strip()) if part
    )
    return tuple(line for line in (address.name.strip(), *street, town) if line)


def by_hand(name: str, school: str, homeroom: str) -> tuple[str, ...]:
    """For an envelope that the school hands out: no street on it."""
    return tuple(line for line in (name.strip(), f"c/o {school}", homeroom) if line.strip())


def size_class(said: Sequence[str]) -> str:
    """How large the lines are set, so that the longest keeps to the slot."""
    longest = max((len(line) for line in said), default=0)
    return "usual" if longest <= 40 else "small" if longest <= 52 else "smallest"
