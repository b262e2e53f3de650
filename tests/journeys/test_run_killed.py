"""A month of campaign whose process is killed again and again ends like one that was left in peace."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.store import messages
from tests.campaign import families

KILLS = 3
STUDENTS = 24
PATIENCE_SECONDS = 180
COMMAND = [sys.executable, "-m", "campaign", "run", "--from", "2026-11-02", "--until", "2026-12-01"]


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    own = {"GBG_HOME": str(tmp_path), "DATABASE_URL": database_url, "GBG_SECRET_KEY": families.SECRET_KEY}
    own["GBG_CONFIG"] = str(families.config_without_approvals(tmp_path))
    return {**os.environ, **own}


def files(home: Path) -> set[str]:
    return {
        str(file.relative_to(home)) for file in home.glob("mailbox/*/*") if file.suffix in {".eml", ".txt"}
    }


def run_through(environment: dict[str, str]) -> str:
    ended = subprocess.run(COMMAND, env=environment, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def kill_after(environment: dict[str, str], home: Path, count: int) -> None:
    """Start a run and kill it once the mailbox holds `count` files."""
    process = subprocess.Popen(COMMAND, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    give_up = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < give_up and len(files(home)) < count:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def test_killed_runs_lose_nothing_and_double_nothing(
    engine: Engine, environment: dict[str, str], tmp_path: Path
) -> None:
    families.build(engine, STUDENTS)
    run_through(environment)
    undisturbed, delivered = families.as_json(engine), files(tmp_path)
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE message, attempt, occurrence, consent_event, family_link CASCADE"))
    for file in delivered:
        (tmp_path / file).unlink()

    chance = random.Random(7)  # noqa: S311
    for number in range(KILLS):
        kill_after(environment, tmp_path, chance.randrange(len(delivered)) * (number + 1) // KILLS)
    told = run_through(environment)

    assert families.as_json(engine) == undisturbed
    assert files(tmp_path) == delivered
    with transaction(engine, ENGINE) as connection:
        sheet = messages.reconcile(connection)
        taken = connection.execute(
            text("SELECT count(*), count(DISTINCT message_id) FROM attempt WHERE outcome = 'accepted'")
        ).one()
    assert len(delivered) == sheet.sent == taken[0] == taken[1]
    assert sheet.to_look_at == sheet.failed == 0
    assert f"{sheet.sent:,}" in told
