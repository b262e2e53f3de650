"""What a grade means in a district: which students are counted, how often, and what is said of them."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from campaign.commands.norms_lines import lines
from campaign.comparing.norms import DistrictNorms, district_norms, export
from content.catalog import load as load_catalog
from reports.compare.norms import Statement, StatementCode
from reports.compare.scales import load
from reports.compare.small_cells import Shown

AS_OF = date(2026, 11, 2)

# 160 fifth graders: 110 with a B (66 at grade level), 40 with an A (all but six), 10 with a C (none).
_DISTRICT = """
    INSERT INTO district (code, name) VALUES ('one', 'One'), ('two', 'Two');
    INSERT INTO student (district_id, given_name, family_name, grade_level)
    SELECT 1, 'Canary', 'Child', 6 FROM generate_series(1, 160);
    INSERT INTO assessment (district_id, key, family, title, version, kind, subject, grade_level, levels,
                            floor_level, cut)
    SELECT 1, kind || grade, 'State', 'State Test', '2026', kind, 'math', grade,
           '[{"code": "L"}, {"code": "M"}, {"code": "H"}]', 'M', 500
    FROM unnest(ARRAY['summative', 'alternate']) kind, unnest(ARRAY[5, 6]) grade ORDER BY kind DESC, grade;
    INSERT INTO mark (district_id, student_id, source_key, course_title, subject, grade_level, school_year, is_final,
                      mark, scale, period_ends_on)
    SELECT 1, i, ('m' || i)::bytea, 'Math 5', 'math', 5, 2026, true,
           CASE WHEN i <= 110 THEN CASE WHEN i % 2 = 0 THEN 'B+' ELSE 'B' END WHEN i <= 150 THEN 'A' ELSE 'C' END,
           'letter', '2026-05-28'
    FROM generate_series(1, 160) i;
    INSERT INTO score (district_id, student_id, assessment_id, source_key, administered_on, school_year, scale_score,
                       level, status)
    SELECT 1, i, 1, ('s' || i)::bytea, '2026-04-20', 2026, CASE WHEN i % 3 = 0 THEN NULL WHEN at THEN 510 ELSE 490 END,
           CASE WHEN i % 3 > 0 THEN NULL WHEN at THEN 'H' ELSE 'L' END, 'valid'
    FROM (SELECT i, i <= 66 OR i BETWEEN 111 AND 144 AS at FROM generate_series(1, 160) i) known
"""


@pytest.fixture
def district(connection: Connection) -> Connection:
    connection.execute(text(_DISTRICT))
    return connection


def norms(connection: Connection, as_of: date = AS_OF) -> DistrictNorms:
    return district_norms(connection, 1, as_of, load(), minimum_group=10)


def counted(connection: Connection) -> dict[str, tuple[str, int | None]]:
    return {row.grade: (row.shown, row.students) for row in norms(connection).rows}


def test_every_student_is_counted_once_by_level_or_by_cut(district: Connection) -> None:
    found = norms(district)
    assert found.school_year == 2026
    assert [(row.grade, row.shown, row.students, row.raw) for row in found.rows] == [
        ("A", Shown.COVER, None, None),
        ("B", Shown.YES, 110, 0.6),
        ("C", Shown.BOTTOM, None, None),
    ]
    assert found.rows[0].scale == "Letter grades"


def test_only_the_careful_sentences_are_left_for_families(district: Connection) -> None:
    """The C is too small to be said; alone it could be worked out, so the A, which is too uncertain, covers it."""
    found = norms(district)
    assert [(one.course, one.grade, one.statement) for one in found.statements] == [
        ("Math 5", "B", Statement(StatementCode.ABOUT, 6))
    ]
    assert found.grades == 3


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE score SET assessment_id = 3 WHERE student_id = 1",
        "UPDATE score SET assessment_id = 2 WHERE student_id = 1",
        "UPDATE score SET status = 'invalidated' WHERE student_id = 1",
        "UPDATE score SET school_year = 2025 WHERE student_id = 1",
        "UPDATE mark SET school_year = 2027 WHERE student_id = 1",
        "UPDATE mark SET is_final = false WHERE student_id = 1",
        "UPDATE mark SET withdrawn = true WHERE student_id = 1",
        "UPDATE mark SET modified_curriculum = true WHERE student_id = 1",
        "UPDATE mark SET credit_recovery = true WHERE student_id = 1",
        "UPDATE mark SET subject = 'reading' WHERE student_id = 1",
        "UPDATE mark SET mark = 'Pass' WHERE student_id = 1",
        "UPDATE score SET scale_score = NULL WHERE student_id = 1",
    ],
)
def test_who_is_not_counted(district: Connection, change: str) -> None:
    """Alternates, other grades, results that are not valid, other years, marks of parts, of other or easier work."""
    district.execute(text(change))
    assert counted(district)["B"] == (Shown.YES, 109)


def test_a_second_chance_and_an_older_mark_change_nothing(district: Connection) -> None:
    before = norms(district)
    district.execute(
        text(
            """
            INSERT INTO score (district_id, student_id, assessment_id, source_key, administered_on, school_year,
                               scale_score, status)
            SELECT 1, i, 1, ('again' || i)::bytea, '2026-05-20', 2026, 700, 'valid' FROM generate_series(1, 110) i;
            INSERT INTO mark (district_id, student_id, source_key, course_title, subject, grade_level, school_year,
                              is_final, mark, scale, period_ends_on)
            SELECT 1, i, ('S1' || i)::bytea, 'Math 5', 'math', 5, 2026, true, 'F', 'letter', '2026-01-15'
            FROM generate_series(1, 110) i
            """
        )
    )
    assert norms(district) == before


def test_a_year_that_is_not_over_has_no_norms_and_says_what_to_do(district: Connection) -> None:
    found = norms(district, date(2026, 6, 30))
    assert (found.school_year, found.rows, found.statements) == (2025, [], [])
    assert "gbg import" in list(lines("One", found, load_catalog()))[1]


def test_the_lines_say_what_is_hidden_and_why(district: Connection) -> None:
    said = list(lines("One", norms(district), load_catalog()))
    assert "in 2025-26" in said[0]
    assert "60%" in next(line for line in said if " B " in line)
    assert "40% or fewer" in next(line for line in said if line.lstrip().startswith("5           C"))
    assert said[-2].strip() == "Math 5, B: about 6 in 10 met grade level"
    assert said[-1].endswith("not a guess about ….")


def test_the_export_has_no_number_of_a_hidden_cell(district: Connection, tmp_path: Path) -> None:
    file = tmp_path / "norms.csv"
    assert export([("one", norms(district))], file) == 3
    rows = {row["grade"]: row for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())}
    assert (rows["B"]["students"], rows["B"]["raw"]) == ("110", "0.6")
    hidden = {name: rows["C"][name] for name in ("students", "raw", "pooled", "low", "high")}
    assert set(hidden.values()) == {""}
    assert rows["C"]["because"].startswith("Fewer than 5")
    assert file.stat().st_mode & 0o077 == 0
