"""`gbg letters`: printed to a folder, said to be posted, and what cannot be is said in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from tests.campaign.families import config_without_approvals
from tests.campaign.paper.letter_post import plain, post_office

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def template(small_district_template: str) -> str:
    """The tests begin with the small district."""
    return small_district_template


@pytest.fixture
def run(engine: Engine, database_url: str, tmp_path: Path) -> Run:
    post_office(engine, tmp_path, drawn=True)
    with transaction(engine, ENGINE) as connection:
        # The command asks the clock of the machine.
        now = datetime.now(UTC)
        connection.execute(
            text("UPDATE message SET due_at = :now, expires_at = :now + interval '9 days'"), {"now": now}
        )
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "GBG_HOME": str(tmp_path),
        "GBG_SECRET_KEY": "k" * 48,
        "GBG_CONFIG": str(config_without_approvals(tmp_path)),
    }

    def letters(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "campaign", "letters", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return letters


def test_a_run_is_printed_and_its_fate_is_said(run: Run, engine: Engine, tmp_path: Path) -> None:
    out = tmp_path / "out"
    printed = run("print", "--out", str(out), "--district", "maple")
    assert printed.returncode == 0, printed.stderr
    number = printed.stdout.partition("gbg letters posted ")[2].partition(" ")[0]
    assert (out / f"{number}-cover.pdf").exists()
    assert run("spoiled", number, "1", "--by", "Ms. Lee").stdout.startswith("1 letters")
    assert "as the others" in run("put-back", number, "1", "--by", "Ms. Lee").stdout
    assert run("spoiled", number, "1", "--by", "Ms. Lee").stdout.startswith("1 letters")
    again = run("spoiled", number, "1", "--by", "Ms. Lee")
    assert (again.returncode, "None of these envelopes" in again.stderr) == (1, True)
    soon = run("posted", number, "--on", "2099-01-01", "--by", "Ms. Lee")
    assert (soon.returncode, "Choose the day" in soon.stderr) == (1, True)
    today = datetime.now(UTC).date().isoformat()
    assert "count as sent" in run("posted", number, "--on", today, "--by", "Ms. Lee").stdout
    assert run("came-back", number, "2", "--by", "Ms. Lee").stdout.startswith("1 letters")
    assert "says Ms. Lee" in run("list").stdout
    assert plain(engine)["rejected"] == 1
