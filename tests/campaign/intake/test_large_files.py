"""Files that are merged in parts while they are read: nothing is lost between parts, and lines are named rightly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine

from tests.campaign.intake.importing import LIMITS, bring, named, rows
from tests.campaign.intake.packages import small_district, write_package

MAPPING = """
[mapping]
kind = "grades"
[mapping.columns]
student_local_id = "Student"
course_title = "Course"
period_title = "Term"
mark = "Mark"
percent = "Percent"
"""
STUDENTS = 500


def marks(count: int) -> Iterable[str]:
    """Lines of as many marks, term by term."""
    for number in range(count):
        yield f"L{1 + number % STUDENTS},Math 4,Day {number // STUDENTS},B,{70 + number % 30}\r\n"


def write_marks(folder: Path, lines: Iterable[str]) -> Path:
    folder.mkdir()
    (folder / "marks.toml").write_text(MAPPING, encoding="utf-8")
    with (folder / "marks.csv").open("w", encoding="utf-8", newline="") as stream:
        stream.write("Student,Course,Term,Mark,Percent\r\n")
        stream.writelines(lines)
    return folder


def test_a_million_rows_with_one_bad_one(engine: Engine, tmp_path: Path) -> None:
    bring(engine, write_package(tmp_path / "roster", small_district(STUDENTS)))
    before = rows(engine, "SELECT count(*) FROM mark")[0][0]
    lines = list(marks(1_000_000))
    lines[765_432] = lines[765_432].replace(",B,", ",B,about ")
    file = named(bring(engine, write_marks(tmp_path / "marks", lines)), "table of grades")
    assert (file.rows_in, file.accepted, file.refused, file.unchanged) == (1_000_000, 999_999, 1, 0)
    assert rows(engine, "SELECT count(*) FROM mark") == [(before + 999_999,)]
    assert rows(engine, "SELECT line, column_name, code FROM refused_row WHERE NOT accepted") == [
        (765_434, "Percent", "unreadable_number")
    ]


def test_a_row_far_behind_is_held_against_the_first_of_its_key(engine: Engine, tmp_path: Path) -> None:
    """In a part of its own: word for word again is no news, something else is refused; now and the next time."""
    bring(engine, write_package(tmp_path / "roster", small_district(STUDENTS)))
    lines = list(marks(20_000))
    again, other = lines[7], lines[8].replace(",B,", ",C,")
    folder = write_marks(
        tmp_path / "marks", [*lines, again, other, "L1,Math 4\r\n", "nobody,Math 4,Day 1,B,80\r\n"]
    )
    parts = replace(LIMITS, rows_per_part=8_000)
    for unchanged in (1, 20_001):
        file = named(bring(engine, folder, limits=parts), "table of grades")
        assert (file.rows_in, file.refused, file.unchanged) == (20_004, 3, unchanged)
        assert rows(
            engine,
            "SELECT r.line, r.code FROM refused_row r JOIN source_file f ON f.id = r.source_file_id "
            f"WHERE NOT r.accepted AND f.id = (SELECT max(id) FROM source_file WHERE name = '{file.name}') ORDER BY 1",
        ) == [(20_003, "duplicate_row"), (20_004, "ragged_row"), (20_005, "unknown_student")]
    assert rows(engine, "SELECT DISTINCT mark FROM mark WHERE period_title = 'Day 0'") == [("B",)]


def test_lines_are_counted_behind_cells_with_line_ends(engine: Engine, tmp_path: Path) -> None:
    bring(engine, write_package(tmp_path / "roster", small_district(2)))
    lines = [
        'L1,"Math\r\n4",Day 1,B,80\r\n',
        "\r\n",
        'L1,"Math\r4\n5",Day 2,B,eighty\r\n',
        'L1,Math "4,Day 3,B,80\r\n',
        'L1,"Math" 4,Day 4,B,80\r\n',
        "L1,Math 4,Day 5,B,80,too,much\r\n",
        "L2,Math 4,Day 6,B,80,,\r\n",
    ]
    file = named(bring(engine, write_marks(tmp_path / "marks", lines)), "table of grades")
    assert rows(engine, "SELECT line, code FROM refused_row WHERE NOT accepted ORDER BY 1") == [
        (5, "unreadable_number"),
        (9, "malformed_row"),
        (10, "ragged_row"),
    ]
    assert (file.rows_in, file.accepted) == (6, 3)
