"""The health of a district's data in a few answers: is it fresh, is it complete, can families be reached?

The same answers stand on the page for staff and in the terminal. Every count rests on the current records alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from campaign.store import health, reachability
from campaign.store.health import Coverage, Match, Newest, School, Unmapped
from campaign.store.imports import NEWEST_FILES
from campaign.store.reachability import Channels, Students, UnknownLanguage

# Up to how many days data of a kind are as fresh as one expects, and after how many they are old. A roster should come
# every week or two, marks each term, interim tests each season, a state's test once a year.
EXPECTED_DAYS = {
    "roster": (14, 45),
    "marks": (120, 240),
    "interim": (150, 270),
    "summative": (400, 400),
}
_ONCE_A_YEAR = (400, 400)
# Below these shares a person should look.
GOOD_COVERAGE = 0.9
GOOD_MATCH = 0.98
GOOD_REACH = 0.95
# Grades 3 to 8; other subjects are tested in a few grades only (Every Student Succeeds Act, section 1111(b)(2)(B)(v)).
TESTED_IN_EVERY_GRADE = {"math", "reading"}


@dataclass(frozen=True)
class Age:
    """How fresh one kind of data is. `state` is fresh, aging, old or missing; `days` None where nothing is dated."""

    newest: Newest
    day: date | None
    days: int | None
    state: str
    expected_days: int


@dataclass(frozen=True)
class Cell:
    """One subject in one school, in students; `state` is good, thin, no_marks, no_tests or nothing."""

    subject: str
    students: int
    marked: int
    tested: int
    both: int

    @property
    def share(self) -> float:
        """Share of the enrolled students who have both a current mark and a current score, 0 to 1."""
        return self.both / self.students if self.students else 0.0

    @property
    def state(self) -> str:
        if not self.marked and not self.tested:
            return "nothing"
        if not self.tested:
            return "no_tests"
        if not self.marked:
            return "no_marks"
        return "good" if self.share >= GOOD_COVERAGE else "thin"


@dataclass(frozen=True)
class SchoolRow:
    school: School
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Health:
    """All of it. `whole` is the row of all schools together."""

    today: date
    since: date
    ages: Sequence[Age]
    subjects: Sequence[str]
    rows: Sequence[SchoolRow]
    whole: SchoolRow
    matches: Sequence[Match]
    unmapped: Sequence[Unmapped]
    languages: Sequence[Channels]
    unknown_languages: Sequence[UnknownLanguage]
    students: Students

    @property
    def not_fresh(self) -> Sequence[Age]:
        return [age for age in self.ages if age.state != "fresh"]

    @property
    def badly_matched(self) -> Sequence[Match]:
        return [match for match in self.matches if match.share < GOOD_MATCH]

    @property
    def is_complete(self) -> bool:
        """Whether nearly everybody has a current mark and score in the subjects that are tested in every grade."""
        cells = [cell for cell in self.whole.cells if cell.subject in TESTED_IN_EVERY_GRADE]
        return bool(cells) and all(cell.state == "good" for cell in cells)

    @property
    def is_within_reach(self) -> bool:
        return bool(self.students.students) and self.reached_share >= GOOD_REACH

    @property
    def reached_share(self) -> float:
        """Share of the enrolled students with somebody whom a message can reach, 0 to 1."""
        found = self.students
        return 1 - found.unreached / found.students if found.students else 1.0


def examine(connection: Connection, today: date, expiry_days: int) -> Health:
    """Look at everything the connection's role may see; marks and scores older than `expiry_days` do not count."""
    since = today - timedelta(days=expiry_days)
    health.make_room(connection)
    schools = health.schools(connection)
    found = health.coverage(connection, since)
    subjects = _subjects(found)
    known = {(one.school_id, one.subject): one for one in found}
    rows = [_row(school, subjects, known) for school in schools]
    languages, unknown, students = reachability.reach(connection)
    return Health(
        today=today,
        since=since,
        ages=[age(newest, today) for newest in health.newest(connection, today) if _is_told(newest)],
        subjects=subjects,
        rows=rows,
        whole=_together(subjects, rows),
        matches=health.matches(connection, NEWEST_FILES),
        unmapped=health.unmapped(connection, since),
        languages=languages,
        unknown_languages=unknown,
        students=students,
    )


def _is_told(newest: Newest) -> bool:
    """Schools see no imported files, so they cannot be told when the roster of their students came in."""
    return newest.kind != "roster" or newest.came is not None or not newest.records


def age(newest: Newest, today: date) -> Age:
    """How fresh the newest data of a kind are on that day."""
    fresh, old = EXPECTED_DAYS.get(newest.kind, _ONCE_A_YEAR)
    day = newest.day or (newest.came.date() if newest.came else None)
    if day is None:
        return Age(newest, None, None, "missing", fresh)
    days = max((today - day).days, 0)
    state = "fresh" if days <= fresh else "aging" if days <= old else "old"
    return Age(newest, day, days, state, fresh)


def _subjects(found: Sequence[Coverage]) -> list[str]:
    """The subjects that anything is known of, those of most students first."""
    weights: dict[str, int] = {}
    for one in found:
        weights[one.subject] = weights.get(one.subject, 0) + one.marked + one.tested
    return sorted(weights, key=lambda subject: (-weights[subject], subject))


def _row(
    school: School, subjects: Sequence[str], known: Mapping[tuple[int | None, str], Coverage]
) -> SchoolRow:
    cells = []
    for subject in subjects:
        one = known.get((school.school_id, subject)) or Coverage(school.school_id, subject, 0, 0, 0)
        cells.append(Cell(subject, school.students, one.marked, one.tested, one.both))
    return SchoolRow(school, cells)


def _together(subjects: Sequence[str], rows: Sequence[SchoolRow]) -> SchoolRow:
    students = sum(row.school.students for row in rows)
    cells = []
    for number, subject in enumerate(subjects):
        column = [row.cells[number] for row in rows]
        marked, tested, both = (
            sum(getattr(cell, name) for cell in column) for name in ("marked", "tested", "both")
        )
        cells.append(Cell(subject, students, marked, tested, both))
    return SchoolRow(School(None, None, students), cells)
