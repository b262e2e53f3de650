"""The interim tests of this fall and of last fall, in the columns of an NWEA MAP Growth export."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from campaign.demo.abilities import SUBJECTS
from campaign.demo.assessments import TESTED, Score, load, take
from campaign.demo.chance import Chance
from campaign.demo.neighbourhood import Neighbourhood
from campaign.demo.packages import DISTRICT_NAME, local_id, state_id
from campaign.demo.schools import school_position
from campaign.demo.tables import Table

_NAMES = {
    "math": ("Mathematics", "Math K-12", "Growth: Math"),
    "reading": ("Language Arts", "Reading", "Growth: Reading"),
}
MISSING_SHARE = 0.07
_TEST_DAYS = [date(2026, 9, day) for day in (14, 15, 16, 17, 18, 21, 22, 23, 24, 25)]


def write(neighbourhood: Neighbourhood, table: Table) -> None:
    """This fall's interim test of the elementary schools; who was away has no row."""
    assessments, chance = load(), neighbourhood.chance
    for position, student in enumerate(neighbourhood.students):
        if chance.happens(MISSING_SHARE):
            continue
        for subject in TESTED:
            test = assessments.interim.get((subject, student.grade))
            if test is None:
                continue
            ability = float(neighbourhood.abilities.this_year[position, SUBJECTS.index(subject)])
            score = take(chance, test, ability)
            day = chance.pick(_TEST_DAYS)
            table.write(values_of(neighbourhood, position, subject, (score, day)))


# Long enough ago to say nothing about a child any more: only how well such tests foretold last spring's state test.
_LAST_YEAR_DAYS = [date(2025, 9, day) for day in (2, 3, 4, 5, 8, 9, 10, 11, 12)]
# How much of what a student can do in spring was there in fall.
_FALL_CORRELATION = 0.95


def write_last_year(neighbourhood: Neighbourhood, table: Table) -> None:
    """Last fall's interim test of those who took the state test in the spring after it.

    Its draws are its own, so that all other files are the same with it and without.
    """
    chance = Chance(neighbourhood.chance.generator.spawn(1)[0])
    for position, student in enumerate(neighbourhood.students):
        if chance.happens(MISSING_SHARE):
            continue
        then = replace(student, grade=student.grade - 1)
        school = neighbourhood.schools[school_position(then)]
        for number, subject in enumerate(TESTED):
            test = load().interim.get((subject, then.grade))
            if test is None or (subject, then.grade) not in load().state:
                continue
            spring = float(neighbourhood.abilities.last_year[position, SUBJECTS.index(subject)])
            fall = _FALL_CORRELATION * spring + chance.normal(0, (1 - _FALL_CORRELATION**2) ** 0.5)
            taken = take(chance, test, fall), chance.pick(_LAST_YEAR_DAYS)
            own = {"TermName": "Fall 2025-2026", "TestID": f"{student.number * 10 + 5 + number}"}
            own |= {"SchoolName": school.name, "School_StateID": f"SCH-{school.number + 1:03d}"}
            own["TestName"] = _test_name(subject, then.grade)
            table.write(values_of(neighbourhood, position, subject, taken) | own)


def values_of(
    neighbourhood: Neighbourhood, position: int, subject: str, taken: tuple[Score, date]
) -> dict[str, str]:
    student, school = neighbourhood.students[position], neighbourhood.school(position)
    score, day = taken
    subject_name, course, _ = _NAMES[subject]
    return {
        "TermName": "Fall 2026-2027",
        "DistrictName": DISTRICT_NAME,
        "SchoolName": school.name,
        "School_StateID": f"SCH-{school.number + 1:03d}",
        "StudentID": local_id(student),
        "Student_StateID": state_id(student),
        "Subject": subject_name,
        "Course": course,
        "GrowthMeasureYN": "TRUE",
        "NormsReferenceData": "2020",
        "TestType": "Survey With Goals",
        "TestName": _test_name(subject, student.grade),
        "TestID": f"{student.number * 10 + TESTED.index(subject)}",
        "TestStartDate": day.strftime("%m/%d/%Y"),
        "TestStartTime": "09:05:00",
        "TestDurationMinutes": "48",
        "TestRITScore": str(score.points),
        "TestStandardError": f"{score.csem:.2f}",
    }


def _test_name(subject: str, grade: int) -> str:
    return f"{_NAMES[subject][2]} {'K-2' if grade <= 2 else '2-5'}"
