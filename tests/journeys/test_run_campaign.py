"""The campaign from the command line: dry run, simulated month, pulse, pause, calendar, and plain refusals."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from tests.campaign import families

MONTH = ["--from", "2026-11-02", "--until", "2026-12-01"]


@pytest.fixture
def installed(engine: Engine, database_url: str, tmp_path: Path) -> dict[str, str]:
    families.build(engine)
    own = {"GBG_HOME": str(tmp_path), "DATABASE_URL": database_url, "GBG_SECRET_KEY": families.SECRET_KEY}
    return {**os.environ, **own}


def call(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "campaign", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_dry_run_a_month_and_a_pulse(installed: dict[str, str], engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE contact SET written_language = 'hmn' WHERE source_id = 'm1'"))
    planned = call(installed, "plan", *MONTH, "--list", "--export", str(file))
    assert planned.returncode == 0, planned.stderr
    assert "Dry run: nothing was written or sent." in planned.stdout
    assert "English goes out in the place of another language" in planned.stdout
    assert families.states(engine) == {}
    with file.open(encoding="utf-8", newline="") as rows:
        decisions = list(csv.DictReader(rows))
    assert f"Decisions {len(decisions):,} = " in planned.stdout
    assert "Secretname" not in planned.stdout + file.read_text()
    assert "@" not in planned.stdout + file.read_text()

    approve(installed)
    run = call(installed, "run", *MONTH)
    assert run.returncode == 0, run.stderr
    numbers = {
        line.split()[1]: int(line.split()[-1]) for line in run.stdout.splitlines() if line.startswith("  + ")
    }
    sent = next(int(line.split()[-1]) for line in run.stdout.splitlines() if line.startswith("  = sent"))
    total = next(
        int(line.split()[-1]) for line in run.stdout.splitlines() if line.strip().startswith("planned")
    )
    assert total == sent + sum(numbers.values())
    with transaction(engine, ENGINE) as connection:
        first = connection.scalar(text("SELECT count(*) FROM message WHERE rung = 0"))
        assert total == connection.scalar(text("SELECT count(*) FROM message"))
    assert first == len(decisions)  # all others follow who did not answer
    assert sent == len(list(tmp_path.glob("mailbox/*/*.eml"))) + len(list(tmp_path.glob("mailbox/*/*.txt")))
    assert "0 messages handed to the sender." in call(installed, "tick").stdout


def approve(installed: dict[str, str]) -> None:
    """Two persons of the office approve the campaign; before, nothing of it is approved."""
    assert "not approved, so nothing of it is sent (0 of 2" in call(installed, "campaign", "list").stdout
    for name in ("Ana", "Ben"):
        email = f"{name.lower()}@example.org"
        account = ("account", "add", email, "--name", name, "--role", "district", "--district", "d1")
        added = call(installed, *account, "--no-password")
        assert added.returncode == 0, added.stderr
        approved = call(installed, "campaign", "approve", "go-beyond-grades", "--as", email)
    assert "go-beyond-grades: approved (2 of 2: Ana, Ben)." in approved.stdout, approved.stderr


def test_pause_and_resume_say_what_they_did(installed: dict[str, str]) -> None:
    call(installed, "tick")
    assert "go-beyond-grades is paused in 1 district." in call(installed, "pause", "go-beyond-grades").stdout
    assert (
        "go-beyond-grades is going on in 1 district." in call(installed, "resume", "go-beyond-grades").stdout
    )
    refused = call(installed, "pause", "no-such-campaign")
    assert refused.returncode == 1
    assert "known: go-beyond-grades" in refused.stderr


def test_a_calendar_comes_in_from_a_file_and_a_broken_one_changes_nothing(
    installed: dict[str, str], tmp_path: Path
) -> None:
    good, bad = tmp_path / "year.csv", tmp_path / "bad.csv"
    good.write_text("day,kind,title\n2026-11-10,report_card,Quarter 1\n2026-11-26,holiday,\n")
    bad.write_text("day,kind\n2026-11-10,holiday\n11/26/2026,holiday\n")
    told = call(installed, "calendar", "import", str(good))
    assert "2 days are now the calendar of d1." in told.stdout
    assert "look at this, 2026–2027: no day of the kind “Conferences”" in told.stdout
    refused = call(installed, "calendar", "import", str(bad))
    assert refused.returncode == 1
    assert "line 3: day: '11/26/2026' is not a day; write it as 2026-11-10" in refused.stderr
    assert "report_ready" in call(installed, "plan", *MONTH).stdout


def test_days_the_wrong_way_round_are_refused(installed: dict[str, str]) -> None:
    refused = call(installed, "run", "--from", "2026-12-01", "--until", "2026-11-02")
    assert refused.returncode == 1
    assert "swap them" in refused.stderr
