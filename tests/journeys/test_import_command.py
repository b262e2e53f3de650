"""`gbg import` and `gbg problems` as a person types them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.campaign.intake.packages import small_district, write_package


def gbg(database_url: str, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DATABASE_URL": database_url, "GBG_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "campaign", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )


def test_import_prints_a_table_and_problems_lists_what_to_do(database_url: str, tmp_path: Path) -> None:
    tables = small_district(3)
    tables["results"].append(tables["results"][0] | {"sourcedId": "x", "studentSourcedId": "nobody"})
    package = write_package(tmp_path / "package", tables)
    problems = tmp_path / "problems.csv"
    done = gbg(database_url, tmp_path, "import", str(package), "--problems", str(problems))
    assert done.returncode == 0, done.stderr
    assert "results.csv: passed over: 3 results of assignments" in done.stdout
    assert problems.read_text(encoding="utf-8-sig").count("unknown_student") == 1
    listed = gbg(database_url, tmp_path, "problems")
    assert (
        "results.csv, column student, line 11: No student of the district has this identifier."
        in listed.stdout
    )


def test_a_failed_file_ends_with_status_1_and_a_reason(database_url: str, tmp_path: Path) -> None:
    broken = tmp_path / "users.csv"
    broken.write_bytes(b"")
    done = gbg(database_url, tmp_path, "import", str(broken))
    assert done.returncode == 1
    assert "users.csv is empty (0 bytes). Export it again." in done.stdout
