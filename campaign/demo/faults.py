"""Faults planted in the made-up files, each of a kind that real exports have, and the list of them."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import cycle, islice
from pathlib import Path

from campaign.demo import assessments, interim
from campaign.demo.assessments import STATE_COLUMNS, Score
from campaign.demo.families import Student
from campaign.demo.neighbourhood import Neighbourhood
from campaign.demo.packages import Package, local_id
from campaign.demo.schools import Vendor
from campaign.demo.tables import Table


class Outcome(StrEnum):
    """What a careful import does with a planted fault."""

    ROW_REFUSED = "the row is refused"
    NOT_COMPARED = "it is kept as it stands, and not compared"
    FILE_FAILS = "the file is refused as a whole"
    COLUMN_DROPPED = "the column is never read"
    READ = "the file is read all the same"


@dataclass(frozen=True)
class PlantedFault:
    kind: str
    file: str  # name inside the district's folder; a member of a zip after "!"
    line: int | None  # the header is line 1; None = the whole file
    outcome: Outcome


def plant_in_packages(neighbourhood: Neighbourhood, packages: dict[Vendor, Package]) -> list[PlantedFault]:
    """A row with a cell too many, a mark of no scale, and the column that asks for social security numbers."""
    results_a = packages[Vendor.A].tables["results"]
    own = [s for i, s in enumerate(neighbourhood.students) if neighbourhood.school(i).vendor is Vendor.A]
    student = packages[Vendor.A].student_key(own[0])
    cells = [
        "RAGGED-1",
        "",
        "",
        "NO-SUCH-ITEM",
        student,
        "fully graded",
        "88",
        "2026-10-23",
        "",
        "GRADESCALE",
    ]
    ragged = results_a.write_cells([*cells, "one cell too many"])
    unknown = _unknown_mark(neighbourhood, packages)
    return [
        PlantedFault("ragged row", "sis_a/results.csv", ragged, Outcome.ROW_REFUSED),
        PlantedFault("column of social security numbers", "sis_a/users.csv", 1, Outcome.COLUMN_DROPPED),
        PlantedFault("unknown mark", "sis_b.zip!results.csv", unknown, Outcome.NOT_COMPARED),
    ]


def _unknown_mark(neighbourhood: Neighbourhood, packages: dict[Vendor, Package]) -> int:
    package = packages[Vendor.B]
    section = next(s for s in neighbourhood.sections if s.school.vendor is Vendor.B and s.school_year == 2027)
    item = f"SCH-{section.school.number + 1:03d}-{section.school_year}-{section.number}-RC"
    return package.tables["results"].write(
        {
            "sourcedId": "UNKNOWN-MARK-1",
            "lineItemSourcedId": item,
            "studentSourcedId": package.student_key(neighbourhood.students[section.students[0]]),
            "scoreStatus": "fully graded",
            "scoreDate": "2026-10-23",
            "textScore": "Zebra",
        }
    )


def plant_in_state_test(neighbourhood: Neighbourhood, table: Table) -> list[PlantedFault]:
    """An unknown student, an ambiguous date, a score no scale reaches, a row that contradicts another."""
    positions = cycle(_tested(neighbourhood)[3:])
    first, second, third, fourth = (neighbourhood.students[i] for i in islice(positions, 4))
    score = Score(2500, 26.0, 2)
    file = table.path.name
    unknown = assessments.state_row(first, "math", score)
    unknown[0] = "0999999999"
    ambiguous = assessments.state_row(second, "math", score)
    ambiguous[STATE_COLUMNS.index("test_date")] = "04/05/2026"
    outside = assessments.state_row(third, "math", Score(9999, 26.0, 3))
    outside[STATE_COLUMNS.index("test_date")] = "2026-04-28"
    contradicting = _second_sitting(fourth, Score(2400, 26.0, 1))
    table.write_cells(_second_sitting(fourth, Score(2500, 26.0, 2)))
    return [
        PlantedFault("unknown student", file, table.write_cells(unknown), Outcome.ROW_REFUSED),
        PlantedFault("ambiguous date", file, table.write_cells(ambiguous), Outcome.ROW_REFUSED),
        PlantedFault("score outside the scale", file, table.write_cells(outside), Outcome.NOT_COMPARED),
        PlantedFault("contradicting row", file, table.write_cells(contradicting), Outcome.ROW_REFUSED),
    ]


def _second_sitting(student: Student, score: Score) -> list[str]:
    row = assessments.state_row(student, "math", score)
    row[STATE_COLUMNS.index("test_date")] = "2026-04-29"
    return row


def plant_in_interim(neighbourhood: Neighbourhood, table: Table) -> list[PlantedFault]:
    """A row whose local id is one student's and whose state id is another's."""
    positions = [i for i, student in enumerate(neighbourhood.students) if 1 <= student.grade <= 5]
    values = interim.values_of(neighbourhood, positions[0], "math", (Score(190, 3.5, 0), date(2026, 9, 18)))
    values["StudentID"] = local_id(neighbourhood.students[positions[1]])
    return [PlantedFault("ids of two students", table.path.name, table.write(values), Outcome.ROW_REFUSED)]


def write_late_scores(neighbourhood: Neighbourhood, path: Path) -> PlantedFault:
    """Scores of the state test that came late, in a file that an old spreadsheet saved as cp1252, with remarks."""
    rows: list[tuple[str, ...]] = [(*STATE_COLUMNS, "remark")]
    for position in sorted(late_positions(neighbourhood)):
        student = neighbourhood.students[position]
        score = assessments.state_score(neighbourhood, position, "math")
        rows.append((*assessments.state_row(student, "math", score), "from señora teacher’s list"))
    path.write_bytes("".join(",".join(row) + "\r\n" for row in rows).encode("cp1252"))
    return PlantedFault("bytes of cp1252", path.name, None, Outcome.READ)


def write_truncated(path: Path) -> PlantedFault:
    """A zip whose transfer broke off half-way."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        member = zipfile.ZipInfo("orgs.csv", (2026, 10, 30, 6, 0, 0))
        archive.writestr(
            member, "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\r\n" * 40
        )
    path.write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])
    return PlantedFault("truncated file", path.name, None, Outcome.FILE_FAILS)


def late_positions(neighbourhood: Neighbourhood) -> frozenset[int]:
    """Positions of the students whose scores of the state test come late."""
    return frozenset(_tested(neighbourhood)[:3])


def _tested(neighbourhood: Neighbourhood) -> list[int]:
    """Positions of the students who stand in the table of the state test."""
    return [
        i
        for i, student in enumerate(neighbourhood.students)
        if 4 <= student.grade <= 9 and not neighbourhood.school(i).takes_staar
    ]
