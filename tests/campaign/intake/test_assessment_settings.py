"""What a district states about its tests stands, whatever an export or its layout says later."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.intake.run import import_paths
from tests.campaign.intake.importing import LIMITS, NOW, bring, rows
from tests.campaign.intake.packages import small_district, write_package
from tests.campaign.intake.pine_test import PINE, TABLE, own_test

# The layout says: floor "There" from 250 points, "Near" from 210.
NAMED = '[[assessment]]\nfamily = "Pine Test"\nversion = "2026"\nsubject = "reading"\ngrade = 4\n'
STATED = "SELECT floor_level, cut, test_sem, stated_by_district FROM assessment WHERE grade_level = 4"


@pytest.fixture
def pine(engine: Engine, tmp_path: Path) -> Path:
    """A district with six students, and a folder with the results of one of them."""
    bring(engine, write_package(tmp_path / "roster", small_district()))
    own_test(tmp_path, PINE)
    (tmp_path / "results.csv").write_text(TABLE + "ST1,4,5/6/2026,255,9.5,1,,,\n", encoding="utf-8")
    return tmp_path


def bring_all(engine: Engine, pine: Path, settings: str | None, *, first: str) -> None:
    """Results and settings in one import each, in the order asked for."""
    paths = [pine / "results.csv"]
    if settings is not None:
        (pine / "settings.toml").write_text(NAMED + settings, encoding="utf-8")
        paths.insert(0 if first == "settings" else 1, pine / "settings.toml")
    for path in paths:
        summary = import_paths(
            engine, [path], district=None, limits=LIMITS, now=NOW, own_tests=pine / "assessments"
        )
        assert (summary.failed, summary.refused) == ([], 0)


@pytest.mark.parametrize("first", ["settings", "results"])
@pytest.mark.parametrize(
    ("settings", "stands"),
    [
        (None, ("There", 250.0, None, [])),
        ("cut = 240\n", ("There", 240.0, None, ["cut"])),
        ('floor = "Near"\n', ("Near", 210.0, None, ["floor_level"])),
        ('floor = "Near"\ncut = 215\n', ("Near", 215.0, None, ["cut", "floor_level"])),
        ("test_sem = 8\n", ("There", 250.0, 8.0, ["test_sem"])),
        (
            'floor = "Near"\nlevels = [{ code = "Low" }, { code = "Near", minimum = 205 }, { code = "There" }]\n',
            ("Near", 205.0, None, ["cut", "floor_level", "levels"]),
        ),
        (
            'floor = "Own"\nlevels = [{ code = "Not" }, { code = "Own" }]\n',
            ("Own", None, None, ["floor_level", "levels"]),
        ),
    ],
    ids=["nothing", "cut", "floor", "floor and cut", "error", "levels", "levels without scores"],
)
def test_what_the_district_states_stands_before_and_after_its_results(
    engine: Engine, pine: Path, first: str, settings: str | None, stands: tuple[object, ...]
) -> None:
    bring_all(engine, pine, settings, first=first)
    assert rows(engine, STATED) == [stands]
    bring_all(engine, pine, None, first="results")
    assert rows(engine, STATED) == [stands]


def test_a_district_changes_its_mind_and_keeps_what_else_it_stated(engine: Engine, pine: Path) -> None:
    bring_all(engine, pine, "cut = 240\ntest_sem = 8\n", first="settings")
    bring_all(engine, pine, "cut = 235\n", first="results")
    assert rows(engine, STATED) == [("There", 235.0, 8.0, ["cut", "test_sem"])]
    assert rows(engine, "SELECT jsonb_path_query_array(levels, '$[*].code')::text FROM assessment") == [
        ('["Low", "Near", "There"]',)
    ]


def test_settings_that_are_there_already_change_nothing(engine: Engine, pine: Path) -> None:
    bring_all(engine, pine, "cut = 240\n", first="settings")
    summary = bring(engine, pine / "settings.toml")
    assert (summary.accepted, summary.unchanged) == (1, 1)


@pytest.mark.parametrize("first", ["settings", "results"])
@pytest.mark.parametrize(
    ("settings", "stands"),
    [
        ("cut = 240\n", ("interim", "Pine Test of Reading")),
        ('kind = "summative"\ntitle = "Our Pine"\n', ("summative", "Our Pine")),
    ],
    ids=["kind of the layout", "kind of the district"],
)
def test_settings_without_a_kind_leave_it_to_the_results(
    engine: Engine, pine: Path, first: str, settings: str, stands: tuple[str, str]
) -> None:
    own_test(pine, PINE.replace('kind = "summative"', 'kind = "interim"'))
    bring_all(engine, pine, settings, first=first)
    assert rows(engine, "SELECT kind, title FROM assessment WHERE grade_level = 4") == [stands]


def test_only_tests_that_are_compared_are_missed_a_floor(engine: Engine, pine: Path) -> None:
    without = PINE.split("[levels]")[0].replace('level = "Band"\n', "") + 'no_floor = "norms"\n'
    for kind, missed in (("college", 0), ("language", 0), ("interim", 1)):
        layout = without.replace('kind = "summative"', f'kind = "{kind}"').replace(
            "[[layout]]", "[[layout]]", 1
        )
        own_test(pine, 'no_floor = "norms"\n' + layout.replace('no_floor = "norms"\n', ""))
        bring_all(engine, pine, None, first="results")
        assert rows(engine, "SELECT count(*) FROM refused_row WHERE code = 'no_floor'") == [(missed,)]
