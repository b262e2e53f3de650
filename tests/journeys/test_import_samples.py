"""The public samples come in whole: rows in = accepted + refused, with the counts the files really hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.campaign.intake.importing import bring, counts, named, register, rows
from tests.campaign.intake.packages import small_district, write_package

pytestmark = pytest.mark.shared_data


def test_daybreak(engine: Engine, shared_data: Path) -> None:
    folder = shared_data / "edfi" / "inbloom_daybreak"
    summary = bring(engine, folder)
    assert summary.failed == []
    assert (summary.rows_in, summary.refused) == (1327, 0)
    assert counts(engine) == {
        "district": 1, "school": 3, "staff_member": 14, "student": 78, "student_identifier": 78, "contact": 9,
        "student_contact": 9, "course": 95, "section": 97, "enrollment": 297, "grading_period": 0, "mark": 200,
        "assessment": 19, "score": 203,
    }  # fmt: skip
    assert rows(engine, "SELECT code, name, state_code FROM district") == [
        ("IL-DAYBREAK", "Daybreak School District 4529", "IL")
    ]
    assert rows(engine, "SELECT phone FROM school ORDER BY 1") == [
        ("(917)-555-0212",), ("(917)-555-0216",), ("(917)-555-3312",),
    ]  # fmt: skip
    assert rows(engine, "SELECT count(*) FROM mark WHERE is_final") == [(198,)]
    assert "315 StudentGradebookEntry (marks of assignments, not of report cards)" in str(
        named(summary, "InterchangeStudentGrade.xml").message
    )
    before = register(engine)
    again = bring(engine, folder)
    assert again.unchanged == again.accepted == 1327
    assert register(engine) == before


def test_daybreak_levels_are_put_in_order_and_aliases_resolved(engine: Engine, shared_data: Path) -> None:
    bring(engine, shared_data / "edfi" / "inbloom_daybreak")
    assert rows(
        engine,
        "SELECT floor_level, cut, jsonb_path_query_array(levels, '$[*].code')::text FROM assessment "
        "WHERE title IN ('Grade 8 2011 StateTest Reading', 'READ 2.0 Grade 1 BOY') ORDER BY title",
    ) == [("S", 231.0, '["W", "B", "S", "E"]'), (None, None, '["Level 3", "Level 2", "Level 1"]')]
    assert rows(
        engine,
        "SELECT DISTINCT s.level FROM score s JOIN assessment a ON a.id = s.assessment_id "
        "WHERE a.title LIKE 'Grade 8%' ORDER BY 1",
    ) == [("B",), ("E",), ("S",), ("W",)]


def test_a_score_beside_a_reason_not_tested_counts_only_where_the_district_says_so(
    engine: Engine, shared_data: Path
) -> None:
    folder = shared_data / "edfi" / "inbloom_daybreak"
    bring(engine, folder)
    invalidated = (
        "SELECT count(*) FROM score WHERE status = 'invalidated' AND status_reason = 'Medical waiver'"
    )
    assert rows(engine, invalidated) == [(124,)]
    bring(engine, folder, ignored=("medical waiver",))
    assert rows(engine, invalidated) == [(0,)]
    assert rows(engine, "SELECT count(*) FROM score WHERE status = 'valid'") == [(203,)]


def test_grand_bend(engine: Engine, shared_data: Path) -> None:
    folder = shared_data / "edfi" / "grandbend_ds52"
    summary = bring(engine, folder)
    assert summary.failed == []
    assert (summary.rows_in, summary.refused) == (5609, 0)
    assert counts(engine) == {
        "district": 1, "school": 3, "staff_member": 0, "student": 960, "student_identifier": 960, "contact": 1873,
        "student_contact": 1872, "course": 84, "section": 532, "enrollment": 0, "grading_period": 24, "mark": 8,
        "assessment": 8, "score": 75,
    }  # fmt: skip
    for file, accepted in (
        ("StudentAssessment-StateAssessment.xml", 34),
        ("StudentAssessment-SAT.xml", 39),
        ("StudentAssessmentSample.xml", 2),
        ("StudentGrade-1stSixWeeks.EXCERPT.xml", 8),
    ):
        assert named(summary, file).accepted == accepted
    assert rows(engine, "SELECT count(*) FROM score WHERE status = 'absent'") == [(2,)]
    assert rows(engine, "SELECT count(*) FROM school WHERE phone IS NULL") == [(0,)]
    assert rows(engine, "SELECT DISTINCT may_receive FROM student_contact") == [(True,)]
    assert rows(engine, "SELECT DISTINCT code FROM refused_row WHERE accepted") == [("levels_overlap",)]
    assert bring(engine, folder).unchanged == 5609


def test_longsight(engine: Engine, shared_data: Path) -> None:
    summary = bring(engine, shared_data / "oneroster" / "longsight_v1p2_bulk")
    assert summary.failed == []
    assert (summary.rows_in, summary.accepted, summary.refused) == (14, 13, 1)
    assert named(summary, "results").message == "passed over: 1 results of assignments"
    assert rows(engine, "SELECT code FROM refused_row") == [("not_a_student",)]
    assert sum(file.status == "not_needed" for file in summary.files) == 11


def test_map_growth_needs_a_roster_and_refuses_the_short_row(engine: Engine, shared_data: Path) -> None:
    vendor = shared_data / "vendor" / "MAP_Growth"
    assert "Import a roster first" in str(bring(engine, vendor).failed[0].message)
    bring(engine, shared_data / "edfi" / "grandbend_ds52")
    summary = bring(engine, vendor)
    file = named(summary, "nwea map growth")
    assert (file.rows_in, file.accepted, file.refused) == (7, 6, 1)
    assert rows(engine, "SELECT line, code FROM refused_row WHERE line > 0") == [(8, "ragged_row")]
    assert rows(
        engine,
        "SELECT DISTINCT a.subject, a.season, s.scale_score, s.csem, s.school_year, a.cut FROM score s "
        "JOIN assessment a ON a.id = s.assessment_id WHERE a.family = 'MAP Growth' AND s.scale_score = 233",
    ) == [("math", "fall", 233.0, 3.3, 2022, None)]


def test_staar_shows_the_identity_conflict_and_never_merges(
    engine: Engine, shared_data: Path, tmp_path: Path
) -> None:
    tables = small_district()
    for number, (state, local) in enumerate([("320", "111111111"), ("321", "222222222")], 1):
        student = next(row for row in tables["users"] if row["sourcedId"] == f"s{number}")
        student |= {"metadata.stateId": state, "identifier": local}
    bring(engine, write_package(tmp_path / "p", tables))
    summary = bring(engine, shared_data / "vendor" / "STAAR_Summative")
    separated, fixed = (
        named(summary, "sample_anonymized_file.csv"),
        named(summary, "sample_anonymized_file.txt"),
    )
    # Lines of fixed width, each one character short, come first; separated values say the same once more.
    assert (fixed.rows_in, fixed.accepted, fixed.unchanged, fixed.refused) == (10, 2, 0, 8)
    assert (separated.rows_in, separated.accepted, separated.unchanged, separated.refused) == (10, 2, 2, 8)
    assert rows(engine, "SELECT code, count(*) FROM refused_row WHERE line > 0 GROUP BY 1 ORDER BY 1") == [
        ("identity_conflict", 10),
        ("unknown_student", 6),
    ]
    assert rows(
        engine,
        "SELECT a.subject, a.version, s.level, a.floor_level, s.scale_score FROM score s "
        "JOIN assessment a ON a.id = s.assessment_id ORDER BY s.source_line, 1",
    ) == [
        ("math", "2023", "Approaches", "Meets", 1423.0),
        ("reading", "2023", "Approaches", "Meets", 1444.0),
        ("math", "2023", "Approaches", "Meets", 1360.0),
        ("reading", "2023", "Approaches", "Meets", 1345.0),
    ]


def test_school_data_sync_comes_in_whole_and_nobody_without_a_name(engine: Engine, shared_data: Path) -> None:
    folder = shared_data / "sds" / "sds_v1"
    nameless = bring(engine, folder / "Min Required Attributes", district="WA")
    assert (nameless.failed, nameless.rows_in, nameless.accepted) == ([], 74, 4)
    assert counts(engine)["student"] == 0
    for size, rows_in, students in (("25 Users", 74, 22), ("100 Users", 758, 86)):
        summary = bring(engine, folder / size, district="WA")
        assert (summary.failed, summary.rows_in, summary.refused) == ([], rows_in, 0)
        assert counts(engine)["student"] == students
    # Nothing says that a list is complete, so 22 seats of the smaller size stay beside the 602 of the larger.
    assert counts(engine)["enrollment"] == 602 + 22
    newer = bring(engine, shared_data / "sds" / "sds_v2p1")
    assert (newer.failed, newer.rows_in, newer.refused) == ([], 40, 2)
    assert rows(engine, "SELECT DISTINCT code FROM refused_row r JOIN source_file f ON f.id = r.source_file_id "
                "WHERE f.format LIKE '%V2.1%'") == [("not_a_student",), ("subject_in_doubt",)]  # fmt: skip
    assert rows(engine, "SELECT DISTINCT school_year FROM grading_period ORDER BY 1") == [(2018,), (2022,)]
