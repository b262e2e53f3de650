"""What a last look can say of a message, and why somebody does not get it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from campaign.wordings.wording import Wording


class Reason(StrEnum):
    """Why somebody does not get a message. The first that holds is recorded, so the gravest come first."""

    COURT_RESTRICTION = "court_restriction"
    MAY_NOT_RECEIVE = "may_not_receive"
    CONFIDENTIAL = "confidential"
    WITHDRAWN = "withdrawn"
    ADULT_STUDENT = "adult_student"
    LISTED_TWICE = "listed_twice"
    CONSENT_REVOKED = "consent_revoked"
    CONSENT_UNCLEAR = "consent_unclear"
    NO_REPORT = "no_report"
    LANGUAGE_REQUIRED = "language_required"
    LANGUAGE_NOT_SENDABLE = "language_not_sendable"
    NO_NOTICE = "no_notice"
    SUPPRESSED = "suppressed"
    NO_ADDRESS = "no_address"
    CHANNEL_NOT_OFFERED = "channel_not_offered"
    TEACHER_PREVIEW = "teacher_preview"
    TEACHER_HOLD = "teacher_hold"
    DIGEST = "digest"
    HOUSEHOLD_CAP = "household_cap"
    SHARES_A_HOME = "shares_a_home"
    NO_OPEN_WINDOW = "no_open_window"
    CANCELLED = "cancelled"
    REPLACED = "replaced"
    ANSWERED = "answered"
    PAUSED = "paused"
    NOT_APPROVED = "not_approved"
    CALENDAR_CHANGED = "calendar_changed"
    DAY_LIMIT = "day_limit"
    EXPIRED = "expired"
    TEXT_TOO_LONG = "text_too_long"


def gravest(reasons: Iterable[Reason]) -> Reason:
    """The one that stands first in Reason."""
    order = list(Reason)
    return min(reasons, key=order.index)


@dataclass(frozen=True)
class Send:
    """It may go out now, about these students and in this language; `gathered`: with others of its contact, as one."""

    student_ids: tuple[int, ...]
    wording: Wording
    gathered: bool = False


@dataclass(frozen=True)
class Defer:
    """It may not go out yet; look again at `until`."""

    until: datetime
    reason: Reason


@dataclass(frozen=True)
class Withhold:
    """It will not go out."""

    reason: Reason


@dataclass(frozen=True)
class Drop:
    """It is too late for it."""

    reason: Reason = Reason.EXPIRED


Verdict = Send | Defer | Withhold | Drop
