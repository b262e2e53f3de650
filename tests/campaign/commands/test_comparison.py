"""The command that compares: every district, its own scales, its counts in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.commands.comparison import compare_one
from campaign.commands.comparison_lines import lines
from campaign.commands.districts import districts
from campaign.database import transaction
from campaign.plain_error import NotFound
from campaign.settings import Settings, load
from reports.compare.scales import ScaleError
from tests.campaign.comparing.test_comparisons import SETUP

AS_OF, NOW = date(2026, 6, 20), datetime(2026, 6, 20, 18, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(environment={"GBG_HOME": str(tmp_path)})


@pytest.fixture
def stored(engine: Engine) -> Engine:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text(SETUP))
    return engine


def compared(engine: Engine, settings: Settings, code: str) -> list[str]:
    [one] = districts(engine, code)
    summary = compare_one(engine, settings, one, AS_OF, NOW, progress=lambda students: None)
    return list(lines(one.name, summary))


def test_counts_and_refusals_are_told_in_words(stored: Engine, settings: Settings) -> None:
    told = compared(stored, settings, "one")
    assert told[:2] == [
        "One: 3 students, 3 comparisons",
        "  3 new, 0 replaced by a new version, 0 as before",
    ]
    assert [line.split()[:2] for line in told if "HIGH_CLOSE" in line] == [["HIGH_CLOSE", "1"]]
    assert told[-1].split()[:2] == ["mark_not_comparable", "1"]
    assert told[-1].endswith("if the mark is right, nothing is to be done.")


def test_a_district_without_records_is_told_what_to_do(stored: Engine, settings: Settings) -> None:
    with transaction(stored, ENGINE) as connection:
        connection.execute(text("INSERT INTO district (code, name) VALUES ('new', 'New')"))
    assert compared(stored, settings, "new")[-1].strip().startswith("There is nothing to compare yet; import")


def test_a_districts_own_scales_are_used_for_it_alone(stored: Engine, settings: Settings) -> None:
    folder = settings.home / "grade_scales"
    folder.mkdir()
    (folder / "one.toml").write_text('version = "1"\n[scale.letter]\nHIGH = ["A"]\nLOW = ["B", "C"]\n')
    assert any("LOW_CLOSE" in line and " 1 " in line for line in compared(stored, settings, "one"))
    assert any("MATCH_AT" in line and " 1 " in line for line in compared(stored, settings, "two"))


def test_scales_that_cannot_be_used_stop_the_run(stored: Engine, settings: Settings) -> None:
    folder = settings.home / "grade_scales"
    folder.mkdir()
    (folder / "one.toml").write_text('version = "1"\n[scale.letter]\nHIGH = ["A"]\n')
    with pytest.raises(ScaleError, match="has no LOW band"):
        compared(stored, settings, "one")


def test_the_settings_decide_the_policy(stored: Engine, settings: Settings) -> None:
    lenient = replace(settings, comparison=replace(settings.comparison, expiry_days=10))
    assert compared(stored, lenient, "one")[-1].split()[:2] == ["test_too_old", "3"]


def test_progress_counts_every_student(stored: Engine, settings: Settings) -> None:
    told: list[int] = []
    for one in districts(stored, None):
        compare_one(stored, settings, one, AS_OF, NOW, told.append)
    assert told == [3, 1]


@pytest.mark.parametrize(("code", "words"), [("three", "no district three")])
def test_a_district_that_is_not_there_is_named(stored: Engine, code: str, words: str) -> None:
    with pytest.raises(NotFound, match=words):
        districts(stored, code)


def test_an_empty_installation_is_told_what_to_do(engine: Engine) -> None:
    with pytest.raises(NotFound, match="import a roster first"):
        districts(engine, None)
