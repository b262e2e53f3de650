"""The command that shows marks beside scores of any file."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from campaign.cli import gbg


def cross_table(file: Path, *, mark: str = "mark", score: str = "score") -> Result:
    arguments = ["cross-table", str(file), "--mark", mark, "--score", score, "--cut", "50"]
    return CliRunner().invoke(gbg, arguments)


@pytest.fixture
def students(tmp_path: Path) -> Path:
    file = tmp_path / "students.csv"
    rows = (
        [f"A,{score}" for score in range(40, 60)] + ["B,49.9"] * 15 + ["B,50"] * 15 + ["C,30"] * 12 + ["D,"]
    )
    file.write_text("mark,score\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return file


def test_it_shows_marks_beside_scores_and_hides_what_is_small(students: Path) -> None:
    said = cross_table(students).output.splitlines()
    assert [line.split() for line in said if line.startswith("B ")] == [["B", "30", "50.0", "50.0%"]]
    # All who got a C are below: that is not said exactly, and the smallest other mark covers it.
    assert next(line for line in said if line.startswith("C ")).endswith("60% or more (fewer than 5 are not)")
    assert "hidden so that" in next(line for line in said if line.startswith("A "))
    assert not any("together" in line for line in said)


@pytest.mark.shared_data
def test_the_national_sample_says_what_it_is_known_for(shared_data: Path) -> None:
    file = shared_data / "validation" / "hsls09_grade8math_vs_test_dev.csv"
    said = cross_table(file, mark="S1M8GRADE", score="X1TXMTSCOR").output
    assert "A or B together: 36.6% below 50" in said


@pytest.mark.parametrize(("mark", "score"), [("grade", "score"), ("score", "mark")])
def test_a_column_that_cannot_be_used_is_named(students: Path, mark: str, score: str) -> None:
    result = cross_table(students, mark=mark, score=score)
    assert result.exit_code == 1
    assert "Name two columns of the file, scores as numbers." in result.output
