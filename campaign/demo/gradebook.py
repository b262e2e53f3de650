"""Sections, enrollments and report-card marks, as each vendor writes them into its OneRoster export."""

from __future__ import annotations

from typing import Any

from campaign.demo.marks import LADDERS, Mark, marks
from campaign.demo.neighbourhood import Neighbourhood
from campaign.demo.packages import SUBJECT_WORDS, Package, grade_code, scale_key, yes
from campaign.demo.people import add_teacher
from campaign.demo.schools import LAST_YEAR, THIS_YEAR, Scale, Section, Vendor

# The one scale whose marks cannot be told from those of another; this vendor names it.
_SCALE_IDS = {Scale.EFFORT: "excellent_satisfactory"}
_MARKED_ON = {LAST_YEAR: "2026-05-29", THIS_YEAR: "2026-10-23"}


def add_sections(package: Package, neighbourhood: Neighbourhood) -> None:
    """The sections of the vendor's schools, each teacher once."""
    teachers: set[int] = set()
    for section in neighbourhood.sections:
        if section.school.vendor is not package.vendor:
            continue
        if section.teacher.number not in teachers:
            teachers.add(section.teacher.number)
            add_teacher(package, section.teacher)
        _add_section(package, neighbourhood, section)


def _add_section(package: Package, neighbourhood: Neighbourhood, section: Section) -> None:
    school_key = package.school_key(section.school)
    key = f"{school_key}-{section.school_year}-{section.number}"
    blank = package.vendor is Vendor.A and section.school.grades.start == 0
    package.write(
        "classes",
        key,
        title="" if blank else section.course.title[:50],
        grades=grade_code(section.course.grade),
        courseSourcedId=package.course_key(section.course),
        classCode=f"{section.course.code}-{section.number % 1000}",
        classType="scheduled",
        schoolSourcedId=school_key,
        termSourcedIds=package.session_key(f"SY{section.school_year}"),
        subjects=SUBJECT_WORDS[section.course.subject],
    )
    if section.school_year == THIS_YEAR:
        _add_enrollments(package, neighbourhood, section, (key, school_key))
    _add_marks(package, neighbourhood, section, (key, school_key))


def _add_enrollments(
    package: Package, neighbourhood: Neighbourhood, section: Section, keys: tuple[str, str]
) -> None:
    users = [(package.teacher_key(section.teacher), "teacher")]
    users += [(package.student_key(neighbourhood.students[p]), "student") for p in section.students]
    for i, (user, role) in enumerate(users):
        package.write(
            "enrollments",
            f"{keys[0]}-{i}",
            classSourcedId=keys[0],
            schoolSourcedId=keys[1],
            userSourcedId=user,
            role=role,
            primary=yes(role == "teacher"),
            beginDate="2026-08-17",
        )


def _add_marks(
    package: Package, neighbourhood: Neighbourhood, section: Section, keys: tuple[str, str]
) -> None:
    item = f"{keys[0]}-RC"
    highest = {Scale.STANDARDS: 4, Scale.TWO_WAY: 1}.get(section.scale, 100)
    values: dict[str, Any] = {
        "title": "Final Grade 2025-26" if section.school_year == LAST_YEAR else "Quarter 1 Grade",
        "assignDate": _MARKED_ON[section.school_year],
        "dueDate": _MARKED_ON[section.school_year],
        "classSourcedId": keys[0],
        "resultValueMin": 1 if section.scale is Scale.STANDARDS else 0,
        "resultValueMax": highest,
    }
    if package.vendor is Vendor.A:
        values |= {
            "categorySourcedId": f"CAT-{keys[1]}",
            "gradingPeriodSourcedId": package.period_key(section.school_year),
        }
    else:
        values |= {
            "categorySourcedId": "CAT-RC",
            "academicSessionSourcedId": package.period_key(section.school_year),
        }
        values |= {"schoolSourcedId": keys[1], "metadata.gradeScale": _SCALE_IDS.get(section.scale, "")}
        _add_item_scale(package, item, section.scale)
    package.write("lineItems", item, **values)
    for mark in marks(neighbourhood.chance, neighbourhood.abilities, section):
        _add_mark(package, item, mark, package.student_key(neighbourhood.students[mark.position]), section)


def _add_item_scale(package: Package, item: str, scale: Scale) -> None:
    if scale in LADDERS:
        package.write(
            "lineItemScoreScales",
            f"{item}-SCALE",
            title=scale.value,
            lineItemSourcedId=item,
            scoreScaleSourcedId=scale_key(scale),
        )


def _add_mark(package: Package, item: str, mark: Mark, student: str, section: Section) -> None:
    values: dict[str, Any] = {
        "lineItemSourcedId": item,
        "studentSourcedId": student,
        "scoreStatus": "submitted" if mark.text == "I" else "fully graded",
        "score": "" if mark.number is None else f"{mark.number:g}",
        "scoreDate": _MARKED_ON[section.school_year],
    }
    if package.vendor is Vendor.A:
        number = {"Pass": "1", "Fail": "0"}.get(mark.text, values["score"])
        values |= {"score": number, "comment": mark.text}
    else:
        values |= {"textScore": mark.text, "incomplete": yes(mark.text == "I")}
    package.write("results", f"{item}-{student}", **values)
