"""Who gets which message when, or why not. Pure: occurrences and audience rows in, decisions out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from campaign.definitions.definition import Audience, CampaignDefinition, Step
from campaign.gate import AudienceRow, Reason, Rules, choose, gravest, student_refusal
from campaign.school_year.calendar import moment, step_day
from campaign.wordings.wording import Wording, base


@dataclass(frozen=True)
class Occurrence:
    """A step on one resolved day. `due_at` and `expires_at` are in the district's zone; a family's own zone may
    differ and is counted again. `concerned`: where the step follows what happened to students, student → the contacts
    it concerns, None for all of them; a step that hangs on the calendar concerns everybody."""

    step: Step
    day: date
    due_at: datetime
    expires_at: datetime
    concerned: Mapping[int, frozenset[int] | None] | None = None

    def concerns(self, row: AudienceRow) -> bool:
        if self.concerned is None:
            return True
        contacts = self.concerned.get(row.student_id, frozenset())
        return contacts is None or row.contact_id in contacts


@dataclass(frozen=True, slots=True)
class Decision:
    """One contact in one occurrence: a message about these students, or (with a reason) none.

    `waits`: it must not leave before it is reviewed in every language that the students' schools need. `apart`: the
    contact gets another one, about students who need not wait.
    """

    contact_id: int
    student_ids: tuple[int, ...]
    household: str
    channel: str
    wording: Wording
    template: str
    due_at: datetime
    expires_at: datetime
    reason: Reason | None
    waits: bool = False
    apart: bool = False

    @property
    def withheld(self) -> bool:
        return self.reason is not None


def occurrences(definition: CampaignDefinition, rules: Rules, zone: str) -> list[Occurrence]:
    """Every step on every day of the calendar it hangs on, in order of time, higher priority first."""
    found: dict[tuple[str, date], Occurrence] = {}
    for step in definition.steps.values():
        for anchor in rules.year.anchors(step.anchor) if step.anchor else ():
            day = step_day(rules.year, anchor, step.offset, step.unit, step.send_on)
            due_at = moment(day, step.at, zone)
            found[step.id, day] = Occurrence(step, day, due_at, due_at + step.expires_after)
    return sorted(found.values(), key=lambda o: (o.due_at, -o.step.priority, o.step.id))


def decide(occurrence: Occurrence, rows: Iterable[AudienceRow], rules: Rules) -> Iterator[Decision]:
    """One decision a contact for the students it may hear about, one for each reason that bars a student, and one
    for students whose school waits for a language: a sibling elsewhere does not wait.

    `rows` come sorted by contact. Students outside the step's audience give no decision.
    """
    inside = (row for row in rows if occurrence.concerns(row) and is_in_audience(row, occurrence.step))
    for _, group in groupby(inside, key=lambda row: row.contact_id):
        yield from _decide_contact(occurrence, list(group), rules)


def is_in_audience(row: AudienceRow, step: Step) -> bool:
    audience = step.audience
    if audience.outdated and not row.outdated:
        return False
    if audience.grade_levels is not None:
        lowest, highest = audience.grade_levels
        if row.grade_level is None or not lowest <= row.grade_level <= highest:
            return False
    if audience.schools and row.school not in audience.schools:
        return False
    if audience.languages and base(row.language) not in audience.languages:
        return False
    return _is_reached_so(row, audience) and _has_category(row, audience) and _believes(row, audience)


def _is_reached_so(row: AudienceRow, audience: Audience) -> bool:
    """Reached is who has an address that nothing stands against."""
    open_ways = row.reachable - row.suppressed - row.revoked
    if audience.reachable_by and not audience.reachable_by & open_ways:
        return False
    if audience.not_reachable_by & open_ways:
        return False
    return audience.opened is None or row.opened is audience.opened


def _has_category(row: AudienceRow, audience: Audience) -> bool:
    if not audience.categories and not audience.subjects:
        return True
    return any(
        (not audience.subjects or subject in audience.subjects)
        and (not audience.categories or category in audience.categories)
        for subject, category in row.categories
    )


def _believes(row: AudienceRow, audience: Audience) -> bool:
    if not audience.believes:
        return True
    said = {
        answer for subject, answer in row.beliefs if not audience.subjects or subject in audience.subjects
    }
    return bool(audience.believes & (said or {"not_asked"}))


def _decide_contact(occurrence: Occurrence, rows: Sequence[AudienceRow], rules: Rules) -> Iterator[Decision]:
    step = occurrence.step
    barred: dict[Reason, list[AudienceRow]] = {}
    allowed: list[AudienceRow] = []
    for row in rows:
        reason = student_refusal(row, step, occurrence.due_at)
        if reason is None:
            allowed.append(row)
        else:
            barred.setdefault(reason, []).append(row)
    held = [row for row in allowed if rules.holds(row, step)]
    free = [row for row in allowed if row not in held]
    for some in filter(None, (free, held)):
        chosen = _choose_channel(some, step, rules)
        waits = some is held and chosen[2] is None
        yield _decision(occurrence, some, chosen, waits=waits, apart=waits and bool(free))
    for reason, some in barred.items():
        channel = step.channels[0]
        yield _decision(occurrence, some, (channel, choose(some, step, channel, rules)[0], reason))


Chosen = tuple[str, Wording, Reason | None]
"""A channel, the language on it, and why it cannot be."""


def _choose_channel(rows: Sequence[AudienceRow], step: Step, rules: Rules) -> Chosen:
    """The first channel that reaches the contact. A "stop" on the way ends the search: somebody who said stop is not
    pursued on the next channel."""
    reasons = []
    for channel in step.channels:
        wording, reason = choose(rows, step, channel, rules)
        if reason is None:
            return channel, wording, None
        reasons.append(reason)
        if reason is Reason.CONSENT_REVOKED:
            # What the law demands goes by letter instead, and by nothing else.
            if step.is_legal and channel != "letter":
                wording, reason = choose(rows, step, "letter", rules)
                return "letter", wording, reason
            break
    channel = step.channels[0]
    return channel, choose(rows, step, channel, rules)[0], gravest(reasons)


def _decision(
    occurrence: Occurrence,
    rows: Sequence[AudienceRow],
    chosen: Chosen,
    *,
    waits: bool = False,
    apart: bool = False,
) -> Decision:
    first, (channel, wording, reason) = rows[0], chosen
    due_at = moment(occurrence.day, occurrence.step.at, first.zone)
    return Decision(
        contact_id=first.contact_id,
        student_ids=tuple(sorted(row.student_id for row in rows)),
        household=first.household,
        channel=channel,
        wording=wording,
        template=occurrence.step.message,
        due_at=due_at,
        expires_at=due_at + occurrence.step.expires_after,
        reason=reason,
        waits=waits,
        apart=apart,
    )
