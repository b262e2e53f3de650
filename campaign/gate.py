"""The last look before a message goes out, and the rights behind it. Pure: facts in, a verdict with a reason out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from campaign.ages import is_adult
from campaign.consents.said import NOTHING_MORE, Said
from campaign.definitions.definition import AT_ONCE, Step
from campaign.school_year.calendar import SchoolYear, Window, local_time, next_opening, school_days_later
from campaign.wordings.wording import Sendable, Wording

PAUSE_LOOK_AGAIN = LANGUAGE_LOOK_AGAIN = UNCLEAR_LOOK_AGAIN = timedelta(minutes=15)
APPROVAL_LOOK_AGAIN = timedelta(hours=1)


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
    HOUSEHOLD_CAP = "household_cap"
    NO_OPEN_WINDOW = "no_open_window"
    CANCELLED = "cancelled"
    PAUSED = "paused"
    NOT_APPROVED = "not_approved"
    CALENDAR_CHANGED = "calendar_changed"
    EXPIRED = "expired"
    TEXT_TOO_LONG = "text_too_long"


@dataclass(frozen=True, slots=True)
class AudienceRow:
    """One student and one contact, with all that decides whether the contact may hear about the student.

    Ids, flags and moments only: no name and no address. `reachable`, `suppressed` and `revoked` name channels of the
    contact; `said`: what else it has said about messages. `categories` are (subject, category) of the current
    comparisons; `preview_since` is when the newest current comparison with a good grade and a test that is not there
    yet was made, or None, also once the teacher has released it; a teacher may hold the report until `held_until`.
    `outdated`: the report this contact was last sent rests on something that was replaced since. `school`: its id in
    the rosters. `beliefs` are (subject, last answer) of this contact about this student; `opened`: the contact has
    looked at the student's current report. `adult_consent`: of 18 or over the student agrees, or is a dependent.
    `listed_twice`: another entry of the same adult is written to.
    """

    student_id: int
    contact_id: int
    household: str
    relation: str
    may_receive: bool
    court_restriction: bool
    confidential: bool
    withdrawn: bool
    birth_date: date | None
    grade_level: int | None
    language: str
    zone: str
    reachable: frozenset[str]
    suppressed: frozenset[str]
    revoked: frozenset[str]
    has_report: bool
    categories: frozenset[tuple[str, str]]
    preview_since: datetime | None
    outdated: bool = False
    adult_consent: bool = False
    listed_twice: bool = False
    school_id: int | None = None
    held_until: datetime | None = None
    said: Said = NOTHING_MORE
    school: str | None = None
    beliefs: frozenset[tuple[str, str]] = frozenset()
    opened: bool = False


@dataclass(frozen=True)
class Rules:
    """The district's rules. `sendable` says which texts may go out; `channels` what the sender can carry.

    `held`: message → schools for which it waits until it is reviewed in every language their state asks for.
    """

    year: SchoolYear
    window: Window
    household_cap: int
    household_cap_days: int
    teacher_preview_days: int
    channels: frozenset[str]
    sendable: Sendable
    held: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def holds(self, row: AudienceRow, step: Step) -> bool:
        return row.school_id in self.held.get(step.message, frozenset())

    def says_how(self, step: Step, channel: str, wording: Wording) -> bool:
        return self.sendable.says_how_to_stop(step.message, channel, wording)


@dataclass(frozen=True)
class LastLook:
    """One message at the moment before it goes out. `rows` are those of its contact and students, as they are now;
    `household_sent` the moments at which other messages of the last days went to the household, oldest first.
    `approved`: the persons who must have approved what the campaign says now; `cancelled`: staff called this send
    off."""

    step: Step
    channel: str
    expires_at: datetime
    paused: bool
    rows: Sequence[AudienceRow]
    household_sent: Sequence[datetime]
    approved: bool = True
    cancelled: bool = False


@dataclass(frozen=True)
class Send:
    """It may go out now, about these students and in this language."""

    student_ids: tuple[int, ...]
    wording: Wording


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


def student_refusal(row: AudienceRow, step: Step, now: datetime) -> Reason | None:
    """Why this contact may not hear about this student in this step, or None."""
    today = local_time(now, row.zone).date()
    of_age = row.birth_date is not None and is_adult(row.birth_date, today)
    oneself = row.relation == "self"
    holds = (
        (Reason.COURT_RESTRICTION, row.court_restriction),
        (Reason.MAY_NOT_RECEIVE, not row.may_receive or (oneself and not of_age)),
        (Reason.CONFIDENTIAL, row.confidential),
        (Reason.WITHDRAWN, row.withdrawn),
        (Reason.ADULT_STUDENT, of_age and not oneself and not row.adult_consent),
        (Reason.LISTED_TWICE, row.listed_twice),
        (Reason.CONSENT_REVOKED, row.said.not_of_child and not step.is_legal),
        (Reason.NO_REPORT, step.needs_report and not row.has_report),
    )
    return next((reason for reason, refused in holds if refused), None)


def choose(
    rows: Sequence[AudienceRow], step: Step, channel: str, rules: Rules
) -> tuple[Wording, Reason | None]:
    """In which language a contact is written to about all these students on this channel; why it cannot be, or None."""
    row, wording = rows[0], rules.sendable.wording(step.message, channel, rows[0].language)
    holds = (
        (Reason.CONSENT_REVOKED, has_stopped(row, step, channel)),
        (Reason.CHANNEL_NOT_OFFERED, channel not in rules.channels),
        (Reason.NO_ADDRESS, channel not in row.reachable),
        (Reason.SUPPRESSED, channel in row.suppressed),
        (Reason.LANGUAGE_NOT_SENDABLE, not rules.sendable.allows(step.message, channel, wording, len(rows))),
        (Reason.NO_NOTICE, row.said.must_be_told(channel) and not rules.says_how(step, channel, wording)),
    )
    return wording, next((reason for reason, refused in holds if refused), None)


def has_stopped(row: AudienceRow, step: Step, channel: str) -> bool:
    """Whether the contact wants this message no more; a letter that the law demands comes all the same."""
    stopped = channel in row.revoked or (channel, step.message) in row.said.topics
    return stopped and not (step.is_legal and channel == "letter")


def last_look(look: LastLook, rules: Rules, now: datetime) -> Verdict:
    """Whether this message may go out now. The order says what is told when several things hold."""
    if now >= look.expires_at:
        return Drop()
    if look.cancelled:
        return Withhold(Reason.CANCELLED)
    if look.paused:
        return _defer(now + PAUSE_LOOK_AGAIN, Reason.PAUSED, look)
    if not look.approved and not look.step.answers:
        return _defer(now + APPROVAL_LOOK_AGAIN, Reason.NOT_APPROVED, look)
    refusals = [student_refusal(row, look.step, now) for row in look.rows]
    allowed = [row for row, refusal in zip(look.rows, refusals, strict=True) if refusal is None]
    if not allowed:
        return Withhold(gravest(filter(None, refusals)) if refusals else Reason.MAY_NOT_RECEIVE)
    free = [row for row in allowed if not rules.holds(row, look.step)]
    if not free:
        return _defer(now + LANGUAGE_LOOK_AGAIN, Reason.LANGUAGE_REQUIRED, look)
    allowed = free
    wording, refusal = choose(allowed, look.step, look.channel, rules)
    if refusal:
        return Withhold(refusal)
    if look.channel in allowed[0].said.unclear:
        return _defer(now + UNCLEAR_LOOK_AGAIN, Reason.CONSENT_UNCLEAR, look)
    students = tuple(sorted(row.student_id for row in allowed))
    waits = None if look.step.answers == AT_ONCE else _timing(look, rules, allowed, now)
    return waits or Send(students, wording)


def gravest(reasons: Iterable[Reason]) -> Reason:
    """The one that stands first in Reason."""
    order = list(Reason)
    return min(reasons, key=order.index)


def _timing(look: LastLook, rules: Rules, allowed: Sequence[AudienceRow], now: datetime) -> Verdict | None:
    zones = [row.zone for row in allowed]
    earliest, reason = now, Reason.NO_OPEN_WINDOW
    for moment, why in (
        ()
        if look.step.answers
        else (
            (_preview_ends(look, rules, allowed), Reason.TEACHER_PREVIEW),
            (_hold_ends(look, allowed), Reason.TEACHER_HOLD),
            (_cap_frees(look, rules.household_cap, rules.household_cap_days, now), Reason.HOUSEHOLD_CAP),
            (_cap_frees(look, allowed[0].said.weekly_limit, 7, now), Reason.HOUSEHOLD_CAP),
        )
    ):
        if moment is not None and moment > earliest:
            earliest, reason = moment, why
    opening = next_opening(earliest, zones, rules.window, rules.year, look.step.send_on)
    if opening is None:
        return Withhold(Reason.NO_OPEN_WINDOW)
    return None if opening == now else _defer(opening, reason, look)


def _defer(until: datetime, reason: Reason, look: LastLook) -> Verdict:
    """Wait, unless the message would be too late by then: then say now why nobody will get it.

    A pause can end and an approval come any moment, so they never decide ahead.
    """
    if until >= look.expires_at and reason not in {Reason.PAUSED, Reason.NOT_APPROVED}:
        return Withhold(reason)
    return Defer(until, reason)


def _preview_ends(look: LastLook, rules: Rules, allowed: Sequence[AudienceRow]) -> datetime | None:
    """When teachers have had their school days to look at every report of this message."""
    if not look.step.waits_for_preview:
        return None
    ends = [
        preview_ends(rules.year, row.preview_since, rules.teacher_preview_days, row.zone) for row in allowed
    ]
    return max((end for end in ends if end), default=None)


def preview_ends(year: SchoolYear, since: datetime | None, days: int, zone: str) -> datetime | None:
    """When teachers have had their school days to look at a report that waits `since` then; None: it never waited."""
    return None if since is None else school_days_later(year, since, days, zone)


def _hold_ends(look: LastLook, allowed: Sequence[AudienceRow]) -> datetime | None:
    """When the last hold of a teacher on a report of this message ends; a sibling's report waits with it."""
    if not look.step.waits_for_preview:
        return None
    return max((row.held_until for row in allowed if row.held_until), default=None)


def _cap_frees(look: LastLook, cap: int | None, days: int, now: datetime) -> datetime | None:
    """When the household may get one more; any stretch of so many days counts."""
    span = timedelta(days=days)
    recent = sorted(sent for sent in look.household_sent if sent > now - span) if look.household_sent else []
    if cap is None or len(recent) < cap:
        return None
    return recent[len(recent) - cap] + span
