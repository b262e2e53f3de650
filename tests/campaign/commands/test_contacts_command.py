"""`gbg contacts`: what the audit says and keeps, the list for the office, and lists of other systems taken over."""

from __future__ import annotations

import os
import stat
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
    small_district(engine)
    environment = os.environ | {"DATABASE_URL": database_url, "GBG_HOME": str(tmp_path)}

    def contacts(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "campaign", "contacts", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return contacts


def test_the_audit_says_what_is_wrong_without_names_and_the_list_has_them(
    run: Run, engine: Engine, tmp_path: Path
) -> None:
    told = run("audit", "--district", "maple", "--csv", str(tmp_path / "office.csv"), "--keep")
    assert told.stdout.splitlines()[:3] == [
        "Maple Valley",
        "  ✗ 66% in reach: 4 of 6 households; 85% are needed",
        "    no campaign begins: 2 households more must come into reach",
    ]
    assert "      1  Landline\n" in told.stdout
    assert "Evans" not in told.stdout
    written = tmp_path / "office.csv"
    assert "Landline,Birch Middle,Eli Evans,Eve Evans,'+12025550105" in written.read_text(
        encoding="utf-8-sig"
    )
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert value(engine, "SELECT count(*) FROM contact_audit") == 1
    again = run("audit", "--district", "maple").stdout
    assert "Landline (+0 since " in again
    assert again.splitlines()[-1].endswith("gbg contacts audit --district maple --csv FILE")


def test_a_list_for_an_office_is_of_one_district(run: Run, tmp_path: Path) -> None:
    told = run("audit", "--csv", str(tmp_path / "all.csv"))
    assert (told.returncode, "--district CODE" in told.stderr) == (1, True)
    assert not (tmp_path / "all.csv").exists()
    assert "no district nowhere; known: cedar, maple." in run("audit", "--district", "nowhere").stderr


def test_a_list_is_taken_over_and_every_refused_row_is_named(
    run: Run, engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "stops.csv"
    file.write_text(
        "email,reason\nrosa@example.org,unsubscribed\nrosa,\nbill@example.org,moody\n", encoding="utf-8"
    )
    told = run("close", str(file), "--district", "maple")
    assert told.stdout.splitlines() == [
        "3 rows: 1 accepted (1 address new), 2 refused",
        "  line 3, email: It is not an e-mail address.",
        "  line 4, reason: It is none we know: write unsubscribed, complaint, bounce or invalid.",
    ]
    assert value(engine, "SELECT action || ' ' || source FROM consent_event") == "revoked import"
    assert value(engine, "SELECT actor FROM audit_entry WHERE action = 'stops_imported'") == "command line"
    file.write_text("town\nLakeside\n", encoding="utf-8")
    refused = run("close", str(file), "--district", "maple")
    assert (refused.returncode, "there is no column of addresses" in refused.stderr) == (1, True)
