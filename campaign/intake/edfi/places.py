"""Agencies, schools, courses, sections, sessions, and who sits or teaches in a section."""

from __future__ import annotations

from campaign.intake.dates import read_date, read_school_year
from campaign.intake.edfi.records import (
    Context,
    course_key,
    course_of,
    first,
    need,
    offering_key,
    organisation,
    school_of,
    section_key,
    section_of,
    student_reference,
)
from campaign.intake.elements import Element, nodes, text
from campaign.intake.plans import Facts
from campaign.intake.problems import RowRefused
from campaign.intake.staging import Fact, FileTally, Passed
from campaign.intake.vocabulary import read_grade_level, subject_of, subject_of_title

_PHONE_TYPE = "InstitutionTelephoneNumberType"


def education_organization(element: Element, context: Context, tally: FileTally) -> Facts:
    """0100 has one element for agencies and schools, told apart by their category."""
    category = text(element, "OrganizationCategories/OrganizationCategory")
    if category == "Local Education Agency":
        return local_education_agency(element, context, tally)
    if category == "School":
        return school(element, context, tally)
    return Passed(f"EducationOrganization ({category or 'without category'})")


def local_education_agency(element: Element, context: Context, tally: FileTally) -> Facts:
    code = need(element, "StateOrganizationId", "LocalEducationAgencyId")
    return [
        Fact(
            "district",
            {
                "source_id": code,
                "code": code,
                "name": need(element, "NameOfInstitution"),
                "state_code": text(element, "Address/StateAbbreviation") or None,
            },
        )
    ]


def school(element: Element, context: Context, tally: FileTally) -> Facts:
    parent = organisation(element, "ParentEducationAgencyReference") or first(
        element, "LocalEducationAgencyReference/LocalEducationAgencyIdentity/LocalEducationAgencyId"
    )
    return [
        Fact(
            "school",
            {
                "source_id": need(element, "StateOrganizationId", "SchoolId"),
                "name": need(element, "NameOfInstitution"),
                "parent": parent or None,
                "phone": _office_phone(element),
            },
        )
    ]


def _office_phone(element: Element) -> str | None:
    """The number to call: the main one, else the first that is no fax. 0100 has the type as an attribute."""
    found = [
        (
            (node.get(_PHONE_TYPE) or text(node, _PHONE_TYPE)).rpartition("#")[2].casefold(),
            text(node, "TelephoneNumber"),
        )
        for node in (*nodes(element, "InstitutionTelephone"), *nodes(element, "Telephone"))
    ]
    voices = [(kind, number) for kind, number in found if number and "fax" not in kind]
    return next((number for kind, number in voices if "main" in kind), voices[0][1] if voices else None)


def course(element: Element, context: Context, tally: FileTally) -> Facts:
    owner = organisation(element, "EducationOrganizationReference")
    title = need(element, "CourseTitle")
    grades = [node.text or "" for node in nodes(element, "GradesOffered/GradeLevel")]
    return [
        Fact(
            "course",
            {
                "source_id": course_key(element, owner),
                "title": title,
                "subject": subject_of(first(element, "AcademicSubject", "SubjectArea"))
                or subject_of_title(title),
                "grade_level": read_grade_level(grades[0], "GradesOffered") if len(grades) == 1 else None,
            },
        )
    ]


def course_offering(element: Element, context: Context, tally: FileTally) -> Facts:
    return [Fact("offering", {"source_id": offering_key(element), "course": course_of(element)})]


def section(element: Element, context: Context, tally: FileTally) -> Facts:
    offering = next(iter(nodes(element, "CourseOfferingReference/CourseOfferingIdentity")), None)
    if offering is None:
        raise RowRefused("missing_value", "CourseOfferingReference")
    where = (
        organisation(element, "SchoolReference")
        or organisation(element, "LocationSchoolReference")
        or school_of(offering)
    )
    return [
        Fact(
            "section",
            {
                "source_id": section_key(element, where),
                "title": text(element, "SectionName") or None,
                "offering": offering_key(offering),
                "school": where,
            },
        )
    ]


def session(element: Element, context: Context, tally: FileTally) -> Facts:
    name = need(element, "SessionName")
    return [_period(element, f"{school_of(element)}/{name}", name, "term")]


def grading_period(element: Element, context: Context, tally: FileTally) -> Facts:
    year = text(element, "SchoolYear")
    descriptor = need(element, "GradingPeriod")
    title = text(element, "GradingPeriodName") or descriptor
    return [_period(element, f"{school_of(element)}/{descriptor}/{year}", title, "gradingPeriod")]


def _period(element: Element, key: str, title: str, kind: str) -> Fact:
    return Fact(
        "period",
        {
            "source_id": key,
            "title": title,
            "kind": kind,
            "school_year": read_school_year(text(element, "SchoolYear"), "SchoolYear"),
            "begins_on": read_date(text(element, "BeginDate"), "BeginDate"),
            "ends_on": read_date(text(element, "EndDate"), "EndDate"),
        },
    )


def student_section_association(element: Element, context: Context, tally: FileTally) -> Facts:
    return [Fact("enrollment", {"section": section_of(element)}), student_reference(element)]


def teacher_section_association(element: Element, context: Context, tally: FileTally) -> Facts:
    staff = need(
        element,
        "TeacherReference/StaffIdentity/StaffUniqueStateId",
        "StaffReference/StaffIdentity/StaffUniqueId",
    )
    primary = text(element, "ClassroomPosition") == "Teacher of Record"
    teaching = {"section": section_of(element), "staff_key": f"staff:{staff}", "is_primary": primary}
    return [Fact("teaching", teaching)]
