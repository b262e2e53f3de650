"""`gbg identities`: what it lists, and that a decision is kept and can be taken back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.campaign.web.family_visits import value
from tests.web_pages import small_district

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(engine: Engine, database_url: str, tmp_path: Path) -> Run:
    """The command, on the small district, whose cases are numbered as in its file."""
    small_district(engine)
    environment = os.environ | {"DATABASE_URL": database_url, "GBG_HOME": str(tmp_path)}

    def identities(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "campaign", "identities", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return identities


def test_cases_are_listed_by_ids(run: Run) -> None:
    lines = run("list").stdout.splitlines()
    assert lines[0] == "3 open, 0 waiting, 1 accepted, 1 decided"
    assert lines[1] == "case 1: name (high), 2 rows, could be 1; scores.csv, line 3"
    assert not [line for line in lines if "Abrego" in line]


def test_a_decision_is_kept_and_taken_back(run: Run, engine: Engine) -> None:
    state = "SELECT state FROM identity_case WHERE id = 2"
    assert run("decide", "2", "same", "3").stdout == "Case 2: decided. Import again: scores.csv.\n"
    assert value(engine, state) == "decided"
    assert value(engine, "SELECT actor FROM audit_entry") == "command line"
    assert run("decide", "2", "take-back").stdout.startswith("Case 2: taken back.")
    assert value(engine, state) == "open"
    assert run("decide", "2", "wait").stdout == "Case 2: waiting.\n"


def test_what_cannot_be_decided_is_told(run: Run, engine: Engine) -> None:
    for words in (("2", "same"), ("2", "another", "3"), ("2", "same", "5"), ("99", "another")):
        told = run("decide", *words)
        assert (told.returncode, told.stderr.count("\n"), told.stdout) == (1, 1, "")
    assert value(engine, "SELECT count(*) FROM audit_entry") == 0


def test_sure_ones_are_accepted_at_once(run: Run, engine: Engine) -> None:
    assert run("accept-sure").stdout.startswith("1 cases decided")
    assert value(engine, "SELECT state FROM identity_case WHERE id = 1") == "decided"
