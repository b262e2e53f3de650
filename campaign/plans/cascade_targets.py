"""Whom a rung of a cascade goes to: as few as possible, and nobody about a student about whom it may not hear. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from campaign.definitions.definition import CHANNELS
from campaign.definitions.follow_ups import Way
from campaign.gate import AudienceRow, choose, student_refusal
from campaign.plans.cascade_fates import fate
from campaign.plans.cascade_values import Facts, Family, Fate, Target
from campaign.verdicts import Reason
from campaign.wordings.wording import Wording


def rung_targets(by: Way, family: Family, facts: Facts) -> Iterator[Target]:
    """Empty where this way reaches nobody of the family."""
    may_hear = _may_hear(by, facts)
    people = _people(family, may_hear)
    if by is Way.OTHER:
        yield from _other_way(family, people, may_hear, facts)
    else:
        yield from _by_hand(by, people, facts)


def has_no_phone(family: Family, facts: Facts) -> bool:
    """Whether somebody of the family may be called, and nobody of them has a number."""
    people = _people(family, _may_hear(Way.CALL, facts))
    free = [person for person in people if Way.CALL not in person.rows[0].revoked]
    return bool(free) and not any(map(_has_phone, free))


def _may_hear(by: Way, facts: Facts) -> list[AudienceRow]:
    return [
        row
        for row in facts.rows
        if student_refusal(row, facts.step, facts.now) is None
        and not facts.rules.holds(row, facts.step, str(by))
    ]


@dataclass(frozen=True)
class _Person:
    """A contact who was meant before, the row that was not enough, and what may be said to it now."""

    contact_id: int
    follows_id: int
    rows: Sequence[AudienceRow]

    @property
    def students(self) -> frozenset[int]:
        return frozenset(row.student_id for row in self.rows)


def _people(family: Family, may_hear: Sequence[AudienceRow]) -> list[_Person]:
    """Those with a telephone come first, as a person may have to call; then in the order of their ids."""
    followed = [line for line in family.lines if fate(line) in {Fate.SENT, Fate.LOST}]
    found = []
    for contact_id in {line.contact_id for line in followed}:
        lines = [line for line in followed if line.contact_id == contact_id]
        students = {student for line in lines for student in line.student_ids}
        rows = [row for row in may_hear if row.contact_id == contact_id and row.student_id in students]
        if rows:
            found.append(_Person(contact_id, max(line.id for line in lines), rows))
    return sorted(found, key=lambda person: (not _has_phone(person), person.contact_id))


def _has_phone(person: _Person) -> bool:
    return Way.CALL in person.rows[0].reachable


def _other_way(
    family: Family, people: Sequence[_Person], may_hear: Sequence[AudienceRow], facts: Facts
) -> Iterator[Target]:
    """The other channel of somebody who was meant; else somebody of the same home who has heard nothing yet."""
    for person in people:
        used = {line.channel for line in family.lines if line.contact_id == person.contact_id}
        if way := _reached_by(person.rows, facts, without=used):
            yield _target(person.contact_id, person.rows, way, person.follows_id)
            return
    known = {line.contact_id for line in family.lines}
    students = {student for person in people for student in person.students}
    for contact_id in sorted({row.contact_id for row in may_hear} - known):
        rows = [
            row
            for row in may_hear
            if (row.contact_id, row.household) == (contact_id, family.household)
            and row.student_id in students
        ]
        if rows and (way := _reached_by(rows, facts)):
            yield _target(contact_id, rows, way, max(person.follows_id for person in people))
            return


def _reached_by(
    rows: Sequence[AudienceRow], facts: Facts, *, without: Collection[str] = ()
) -> tuple[str, Wording] | None:
    """The first channel of the step on which they can be written to; None also for who stopped one on the way."""
    for channel in facts.step.channels:
        if channel in without or channel not in CHANNELS:
            continue
        wording, reason = choose(rows, facts.step, channel, facts.rules)
        if reason is None:
            return channel, wording
        if reason is Reason.CONSENT_REVOKED:
            return None
    return None


def _target(
    contact_id: int, rows: Sequence[AudienceRow], way: tuple[str, Wording], follows_id: int
) -> Target:
    students = tuple(sorted(row.student_id for row in rows))
    return Target(contact_id, students, way[0], way[1], follows_id, "")


def _by_hand(by: Way, people: Sequence[_Person], facts: Facts) -> Iterator[Target]:
    """One letter for each language of the home, one call for the home. Who wants no paper or no calls gets none, and
    who has no telephone is not on the list of those to be called."""
    spoken: dict[str, list[tuple[_Person, Wording]]] = {}
    for person in people:
        if by not in person.rows[0].revoked and (by is not Way.CALL or _has_phone(person)):
            read = person.rows[0].language
            wording = facts.rules.sendable.wording(facts.step.message, str(by), read)
            language = (wording.fallback_from or wording.language) if by is Way.LETTER else ""
            spoken.setdefault(language, []).append((person, wording))
    for language, some in sorted(spoken.items()):
        wordings = {person.contact_id: wording for person, wording in some}
        for number, (person, students) in enumerate(_fewest([person for person, _ in some])):
            wording = wordings[person.contact_id]
            part = f"{language}.{number}"
            yield Target(person.contact_id, students, str(by), wording, person.follows_id, part)


def _fewest(people: Iterable[_Person]) -> Iterator[tuple[_Person, tuple[int, ...]]]:
    """As few of them as it takes to speak about every student, each student once."""
    some, missing = list(people), frozenset[int]()
    for person in some:
        missing |= person.students
    while missing:
        best = max(some, key=lambda person: len(person.students & missing))
        yield best, tuple(sorted(best.students & missing))
        missing -= best.students
