"""What the readers of all Ed-Fi elements share: references between elements, in the words of both generations."""

from __future__ import annotations

from dataclasses import dataclass, field

from campaign.intake.elements import Element, local_name, nodes, text
from campaign.intake.problems import RowRefused
from campaign.intake.staging import Fact

SYSTEM = "edfi"


@dataclass(frozen=True)
class Assessment:
    """What scores need to know of their assessment; `method` is the one its level ranges are on."""

    family: str
    version: str
    subject: str | None
    grade_level: int | None
    season: str | None
    kind: str
    title: str
    method: str | None


@dataclass(frozen=True)
class Context:
    """Assessments of the folder by reference; filled while the metadata is read, before any score."""

    assessments: dict[str, Assessment] = field(default_factory=dict)


def first(element: Element, *paths: str) -> str:
    """The text at the first of the paths that has one, "" if none has."""
    return next((found for path in paths if (found := text(element, path))), "")


def need(element: Element, *paths: str) -> str:
    if not (found := first(element, *paths)):
        raise RowRefused("missing_value", paths[-1])
    return found


def organisation(element: Element, name: str) -> str:
    """The id of the school or agency that the reference `name` points to."""
    return first(
        element,
        f"{name}/EducationalOrgIdentity/StateOrganizationId",
        f"{name}/SchoolIdentity/SchoolId",
        f"{name}/EducationOrganizationIdentity/EducationOrganizationId",
    )


def school_of(element: Element) -> str:
    return organisation(element, "SchoolReference") or organisation(element, "EducationalOrgReference")


def student_of(element: Element) -> str:
    return need(
        element,
        "StudentReference/StudentIdentity/StudentUniqueStateId",
        "StudentReference/StudentIdentity/StudentUniqueId",
    )


def student_reference(element: Element) -> Fact:
    return Fact("student_ref", {"system": SYSTEM, "value": student_of(element), "exclusive": True})


def session_of(element: Element) -> str:
    """The key of the session that the element's SessionReference points to."""
    identity = next(iter(nodes(element, "SessionReference/SessionIdentity")), None)
    return "" if identity is None else f"{school_of(identity)}/{text(identity, 'SessionName')}"


def offering_key(element: Element) -> str:
    """The key of a course offering, from itself or from its identity in a reference."""
    return f"{school_of(element)}/{session_of(element)}/{need(element, 'LocalCourseCode')}"


def section_of(element: Element) -> str:
    """The key of the section that the element's SectionReference points to."""
    identity = next(iter(nodes(element, "SectionReference/SectionIdentity")), None)
    if identity is None:
        raise RowRefused("missing_value", "SectionReference")
    return section_key(identity, school_of(identity))


def section_key(element: Element, school: str) -> str:
    """0100 numbers sections within a school; later standards within a course offering."""
    if code := text(element, "UniqueSectionCode"):
        return f"{school}/{code}"
    offering = next(iter(nodes(element, "CourseOfferingReference/CourseOfferingIdentity")), None)
    if offering is None:
        raise RowRefused("missing_value", "CourseOfferingReference")
    return f"{offering_key(offering)}/{need(element, 'SectionIdentifier')}"


def course_key(element: Element, school: str) -> str:
    return f"{school}/{need(element, 'UniqueCourseId', 'CourseCode')}"


def course_of(element: Element) -> str:
    """The key of the course that the element's CourseReference points to."""
    identity = next(iter(nodes(element, "CourseReference/CourseIdentity")), None)
    if identity is None:
        raise RowRefused("missing_value", "CourseReference")
    owner = school_of(identity) or organisation(identity, "EducationOrganizationReference")
    return course_key(identity, owner)


def kind_of(element: Element) -> str:
    return local_name(element)
