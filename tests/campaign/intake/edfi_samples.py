"""Small Ed-Fi interchanges made for tests, of both generations: 0100 of 2012 and Data Standard 5."""

from __future__ import annotations

from pathlib import Path

LATE, EARLY = "5.2.0", "0100"


def descriptor(kind: str, word: str, namespace: str = "uri://ed-fi.org") -> str:
    return f"{namespace}/{kind}Descriptor#{word}"


def interchange(name: str, *records: str, version: str = LATE) -> str:
    body = "".join(records)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Interchange{name} xmlns="http://ed-fi.org/{version}">{body}</Interchange{name}>'
    )


def write(folder: Path, **files: str) -> Path:
    """Write each interchange as NAME.xml."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.xml").write_text(content, encoding="utf-8")
    return folder


_SCHOOL = "<SchoolReference><SchoolIdentity><SchoolId>71</SchoolId></SchoolIdentity></SchoolReference>"
_OFFERING = f"""<CourseOfferingReference><CourseOfferingIdentity><LocalCourseCode>M4</LocalCourseCode>{_SCHOOL}
<SessionReference><SessionIdentity><SessionName>Year</SessionName><SchoolYear>2026-2027</SchoolYear>{_SCHOOL}
</SessionIdentity></SessionReference></CourseOfferingIdentity></CourseOfferingReference>"""

PLACES = interchange(
    "EducationOrganization",
    """<LocalEducationAgency><NameOfInstitution>Reed Bay</NameOfInstitution><Address>
    <StateAbbreviation>uri://ed-fi.org/StateAbbreviationDescriptor#TX</StateAbbreviation></Address>
    <LocalEducationAgencyId>7</LocalEducationAgencyId></LocalEducationAgency>
    <School><SchoolId>71</SchoolId><NameOfInstitution>Reed School</NameOfInstitution><LocalEducationAgencyReference>
    <LocalEducationAgencyIdentity><LocalEducationAgencyId>7</LocalEducationAgencyId></LocalEducationAgencyIdentity>
    </LocalEducationAgencyReference></School>
    <Course><CourseCode>M4</CourseCode><CourseTitle>Math 4</CourseTitle>
    <AcademicSubject>uri://reed.example.org/AcademicSubjectDescriptor#Mathematics</AcademicSubject>
    <EducationOrganizationReference><EducationOrganizationIdentity><EducationOrganizationId>71</EducationOrganizationId>
    </EducationOrganizationIdentity></EducationOrganizationReference></Course>""",
)
SCHEDULE = interchange(
    "MasterSchedule",
    f"""<CourseOffering><LocalCourseCode>M4</LocalCourseCode>{_SCHOOL}<SessionReference><SessionIdentity>
    <SessionName>Year</SessionName><SchoolYear>2026-2027</SchoolYear>{_SCHOOL}</SessionIdentity></SessionReference>
    <CourseReference><CourseIdentity><CourseCode>M4</CourseCode><EducationOrganizationReference>
    <EducationOrganizationIdentity><EducationOrganizationId>71</EducationOrganizationId>
    </EducationOrganizationIdentity></EducationOrganizationReference></CourseIdentity></CourseReference>
    </CourseOffering>""",
    f"<Section><SectionIdentifier>A</SectionIdentifier>{_OFFERING}</Section>",
)


def student(key: str, more: str = "", given: str = "Ada") -> str:
    return (
        f"<Student><StudentUniqueId>{key}</StudentUniqueId><Name><FirstName>{given}</FirstName>"
        f"<LastSurname>Reed</LastSurname></Name><BirthData><BirthDate>2016-05-0{key[-1]}</BirthDate></BirthData>"
        f"{more}</Student>"
    )


def seat(key: str, grade: str) -> str:
    return (
        f"<StudentSchoolAssociation>{student_reference(key)}{_SCHOOL}<EntryDate>2026-08-17</EntryDate>"
        f"<EntryGradeLevel>{grade}</EntryGradeLevel></StudentSchoolAssociation>"
    )


def about(key: str, *records: str) -> str:
    return (
        f"<StudentEducationOrganizationAssociation>{student_reference(key)}{''.join(records)}"
        "</StudentEducationOrganizationAssociation>"
    )


def language(word: str, *uses: str) -> str:
    told = "".join(f"<LanguageUse>{descriptor('LanguageUse', use)}</LanguageUse>" for use in uses)
    return f"<Language><Language>{descriptor('Language', word)}</Language>{told}</Language>"


def contact(key: str, *records: str, family: str = "Reed") -> str:
    return (
        f'<Contact id="C{key}"><ContactUniqueId>{key}</ContactUniqueId><Name><FirstName>Cy</FirstName>'
        f"<LastSurname>{family}</LastSurname></Name>{''.join(records)}</Contact>"
    )


def tie(student_key: str, contact_key: str, more: str = "") -> str:
    return (
        f"<StudentContactAssociation>{student_reference(student_key)}<ContactReference><ContactIdentity>"
        f"<ContactUniqueId>{contact_key}</ContactUniqueId></ContactIdentity></ContactReference>"
        f"<Relation>{descriptor('Relation', 'Mother')}</Relation>"
        f"<PrimaryContactStatus>true</PrimaryContactStatus>{more}</StudentContactAssociation>"
    )


def student_reference(key: str) -> str:
    return (
        f"<StudentReference><StudentIdentity><StudentUniqueId>{key}</StudentUniqueId></StudentIdentity>"
        "</StudentReference>"
    )


def grade(key: str, mark: str, kind: str = "Grading Period") -> str:
    """`mark` is the elements of the mark itself."""
    return (
        f"<Grade>{mark}<GradeType>{descriptor('GradeType', kind)}</GradeType>"
        f"<StudentSectionAssociationReference><StudentSectionAssociationIdentity>{student_reference(key)}"
        "<SectionReference><SectionIdentity><SectionIdentifier>A</SectionIdentifier>"
        f"{_OFFERING}</SectionIdentity></SectionReference></StudentSectionAssociationIdentity>"
        f"</StudentSectionAssociationReference><GradingPeriodReference><GradingPeriodIdentity>{_SCHOOL}"
        f"<GradingPeriod>{descriptor('GradingPeriod', 'First Six Weeks')}</GradingPeriod>"
        "<SchoolYear>2026-2027</SchoolYear></GradingPeriodIdentity></GradingPeriodReference></Grade>"
    )


def level(name: str, lowest: object = "", highest: object = "", method: str = "Raw score") -> str:
    """One level of an assessment of Data Standard 5."""
    return (
        f"<AssessmentPerformanceLevel><PerformanceLevel>{descriptor('PerformanceLevel', name)}</PerformanceLevel>"
        f"<AssessmentReportingMethod>{descriptor('AssessmentReportingMethod', method)}</AssessmentReportingMethod>"
        f"<MinimumScore>{lowest}</MinimumScore><MaximumScore>{highest}</MaximumScore></AssessmentPerformanceLevel>"
    )


def assessment(identifier: str, *records: str, subject: str = "Mathematics") -> str:
    return (
        f"<Assessment><AssessmentIdentifier>{identifier}</AssessmentIdentifier><AssessmentTitle>Reed test"
        "</AssessmentTitle><AssessmentCategory>uri://ed-fi.org/AssessmentCategoryDescriptor#State summative "
        "assessment 3-8 general</AssessmentCategory>"
        f"<AcademicSubject>{descriptor('AcademicSubject', subject)}</AcademicSubject>"
        f"<AssessedGradeLevel>{descriptor('GradeLevel', 'Fourth grade')}</AssessedGradeLevel>{''.join(records)}"
        "</Assessment>"
    )


def result(key: str, identifier: str, *records: str) -> str:
    return (
        f"<StudentAssessment><StudentAssessmentIdentifier>{key}-{identifier}</StudentAssessmentIdentifier>"
        f"<AdministrationDate>2026-05-04T16:00:00</AdministrationDate>{''.join(records)}{student_reference(key)}"
        "<AssessmentReference><AssessmentIdentity>"
        f"<AssessmentIdentifier>{identifier}</AssessmentIdentifier></AssessmentIdentity></AssessmentReference>"
        "</StudentAssessment>"
    )


def score(value: str, method: str) -> str:
    return (
        f"<ScoreResult><Result>{value}</Result><AssessmentReportingMethod>"
        f"{descriptor('AssessmentReportingMethod', method)}</AssessmentReportingMethod></ScoreResult>"
    )


def met(name: str, method: str = "Raw score") -> str:
    return (
        f"<PerformanceLevel><PerformanceLevel>{descriptor('PerformanceLevel', name)}</PerformanceLevel>"
        f"<AssessmentReportingMethod>{descriptor('AssessmentReportingMethod', method)}</AssessmentReportingMethod>"
        "</PerformanceLevel>"
    )


def district(folder: Path, *people: str, **more: str) -> Path:
    """Reed Bay: one school with one math class; `people` are records of students and contacts."""
    return write(folder, places=PLACES, schedule=SCHEDULE, people=interchange("Student", *people), **more)


def early(name: str, *records: str) -> str:
    return interchange(name, *records, version=EARLY)


_EARLY_SCHOOL = (
    "<EducationalOrgIdentity><StateOrganizationId>South</StateOrganizationId></EducationalOrgIdentity>"
)
_SESSION = (
    "<SessionReference><SessionIdentity><EducationalOrgReference>"
    f"{_EARLY_SCHOOL}</EducationalOrgReference><SessionName>Year 2026</SessionName></SessionIdentity>"
    "</SessionReference>"
)
EARLY_PLACES = early(
    "EducationOrganization",
    """<EducationOrganization><StateOrganizationId>IL-BAY</StateOrganizationId><NameOfInstitution>Bay</NameOfInstitution>
    <OrganizationCategories><OrganizationCategory>Local Education Agency</OrganizationCategory></OrganizationCategories>
    </EducationOrganization>
    <EducationOrganization><StateOrganizationId>South</StateOrganizationId>
    <NameOfInstitution>South School</NameOfInstitution><OrganizationCategories>
    <OrganizationCategory>School</OrganizationCategory></OrganizationCategories><ParentEducationAgencyReference>
    <EducationalOrgIdentity><StateOrganizationId>IL-BAY</StateOrganizationId></EducationalOrgIdentity>
    </ParentEducationAgencyReference></EducationOrganization>""",
    f"""<Course><CourseTitle>4th Grade Math</CourseTitle><EducationOrganizationReference>{_EARLY_SCHOOL}
    </EducationOrganizationReference><UniqueCourseId>M-1</UniqueCourseId></Course>""",
)


def early_student(key: str) -> str:
    return (
        f"<Student><StudentUniqueStateId>{key}</StudentUniqueStateId><Name><FirstName>Ada</FirstName>"
        "<LastSurname>Reed</LastSurname></Name></Student>"
    )


def _early_reference(key: str) -> str:
    return (
        f"<StudentReference><StudentIdentity><StudentUniqueStateId>{key}</StudentUniqueStateId></StudentIdentity>"
        "</StudentReference>"
    )


def transcript(key: str, mark: str, attempt: str = "Pass") -> str:
    """`mark` is the elements of the mark itself."""
    return (
        f"<CourseTranscript><CourseAttemptResult>{attempt}</CourseAttemptResult>"
        f"<GradeLevelWhenTaken>Fourth grade</GradeLevelWhenTaken>{mark}<CourseReference><CourseIdentity>"
        f"<EducationalOrgReference>{_EARLY_SCHOOL}</EducationalOrgReference><UniqueCourseId>M-1</UniqueCourseId>"
        "</CourseIdentity></CourseReference><StudentAcademicRecordReference><StudentAcademicRecordIdentity>"
        f"{_early_reference(key)}{_SESSION}<SchoolYear>2025-2026</SchoolYear></StudentAcademicRecordIdentity>"
        "</StudentAcademicRecordReference></CourseTranscript>"
    )


def early_level(code: str, lowest: int, highest: int, method: str = "Scale score") -> str:
    return (
        f"<AssessmentPerformanceLevel><PerformanceLevel><CodeValue>{code}</CodeValue></PerformanceLevel>"
        f"<AssessmentReportingMethod>{method}</AssessmentReportingMethod><MinimumScore>{lowest}</MinimumScore>"
        f"<MaximumScore>{highest}</MaximumScore></AssessmentPerformanceLevel>"
    )


def titled(title: str, category: str, *records: str, subject: str = "Reading") -> str:
    """An assessment of 0100, known by its title, grade and version; `subject` may be empty."""
    told = f"<AcademicSubject>{subject}</AcademicSubject>" if subject else ""
    return (
        f"<Assessment><AssessmentTitle>{title}</AssessmentTitle><AssessmentCategory>{category}</AssessmentCategory>"
        f"{told}<GradeLevelAssessed>Fourth grade</GradeLevelAssessed>{''.join(records)}<Version>1</Version>"
        "</Assessment>"
    )


def titled_result(
    key: str, title: str, *records: str, grade: str = "Fourth grade", subject: str = "Reading"
) -> str:
    told = f"<AcademicSubject>{subject}</AcademicSubject>" if subject else ""
    return (
        "<StudentAssessment><AdministrationDate>2026-05-04</AdministrationDate>"
        f"<RetestIndicator>Primary Administration</RetestIndicator>{''.join(records)}{_early_reference(key)}"
        f"<AssessmentReference><AssessmentIdentity><AssessmentTitle>{title}</AssessmentTitle>{told}"
        f"<GradeLevelAssessed>{grade}</GradeLevelAssessed><Version>1</Version></AssessmentIdentity>"
        "</AssessmentReference></StudentAssessment>"
    )


def early_score(value: str, method: str = "Scale score") -> str:
    return f'<ScoreResults AssessmentReportingMethod="{method}"><Result>{value}</Result></ScoreResults>'


def early_met(code: str) -> str:
    return f"<PerformanceLevels><CodeValue>{code}</CodeValue></PerformanceLevels>"
