"""Schools of the made-up district, their courses, sections and teachers, and how each school writes marks.

A neighbourhood has four schools: two elementary schools, a middle school and a high school. Two of them keep their
records with one vendor of student information systems, two with another; what differs between the vendors is in
`packages.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from campaign.demo.chance import Chance
from campaign.demo.families import Student
from campaign.demo.names import Names

LAST_YEAR, THIS_YEAR = 2026, 2027
SECTION_SIZE = 26
# Of the whole district, the school whose state test comes in the layout of STAAR: the first middle school.
_TAKES_STAAR = 2


class Vendor(StrEnum):
    """Which OneRoster version a school's vendor exports; the habits of each are in `packages.py`."""

    A = "1.1"
    B = "1.2"


class Scale(StrEnum):
    """How a report card writes marks."""

    STANDARDS = "1 to 4"
    EFFORT = "E, S, N, U"
    LETTERS = "A to F"
    SIGNED_LETTERS = "A+ to F"
    PERCENT = "percent"
    TWO_WAY = "Pass or Fail"


@dataclass(frozen=True)
class School:
    number: int
    name: str
    vendor: Vendor
    grades: range

    @property
    def phone(self) -> str:
        """The number of the office; numbers with 555-01 are never given to anybody."""
        return f"(312) 555-01{self.number % 100:02d}"

    @property
    def takes_staar(self) -> bool:
        return self.number == _TAKES_STAAR


@dataclass(frozen=True)
class Teacher:
    number: int
    given: str
    family: str
    school: School


@dataclass(frozen=True)
class Course:
    """A course of one grade; `subject` None for courses no test is about."""

    code: str
    title: str
    subject: str | None
    grade: int


@dataclass(frozen=True)
class Section:
    number: int
    school: School
    course: Course
    school_year: int
    teacher: Teacher
    students: tuple[int, ...]  # positions in the neighbourhood's list of students
    scale: Scale


# subject → (code, title below grade 9, titles of grades 9 to 12)
_SCIENCE_FROM = 6
_COURSES = {
    "math": ("MATH", "Mathematics Grade {}", ("Algebra I", "Geometry", "Algebra II", "Precalculus")),
    "reading": (
        "ELA",
        "English Language Arts Grade {}",
        (
            "English Language Arts: Literature and the Composition of Essays 9",
            "English Language Arts: Literature and the Composition of Essays 10",
            "English Language Arts: Literature and the Composition of Essays 11",
            "English Language Arts: Literature and the Composition of Essays 12",
        ),
    ),
    "science": ("SCI", "Science Grade {}", ("Biology", "Chemistry", "Physics", "Environmental Science")),
    None: ("PE", "Physical Education Grade {}", ("Physical Education",) * 4),
}


def courses(grade: int) -> list[Course]:
    """The courses every student of a grade takes; science has a mark of its own from grade 6 on."""
    shown = "K" if grade == 0 else str(grade)
    return [
        Course(
            code=f"{code}-{grade:02d}",
            title=high[grade - 9] if grade >= 9 else title.format(shown),
            subject=subject,
            grade=grade,
        )
        for subject, (code, title, high) in _COURSES.items()
        if subject != "science" or grade >= _SCIENCE_FROM
    ]


def schools(names: Names, neighbourhood: int) -> list[School]:
    first = neighbourhood * 4
    return [
        School(first, f"{names.place(first)} Elementary", Vendor.A, range(0, 6)),
        School(first + 1, f"{names.place(first + 1)} Elementary", Vendor.B, range(0, 6)),
        School(first + 2, f"{names.place(first + 2)} Middle School", Vendor.B, range(6, 9)),
        School(first + 3, f"{names.place(first + 3)} High School", Vendor.A, range(9, 13)),
    ]


def school_position(student: Student) -> int:
    """Which of the neighbourhood's schools a student attends; siblings go to the same elementary school."""
    if student.grade >= 9:
        return 3
    if student.grade >= 6:
        return 2
    return student.household % 2


def scale_of(school: School, course: Course) -> Scale:
    """How a school marks a course: younger children get words or levels, each vendor's schools have their own way."""
    if course.subject is None:
        return Scale.TWO_WAY
    if course.grade <= 3:
        return Scale.STANDARDS if school.vendor is Vendor.A else Scale.EFFORT
    if school.grades.start >= 6:
        return Scale.PERCENT if school.vendor is Vendor.A else Scale.SIGNED_LETTERS
    return Scale.SIGNED_LETTERS if school.vendor is Vendor.A else Scale.LETTERS


def sections(
    chance: Chance, names: Names, school: School, members: Sequence[tuple[int, Student]]
) -> list[Section]:
    """Sections of both school years. Last year's are kept where the student is now, as transferred records."""
    made: list[Section] = []
    for grade in school.grades:
        positions = [position for position, student in members if student.grade == grade]
        for start in range(0, len(positions), SECTION_SIZE):
            group = tuple(positions[start : start + SECTION_SIZE])
            made.extend(_sections_of(chance, names, school, grade, (group, len(made))))
    return made


def _sections_of(
    chance: Chance, names: Names, school: School, grade: int, group: tuple[tuple[int, ...], int]
) -> Iterator[Section]:
    positions, made = group
    number = school.number * 1000 + made
    teacher = _teacher(chance, names, school, number)
    for year, year_grade in ((THIS_YEAR, grade), (LAST_YEAR, grade - 1)):
        for course in courses(year_grade) if year_grade >= 0 else ():
            yield Section(number, school, course, year, teacher, positions, scale_of(school, course))
            number += 1
            if school.grades.start >= 6:
                teacher = _teacher(chance, names, school, number)


def _teacher(chance: Chance, names: Names, school: School, number: int) -> Teacher:
    community = (
        names.others[chance.weighted(names.cumulative_shares)] if chance.happens(0.3) else names.english
    )
    return Teacher(number, chance.pick(community.given), chance.pick(community.family), school)
