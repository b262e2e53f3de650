"""This fall's interim test, in the columns of an NWEA MAP Growth export."""

from __future__ import annotations

from datetime import date

from campaign.demo.abilities import SUBJECTS
from campaign.demo.assessments import TESTED, Score, load, take
from campaign.demo.neighbourhood import Neighbourhood
from campaign.demo.packages import DISTRICT_NAME, local_id, state_id
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


def values_of(
    neighbourhood: Neighbourhood, position: int, subject: str, taken: tuple[Score, date]
) -> dict[str, str]:
    student, school = neighbourhood.students[position], neighbourhood.school(position)
    score, day = taken
    subject_name, course, test_name = _NAMES[subject]
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
        "TestName": f"{test_name} {'K-2' if student.grade <= 2 else '2-5'}",
        "TestID": f"{student.number * 10 + TESTED.index(subject)}",
        "TestStartDate": day.strftime("%m/%d/%Y"),
        "TestStartTime": "09:05:00",
        "TestDurationMinutes": "48",
        "TestRITScore": str(score.points),
        "TestStandardError": f"{score.csem:.2f}",
    }
