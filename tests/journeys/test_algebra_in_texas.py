"""From a line of fixed width to the comparison: Algebra I meets the mark in Algebra I and no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.comparing.comparisons import compare_district
from reports.records import ComparisonPolicy
from tests.campaign.intake.importing import NOW, bring, rows
from tests.campaign.intake.layout_samples import read_own_fields
from tests.campaign.intake.packages import small_district, write_package


def line(state_id: str, **cells: str) -> str:
    """A line of the file of 2026, a character short."""
    told = {
        "administration_date": "0526", "grade_level_tested": "08", "last_name": "Family", "first_name": "Given",
        "date_of_birth": "03022012", "tx_unique_student_id": state_id, "score_code_369": "S", "test_version_370": "S",
        **cells,
    }  # fmt: skip
    made = [" "] * 3999
    for name, (start, width) in read_own_fields("staar_summative", "fields_2026.csv").items():
        made[start : start + width] = told.get(name, "").ljust(width)
    return "".join(made)


def algebra(level: int, score: str) -> dict[str, str]:
    flags = ("approaches_grade_level_379", "meets_grade_level_380", "masters_grade_level_381")
    return {"scale_score_378": score} | {flag: str(int(level > n)) for n, flag in enumerate(flags)}


@pytest.mark.parametrize(
    ("course", "passed"),
    [("Algebra I", ("MATCH_AT", None)), ("Math 8", ("NOT_ENOUGH", "grade_not_comparable"))],
)
def test_algebra_is_compared_with_its_own_course_and_only_where_it_was_passed(
    engine: Engine, tmp_path: Path, course: str, passed: tuple[str, str | None]
) -> None:
    tables = small_district(2)
    tables["courses"][0] |= {"title": course, "grades": "08"}
    for user in tables["users"]:
        if user["role"] == "student":
            user |= {"grades": "08", "metadata.stateId": f"300000000{user['sourcedId'][1:]}"}
    bring(engine, write_package(tmp_path / "roster", tables))
    (tmp_path / "staar.txt").write_text(
        f"{line('3000000001', **algebra(2, '4100'))}\n{line('3000000002', **algebra(0, '3400'))}\n",
        encoding="utf-8",
    )
    summary = bring(engine, tmp_path / "staar.txt")
    assert (summary.failed, summary.accepted) == ([], 2)
    compare_district(engine, 1, ComparisonPolicy(), NOW.date(), NOW)
    assert rows(engine, "SELECT key, floor_level FROM assessment") == [
        ("STAAR Algebra I|2023|math||", "Meets")
    ]
    assert rows(
        engine, "SELECT category, refusal FROM comparison WHERE subject = 'math' ORDER BY student_id"
    ) == [passed, ("NOT_ENOUGH", "off_grade")]
