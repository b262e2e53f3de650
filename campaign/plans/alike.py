"""Contacts alike: between them no rule of the steps at hand can tell, so that one decision counts for all. Pure.

Which facts the rules ask for is said here; the rules themselves stand in `plan` and `gate` and run on one of each kind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product

from campaign.ages import ADULT_AGE
from campaign.definitions.definition import SUBJECTS, Audience
from campaign.gate import AudienceRow, Rules
from campaign.plans.plan import Decision, Occurrence, decide
from reports.records import Category


@dataclass(frozen=True)
class Asked:
    """What the rules ask of a contact and its students at these moments; all other facts may be left out.

    `facts`: what counts beside what always does; fields of AudienceRow, or of its `said`. `comparisons`: for each way
    in which a step chooses by (subject, category), those it chooses. `subjects`: those of answers are told apart.
    `school_ids` and `schools` (ids in the rosters) are told apart from each other and from all others. Who was born on
    `adult` or before is of age at each of the moments, who was born on `minor` or later at none.
    """

    facts: frozenset[str]
    comparisons: tuple[frozenset[tuple[str, str]], ...]
    subjects: bool
    school_ids: frozenset[int]
    schools: frozenset[str]
    adult: date
    minor: date


@dataclass(frozen=True)
class Alike:
    """`rows` are those of each of these contacts, with its students numbered from 0 instead of their ids.

    `contacts`, `households` and `students` (ids in the order of the rows) are of one length.
    """

    rows: tuple[AudienceRow, ...]
    contacts: Sequence[int]
    households: Sequence[str]
    students: Sequence[Sequence[int]]


@dataclass(frozen=True)
class Told:
    """One decision that holds for each of these contacts, with its own household and about its own students."""

    decision: Decision
    contacts: Sequence[int]
    households: Sequence[str]
    students: Sequence[Sequence[int]]

    def each(self) -> Iterator[Decision]:
        for contact, household, students in zip(self.contacts, self.households, self.students, strict=True):
            yield replace(self.decision, contact_id=contact, household=household, student_ids=tuple(students))


def asked(occurrences: Collection[Occurrence], rules: Rules) -> Asked:
    """What the rules ask at these occurrences, of which there must be one."""
    steps = [occurrence.step for occurrence in occurrences]
    audiences = [step.audience for step in steps]
    held = frozenset().union(*(rules.held.get(step.message, frozenset()) for step in steps))
    wanted = {
        "has_report": any(step.needs_report for step in steps),
        "grade_level": any(audience.grade_levels is not None for audience in audiences),
        "categories": any(audience.categories or audience.subjects for audience in audiences),
        "told": not _all_say_how_to_stop({step.message for step in steps}, rules),
        "beliefs": any(audience.believes for audience in audiences),
        "opened": any(audience.opened is not None for audience in audiences),
        "outdated": any(audience.outdated for audience in audiences),
        "school_id": bool(held),
        "school": any(audience.schools for audience in audiences),
    }
    # The day where a school lies may be the one before or after that of the moment in UTC.
    moments = [occurrence.due_at.date() for occurrence in occurrences]
    return Asked(
        facts=frozenset(name for name, counts in wanted.items() if counts),
        comparisons=tuple(
            {_chosen_comparisons(one): None for one in audiences if one.categories or one.subjects}
        ),
        subjects=any(audience.subjects and audience.believes for audience in audiences),
        school_ids=held,
        schools=frozenset().union(*(audience.schools for audience in audiences)),
        adult=_youngest_adults(min(moments) - timedelta(days=1)),
        minor=_youngest_adults(max(moments) + timedelta(days=1)) + timedelta(days=1),
    )


def _chosen_comparisons(audience: Audience) -> frozenset[tuple[str, str]]:
    return frozenset(product(audience.subjects or SUBJECTS, audience.categories or map(str, Category)))


def _all_say_how_to_stop(messages: Collection[str], rules: Rules) -> bool:
    """Then nobody must be told first, and it does not count who was."""
    sendable = rules.sendable
    return all(text in sendable.notices for text in sendable.texts if text[0] in messages)


def stand_in(
    comparisons: Sequence[frozenset[tuple[str, str]]], has_one: Sequence[bool]
) -> frozenset[tuple[str, str]]:
    """For a student who has one of some of these sets and none of the others: comparisons of whom the same is true."""
    chosen = [some for some, has in zip(comparisons, has_one, strict=True) if has]
    others = [some for some, has in zip(comparisons, has_one, strict=True) if not has]
    return frozenset().union(*chosen) - frozenset().union(*others)


def _youngest_adults(day: date) -> date:
    """The last day of birth of those who are of age on `day`."""
    try:
        return day.replace(year=day.year - ADULT_AGE)
    except ValueError:  # 29 February, and eighteen years before there was none
        return date(day.year - ADULT_AGE, 2, 28)


def decide_alike(occurrence: Occurrence, groups: Iterable[Alike], rules: Rules) -> Iterator[Told]:
    """As `plan.decide`, once for each group. The occurrence must hang on the calendar: it concerns everybody."""
    if occurrence.concerned is not None:
        raise ValueError("an occurrence that concerns certain students tells contacts apart that are alike")
    for group in groups:
        for decision in decide(occurrence, group.rows, rules):
            yield Told(decision, group.contacts, group.households, _chosen(decision.student_ids, group))


def _chosen(places: Sequence[int], group: Alike) -> Sequence[Sequence[int]]:
    if len(places) == len(group.rows):
        return group.students
    return [[students[place] for place in places] for students in group.students]


def one_by_one(decisions: Iterable[Decision]) -> Iterator[Told]:
    for decision in decisions:
        yield Told(decision, [decision.contact_id], [decision.household], [decision.student_ids])
