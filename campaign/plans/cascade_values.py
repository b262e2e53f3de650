"""What a cascade is decided from, and what can come of it: one household in one occurrence at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from campaign.definitions.definition import Step
from campaign.gate import AudienceRow, Rules
from campaign.verdicts import Reason
from campaign.wordings.wording import Wording


class Fate(StrEnum):
    """What became of one row. LOST: it reached nobody, by no fault of the family; OVER: nothing may follow it."""

    OPEN = "open"
    SENT = "sent"
    LOST = "lost"
    OVER = "over"


class Ending(StrEnum):
    """How a cascade ends. SILENT: every rung was tried; only where the last of them is no call. NO_PHONE: a call would
    be next, and nobody of the home has a number."""

    REACHED = "reached"
    STOPPED = "stopped"
    CALL_LIST = "call_list"
    SILENT = "silent"
    NO_PHONE = "no_phone"


@dataclass(frozen=True)
class Line:
    """One row of the ledger in a cascade. `at`: when it was handed over or ended; it can go from `opens` on until
    `closes`. `delivery`: how far its provider says it came."""

    id: int
    contact_id: int
    student_ids: tuple[int, ...]
    channel: str
    rung: int
    state: str
    reason: str | None
    delivery: str | None
    at: datetime
    opens: datetime
    closes: datetime


@dataclass(frozen=True)
class Family:
    """A household in an occurrence: its rung, all its lines, and what somebody of it has done since the first.

    `answered`: looked, wrote or booked. `stopped`: said stop.
    """

    household: str
    rung: int
    lines: Sequence[Line]
    answered: bool
    stopped: bool


@dataclass(frozen=True)
class Wait:
    """Nothing is decided before `until`."""

    until: datetime


@dataclass(frozen=True)
class End:
    """Nothing follows any more."""

    how: Ending
    reason: Reason | None = None


@dataclass(frozen=True)
class Target:
    """One row to be written. `part` tells apart several of one rung: a language of a letter, or children whom no one
    adult may hear about together."""

    contact_id: int
    student_ids: tuple[int, ...]
    channel: str
    wording: Wording
    follows_id: int
    part: str


@dataclass(frozen=True)
class Go:
    """The rung of this number is due since `at`, for these targets."""

    rung: int
    at: datetime
    targets: Sequence[Target]


Move = Wait | End | Go


@dataclass(frozen=True)
class Facts:
    """What holds now. `rows` are those of the family's contacts, and of the other contacts of its students."""

    step: Step
    rows: Sequence[AudienceRow]
    rules: Rules
    now: datetime
