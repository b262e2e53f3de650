"""The last look before a message goes out, and the rights behind it. Pure: facts in, a verdict with a reason out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from campaign.ages import is_adult
from campaign.consents.said import NOTHING_MORE, Said
from campaign.definitions.definition import AT_ONCE, Step
from campaign.gate_timing import defer, gathering, preview_ends, timing, weekly_moment
from campaign.school_year.calendar import SchoolYear, Window, local_time
from campaign.school_year.weekly import Weekly
from campaign.verdicts import Defer, Drop, Reason, Send, Verdict, Withhold, gravest
from campaign.wordings.wording import Sendable, Wording

__all__ = [
    "APPROVAL_LOOK_AGAIN", "LANGUAGE_LOOK_AGAIN", "PAUSE_LOOK_AGAIN", "UNCLEAR_LOOK_AGAIN", "AudienceRow", "Defer",
    "Drop", "LastLook", "Reason", "Rules", "Send", "Verdict", "Withhold", "choose", "gravest", "has_stopped",
    "last_look", "preview_ends", "student_refusal",
]  # fmt: skip

PAUSE_LOOK_AGAIN = LANGUAGE_LOOK_AGAIN = UNCLEAR_LOOK_AGAIN = timedelta(minutes=15)
APPROVAL_LOOK_AGAIN = timedelta(hours=1)


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
    `weekly`: when what can wait comes together, for those who want one message a week.
    """

    year: SchoolYear
    window: Window
    household_cap: int
    household_cap_days: int
    teacher_preview_days: int
    channels: frozenset[str]
    sendable: Sendable
    weekly: Weekly
    held: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def holds(self, row: AudienceRow, step: Step, channel: str = "") -> bool:
        """Whether what is written waits for a translation; what a person says on the phone goes through an
        interpreter."""
        return channel != "call" and row.school_id in self.held.get(step.message, frozenset())

    def says_how(self, step: Step, channel: str, wording: Wording) -> bool:
        return self.sendable.says_how_to_stop(step.message, channel, wording)


@dataclass(frozen=True)
class LastLook:
    """One message at the moment before it goes out. `rows` are those of its contact and students, as they are now;
    `household_sent` the moments at which other messages of the last days went to the household, oldest first.
    `approved`: the persons who must have approved what the campaign says now; `cancelled`: staff called this send
    off. `due_at`: its own moment; `gathered`: it waits for the weekly message already; `digest_goes`: the weekly
    message of this contact goes out now, so that one more line of it asks for no more room.
    `answered`: it is a rung of a cascade, and somebody of the household has looked or written since it began."""

    step: Step
    channel: str
    expires_at: datetime
    paused: bool
    rows: Sequence[AudienceRow]
    household_sent: Sequence[datetime]
    due_at: datetime
    approved: bool = True
    cancelled: bool = False
    gathered: bool = False
    digest_goes: bool = False
    answered: bool = False


def student_refusal(row: AudienceRow, step: Step, now: datetime) -> Reason | None:
    """Why this contact may not hear about this student in this step, or None."""
    of_age = row.birth_date is not None and is_adult(row.birth_date, local_time(now, row.zone).date())
    oneself = row.relation == "self"
    holds = (
        row.court_restriction,
        not row.may_receive or (oneself and not of_age),
        row.confidential,
        row.withdrawn,
        of_age and not oneself and not row.adult_consent,
        row.listed_twice,
        row.said.not_of_child and not step.is_legal,
        step.needs_report and not row.has_report,
    )
    # Against most messages nothing stands, and that is to be seen fast.
    return _OF_STUDENT[holds.index(True)] if True in holds else None


_OF_STUDENT = (
    Reason.COURT_RESTRICTION,
    Reason.MAY_NOT_RECEIVE,
    Reason.CONFIDENTIAL,
    Reason.WITHDRAWN,
    Reason.ADULT_STUDENT,
    Reason.LISTED_TWICE,
    Reason.CONSENT_REVOKED,
    Reason.NO_REPORT,
)


def choose(
    rows: Sequence[AudienceRow], step: Step, channel: str, rules: Rules
) -> tuple[Wording, Reason | None]:
    """In which language a contact is written to about all these students on this channel; why it cannot be, or None."""
    row, wording = rows[0], rules.sendable.wording(step.message, channel, rows[0].language)
    holds = (
        has_stopped(row, step, channel),
        channel not in rules.channels,
        channel not in row.reachable,
        channel in row.suppressed,
        not rules.sendable.allows(step.message, channel, wording, len(rows)),
        row.said.must_be_told(channel) and not rules.says_how(step, channel, wording),
    )
    return wording, _OF_CHANNEL[holds.index(True)] if True in holds else None


_OF_CHANNEL = (
    Reason.CONSENT_REVOKED,
    Reason.CHANNEL_NOT_OFFERED,
    Reason.NO_ADDRESS,
    Reason.SUPPRESSED,
    Reason.LANGUAGE_NOT_SENDABLE,
    Reason.NO_NOTICE,
)


def has_stopped(row: AudienceRow, step: Step, channel: str) -> bool:
    """Whether the contact wants this message no more; a letter that the law demands comes all the same."""
    stopped = channel in row.revoked or (channel, step.message) in row.said.topics
    return stopped and not (step.is_legal and channel == "letter")


def last_look(look: LastLook, rules: Rules, now: datetime) -> Verdict:
    """Whether this message may go out now. The order says what is told when several things hold."""
    if now >= look.expires_at:
        return Drop()
    if look.cancelled or look.answered:
        return Withhold(Reason.CANCELLED if look.cancelled else Reason.ANSWERED)
    if look.paused:
        return defer(now + PAUSE_LOOK_AGAIN, Reason.PAUSED, look)
    if not look.approved and not look.step.answers:
        return defer(now + APPROVAL_LOOK_AGAIN, Reason.NOT_APPROVED, look)
    refusals = [student_refusal(row, look.step, now) for row in look.rows]
    allowed = [row for row, refusal in zip(look.rows, refusals, strict=True) if refusal is None]
    if not allowed:
        return Withhold(gravest(filter(None, refusals)) if refusals else Reason.MAY_NOT_RECEIVE)
    free = [row for row in allowed if not rules.holds(row, look.step, look.channel)]
    if not free:
        return defer(now + LANGUAGE_LOOK_AGAIN, Reason.LANGUAGE_REQUIRED, look)
    allowed = free
    wording, refusal = choose(allowed, look.step, look.channel, rules)
    if refusal:
        return Withhold(refusal)
    if look.channel in allowed[0].said.unclear:
        return defer(now + UNCLEAR_LOOK_AGAIN, Reason.CONSENT_UNCLEAR, look)
    students = tuple(sorted(row.student_id for row in allowed))
    if look.step.answers == AT_ONCE:
        return Send(students, wording)
    weekly = weekly_moment(look, rules, allowed)
    waits = timing(look, rules, allowed, now) if weekly is None else gathering(look, rules, weekly, now)
    return waits or Send(students, wording, gathered=weekly is not None)
