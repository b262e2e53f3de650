"""A run of reports killed with all its workers leaves whole files only; the next one draws what is missing, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pikepdf
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from tests.campaign.compared import store_comparisons

STUDENTS = 40
DRAW = """
import sys
from pathlib import Path
from campaign import database, settings
from campaign.documents.family_reports import write_reports
from content.catalog import load
from tests.campaign.compared import NOW
if __name__ == "__main__":
    home, out = Path(sys.argv[2]), Path(sys.argv[3])
    print(write_reports(database.connect(sys.argv[1]), district_id=1, catalog=load(), out=out, now=NOW,
                        settings=settings.load(environment={"GBG_HOME": str(home)})))
"""


def start(database_url: str, tmp_path: Path) -> subprocess.Popen[str]:
    script = tmp_path / "draw.py"
    script.write_text(DRAW)
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen(
        [sys.executable, str(script), database_url, str(tmp_path / "home"), str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        start_new_session=True,
    )


def kept(tmp_path: Path) -> dict[str, int]:
    """Files that are drawn, and when."""
    return {path.name: path.stat().st_mtime_ns for path in (tmp_path / "home" / "drawn").glob("*/*.pdf")}


def test_killed_while_it_draws(engine: Engine, database_url: str, tmp_path: Path) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO district (code, name, time_zone) VALUES ('one', 'One', 'America/Chicago');
                INSERT INTO school (district_id, source_id, name) VALUES (1, 'a', 'Lincoln School');
                INSERT INTO student (district_id, school_id, given_name, family_name, grade_level)
                SELECT 1, 1, 'Ana', 'Rivera', 6 FROM generate_series(1, 40)
                """
            )
        )
        store_comparisons(connection, dict.fromkeys(range(1, STUDENTS + 1), 1571.0))

    killed = start(database_url, tmp_path)
    until = time.monotonic() + 60
    while len(kept(tmp_path)) < 3 and time.monotonic() < until:
        time.sleep(0.05)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    before = kept(tmp_path)
    assert 3 <= len(before) < STUDENTS

    said, _ = start(database_url, tmp_path).communicate(timeout=120)
    assert f"{STUDENTS - len(before)} drawn, {len(before)} from earlier runs, 0 there already" in said
    after = kept(tmp_path)
    assert len(after) == STUDENTS
    assert {name: after[name] for name in before} == before, "nothing is drawn twice"
    for file in sorted((tmp_path / "out").iterdir()):
        assert file.suffix == ".pdf"
        with pikepdf.open(file) as opened:
            assert len(opened.pages) == 2
