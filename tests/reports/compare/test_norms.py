"""What a grade means here: the worked cells, who may read which sentence, and how far pooling helps."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.compare.norms import (
    CELL_COLUMNS,
    PAIR_COLUMNS,
    Statement,
    StatementCode,
    cells,
    family_statement,
    family_statements,
    last_completed_year,
    letters,
    pool,
    pooled,
    staff_table,
    wilson,
)
from reports.compare.scales import load
from reports.compare.small_cells import Shown

REACHED, STUDENTS = [172, 152, 128, 9, 96, 0], [420, 390, 365, 12, 310, 8]


def course(*grades: tuple[str, int, int]) -> pd.DataFrame:
    """A course's cells from (grade, students, reached)."""
    fixed = {"subject": "math", "course": "Math 5", "grade_level": 5, "scale": "letter"}
    rows = [fixed | {"grade": g, "students": n, "reached": s} for g, n, s in grades]
    return pd.DataFrame(rows)[list(CELL_COLUMNS)]


def worked_cells() -> pd.DataFrame:
    rows = [
        course(("B", n, s)).assign(grade_level=level)
        for level, n, s in zip(range(3, 9), STUDENTS, REACHED, strict=True)
    ]
    return pd.concat(rows)


def test_the_pool_of_the_worked_cells() -> None:
    found = pool(REACHED, STUDENTS)
    assert found.mean == pytest.approx(0.370, abs=5e-4)
    assert found.size == pytest.approx(132, abs=0.5)


def test_every_worked_cell() -> None:
    estimate, low, high = pooled(REACHED, STUDENTS, pool(REACHED, STUDENTS))
    raw = np.array(REACHED) / STUDENTS
    assert raw.round(3).tolist() == [0.410, 0.390, 0.351, 0.750, 0.310, 0.000]
    assert estimate.round(3).tolist() == [0.400, 0.385, 0.356, 0.402, 0.328, 0.349]
    assert low.round(3).tolist() == [0.360, 0.343, 0.314, 0.323, 0.285, 0.272]
    assert high.round(3).tolist() == [0.441, 0.427, 0.398, 0.483, 0.372, 0.429]


def test_the_staff_table_shows_four_of_the_worked_cells() -> None:
    table = staff_table(worked_cells())
    shown = table["shown"] == Shown.YES
    assert shown.tolist() == [True, True, True, False, True, False]
    assert table["shown"].tolist()[3::2] == [Shown.TOP, Shown.TOO_FEW]
    assert table.loc[shown, "students"].tolist() == [420, 390, 365, 310]
    numbers = table.loc[~shown, ["students", "raw", "pooled", "low", "high"]]
    assert numbers.isna().all(axis=None)
    assert table["limit"].tolist()[3] == 60


def test_a_single_hidden_cell_is_covered_by_the_smallest_of_its_sums() -> None:
    grades = {3: (("A", 60), ("B", 50), ("C", 8)), 4: (("A", 70), ("B", 90), ("C", 30))}
    across = [
        course((grade, n, n // 2)).assign(grade_level=level)
        for level, row in grades.items()
        for grade, n in row
    ]
    table = staff_table(pd.concat(across)).set_index(["grade_level", "grade"])["shown"]
    assert table[3, "C"] == Shown.TOO_FEW
    assert {key for key, state in table.items() if state == Shown.COVER} == {(3, "B"), (4, "B"), (4, "C")}


def test_pooling_is_nearer_the_truth_than_the_raw_share_and_covers_about_95_percent() -> None:
    chance = np.random.default_rng(9)
    raw, drawn, covered = [], [], []
    for _ in range(300):
        students = chance.integers(12, 130, 30)
        truth = chance.beta(50 * 0.37, 50 * 0.63, 30)
        reached = chance.binomial(students, truth)
        estimate, low, high = pooled(reached, students, pool(reached, students))
        raw.append((reached / students - truth) ** 2)
        drawn.append((estimate - truth) ** 2)
        covered.append((low <= truth) & (truth <= high))
    assert np.sqrt(np.mean(raw)) == pytest.approx(0.069, abs=0.002)
    assert np.sqrt(np.mean(drawn)) == pytest.approx(0.046, abs=0.002)
    # A little under 95 %: the interval takes the pool as known.
    assert 0.91 < np.mean(covered) < 0.95


def test_a_pool_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one cell"):
        pool([0], [0])


def test_wilson_interval_by_hand() -> None:
    low, high = wilson([10], [50])
    assert (low[0], high[0]) == (pytest.approx(0.1124, abs=1e-4), pytest.approx(0.3304, abs=1e-4))


OTHERS = (("A", 120, 90), ("C", 120, 30))
ABOUT = StatementCode.ABOUT


@pytest.mark.parametrize(
    ("students", "reached", "said"),
    [
        (200, 100, Statement(ABOUT, 5)),
        (100, 45, Statement(ABOUT, 5)),
        (100, 44, Statement(ABOUT, 4)),
        (100, 90, Statement(ABOUT, 9)),
        (400, 10, Statement(StatementCode.FEWER_THAN_ONE)),
        (400, 390, Statement(StatementCode.MORE_THAN_NINE)),
        (100, 9, None),
        (100, 91, None),
        (99, 30, Statement(StatementCode.FEWER_THAN_HALF)),
        (99, 70, Statement(StatementCode.MORE_THAN_HALF)),
        (99, 45, None),
        (30, 10, None),
        (36, 10, Statement(StatementCode.FEWER_THAN_HALF)),
        (29, 19, None),
        (60, 9, None),
        (0, 0, None),
    ],
)
def test_what_a_family_may_read(students: int, reached: int, said: Statement | None) -> None:
    assert family_statement(course(*OTHERS, ("B", students, reached)), "B") == said


def test_a_state_with_larger_groups_says_less() -> None:
    grades = course(*OTHERS, ("B", 100, 85))
    assert family_statement(grades, "B") == Statement(ABOUT, 9)
    assert family_statement(grades, "B", minimum_group=16) is None


def test_the_last_grade_of_a_course_is_not_said_when_it_would_uncover_another() -> None:
    alone = family_statements(course(("A", 150, 120), ("B", 130, 65), ("F", 12, 0)))
    assert set(alone) == {"A"}
    two_small = family_statements(course(("A", 150, 120), ("B", 130, 65), ("D", 14, 4), ("F", 12, 0)))
    assert set(two_small) == {"A", "B"}
    all_alike = family_statements(course(("A", 150, 120), ("B", 130, 65), ("D", 14, 0), ("F", 12, 0)))
    assert set(all_alike) == {"A"}


def test_a_grade_that_is_merely_uncertain_uncovers_nobody() -> None:
    assert set(family_statements(course(("A", 150, 120), ("B", 60, 30)))) == {"A"}


def test_a_grade_nobody_had_says_nothing_and_a_mix_of_courses_is_refused() -> None:
    assert family_statement(course(*OTHERS), "B") is None
    mixed = pd.concat([course(("A", 120, 90)), course(("B", 120, 90)).assign(course="Math 6")])
    with pytest.raises(ValueError, match="about one course"):
        family_statement(mixed, "A")


@given(
    st.lists(
        st.integers(0, 400).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_is_said_is_said_of_enough_students(counts: list[tuple[int, int]]) -> None:
    grades = course(*((f"g{i}", n, s) for i, (n, s) in enumerate(counts)))
    said = family_statements(grades)
    behind = [(n, s) for i, (n, s) in enumerate(counts) if f"g{i}" not in said and n]
    for i, (n, s) in enumerate(counts):
        if f"g{i}" in said:
            assert n >= 30
            assert min(s, n - s) >= 10
    if said and any(n < 30 or min(s, n - s) < 10 for n, s in behind):
        assert len(behind) > 1
        assert sum(n for n, _ in behind) >= 10


@pytest.mark.parametrize(
    ("scale", "mark", "grade"),
    [
        ("letter", "B+", "B"),
        ("letter", " b− ", "B"),
        ("letter", "Failing", "F"),
        ("letter", "P", None),
        ("percent", "89.5", "80–89"),
        ("percent", "90%", "90–100"),
        ("percent", "12", "0–59"),
        ("standards_4", "3.5", "3"),
        ("standards_4", "4-", "4"),
        ("meets_needs", "M+", "M"),
        ("pass_fail", "P", None),
        ("nobody_knows", "B", None),
    ],
)
def test_which_marks_are_one_grade(scale: str, mark: str, grade: str | None) -> None:
    assert letters(pd.Series([mark]), pd.Series([scale]), load()).tolist() == [grade]


def pairs(**changed: object) -> pd.DataFrame:
    row = {
        "subject": "math",
        "course": "Math 5",
        "grade_level": 5,
        "scale": "letter",
        "mark": "B",
        "kind": "summative",
    }
    row |= {"test": "State Test", "tested_grade": 5, "reached": True, "students": 7}
    return pd.DataFrame([row | changed])[list(PAIR_COLUMNS)]


@pytest.mark.parametrize(
    ("changed", "counted"),
    [
        ({}, 7),
        ({"kind": "alternate"}, 0),
        ({"kind": "interim"}, 0),
        ({"tested_grade": 6}, 0),
        ({"grade_level": None}, 7),
        ({"mark": "Pass"}, 0),
        ({"course": "Algebra I"}, 0),
        (
            {
                "course": "Algebra I",
                "test": "Algebra 1 End of Course",
                "tested_grade": None,
                "grade_level": 8,
            },
            7,
        ),
        ({"test": "Biology", "tested_grade": None}, 0),
    ],
)
def test_which_pairs_of_mark_and_test_count(changed: dict[str, object], counted: int) -> None:
    assert cells(pairs(**changed), load())["students"].sum() == counted


def test_signs_are_added_up_and_courses_kept_apart() -> None:
    rows = pd.concat(
        [
            pairs(mark="B+"),
            pairs(mark="B-", reached=False, students=5),
            pairs(course="Math 5 Honors", students=1),
        ]
    )
    found = cells(rows, load())
    assert found[["course", "grade", "students", "reached"]].to_numpy().tolist() == [
        ["Math 5", "B", 12, 7],
        ["Math 5 Honors", "B", 1, 1],
    ]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ValueError, match="column kind is missing"):
        cells(pairs().drop(columns="kind"), load())


@pytest.mark.parametrize(
    ("day", "year"), [(date(2026, 6, 30), 2025), (date(2026, 7, 1), 2026), (date(2026, 11, 2), 2026)]
)
def test_a_school_year_is_over_in_july(day: date, year: int) -> None:
    assert last_completed_year(day) == year
