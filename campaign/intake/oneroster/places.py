"""Organisations, terms, courses, classes and who sits or teaches in them."""

from __future__ import annotations

from campaign.intake.dates import read_date, read_school_year
from campaign.intake.delimited import Header, Row
from campaign.intake.oneroster.layout import role_kind
from campaign.intake.oneroster.rows import CellReader, Cells, Context
from campaign.intake.plans import Facts, Read
from campaign.intake.problems import RowRefused
from campaign.intake.staging import Fact, FileTally, Passed
from campaign.intake.vocabulary import read_grade_level, subject_of, subject_of_title


def orgs(header: Header, context: Context) -> Read:
    """Districts and schools; other organisations are passed over. The district's code is its identifier."""
    cells_of = CellReader(header)

    def read(record: Row, tally: FileTally) -> Facts:
        cells = cells_of(record)
        kind, source_id, name = cells.need("type").casefold(), cells.need("sourcedId"), cells.need("name")
        if kind == "district":
            code = cells.get("identifier") or source_id
            return [Fact("district", {"source_id": source_id, "code": code, "name": name})]
        if kind == "school":
            return [
                Fact(
                    "school",
                    {
                        "source_id": source_id,
                        "name": name,
                        "parent": cells.get("parentSourcedId"),
                        "phone": cells.extra("office_phone") or None,
                    },
                )
            ]
        return Passed("organisations other than districts and schools")

    return read


def academic_sessions(header: Header, context: Context) -> Read:
    """Terms and grading periods; schoolYear is the year in which it ends."""
    cells_of = CellReader(header)

    def read(record: Row, tally: FileTally) -> Facts:
        cells = cells_of(record)
        kind = cells.need("type")
        if kind not in {"gradingPeriod", "semester", "schoolYear", "term"}:
            raise RowRefused("unknown_vocabulary", "type", "gradingPeriod, semester, schoolYear, term")
        return [
            Fact(
                "period",
                {
                    "source_id": cells.need("sourcedId"),
                    "title": cells.need("title"),
                    "kind": kind,
                    "school_year": read_school_year(cells.get("schoolYear"), "schoolYear"),
                    "begins_on": read_date(cells.need("startDate"), "startDate"),
                    "ends_on": read_date(cells.need("endDate"), "endDate"),
                },
            )
        ]

    return read


def _one_grade(cells: Cells) -> int | None:
    """The grade level of a course or class that names exactly one."""
    grades = cells.ids("grades")
    return read_grade_level(grades[0], "grades") if len(grades) == 1 and grades[0] != "Other" else None


def _subject(cells: Cells) -> str | None:
    stated = subject_of(*cells.ids("subjects"), *cells.ids("subjectCodes"))
    return stated or subject_of_title(cells.get("title"))


def courses(header: Header, context: Context) -> Read:
    cells_of = CellReader(header)

    def read(record: Row, tally: FileTally) -> Facts:
        cells = cells_of(record)
        title = cells.need("title")
        return [
            Fact(
                "course",
                {
                    "source_id": cells.need("sourcedId"),
                    "title": title,
                    "subject": _subject(cells),
                    "grade_level": _one_grade(cells),
                },
            )
        ]

    return read


def classes(header: Header, context: Context) -> Read:
    """Some systems leave the title of elementary classes blank; the course's title serves then."""
    cells_of = CellReader(header)

    def read(record: Row, tally: FileTally) -> Facts:
        cells = cells_of(record)
        return [
            Fact(
                "section",
                {
                    "source_id": cells.need("sourcedId"),
                    "title": cells.get("title") or None,
                    "course": cells.need("courseSourcedId"),
                    "school": cells.need("schoolSourcedId"),
                    "subject": _subject(cells),
                    "grade_level": _one_grade(cells),
                },
            )
        ]

    return read


def enrollments(header: Header, context: Context) -> Read:
    """Students and teachers of classes; aides, proctors and administrators are passed over."""
    cells_of = CellReader(header)

    def read(record: Row, tally: FileTally) -> Facts:
        cells = cells_of(record)
        role = cells.need("role").casefold()
        section, user = cells.need("classSourcedId"), cells.need("userSourcedId")
        if role == "student":
            return [
                Fact("enrollment", {"section": section, "gone": cells.gone}),
                Fact("student_ref", {"system": context.system, "value": user, "exclusive": True}),
            ]
        if role == "teacher":
            primary = cells.get("primary").casefold() == "true"
            return (
                []
                if cells.gone
                else [Fact("teaching", {"section": section, "staff_key": user, "is_primary": primary})]
            )
        if role_kind(role) is None:
            raise RowRefused("unknown_vocabulary", "role", "student, teacher, administrator, proctor")
        return Passed("enrolments of aides, proctors and administrators")

    return read
