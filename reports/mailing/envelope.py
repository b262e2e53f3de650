"""What one envelope holds, and the papers around it, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AddressSheet:
    """The first sheet of an envelope. `mark` tells the machine and the clerk which envelope it is; it names nobody."""

    lines: tuple[str, ...]
    sender: str
    mark: str


@dataclass(frozen=True)
class Divider:
    """The sheet before the envelopes of one class."""

    school: str
    homeroom: str
    mark: str


@dataclass(frozen=True)
class Cover:
    """What the printer gets with the files: numbers alone. `left_out` are (reason in words, letters)."""

    number: str
    district: str
    planned_on: str
    considered: int
    printed: int
    sheets: int
    pages: int
    left_out: tuple[tuple[str, int], ...]
    files: tuple[tuple[str, int, int], ...]
    again: str = ""
