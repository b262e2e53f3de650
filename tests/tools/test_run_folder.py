"""The tests' own folder in memory: what killed runs have left behind goes, what goes on stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import run_folder


@pytest.mark.parametrize(
    ("owner", "stays"),
    [
        pytest.param(run_folder.process(os.getpid()), True, id="this run"),
        pytest.param(f"{os.getpid()} 1", False, id="an earlier one of the same number"),
        pytest.param("4194305 1", False, id="a number that no process has"),
        pytest.param(None, True, id="one that just begins"),
    ],
)
def test_only_what_killed_runs_left_behind_is_removed(owner: str | None, stays: bool, tmp_path: Path) -> None:
    left = tmp_path / "gbg-tests-earlier"
    (left / "postgres").mkdir(parents=True)
    if owner:
        (left / "run-by").write_text(owner)
    run_folder.in_memory(tmp_path)
    assert left.exists() is stays


def test_a_folder_is_made_and_removed_with_all_that_is_in_it(tmp_path: Path) -> None:
    folder = run_folder.in_memory(tmp_path)
    assert folder is not None
    (folder / "postgres").mkdir()
    # A number that now belongs to another process, which does not run in this folder.
    (folder / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    run_folder.remove(folder)
    assert list(tmp_path.iterdir()) == []


def test_a_machine_without_such_memory_has_no_folder_in_it(tmp_path: Path) -> None:
    assert run_folder.in_memory(tmp_path / "missing") is None
