"""A table of test results with ids, names and birth dates, for tests of who is who."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.identity.identities import Answer, Decision, Told, decide, take_back
from campaign.intake.run import ImportSummary
from campaign.store import identities
from campaign.store.identities import Case
from tests.campaign.intake.importing import bring
from tests.campaign.intake.packages import write_table

LATER = datetime(2026, 11, 3, 9, tzinfo=UTC)
MAPPING = """
[mapping]
kind = "scores"
[mapping.columns]
student_state_id = "State"
student_local_id = "Local"
student_given_name = "Given"
student_family_name = "Family"
student_birth_date = "Born"
grade_level = "Grade"
scale_score = "Score"
[mapping.values]
family = "Lake Test"
subject = "math"
school_year = 2026
"""
COLUMNS = ["State", "Local", "Given", "Family", "Born", "Grade", "Score"]
# The first child of the small district, in third grade last year.
FIRST = {"Given": "Given1", "Family": "Family1", "Born": "2016-03-02", "Grade": "3"}


def results(folder: Path, *lines: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "scores.toml").write_text(MAPPING, encoding="utf-8")
    write_table(folder / "scores.csv", COLUMNS, [{"Score": "210", **line} for line in lines])
    return folder


def bring_results(engine: Engine, folder: Path, *lines: dict[str, str]) -> ImportSummary:
    return bring(engine, results(folder, *lines))


def cases(engine: Engine, state: str = "open") -> list[Case]:
    with transaction(engine, ENGINE) as connection:
        return list(identities.cases(connection, state, limit=None))


def only_case(engine: Engine, state: str = "open") -> Case:
    (case,) = cases(engine, state)
    return case


def say(engine: Engine, case: Case, decision: Decision, student_id: int | None = None) -> Told:
    with transaction(engine, ENGINE) as connection:
        answer = Answer(case.case_id, decision, student_id)
        return decide(connection, answer, actor="account:7", now=LATER)


def unsay(engine: Engine, case: Case) -> Told:
    with transaction(engine, ENGINE) as connection:
        return take_back(connection, case.case_id, actor="account:7", now=LATER)
