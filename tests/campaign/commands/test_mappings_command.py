"""`gbg mappings`: a mapping goes in from a file, is listed, and comes out as the same file."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.campaign.web.family_visits import value
from tests.web_pages import small_district

Run = Callable[..., "subprocess.CompletedProcess[str]"]
MAPPING = """
[mapping]
kind = "scores"
date_order = "mdy"
[mapping.columns]
student_local_id = "Pupil \\"No\\""
scale_score = "Puntaje é"
[mapping.values]
family = "Lake Test"
subject = "math"
grade_level = 4
[[mapping.assessment]]
grade = 4
cut = 200.5
floor = "2"
levels = [{ code = "1", name = "Below" }, { code = "2", minimum = 200.5 }]
"""


@pytest.fixture
def run(engine: Engine, database_url: str, tmp_path: Path) -> Run:
    """The command, on the small district."""
    small_district(engine)
    environment = os.environ | {"DATABASE_URL": database_url, "GBG_HOME": str(tmp_path)}

    def mappings(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "campaign", "mappings", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return mappings


def test_a_mapping_goes_in_is_listed_and_comes_out_the_same(run: Run, engine: Engine, tmp_path: Path) -> None:
    file, out = tmp_path / "lake.toml", tmp_path / "out.toml"
    file.write_text(MAPPING, encoding="utf-8")
    assert run("save", str(file), "--district", "maple").stdout == "lake, version 1 saved\n"
    assert run("save", str(file), "--district", "maple").stdout == "lake, version 2 saved\n"
    assert run("list").stdout.splitlines() == [
        "Maple Valley: lake, version 2 (scores), in use, not used yet",
        "Maple Valley: lake, version 1 (scores), not in use, not used yet",
    ]
    assert run("export", "lake", str(out), "--district", "maple").returncode == 0
    assert tomllib.loads(out.read_text(encoding="utf-8")) == tomllib.loads(MAPPING)
    assert value(engine, "SELECT string_agg(action || ' ' || target, ', ' ORDER BY id) FROM audit_entry") == (
        "saved_mapping table_mapping:1, saved_mapping table_mapping:2"
    )


def test_what_cannot_be_saved_says_why_and_leaves_nothing(run: Run, engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(MAPPING.replace('subject = "math"', 'subject = "knitting"'), encoding="utf-8")
    answer = run("save", str(file), "--district", "maple")
    assert (answer.returncode, "number 1, subject: the value cannot be used" in answer.stderr) == (1, True)
    file.write_text(MAPPING, encoding="utf-8")
    assert "say which district" in run("save", str(file)).stderr
    assert "there is no mapping" in run("export", "none", str(file), "--district", "maple").stderr
    assert value(engine, "SELECT count(*) FROM table_mapping") == 0
