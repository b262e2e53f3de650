"""All tests of a child together, in words for staff: the number, what went in, what conflicts, what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from campaign.store import populations
from reports.compare.links import LINK_STUDENTS, PRIOR_STUDENTS, NotUsable, Population
from reports.compare.recorded import Again, Attempts, OverTime, attempts, over_time, weigh_again
from reports.compare.weighing import Cells

_WHY_NOT: Final = {
    NotUsable.TOO_FEW_STUDENTS: f"fewer than {PRIOR_STUDENTS} students of the district took it",
    NotUsable.NO_ERROR: "its error is not known",
    NotUsable.NO_SPREAD: "all its scores are the same",
}
_CHANGE: Final = {"higher": "higher", "lower": "lower", "about_the_same": "about the same"}


@dataclass(frozen=True)
class Together:
    """Names and values to list, and what staff should be warned of."""

    numbers: Sequence[tuple[str, str]]
    warnings: Sequence[str]


def together(
    connection: Connection, student_id: int, subject: str, explanation: Mapping[str, Any]
) -> Together:
    """What the tests of a current comparison say together, worked out again from the population it was weighed against.

    The connection's role decides what is visible.
    """
    tests = explanation["tests"]
    numbers = [*map(_attempts, attempts(tests)), *map(_over_time, over_time(tests))]
    stored = populations.of_student(connection, student_id, subject)
    if stored is None:
        return Together([*numbers, ("all tests together", _nothing(tests))], [])
    population = Population.from_record(stored["record"])
    cells = Cells.of(population)
    again = weigh_again(tests, cells)
    numbers += _numbers(again, cells, population, f"{stored['estimated_at']:%Y-%m-%d}")
    return Together(numbers, list(_warnings(again)))


def _nothing(tests: Sequence[Mapping[str, Any]]) -> str:
    if not any(test.get("weighable") for test in tests):
        return "no number: no full, dated score with a known error from the last 18 months"
    return (
        f"no number: no state test of {PRIOR_STUDENTS} students or more, and none that {LINK_STUDENTS} of them took "
        "beside this test"
    )


def _numbers(again: Again, cells: Cells, population: Population, day: str) -> Iterator[tuple[str, str]]:
    posterior, scale = again.weighed.posterior, int(again.weighed.scale[0])
    yield (
        "chance to be at grade level, all tests together (staff only)",
        f"{posterior.probability[0]:.4f} from {int(posterior.tests[0])} "
        f"{'test' if posterior.tests[0] == 1 else 'tests'}",
    )
    home = population.tests.iloc[scale]
    titles = {test["assessment_id"]: test["title"] for test in again.tests}
    grade = "" if home["grade_level"] != home["grade_level"] else f", grade {int(home['grade_level'])}"
    yield (
        "weighed on the scale of",
        f"{titles.get(home['assessment_id'], 'the state test')}{grade}, {int(home['school_year'])}: cut "
        f"{cells.cut[scale]:.6g}, district mean {cells.mean[scale]:.6g}, true SD {cells.variance[scale] ** 0.5:.4g}, "
        f"{int(home['students']):,} students, estimated {day}",
    )
    for place, test in enumerate(again.tests):
        yield f"{test['title']} of {test['date']} weighed as", _part(again, cells, population, place)


def _part(again: Again, cells: Cells, population: Population, place: int) -> str:
    weighed, test = again.weighed, again.tests[place]
    if weighed.variance[place] != weighed.variance[place]:
        return f"not weighed: {_why_not(cells, population, test)}"
    age = weighed.age[place]
    drift = cells.drift[int(weighed.scale[0])] * age if age == age else 0.0
    how = f", {age:.2f} years old" if age == age else ", by the link of the two tests"
    return f"{weighed.value[place]:.6g} ± {(weighed.variance[place] + drift) ** 0.5:.4g} points{how}"


def _why_not(cells: Cells, population: Population, test: Mapping[str, Any]) -> str:
    grade = float("nan") if test["grade_level"] is None else float(test["grade_level"])
    rows = population.tests
    same_grade = (rows["grade_level"] == grade) | (rows["grade_level"].isna() & (grade != grade))
    mine = rows[
        (rows["assessment_id"] == test["assessment_id"])
        & (rows["school_year"] == test["school_year"])
        & same_grade
    ]
    reason = mine["reason"].iloc[0] if len(mine) else NotUsable.TOO_FEW_STUDENTS
    return _WHY_NOT.get(
        reason, f"fewer than {LINK_STUDENTS} students took both tests, or the two do not rise together"
    )


def _warnings(again: Again) -> Iterator[str]:
    posterior = again.weighed.posterior
    if posterior.conflict[0]:
        yield (
            f"The tests differ more than their errors and the time between them allow (chi-square "
            f"{posterior.chi_square[0]:.1f} of {int(posterior.tests[0])} tests). Look at each test; draw no conclusion "
            "from all of them together."
        )


def _attempts(found: Attempts) -> tuple[str, str]:
    return f"{found.title}, mean of {found.number} attempts", f"{found.mean:.6g} ± {found.error:.4g} points"


def _over_time(found: OverTime) -> tuple[str, str]:
    earlier, later = found.earlier["date"], found.later["date"]
    return (
        f"{found.later['title']}, {earlier} to {later}",
        f"{_CHANGE[found.change]} ({found.points:+.6g} points; a change counts from {found.needed:.4g})",
    )
