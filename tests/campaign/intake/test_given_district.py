"""A district code that is given, and a roster that names a district of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.intake.run import import_paths
from campaign.store.imports import FileRecord
from tests.campaign.intake.importing import LIMITS, NOW, bring, register, rows
from tests.campaign.intake.packages import small_district, write_package

DISTRICTS = "SELECT code, name FROM district ORDER BY code"


def package(folder: Path, code: str = "BLUE", name: str = "Blue Lake") -> Path:
    tables = small_district(2)
    tables["orgs"][0] |= {"identifier": code, "name": name}
    return write_package(folder / code / name, tables)


def confirmed(engine: Engine, path: Path, district: str) -> list[FileRecord]:
    return import_paths(engine, [path], district=district, confirmed=True, limits=LIMITS, now=NOW).failed


def test_a_roster_of_another_district_is_not_merged_into_the_one_that_is_given(
    engine: Engine, tmp_path: Path
) -> None:
    bring(engine, package(tmp_path))
    before = register(engine)
    failed = bring(engine, package(tmp_path, "RED", "Red Hill"), district="BLUE").failed
    assert "names the district RED (Red Hill), not BLUE" in str(failed[0].message)
    assert "another name" in str(failed[0].message)
    assert "--district BLUE" in str(failed[0].message)
    assert register(engine) == before


def test_a_person_who_says_so_puts_it_there_and_renames_nothing(engine: Engine, tmp_path: Path) -> None:
    bring(engine, package(tmp_path))
    assert confirmed(engine, package(tmp_path, "RED", "Red Hill"), "BLUE") == []
    assert rows(engine, DISTRICTS) == [("BLUE", "Blue Lake")]


def test_nobody_can_say_that_a_district_known_here_is_another(engine: Engine, tmp_path: Path) -> None:
    for code, name in (("BLUE", "Blue Lake"), ("RED", "Red Hill")):
        bring(engine, package(tmp_path, code, name))
    before = register(engine)
    failed = confirmed(engine, package(tmp_path, "RED", "Red Hill"), "BLUE")
    assert "RED is a district of its own here" in str(failed[0].message)
    assert register(engine) == before


def test_its_own_roster_gives_a_district_its_name_of_today(engine: Engine, tmp_path: Path) -> None:
    bring(engine, package(tmp_path))
    assert bring(engine, package(tmp_path, "BLUE", "Blue Lakes Unified"), district="BLUE").failed == []
    assert rows(engine, DISTRICTS) == [("BLUE", "Blue Lakes Unified")]


@pytest.mark.parametrize("code", ["NEW", "BLUE"])
def test_a_person_may_call_a_new_district_as_they_like(engine: Engine, tmp_path: Path, code: str) -> None:
    assert confirmed(engine, package(tmp_path), code) == []
    assert rows(engine, DISTRICTS) == [(code, "Blue Lake")]
