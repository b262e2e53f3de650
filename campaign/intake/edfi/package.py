"""The Ed-Fi files of one folder, XML or JSON: descriptions of assessments first, since scores point to them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from campaign.intake.edfi import assessments, attendance, marks, people, places
from campaign.intake.edfi.json_records import Resource, read_records, resources
from campaign.intake.edfi.records import SYSTEM, Context, kind_of
from campaign.intake.elements import Element, read_elements
from campaign.intake.plans import Examined, Facts, FilePlan, Read, SourcePlan
from campaign.intake.problems import IntakeError
from campaign.intake.staging import FileTally, Passed
from campaign.intake.vocabulary import table

READERS: dict[str, Callable[[Element, Context, FileTally], Facts]] = {
    "EducationOrganization": places.education_organization,
    "LocalEducationAgency": places.local_education_agency,
    "School": places.school,
    "Course": places.course,
    "CourseOffering": places.course_offering,
    "Section": places.section,
    "Session": places.session,
    "GradingPeriod": places.grading_period,
    "StudentSectionAssociation": places.student_section_association,
    "TeacherSectionAssociation": places.teacher_section_association,
    "StaffSectionAssociation": places.teacher_section_association,
    "Student": people.student,
    "StudentSchoolAssociation": people.student_school_association,
    "StudentEducationOrganizationAssociation": people.student_education_organization_association,
    "Parent": people.contact,
    "Contact": people.contact,
    "StudentParentAssociation": people.student_contact_association,
    "StudentContactAssociation": people.student_contact_association,
    "Staff": people.staff,
    "Teacher": people.staff,
    "CourseTranscript": marks.course_transcript,
    "Grade": marks.grade,
    "StudentSchoolAttendanceEvent": attendance.student_school_attendance_event,
    "Assessment": assessments.assessment,
    "StudentAssessment": assessments.student_assessment,
}


def plan(name: str, files: list[tuple[Examined, str | Resource]]) -> SourcePlan:
    """The source that the files of one folder make; each comes with its root element or its JSON resource.

    Raises IntakeError for XML that is no Ed-Fi interchange.
    """
    context = Context()
    plans = [_plan_one(examined, root, context) for examined, root in sorted(files, key=_turn)]
    return SourcePlan(name=name, files=plans, roster=True, system=SYSTEM)


def _turn(file: tuple[Examined, str | Resource]) -> tuple[bool, int]:
    """Descriptions of assessments first; resources in the order in which their list names them."""
    root = file[1]
    if isinstance(root, Resource):
        return root.element != "Assessment", list(resources()).index(root.path)
    return "AssessmentMetadata" not in root, 0


def _plan_one(examined: Examined, root: str | Resource, context: Context) -> FilePlan:
    if isinstance(root, Resource):
        records = partial(read_records, examined.file, examined.fingerprint.encoding, root)
        return FilePlan(examined, f"ed-fi json {root.path}", records, _reader(context))
    namespace, _, element = root.removeprefix("{").rpartition("}")
    name = examined.file.name
    if not namespace.startswith("http://ed-fi.org/") or not element.startswith("Interchange"):
        raise IntakeError(f"{name} is XML, but no Ed-Fi interchange (its root is {element}).", name)
    version = namespace.rsplit("/", 1)[1]
    shown = f"ed-fi {version} {element.removeprefix('Interchange')}"
    if element == "InterchangeDescriptors":
        return FilePlan(examined, shown, message="descriptors are read where they are used, not from lists")
    return FilePlan(examined, shown, partial(read_elements, examined.file), _reader(context))


def _reader(context: Context) -> Read:
    layout = table("layout.toml", __package__)
    unused = {kind: layout["words"].get(kind, kind) for kind in layout["unused"]}

    def read(record: Element, tally: FileTally) -> Facts:
        kind = kind_of(record)
        reader = READERS.get(kind)
        if reader is None:
            return Passed(unused.get(kind, f"{kind} (not known to the program)"))
        return reader(record, context, tally)

    return read
