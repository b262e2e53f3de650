"""A small server that speaks the Ed-Fi data management API: discovery, tokens, paging, and all that can go wrong."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

KEY, SECRET = "a-key", "a-secret"
ED_FI = "uri://ed-fi.org"


@dataclass
class World:
    """What the server has and how it behaves."""

    resources: dict[str, list[Any]]
    forbidden: set[str] = field(default_factory=set)
    calls_per_token: int = 1000
    busy_every: int = 0
    """Every so many requests are answered with 429 and a Retry-After first."""
    grows_while_read: dict[str, int] = field(default_factory=dict)
    """Resource → how many more times a record slips in before the first one while pages are read."""
    urls: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tokens: int = 0
    busy: int = 0
    _left: int = 0
    _busy_now: bool = False

    def page(self, name: str, offset: int, limit: int) -> tuple[list[Any], int]:
        records = self.resources[name]
        page, total = records[offset : offset + limit], len(records)
        if offset + limit < total and self.grows_while_read.get(name):
            self.grows_while_read[name] -= 1
            records.insert(0, records[0] | {"id": f"late-{self.grows_while_read[name]}"})
        return page, total


class Handler(BaseHTTPRequestHandler):
    world: World

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def answer(self, status: int, body: Any, **headers: str) -> None:
        content = json.dumps(body).encode() if not isinstance(body, bytes) else body
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        login = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        if self.headers["Authorization"] != f"Basic {login}":
            return self.answer(401, {"error": "invalid_client"})
        self.world.tokens += 1
        self.world._left = self.world.calls_per_token
        return self.answer(200, {"access_token": f"token-{self.world.tokens}", "expires_in": 1800})

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.world.asked.append(self.path)
        if parts.path == "/api":
            return self.answer(200, description(self.world, self.headers["Host"]))
        if self.world.busy_every and len(self.world.asked) % self.world.busy_every == 0:
            self.world.busy += 1
            return self.answer(429, {}, Retry_After="0")
        if self.world._left <= 0 or self.headers["Authorization"] != f"Bearer token-{self.world.tokens}":
            return self.answer(401, {})
        self.world._left -= 1
        return self.answer_resource(parts)

    def answer_resource(self, parts: SplitResult) -> None:
        name = parts.path.rsplit("/", 1)[1]
        if name in self.world.forbidden:
            return self.answer(403, {"detail": "Access to the resource could not be authorized."})
        if name not in self.world.resources:
            return self.answer(404, {})
        query = parse_qs(parts.query)
        page, total = self.world.page(name, int(query["offset"][0]), int(query["limit"][0]))
        return self.answer(200, page, Total_Count=str(total))


def description(world: World, host: str) -> dict[str, Any]:
    urls = {"oauth": f"http://{host}/oauth/token", "dataManagementApi": f"http://{host}/data/v3/"}
    return {
        "version": "7.2",
        "dataModels": [{"name": "TPDM", "version": "1.1"}, {"name": "Ed-Fi", "version": "5.2.0"}],
        "urls": urls | world.urls,
    }


@contextmanager
def serving(world: World) -> Iterator[str]:
    """The base address of a server of this world, on loopback, for as long as the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answering", (Handler,), {"world": world}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def descriptor(kind: str, value: str) -> str:
    return f"{ED_FI}/{kind}Descriptor#{value}"


def district() -> dict[str, list[Any]]:
    """A district of one school and three students, as Data Standard 5 writes it."""
    section = {
        "localCourseCode": "MATH-5",
        "schoolId": 7001,
        "schoolYear": 2027,
        "sessionName": "2026-27 Year",
        "sectionIdentifier": "MATH-5-1",
    }
    offering = {k: section[k] for k in ("localCourseCode", "schoolId", "schoolYear", "sessionName")}
    session = {"schoolId": 7001, "schoolYear": 2027, "sessionName": "2026-27 Year"}
    students = [
        ("1001", "Ana", "Ruiz", "Spanish", "B"),
        ("1002", "Ben", "Ode", "English", "C"),
        ("1003", "Chi", "Lam", "Vietnamese", "A"),
    ]
    codes = {"Spanish": "spa", "English": "eng", "Vietnamese": "vie"}
    year = {"schoolYear": 2027}
    return {
        "localEducationAgencies": [
            {
                "id": "lea",
                "localEducationAgencyId": 7000,
                "nameOfInstitution": "Lindenau Schools",
                "localEducationAgencyCategoryDescriptor": descriptor(
                    "LocalEducationAgencyCategory", "Independent"
                ),
                "addresses": [{"stateAbbreviationDescriptor": descriptor("StateAbbreviation", "TX")}],
            }
        ],
        "schools": [
            {
                "id": "school",
                "schoolId": 7001,
                "nameOfInstitution": "Hazel School",
                "gradeLevels": [{"gradeLevelDescriptor": descriptor("GradeLevel", "Fifth grade")}],
                "localEducationAgencyReference": {"localEducationAgencyId": 7000},
                "institutionTelephones": [
                    {
                        "institutionTelephoneNumberTypeDescriptor": descriptor(
                            "InstitutionTelephoneNumberType", kind
                        ),
                        "telephoneNumber": number,
                    }
                    for kind, number in (("Fax", "555-0101"), ("Main", "555-0100"))
                ],
            }
        ],
        "courses": [
            {
                "id": "course",
                "courseCode": "MATH-5",
                "courseTitle": "Grade 5",
                "educationOrganizationReference": {"educationOrganizationId": 7001},
                "academicSubjects": [
                    {"academicSubjectDescriptor": descriptor("AcademicSubject", "Mathematics")}
                ],
                "offeredGradeLevels": [{"gradeLevelDescriptor": descriptor("GradeLevel", "Fifth grade")}],
            }
        ],
        "sessions": [
            {
                "id": "session",
                "sessionName": "2026-27 Year",
                "schoolReference": {"schoolId": 7001},
                "schoolYearTypeReference": year,
                "beginDate": "2026-08-17",
                "endDate": "2027-05-28",
                "totalInstructionalDays": 180,
            }
        ],
        "gradingPeriods": [
            {
                "id": "period",
                "gradingPeriodDescriptor": descriptor("GradingPeriod", "First Nine Weeks"),
                "gradingPeriodName": "First nine weeks",
                "schoolReference": {"schoolId": 7001},
                "schoolYearTypeReference": year,
                "beginDate": "2026-08-17",
                "endDate": "2026-10-16",
            }
        ],
        "courseOfferings": [
            {
                "id": "offering",
                "localCourseCode": "MATH-5",
                "schoolReference": {"schoolId": 7001},
                "sessionReference": session,
                "courseReference": {"courseCode": "MATH-5", "educationOrganizationId": 7001},
            }
        ],
        "sections": [{"id": "section", "sectionIdentifier": "MATH-5-1", "courseOfferingReference": offering}],
        "staffs": [{"id": "staff", "staffUniqueId": "9001", "firstName": "Dora", "lastSurname": "Vance"}],
        "staffSectionAssociations": [
            {
                "id": "teaches",
                "staffReference": {"staffUniqueId": "9001"},
                "sectionReference": section,
                "classroomPositionDescriptor": descriptor("ClassroomPosition", "Teacher of Record"),
            }
        ],
        "students": [
            {
                "id": f"student-{number}",
                "studentUniqueId": number,
                "firstName": given,
                "lastSurname": family,
                "birthDate": f"2016-03-{day:02d}",
            }
            for day, (number, given, family, _, _) in enumerate(students, 1)
        ],
        "studentSchoolAssociations": [
            {
                "id": f"enrolled-{number}",
                "studentReference": {"studentUniqueId": number},
                "schoolReference": {"schoolId": 7001},
                "entryDate": "2026-08-17",
                "entryGradeLevelDescriptor": descriptor("GradeLevel", "Fifth grade"),
            }
            for number, *_ in students
        ],
        "studentEducationOrganizationAssociations": [
            {
                "id": f"about-{number}",
                "studentReference": {"studentUniqueId": number},
                "educationOrganizationReference": {"educationOrganizationId": 7000},
                "limitedEnglishProficiencyDescriptor": descriptor("LimitedEnglishProficiency", "NotLimited"),
                "languages": [
                    {
                        "languageDescriptor": descriptor("Language", codes[language]),
                        "uses": [{"languageUseDescriptor": descriptor("LanguageUse", "Home language")}],
                    }
                ],
                "studentIdentificationCodes": [
                    {
                        "studentIdentificationSystemDescriptor": descriptor(
                            "StudentIdentificationSystem", "State"
                        ),
                        "identificationCode": f"TX{number}",
                    }
                ],
            }
            for number, _, _, language, _ in students
        ],
        "contacts": [
            {
                "id": f"contact-{number}",
                "contactUniqueId": f"C{number}",
                "firstName": "Pat",
                "lastSurname": family,
                "electronicMails": [{"electronicMailAddress": f"pat.{number}@example.org"}],
                "telephones": [
                    {
                        "telephoneNumberTypeDescriptor": descriptor("TelephoneNumberType", "Mobile"),
                        "telephoneNumber": f"555-0{number}",
                    }
                ],
                "languages": [
                    {
                        "languageDescriptor": descriptor("Language", codes[language]),
                        "uses": [
                            {"languageUseDescriptor": descriptor("LanguageUse", "Correspondence language")}
                        ],
                    }
                ],
                "addresses": [],
            }
            for number, _, family, language, _ in students
        ],
        "studentContactAssociations": [
            {
                "id": f"cares-{number}",
                "studentReference": {"studentUniqueId": number},
                "contactReference": {"contactUniqueId": f"C{number}"},
                "relationDescriptor": descriptor("Relation", "Mother"),
                "livesWith": True,
                "primaryContactStatus": True,
            }
            for number, *_ in students
        ],
        "studentSectionAssociations": [
            {
                "id": f"sits-{number}",
                "studentReference": {"studentUniqueId": number},
                "sectionReference": section,
                "beginDate": "2026-08-17",
            }
            for number, *_ in students
        ],
        "courseTranscripts": [],
        "grades": [
            {
                "id": f"grade-{number}",
                "gradeTypeDescriptor": descriptor("GradeType", "Grading Period"),
                "letterGradeEarned": letter,
                "gradingPeriodReference": {
                    "gradingPeriodDescriptor": descriptor("GradingPeriod", "First Nine Weeks"),
                    "gradingPeriodName": "First nine weeks",
                    "schoolId": 7001,
                    "schoolYear": 2027,
                },
                "studentSectionAssociationReference": section | {"studentUniqueId": number},
            }
            for number, *_, letter in students
        ],
        "assessments": [
            {
                "id": "assessment",
                "assessmentIdentifier": "FALL-MATH-5",
                "assessmentTitle": "Fall Check",
                "namespace": f"{ED_FI}/Assessment",
                "assessmentCategoryDescriptor": descriptor("AssessmentCategory", "Benchmark test"),
                "academicSubjects": [
                    {"academicSubjectDescriptor": descriptor("AcademicSubject", "Mathematics")}
                ],
                "assessedGradeLevels": [{"gradeLevelDescriptor": descriptor("GradeLevel", "Fifth grade")}],
                "performanceLevels": [
                    {
                        "performanceLevelDescriptor": descriptor("PerformanceLevel", level),
                        "assessmentReportingMethodDescriptor": descriptor(
                            "AssessmentReportingMethod", "Scale score"
                        ),
                        "minimumScore": minimum,
                        "maximumScore": maximum,
                    }
                    for level, minimum, maximum in (("Proficient", "200", "300"), ("Basic", "100", "199"))
                ],
            }
        ],
        "studentAssessments": [
            {
                "id": f"took-{number}",
                "studentAssessmentIdentifier": f"took-{number}",
                "studentReference": {"studentUniqueId": number},
                "assessmentReference": {
                    "assessmentIdentifier": "FALL-MATH-5",
                    "namespace": f"{ED_FI}/Assessment",
                },
                "administrationDate": "2026-09-14T00:00:00Z",
                "schoolYearTypeReference": year,
                "scoreResults": [
                    {
                        "assessmentReportingMethodDescriptor": descriptor(
                            "AssessmentReportingMethod", "Scale score"
                        ),
                        "result": str(180 + 20 * place),
                        "resultDatatypeTypeDescriptor": descriptor("ResultDatatypeType", "Integer"),
                    }
                ],
                "performanceLevels": [],
            }
            for place, (number, *_) in enumerate(students)
        ],
        "studentSchoolAttendanceEvents": [],
    }
