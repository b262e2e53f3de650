"""The two tests of the made-up district: a state test of spring 2026 and an interim test of fall 2026.

The state test comes as a plain CSV with its error per score; the interim test in the columns of NWEA MAP Growth. Both
measure the same true ability, each with an error of its own. Numbers are in `assessments.toml`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from campaign.demo.abilities import AT_GRADE_LEVEL_Z, SUBJECTS, error_of
from campaign.demo.chance import Chance
from campaign.demo.families import Student
from campaign.demo.neighbourhood import Neighbourhood
from campaign.demo.packages import grade_code, state_id
from campaign.demo.tables import Table

TESTED = ("math", "reading")
STATE_COLUMNS = (
    "state_student_id",
    "test",
    "grade",
    "subject",
    "test_date",
    "scale_score",
    "csem",
    "level",
    "status",
    "language",
)
# Why a student has no score, and how many in a thousand.
_WITHOUT_SCORE = (("absent", 22), ("opt out", 14), ("invalidated", 5), ("alternate", 10))
_SUBJECT_WORDS = {"math": "Mathematics", "reading": "ELA"}


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


@cache
def load() -> Assessments:
    document = tomllib.loads(files("campaign.demo").joinpath("assessments.toml").read_text(encoding="utf-8"))
    state, interim = document["state"], document["interim"]
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

    Students at the positions in `late` are left out: their scores come in a file of their own.
    """
    assessments, chance = load(), neighbourhood.chance
    for position, student in enumerate(neighbourhood.students):
        if position in late:
            continue
        reason = _reason_without_score(chance)
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
    assessments = load()
    name = assessments.state_name + (" Alternate" if reason == "alternate" else "")
    points = ["", "", ""]
    if score is not None:
        points = [str(score.points), f"{score.csem:g}", assessments.state_levels[score.level]]
    return [
        state_id(student),
        name,
        grade_code(student.grade - 1),
        _SUBJECT_WORDS[subject],
        assessments.state_date.isoformat(),
        *points,
        reason or "valid",
        "eng",
    ]


def _reason_without_score(chance: Chance) -> str:
    drawn = chance.between(1, 1000)
    for reason, per_thousand in _WITHOUT_SCORE:
        drawn -= per_thousand
        if drawn <= 0:
            return reason
    return ""
