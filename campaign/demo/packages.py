"""The two OneRoster exports of the made-up district, one a vendor, with each vendor's habits.

Vendor A exports 1.1 as a folder: letters in `comment` beside a percent, the class title left blank in elementary
schools, other titles cut at 50 characters, a category of the same name for every school, the guardian named on the
student's row, and a column with social security numbers that nobody asked for. Vendor B exports 1.2 as a zip: letters
in `textScore`, score scales, roles in a file of their own, the children named on the guardian's row.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campaign.demo import columns
from campaign.demo.families import Contact, Student
from campaign.demo.marks import LADDERS
from campaign.demo.schools import LAST_YEAR, THIS_YEAR, Course, Scale, School, Teacher, Vendor, courses
from campaign.demo.tables import Table

DISTRICT_CODE = "HARBOR"
DISTRICT_NAME = "Harbor Public Schools"
SUBJECT_WORDS = {
    "math": "Mathematics",
    "reading": "English Language Arts",
    "science": "Science",
    None: "Physical Education",
}
_SESSIONS = (
    # id, title, type, begins, ends, parent, school year
    ("SY2026", "2025-26", "schoolYear", "2025-08-18", "2026-05-29", "", LAST_YEAR),
    ("FINAL2026", "Final 2025-26", "gradingPeriod", "2025-08-18", "2026-05-29", "SY2026", LAST_YEAR),
    ("SY2027", "2026-27", "schoolYear", "2026-08-17", "2027-05-28", "", THIS_YEAR),
    ("Q1-2027", "Quarter 1", "gradingPeriod", "2026-08-17", "2026-10-16", "SY2027", THIS_YEAR),
)
_PERIOD = {LAST_YEAR: "FINAL2026", THIS_YEAR: "Q1-2027"}


def yes(value: bool) -> str:
    return "true" if value else "false"


def grade_code(grade: int) -> str:
    """The grade as OneRoster writes it: KG, 01 to 12."""
    return "KG" if grade == 0 else f"{grade:02d}"


def state_id(student: Student) -> str:
    """Ten digits with a zero in front, which a spreadsheet would eat."""
    return f"0{400_000_000 + student.number * 7:09d}"


def local_id(student: Student) -> str:
    return str(100_000 + student.number)


@dataclass(frozen=True)
class Package:
    """One vendor's export, growing neighbourhood by neighbourhood."""

    vendor: Vendor
    folder: Path
    tables: dict[str, Table]

    def close(self) -> None:
        """Write the manifest and close all files."""
        manifest = Table(self.folder / "manifest.csv", ["propertyName", "value"])
        manifest.write_cells(["manifest.version", "1.0"])
        manifest.write_cells(["oneroster.version", self.vendor.value])
        for name in sorted(self.tables):
            manifest.write_cells([f"file.{name}", "bulk"])
        manifest.write_cells(["source.systemName", f"Made-up vendor {self.vendor.name}"])
        for table in (manifest, *self.tables.values()):
            table.close()

    def student_key(self, student: Student) -> str:
        return f"S{student.number:07d}" if self.vendor is Vendor.A else f"{student.number:08x}-stu"

    def contact_key(self, contact: Contact) -> str:
        return f"G{contact.number:07d}" if self.vendor is Vendor.A else f"{contact.number:08x}-ctc"

    def teacher_key(self, teacher: Teacher) -> str:
        return f"T{teacher.number}" if self.vendor is Vendor.A else f"{teacher.number:08x}-tch"

    def school_key(self, school: School) -> str:
        return f"SCH-{school.number + 1:03d}"

    @property
    def district_key(self) -> str:
        return "1" if self.vendor is Vendor.A else "dst-harbor"

    def course_key(self, course: Course) -> str:
        return f"C{course.code}" if self.vendor is Vendor.A else f"crs-{course.code.lower()}"

    def session_key(self, session: str) -> str:
        """Each vendor numbers the terms in its own way; one session has its id from `_SESSIONS`."""
        return f"T-{session}" if self.vendor is Vendor.A else f"{session.lower()}-ses"

    def period_key(self, school_year: int) -> str:
        return self.session_key(_PERIOD[school_year])

    def write(self, table: str, key: str, **values: Any) -> int:
        return self.tables[table].write({"sourcedId": key, **values})

    def add_school(self, school: School) -> None:
        key = self.school_key(school)
        values = {"name": school.name, "identifier": key, "metadata.phone": school.phone}
        self.write("orgs", key, type="school", parentSourcedId=self.district_key, **values)
        if self.vendor is Vendor.A:
            self.write("categories", f"CAT-{key}", title="Report Card")


def scale_key(scale: Scale) -> str:
    return f"SCALE-{scale.name}"


def open_package(vendor: Vendor, folder: Path) -> Package:
    """Begin a vendor's export in an empty folder: the district, its sessions, courses and score scales."""
    folder.mkdir(parents=True)
    tables = {
        name: Table(folder / f"{name}.csv", cells) for name, cells in columns.oneroster(vendor.value).items()
    }
    package = Package(vendor, folder, tables)
    package.write("orgs", package.district_key, name=DISTRICT_NAME, type="district", identifier=DISTRICT_CODE)
    for key, title, kind, begins, ends, parent, year in _SESSIONS:
        tables["academicSessions"].write(
            {
                "sourcedId": package.session_key(key),
                "title": title,
                "type": kind,
                "startDate": begins,
                "endDate": ends,
                "parentSourcedId": package.session_key(parent) if parent else "",
                "schoolYear": year,
            }
        )
    _write_courses(package)
    if vendor is Vendor.B:
        tables["categories"].write({"sourcedId": "CAT-RC", "title": "Report Card", "weight": "100"})
        _write_scales(package)
    return package


def _write_courses(package: Package) -> None:
    for grade in range(13):
        for course in courses(grade):
            package.tables["courses"].write(
                {
                    "sourcedId": package.course_key(course),
                    "title": course.title[:50] if package.vendor is Vendor.A else course.title,
                    "courseCode": course.code,
                    "grades": grade_code(grade),
                    "orgSourcedId": package.district_key,
                    "subjects": SUBJECT_WORDS[course.subject],
                }
            )


def _write_scales(package: Package) -> None:
    for scale, ladder in LADDERS.items():
        package.tables["scoreScales"].write(
            {
                "sourcedId": scale_key(scale),
                "title": scale.value,
                "type": "letter",
                "orgSourcedId": package.district_key,
                "scoreScaleValue": ",".join(f"{{{text}:{lowest}}}" for lowest, text in ladder),
            }
        )
