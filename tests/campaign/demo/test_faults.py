"""Every planted fault meets the outcome its list names, at the door that all files come through."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from campaign import database, settings
from campaign.access import ENGINE
from campaign.demo.district import MadeUpDistrict, build
from campaign.demo.faults import Outcome, PlantedFault
from campaign.demo.packages import DISTRICT_CODE
from campaign.intake.run import ImportSummary, import_paths

NOW = datetime(2026, 10, 23, 20, 0, tzinfo=UTC)


def bring_in(engine: Engine, made: MadeUpDistrict, home: Path) -> list[ImportSummary]:
    limits = settings.load(environment={"GBG_HOME": str(home)}).intake
    return [
        import_paths(engine, paths, district=district, limits=limits, now=NOW)
        for paths, district in ((made.rosters, None), (made.results, DISTRICT_CODE))
    ]


@pytest.fixture
def made(tmp_path: Path) -> MadeUpDistrict:
    return build(tmp_path / "district", students=60, seed=5)


def name_at_the_door(fault: PlantedFault) -> str:
    """The name under which the import knows the file: inside its folder or its zip."""
    return fault.file.replace("!", "/").removeprefix("sis_a/")


def what_happened(engine: Engine, fault: PlantedFault) -> set[str]:
    """Outcomes seen for the place of a fault."""
    values: dict[str, Any] = {"name": name_at_the_door(fault), "line": fault.line}
    with database.transaction(engine, ENGINE) as connection:
        refused = connection.scalar(
            text(
                """
                SELECT count(*) FROM refused_row r JOIN source_file f ON f.id = r.source_file_id
                WHERE f.name = :name AND r.line = :line
                """
            ),
            values,
        )
        files = connection.execute(
            text("SELECT status, coalesce(message, '') AS message FROM source_file WHERE name = :name"),
            values,
        ).all()
    seen = {Outcome.ROW_REFUSED if refused else Outcome.NOT_COMPARED}
    seen |= {Outcome.FILE_FAILS if file.status == "failed" else Outcome.READ for file in files}
    if any("metadata.SSN" in file.message for file in files):
        seen.add(Outcome.COLUMN_DROPPED)
    return seen


def test_each_planted_fault_ends_as_its_list_says(
    engine: Engine, made: MadeUpDistrict, tmp_path: Path
) -> None:
    bring_in(engine, made, tmp_path)
    assert {fault.kind: fault.outcome in what_happened(engine, fault) for fault in made.faults} == {
        fault.kind: True for fault in made.faults
    }


def test_the_school_with_another_test_is_compared_by_level(
    engine: Engine, made: MadeUpDistrict, tmp_path: Path
) -> None:
    _, results = bring_in(engine, made, tmp_path)
    [file] = [file for file in results.files if file.format == "staar summative"]
    assert (file.accepted > 0, file.refused) == (True, 0)
    with database.transaction(engine, ENGINE) as connection:
        floors = connection.scalars(
            text("SELECT DISTINCT floor_level FROM assessment WHERE family = 'STAAR'")
        ).all()
        levels = connection.scalar(
            text(
                "SELECT count(*) FROM score s JOIN assessment a ON a.id = s.assessment_id"
                " WHERE a.family = 'STAAR' AND s.status = 'valid' AND s.level IS NULL"
            )
        )
    assert (floors, levels) == (["Meets"], 0)


def test_no_row_vanishes_and_a_second_import_changes_nothing(
    engine: Engine, made: MadeUpDistrict, tmp_path: Path
) -> None:
    first = bring_in(engine, made, tmp_path)
    for summary in first:
        assert all(file.rows_in == file.accepted + file.refused for file in summary.files)
        assert summary.rows_in > 0
    second = bring_in(engine, made, tmp_path)
    for summary in second:
        assert summary.unchanged == summary.accepted


def test_social_security_numbers_are_nowhere_in_the_database(
    engine: Engine, made: MadeUpDistrict, tmp_path: Path
) -> None:
    assert "900-00-" in (made.folder / "sis_a" / "users.csv").read_text(encoding="utf-8")
    bring_in(engine, made, tmp_path)
    with database.transaction(engine, ENGINE) as connection:
        for table in ("student", "contact", "student_identifier", "refused_row", "source_file"):
            assert (
                connection.scalar(text(f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%900-00-%'")) == 0
            )
