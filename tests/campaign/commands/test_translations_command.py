"""`gbg translations` and `gbg languages`: how far texts are, files out and in, drafts by name, schools that wait."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from content import catalog
from tests.campaign.web.family_visits import value
from tests.web_pages import small_district

Run = Callable[..., list[str]]
TITLE = next(one for one in catalog.load().strings("es") if (one.unit, one.key) == ("report", "title"))
# Several commands in one process of their own, which takes its connections with it when it ends.
SCRIPT = """
import json, sys
from click.testing import CliRunner
from campaign.cli import gbg
results = [CliRunner().invoke(gbg, words) for words in json.load(sys.stdin)]
json.dump([one.output + (str(one.exception) if one.exit_code else "") for one in results], sys.stdout)
"""


@pytest.fixture
def run(engine: Engine, database_url: str, tmp_path: Path) -> Run:
    """Commands, one after the other, on the small district: what each says, and why where it cannot do its work."""
    small_district(engine)
    environment = os.environ | {"DATABASE_URL": database_url, "GBG_HOME": str(tmp_path)}

    def gbg_says(*commands: str) -> list[str]:
        words = json.dumps([shlex.split(command) for command in commands])
        process = [sys.executable, "-c", SCRIPT]
        answer = subprocess.run(
            process, input=words, env=environment, capture_output=True, text=True, check=True
        )
        return list(json.loads(answer.stdout))

    return gbg_says


@pytest.mark.parametrize("suffix", [".po", ".xlf"])
def test_texts_go_out_as_a_file_and_come_back(run: Run, engine: Engine, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"es{suffix}"
    (out,) = run(f"translations export es {file} --district maple")
    assert out == f"{len(catalog.load().strings('es'))} texts written to {file}\n"
    file.write_text(file.read_text(encoding="utf-8").replace(TITLE.text, "Un informe"), encoding="utf-8")
    taking = f"translations import es {file} --district maple"
    looked, taken, again = run(f"{taking} --dry-run", taking, taking)
    assert "  report title: 'Un informe' (draft)" in looked
    assert "Nothing was kept." in looked
    assert "texts changed" in taken
    assert "0 texts changed" in again
    assert value(engine, "SELECT text || ', ' || actor FROM wording WHERE key = 'title'") == (
        "Un informe, command line"
    )


def test_what_cannot_be_taken_in_says_why_and_leaves_nothing(
    run: Run, engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "es.po"
    run(f"translations export es {file}")
    wrong = file.read_text(encoding="utf-8").replace("¿Cómo va {student}?", "¿Cómo va {student} {secret}?")
    file.write_text(wrong, encoding="utf-8")
    taken, english, table = run(
        f"translations import es {file}", f"translations export en {file}", "translations export es es.csv"
    )
    assert "English has no field {secret}" in taken
    assert value(engine, "SELECT count(*) FROM wording") == 0
    assert "is not a language of translations" in english
    assert "FILE must end in" in table


def test_drafts_are_allowed_and_withdrawn_by_name_and_reason(run: Run) -> None:
    who = "--name 'Ms. Lee' --reason 'read by two teachers'"
    said = "Texts in Somali are unreviewed drafts, allowed by Ms. Lee because: read by two teachers."
    allowed, status, nameless, anywhere, withdrawn, after = run(
        f"translations allow-drafts so --district maple {who}",
        "translations status --district maple",
        "translations allow-drafts so",
        f"translations withdraw-drafts so {who}",
        f"translations withdraw-drafts so --district maple {who}",
        "translations status --district maple",
    )
    assert allowed == f"{said}\n"
    assert said in status
    assert "so  Somali" in status
    assert "Missing option" in nameless
    assert "say which district" in anywhere
    assert "Only reviewed texts in Somali" in withdrawn
    assert said not in after


def test_languages_and_plan_say_which_school_waits_for_which_language(run: Run, engine: Engine) -> None:
    assert "No rule on languages is set for this state" in run("languages --district maple")[0]
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE district SET state_code = 'CA' WHERE code = 'maple'"))
        connection.execute(text("INSERT INTO calendar_day VALUES (1, '2026-11-20', 'report_card', NULL)"))
    languages, nowhere, plan = run(
        "languages --district maple",
        "languages --district nowhere",
        "plan --from 2026-11-01 --until 2026-12-15",
    )
    assert languages.startswith("Maple Valley (CA)\n")
    rows = [line.split() for line in languages.splitlines() if "held back" in line]
    assert [(row[0], row[2], row[3], row[4], row[5]) for row in rows[:3]] == [
        ("Alder", "Spanish", "1", "4", "25.0%"),
        ("Alder", "Vietnamese", "1", "4", "25.0%"),
        ("Birch", "Spanish", "1", "2", "50.0%"),
    ]
    assert "A permission for drafts does not help." in languages
    assert "There is no district" in nowhere
    assert "of the messages wait for a language that a school must send in" in plan
    assert "Not reviewed in Spanish, for which wait: Alder Elementary (25.0% of its pupils)" in plan
