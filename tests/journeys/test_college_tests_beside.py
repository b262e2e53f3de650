"""A college-readiness test says nothing about grade level, and takes nothing away from a state test."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from campaign.comparing.comparisons import compare_district
from reports.records import ComparisonPolicy
from tests.campaign.intake.importing import NOW, bring, rows
from tests.campaign.intake.packages import small_district, write_package, write_table

# Of every version of a comparison, for it is made again when a score comes in.
SAID = "SELECT DISTINCT subject, category, refusal FROM comparison ORDER BY subject"


def test_a_newer_psat_changes_no_comparison(engine: Engine, tmp_path: Path) -> None:
    tables = small_district(1)
    tables["courses"][0] |= {"title": "Math 7", "grades": "07"}
    for user in tables["users"]:
        user |= {"grades": "08"} if user["role"] == "student" else {}
    bring(engine, write_package(tmp_path / "roster", tables))
    staar = {
        "administration_date": "0526", "grade_level_tested": "07", "tx_unique_student_id": "ST1",
        "reading_language_arts_scale_score": "", "mathematics_scale_score": "1700", "score_code_mathematics": "S",
        "mathematics_test_version": "S", "approaches_grade_level_in_mathematics": "1",
        "meets_grade_level_in_mathematics": "1", "masters_grade_level_in_mathematics": "0",
    }  # fmt: skip
    psat = {
        "CB_ID": "100a", "STATE_STUDENT_ID": "ST1", "LATEST_PSAT_DATE": "10/14/2026", "LATEST_PSAT_GRADE": "2",
        "LATEST_PSAT_EBRW": "200", "LATEST_PSAT_MATH_SECTION": "200", "EBRW_CCR_BENCHMARK": "N",
        "MATH_CCR_BENCHMARK": "N",
    }  # fmt: skip
    write_table(tmp_path / "staar.csv", list(staar), [staar])
    write_table(tmp_path / "psat.csv", list(psat), [psat])
    assert bring(engine, tmp_path / "staar.csv").accepted == 1
    compare_district(engine, 1, ComparisonPolicy(), NOW.date(), NOW)
    assert rows(engine, SAID) == [("math", "MATCH_AT", None)]
    assert bring(engine, tmp_path / "psat.csv").accepted == 1
    compare_district(engine, 1, ComparisonPolicy(), NOW.date(), NOW)
    assert rows(engine, SAID) == [("math", "MATCH_AT", None), ("reading", "NOT_ENOUGH", "no_cut")]
