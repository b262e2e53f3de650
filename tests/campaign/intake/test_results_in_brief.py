"""New results come in at once, whatever lies beside them: strangers, cases, earlier imports, rows without a grade.

Small parts stand for large files: what one part finds out about a student holds for the parts behind it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.campaign.intake.importing import LIMITS, bring, named, register, rows
from tests.campaign.intake.packages import small_district, write_package
from tests.campaign.intake.test_large_files import marks, write_marks

PARTS = replace(LIMITS, rows_per_part=2_000)
ALL_AT_ONCE = replace(LIMITS, rows_per_part=1_000_000)
REFUSED = (
    "SELECT r.line, r.code, r.reason FROM refused_row r WHERE NOT r.accepted AND r.source_file_id = "
    "(SELECT max(id) FROM source_file WHERE name LIKE '%marks.csv') ORDER BY 1"
)
MARKS = (
    "SELECT m.source_line, i.value, m.course_title, m.period_title, m.mark, m.percent, m.scale, m.grade_level, "
    "m.school_year, m.subject, m.is_final, m.withdrawn FROM mark m "
    "JOIN student_identifier i ON i.student_id = m.student_id AND i.system = 'local' "
    "WHERE m.period_title LIKE 'Day%' ORDER BY 1"
)


@pytest.fixture
def district(engine: Engine, tmp_path: Path) -> Engine:
    bring(engine, write_package(tmp_path / "roster", small_district(500)))
    return engine


def with_strangers() -> list[str]:
    """Six thousand marks; every seventh student is nobody's, and appears again in every part."""
    lines = list(marks(6_000))
    return [line.replace("L", "X", 1) if number % 500 % 7 == 0 else line for number, line in enumerate(lines)]


def test_whom_nobody_knows_is_refused_in_every_part_with_the_same_words(
    district: Engine, tmp_path: Path
) -> None:
    lines = with_strangers()
    file = named(bring(district, write_marks(tmp_path / "marks", lines), limits=PARTS), "table of grades")
    strangers = [(number + 2, "unknown_student") for number, line in enumerate(lines) if line.startswith("X")]
    told = rows(district, REFUSED)
    assert [(line, code) for line, code, _ in told] == strangers
    assert len({reason for _, _, reason in told}) == 1
    assert (file.rows_in, file.refused, file.unchanged) == (6_000, len(strangers), 0)
    assert len(rows(district, MARKS)) == 6_000 - len(strangers)


def test_parts_make_the_register_that_one_part_makes(district: Engine, tmp_path: Path) -> None:
    folder = write_marks(tmp_path / "marks", with_strangers())
    bring(district, folder, limits=PARTS)
    in_parts = rows(district, MARKS)
    with district.begin() as connection:
        connection.execute(text("DELETE FROM mark WHERE period_title LIKE 'Day%'"))
    bring(district, folder, limits=ALL_AT_ONCE)
    assert rows(district, MARKS) == in_parts


def test_again_nothing_changes_and_what_is_new_beside_it_comes_in(district: Engine, tmp_path: Path) -> None:
    lines = with_strangers()
    folder = write_marks(tmp_path / "marks", lines[:4_000])
    bring(district, folder, limits=PARTS)
    before = register(district)
    again = named(bring(district, folder, limits=PARTS), "table of grades")
    assert again.unchanged == again.accepted > 3_000
    assert register(district) == before
    changed = lines[1].replace(",B,", ",A,")
    more = write_marks(tmp_path / "more", [*lines[:1], changed, *lines[2:]])
    file = named(bring(district, more, limits=PARTS), "table of grades")
    strangers = sum(line.startswith("X") for line in lines)
    assert (file.accepted, file.unchanged) == (6_000 - strangers, again.accepted - 1)
    assert next(row[4] for row in rows(district, MARKS)) == "A"


def test_a_repeat_in_each_of_many_parts_is_no_news_and_nothing_is_lost(
    district: Engine, tmp_path: Path
) -> None:
    """Each part holds a row of the part before, word for word, and one that says something else."""
    lines = list(marks(10_000))
    for part in range(1, 5):
        lines[2_000 * part + 500] = lines[2_000 * part - 700]
        lines[2_000 * part + 600] = lines[2_000 * part - 600].replace(",B,", ",C,")
    file = named(bring(district, write_marks(tmp_path / "marks", lines), limits=PARTS), "table of grades")
    assert (file.rows_in, file.accepted, file.unchanged, file.refused) == (10_000, 9_996, 4, 4)
    assert [(line, code) for line, code, _ in rows(district, REFUSED)] == [
        (2_000 * part + 602, "duplicate_row") for part in range(1, 5)
    ]
    assert len(rows(district, MARKS)) == 9_992


def test_students_that_are_forgotten_are_asked_for_again(district: Engine, tmp_path: Path) -> None:
    """With so small parts fewer students are remembered than the file names, in each of its batches."""
    lines = with_strangers()
    forgetful = replace(LIMITS, rows_per_part=20)
    file = named(bring(district, write_marks(tmp_path / "marks", lines), limits=forgetful), "table of grades")
    strangers = [(number + 2, "unknown_student") for number, line in enumerate(lines) if line.startswith("X")]
    assert [(line, code) for line, code, _ in rows(district, REFUSED)] == strangers
    assert (file.rows_in, file.refused) == (6_000, len(strangers))
    whose = [(number + 2, line.split(",")[0]) for number, line in enumerate(lines) if line.startswith("L")]
    assert [row[:2] for row in rows(district, MARKS)] == whose


def test_a_mark_without_a_grade_has_the_grade_of_that_year(district: Engine, tmp_path: Path) -> None:
    folder = write_marks(tmp_path / "marks", list(marks(500)))
    mapping = folder / "marks.toml"
    mapping.write_text(
        mapping.read_text(encoding="utf-8") + "[mapping.values]\nschool_year = 2026\n", encoding="utf-8"
    )
    bring(district, folder)
    assert {(row[7], row[8]) for row in rows(district, MARKS)} == {(3, 2026)}


def test_what_a_new_result_names_is_held_by_its_foreign_key(district: Engine, tmp_path: Path) -> None:
    """Looked at as a set or row by row, every mark has its student and its file."""
    bring(district, write_marks(tmp_path / "marks", with_strangers()), limits=PARTS)
    assert rows(
        district,
        "SELECT count(*) FROM mark m WHERE NOT EXISTS (SELECT 1 FROM student s WHERE s.id = m.student_id "
        "AND s.district_id = m.district_id) OR NOT EXISTS (SELECT 1 FROM source_file f WHERE f.id = m.source_file_id)",
    ) == [(0,)]


def test_keys_of_students_with_neighbouring_ids_lie_together_and_show_no_id(
    district: Engine, tmp_path: Path
) -> None:
    bring(district, write_marks(tmp_path / "marks", list(marks(500))), limits=PARTS)
    found = rows(
        district,
        "SELECT i.value, m.source_key FROM mark m JOIN student_identifier i ON i.student_id = m.student_id "
        "AND i.system = 'local' WHERE m.period_title LIKE 'Day%'",
    )
    keys = {value: bytes(key) for value, key in found}
    assert len(set(keys.values())) == len(keys) == 500
    beginnings = {(len(value) > len("L99"), key[:10]) for value, key in keys.items()}
    assert len(beginnings) == len(dict(beginnings)) == 2
    assert not any(one.encode() in key for one in keys for key in keys.values())
