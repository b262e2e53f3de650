"""The tests of the made-up district: a state test of spring 2026, and an interim test of the falls around it.

The state test comes as a plain CSV with its error per score, but for one school (`staar`); the interim test in the
columns of NWEA MAP Growth. All measure the same true ability, each with an error of its own. Numbers are in
`assessments.toml`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from campaign.demo.abilities import AT_GRADE_LEVEL_Z, SUBJECTS, error_of
from campaign.demo.chance import Chance
from campaign.demo.families import Student
from campaign.demo.neighbourhood import Neighbourhood
from campaign.demo.packages import grade_code, state_id
from campaign.demo.tables import Table

TESTED = ("math", "reading", "science")
STATE_COLUMNS = (
    "state_student_id",
    "test",
    "kind",
    "grade",
    "subject",
    "test_date",
    "scale_score",
    "csem",
    "level",
    "not_tested",
    "language",
)
ALTERNATE = "alternate"
# Why a student has no score of the state test, and how many in a thousand.
_WITHOUT_SCORE = (("Absent", 22), ("Opted out", 20), ("Invalidated", 12), (ALTERNATE, 10))
_SUBJECT_WORDS = {"math": "Mathematics", "reading": "ELA", "science": "Science"}


@dataclass(frozen=True)
class Test:
    """One grade and subject of a test: cuts of the levels above the lowest, and the ends of the scale, in points."""

    cuts: tuple[float, ...]
    grade_level_cut: float
    lowest: float
    highest: float
    error: float
    spread: float


@dataclass(frozen=True)
class Score:
    points: int
    csem: float
    level: int  # 0 = lowest


@dataclass(frozen=True)
class Assessments:
    state_name: str
    state_date: date
    state_levels: tuple[str, ...]
    state: dict[tuple[str, int], Test]
    interim: dict[tuple[str, int], Test]
    staar: dict[tuple[str, int], Test]


@cache
def load() -> Assessments:
    document = tomllib.loads(files("campaign.demo").joinpath("assessments.toml").read_text(encoding="utf-8"))
    state, interim, staar = document["state"], document["interim"], document["staar"]
    return Assessments(
        state_name=state["name"],
        state_date=state["date"],
        state_levels=tuple(state["levels"]),
        state={
            (cut["subject"], cut["grade"]): Test(
                tuple(cut["cuts"]),
                cut["cuts"][1],
                cut["lowest"],
                cut["highest"],
                state["error"],
                state["spread"],
            )
            for cut in state["cut"]
        },
        interim={
            (subject, int(grade)): Test(
                (on_track,),
                on_track,
                interim["lowest"],
                interim["highest"],
                interim["error"],
                interim["spread"],
            )
            for subject, by_grade in interim["on_track"].items()
            for grade, on_track in by_grade.items()
        },
        staar={
            (subject, int(grade)): Test(
                tuple(cuts), cuts[1], staar["lowest"], staar["highest"], staar["error"], staar["spread"]
            )
            for subject, by_grade in staar["cuts"].items()
            for grade, cuts in by_grade.items()
        },
    )


def take(chance: Chance, test: Test, ability: float) -> Score:
    """One student takes a test: the true score plus an error, rounded and kept on the scale."""
    middle = test.grade_level_cut - AT_GRADE_LEVEL_Z * test.spread
    csem = error_of(test.error, ability)
    points = round(
        min(max(middle + test.spread * ability + chance.normal(0, csem), test.lowest), test.highest)
    )
    return Score(points, round(csem, 1), sum(points >= cut for cut in test.cuts))


def write_state(neighbourhood: Neighbourhood, table: Table, late: frozenset[int] = frozenset()) -> None:
    """Last spring's test of everyone who then was in a tested grade; one row a subject, scored or not.

    Students at the positions in `late` are left out, and those of the school whose results come in another layout:
    their scores come in files of their own.
    """
    assessments, chance = load(), neighbourhood.chance
    for position, student in enumerate(neighbourhood.students):
        if position in late or neighbourhood.school(position).takes_staar:
            continue
        reason = reason_without_score(chance)
        for subject in TESTED:
            if (subject, student.grade - 1) in assessments.state and not chance.happens(0.01):
                score = None if reason else state_score(neighbourhood, position, subject)
                table.write_cells(state_row(student, subject, score, reason))


def state_score(neighbourhood: Neighbourhood, position: int, subject: str) -> Score:
    """One student takes the state test of last year's grade."""
    test = load().state[subject, neighbourhood.students[position].grade - 1]
    ability = neighbourhood.abilities.last_year[position, SUBJECTS.index(subject)]
    return take(neighbourhood.chance, test, float(ability))


def state_row(student: Student, subject: str, score: Score | None, reason: str = "") -> list[str]:
    """One row of the state test: a score, or why there is none; the alternate test has levels only."""
    assessments = load()
    points, name, kind = ["", "", ""], assessments.state_name, "summative"
    if score is not None:
        points = [str(score.points), f"{score.csem:g}", assessments.state_levels[score.level]]
    elif reason == ALTERNATE:
        points, name, kind, reason = ["", "", "Target"], f"{name} Alternate", ALTERNATE, ""
    return [
        state_id(student),
        name,
        kind,
        grade_code(student.grade - 1),
        _SUBJECT_WORDS[subject],
        assessments.state_date.isoformat(),
        *points,
        reason,
        "eng",
    ]


def reason_without_score(chance: Chance) -> str:
    """Why a student has no score of the state test; "" for the many who have one."""
    drawn = chance.between(1, 1000)
    for reason, per_thousand in _WITHOUT_SCORE:
        drawn -= per_thousand
        if drawn <= 0:
            return reason
    return ""


def write_settings(path: Path) -> None:
    """What the program has to be told of both tests: levels, floors, cuts and ends of the scales."""
    assessments = load()
    tables = [
        _settings_table(
            {
                "family": assessments.state_name,
                "version": "2026",
                "title": assessments.state_name,
                "kind": "summative",
                "subject": subject,
                "grade": str(grade),
                "floor": assessments.state_levels[2],
                "cut": test.grade_level_cut,
                "test_sem": test.error,
                "score_sd": test.spread,
                "score_minimum": test.lowest,
                "score_maximum": test.highest,
                "levels": _levels(assessments.state_levels, test),
            }
        )
        for (subject, grade), test in assessments.state.items()
    ]
    tables += [
        _settings_table(
            {
                "family": "MAP Growth",
                "version": "RIT",
                "title": "MAP Growth",
                "kind": "interim",
                "season": "fall",
                "subject": subject,
                "grade": str(grade),
                "cut": test.grade_level_cut,
            }
        )
        for (subject, grade), test in assessments.interim.items()
    ]
    path.write_text(
        "# Tests of the made-up district.\n\n" + "\n".join(tables), encoding="utf-8", newline="\n"
    )


def _levels(names: tuple[str, ...], test: Test) -> list[dict[str, str | float]]:
    begins = (test.lowest, *test.cuts)
    ends = (*(cut - 1 for cut in test.cuts), test.highest)
    return [
        {"code": name, "name": name, "minimum": begin, "maximum": end}
        for name, begin, end in zip(names, begins, ends, strict=True)
    ]


def _settings_table(values: dict[str, Any]) -> str:
    return "[[assessment]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in values.items())


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return "[\n" + "".join(f"  {_toml(entry)},\n" for entry in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(entry)}" for key, entry in value.items()) + " }"
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"


_MAPPING = """\
# Which column of the state test's files holds what.
[mapping]
kind = "scores"

[mapping.columns]
student_state_id = "state_student_id"
family = "test"
assessment_kind = "kind"
grade_level = "grade"
subject = "subject"
administered_on = "test_date"
scale_score = "scale_score"
csem = "csem"
level = "level"
reason_not_tested = "not_tested"
test_language = "language"

[mapping.values]
version = "2026"
"""


def write_mapping(path: Path) -> None:
    """How the state test's table is to be read."""
    path.write_text(_MAPPING, encoding="utf-8", newline="\n")
