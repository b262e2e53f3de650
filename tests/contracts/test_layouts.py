"""What every folder of a test must keep: a layout that says all, a sample with every oddity, and what it must give."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaign.intake.layouts.folders import shipped_tests
from campaign.intake.layouts.language import Assessment
from campaign.intake.problems import IntakeError, words
from campaign.intake.registry import plan_sources
from campaign.intake.staging import FileTally
from tests.campaign.intake.importing import LIMITS
from tests.campaign.intake.layout_samples import FOLDERS, as_toml, expected, read_export

every_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
TESTS = {test.name: test for test in shipped_tests()}
SAMPLES = [(folder, sample["file"]) for folder in FOLDERS for sample in expected(folder)]
every_sample = pytest.mark.parametrize(
    ("folder", "file"), SAMPLES, ids=[f"{folder.name}/{file}" for folder, file in SAMPLES]
)


def lines_of_header(lines: list[str], test: Assessment) -> int:
    """Fixed-width files have none."""
    return 0 if any(layout.fits_line(lines[0]) for layout in test.layouts) else 1


def lines_of(file: Path, test: Assessment) -> int:
    """Lines that hold a row."""
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    return sum(1 for line in lines[lines_of_header(lines, test) :] if line.strip(" ,\t;"))


@every_folder
def test_the_folder_holds_data_and_words_only(folder: Path) -> None:
    names = {file.name for file in folder.iterdir() if file.name != "__pycache__"}
    assert {"layout.toml", "README.md", "expected.toml", "sample.csv"} <= names
    assert {name for name in names if not name.endswith((".toml", ".csv", ".md", ".txt"))} == set()
    assert len((folder / "README.md").read_text(encoding="utf-8")) > 200


@every_folder
def test_the_layout_states_order_of_levels_floor_and_unit_of_error(folder: Path) -> None:
    test = TESTS[folder.name]
    text = (folder / "layout.toml").read_text(encoding="utf-8")
    assert test.error_unit
    for levels in test.level_sets.values():
        assert levels.order
        assert levels.floor or "no_floor" in text
    assert test.level_sets or "no_floor" in text


@every_sample
def test_the_sample_gives_exactly_what_is_expected(folder: Path, file: str) -> None:
    (sample,) = [sample for sample in expected(folder) if sample["file"] == file]
    outcome = read_export(folder / file)
    got = as_toml(outcome, file)
    common = sample.get("all", {})
    assert [common | score for score in sample.get("score", [])] == outcome.scores, got
    told = [{key: row[key] for key in row if key != "why"} for row in sample.get("refused", [])]
    assert told == outcome.refused, got
    assert all(row["why"] for row in sample.get("refused", []))
    assert sample.get("passed", {}) == outcome.passed, got
    assert sorted(sample.get("notes", [])) == outcome.notes, got
    assert {row["code"] for row in outcome.refused} | set(outcome.notes) <= set(words())


@every_sample
def test_every_row_of_the_sample_is_accounted_for_once(folder: Path, file: str) -> None:
    outcome = read_export(folder / file)
    rows = len(outcome.accepted) + len(outcome.refused) + sum(outcome.passed.values())
    assert rows == lines_of(folder / file, TESTS[folder.name])
    assert set(outcome.accepted).isdisjoint(row["line"] for row in outcome.refused)
    assert {score["line"] for score in outcome.scores} == set(outcome.accepted)
    assert len(set(outcome.keys)) == len(outcome.keys)


def read_all(file: Path) -> int:
    """Rows accepted and refused; only the intake's own errors may come out."""
    rows = 0
    for source in plan_sources([file], LIMITS).sources:
        for plan in source.files:
            try:
                for batch in plan.batches(FileTally(0, "x")) if plan.batches else ():
                    assert set(batch.lines).isdisjoint(line for line, _, _ in batch.refused)
                    rows += len(batch.lines) + len(batch.refused) + sum(batch.passed.values())
            except IntakeError:
                return -1
    return rows


quick = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@every_sample
@quick
@given(data=st.data())
def test_damaged_samples_raise_nothing_unforeseen(
    tmp_path_factory: pytest.TempPathFactory, folder: Path, file: str, data: st.DataObject
) -> None:
    content = bytearray((folder / file).read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 6))
        content[place : place + length] = data.draw(st.binary(max_size=8))
    made = tmp_path_factory.mktemp("damaged")
    (made / file).write_bytes(bytes(content))
    read_all(made / file)
    shutil.rmtree(made)


@every_sample
@quick
@given(data=st.data())
def test_no_row_is_lost_when_columns_are_swapped_rows_repeated_and_the_encoding_changed(
    tmp_path_factory: pytest.TempPathFactory, folder: Path, file: str, data: st.DataObject
) -> None:
    lines = (folder / file).read_text(encoding="utf-8-sig").splitlines()
    begins = lines_of_header(lines, TESTS[folder.name])
    head, rows = lines[:begins], lines[begins:]
    rows = data.draw(st.permutations(rows)) + data.draw(st.lists(st.sampled_from(rows), max_size=3))
    separator = max(",\t;", key=lines[0].count)
    if head and not any('"' in line for line in lines):
        order = data.draw(st.permutations(range(head[0].count(separator) + 1)))
        whole = [line for line in rows if line.count(separator) == head[0].count(separator)]
        table = [line.split(separator) for line in head + whole]
        head, *rows = [separator.join(cells[place] for place in order) for cells in table]
        head = [head]
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]))
    ends = data.draw(st.sampled_from(["\n", "\r\n"]))
    made = tmp_path_factory.mktemp("shuffled")
    text = ends.join([*head, *rows]) + ends
    (made / file).write_bytes(text.encode(encoding, errors="replace"))
    counted = read_all(made / file)
    shutil.rmtree(made)
    if not any('"' in line for line in lines):
        assert counted == sum(1 for row in rows if row.strip(" ,\t;"))
