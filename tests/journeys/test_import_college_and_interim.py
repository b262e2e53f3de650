"""The public samples of STAAR Interim, PSAT and SAT, with a roster that has their students but one."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.campaign.intake.importing import bring, named, rows
from tests.campaign.intake.packages import small_district, write_package

pytestmark = pytest.mark.shared_data


def enroll(engine: Engine, folder: Path, ids: list[tuple[str, str]]) -> None:
    """A roster whose first students have these state and local ids."""
    tables = small_district()
    for number, (state, local) in enumerate(ids, 1):
        student = next(row for row in tables["users"] if row["sourcedId"] == f"s{number}")
        student |= {"metadata.stateId": state, "identifier": local}
    bring(engine, write_package(folder / "roster", tables))


def test_staar_interim_comes_in_with_its_chances(engine: Engine, shared_data: Path, tmp_path: Path) -> None:
    enroll(
        engine, tmp_path,
        [("1111111111", "202014"), ("2222222222", "202015"), ("3333333333", "200140"), ("4444444444", "207815")],
    )  # fmt: skip
    summary = bring(engine, shared_data / "vendor" / "STAAR_Interim")
    file = named(summary, "sample_anonymized_file.csv")
    assert (summary.failed, file.rows_in, file.accepted, file.refused) == ([], 5, 4, 1)
    assert rows(engine, "SELECT line, code FROM refused_row WHERE line > 0") == [(6, "unknown_student")]
    assert rows(
        engine,
        "SELECT a.key, a.floor_level, a.cut, s.level, s.scale_score, s.projected_probability, s.administered_on::text "
        "FROM score s JOIN assessment a ON a.id = s.assessment_id ORDER BY s.source_line",
    ) == [
        ("STAAR Interim|2023|science|5|winter", "Meets", None, None, score, chance, "2022-12-01")
        for score, chance in ((3110.0, 0.01), (3110.0, 0.01), (2663.0, 0.01), (4148.0, 0.72))
    ]  # fmt: skip
    assert named(bring(engine, shared_data / "vendor" / "STAAR_Interim"), file.name).unchanged == 4


# Codes of grades that are none leave the grade to enrolment: a fourth grader of 2026-27 was in kindergarten in 2022-23.
@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("psat_10", ("2022-04-13", (300.0, "N", 410.0, "N"), {10})),
        ("psat_89", ("2022-09-26", (340.0, "N", 310.0, "N"), {10, 7, 0})),
        ("psat_nmsqt", ("2022-10-12", (400.0, "N", 360.0, "N"), {8, 9, 10, 11})),
    ],
)
def test_psat_is_kept_without_a_floor(
    engine: Engine,
    shared_data: Path,
    tmp_path: Path,
    file: str,
    told: tuple[str, tuple[object, ...], set[int]],
) -> None:
    day, first, grades = told
    enroll(engine, tmp_path, [(f"60492{n}", f"60492{n}") for n in (6, 7, 8, 9)])
    export = shared_data / "vendor" / "PSAT_SAT" / f"sample_anonymized_file_{file}.csv"
    summary = bring(engine, export)
    assert (summary.failed, summary.rows_in, summary.accepted, summary.refused) == ([], 5, 4, 1)
    assert rows(engine, "SELECT line, code FROM refused_row WHERE line > 0") == [(6, "unknown_student")]
    found = rows(
        engine,
        "SELECT s.source_line, a.subject, s.scale_score, s.level FROM score s "
        "JOIN assessment a ON a.id = s.assessment_id ORDER BY 1, 2 DESC",
    )
    assert len(found) == 8
    assert [entry[1:] for entry in found[:2]] == [("reading", *first[:2]), ("math", *first[2:])]
    assert rows(engine, "SELECT DISTINCT kind, floor_level, cut FROM assessment") == [("college", None, None)]
    assert rows(engine, "SELECT DISTINCT administered_on::text FROM score") == [(day,)]
    assert {grade for (grade,) in rows(engine, "SELECT DISTINCT grade_level FROM score")} == grades
    assert bring(engine, export).unchanged == 4


def test_sat_brings_the_latest_and_earlier_administrations(
    engine: Engine, shared_data: Path, tmp_path: Path
) -> None:
    enroll(engine, tmp_path, [(f"60492{n}", f"60492{n}") for n in (6, 7, 8, 9)])
    export = shared_data / "vendor" / "PSAT_SAT" / "sample_anonymized_file_sat.csv"
    summary = bring(engine, export)
    assert (summary.failed, summary.rows_in, summary.accepted, summary.refused) == ([], 5, 4, 1)
    assert rows(
        engine,
        "SELECT s.source_line, s.administered_on::text, a.subject, s.scale_score, s.level FROM score s "
        "JOIN assessment a ON a.id = s.assessment_id WHERE a.subject = 'reading' ORDER BY 1, 2 DESC",
    ) == [
        (2, "2015-10-12", "reading", 670.0, "Y"),
        (3, "2022-04-13", "reading", 420.0, None),
        (3, "2015-10-12", "reading", 450.0, "N"),
        (4, "2024-10-12", "reading", 480.0, "Y"),
        (4, "2022-10-01", "reading", 400.0, None),
        (4, "2022-08-27", "reading", 390.0, None),
        (4, "2022-05-07", "reading", 410.0, None),
        (5, "2022-10-12", "reading", 530.0, "Y"),
    ]
    assert rows(engine, "SELECT count(*) FROM score") == [(16,)]
    assert bring(engine, export).unchanged == 4
