"""A process killed in the middle of an import leaves the old state or the new one; importing again gives the same."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.campaign.intake.importing import REGISTER, bring, rows
from tests.campaign.intake.packages import small_district, write_package

IMPORT = """
import sys
from pathlib import Path
from campaign import database
from tests.campaign.intake.importing import bring
engine = database.connect(sys.argv[1])
print("ready", flush=True)
bring(engine, Path(sys.argv[2]))
"""
# Numbers that the database hands out, and the files rows came from, differ from run to run.
_OWN_IDS = {
    "id",
    "student_id",
    "contact_id",
    "section_id",
    "source_file_id",
    "teacher_id",
    "course_id",
    "school_id",
}


def without_ids(engine: Engine) -> dict[str, list[Any]]:
    found = {}
    for table in REGISTER:
        records = [record for (record,) in rows(engine, f"SELECT to_jsonb(t) FROM {table} t")]
        kept = [{k: v for k, v in record.items() if k not in _OWN_IDS} for record in records]
        found[table] = sorted(kept, key=str)
    return found


@pytest.mark.parametrize("moment", [0.0, 0.1, 0.3, 0.6])
def test_killed_at_any_moment(engine: Engine, database_url: str, tmp_path: Path, moment: float) -> None:
    old = write_package(tmp_path / "old", small_district(5))
    new = write_package(tmp_path / "new", small_district(400))
    bring(engine, old)
    before = without_ids(engine)

    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORT, database_url, str(new)], stdout=subprocess.PIPE, cwd=root
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(moment)
    process.kill()
    process.wait()
    process.stdout.close()

    left = without_ids(engine)
    bring(engine, new)
    after = without_ids(engine)
    assert left in (before, after)
    assert rows(engine, "SELECT count(*) FROM student") == [(400,)]
    assert rows(engine, "SELECT count(*) FROM mark") == [(800,)]
    assert rows(engine, "SELECT count(*) FROM import_run WHERE status = 'running'") == [(0,)]
    assert bring(engine, new).unchanged == bring(engine, new).accepted
    assert without_ids(engine) == after
