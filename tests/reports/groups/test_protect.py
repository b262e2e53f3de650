"""No group that is hidden can be worked out from what is shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.groups.counts import DISTRICT, KEYS, STATEMENTS, cube, facts
from reports.groups.protect import WIDTH, batch_rows, cells, count_bounds, hidden_rows, protect, share_range
from reports.records import Category
from tests.reports.groups.attacker import relations, smallest_and_largest

MINIMUM = 10
CATEGORIES = [*Category]


def students(
    groups: dict[tuple[str, int | None, str | None], int], category: str = "MATCH_AT"
) -> pd.DataFrame:
    rows = [key for key, count in groups.items() for _ in range(count)]
    frame = pd.DataFrame(rows, columns=["place", "grade_level", "home_language"])
    return frame.assign(student_id=range(1, len(frame) + 1), category=category)


def made_cube(groups: dict[tuple[str, int | None, str | None], int]) -> pd.DataFrame:
    return cube(facts(students(groups), MINIMUM))


def random_district(seed: int) -> pd.DataFrame:
    """Two to four schools, sizes from almost nothing to a hundred and more, languages and refusals unevenly spread."""
    dice = np.random.default_rng(seed)
    frames = []
    for school in "ABCD"[: dice.integers(2, 5)]:
        size = int(dice.choice([4, 15, 40, 120]))
        frames.append(
            pd.DataFrame(
                {
                    "place": school,
                    "grade_level": dice.choice([3, 4, 5], size, p=dice.dirichlet([1, 1, 1]))
                    + int(dice.choice([0, 0, 2])),
                    "home_language": dice.choice(["en", "es", "vi"], size, p=dice.dirichlet([3, 1, 0.7])),
                    "category": dice.choice(CATEGORIES, size),
                }
            )
        )
    frame = pd.concat(frames, ignore_index=True)
    return cube(facts(frame.assign(student_id=range(len(frame))), MINIMUM))


def test_the_attacker_solves_a_sum() -> None:
    rows = made_cube({("A", 3, "en"): 40, ("A", 4, "en"): 7})
    naive = cells(rows, (rows["students"] < MINIMUM).to_numpy())
    assert smallest_and_largest(naive)["school", "A", "grade_level", "4"] == (7, 7)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6))
def test_no_hidden_row_of_a_random_district_is_pinned_down(seed: int) -> None:
    published = protect(random_district(seed), MINIMUM)
    for row, (least, most) in smallest_and_largest(published).items():
        assert most - least >= WIDTH, (row, least, most)


def test_hiding_small_groups_alone_is_broken_by_the_same_attacker() -> None:
    broken = 0
    for seed in range(10):
        rows = random_district(seed)
        naive = cells(rows, (rows["students"] < MINIMUM).to_numpy())
        broken += any(most - least < WIDTH for least, most in smallest_and_largest(naive).values())
    assert broken >= 9


def test_hiding_two_in_every_line_is_not_enough_without_the_audit() -> None:
    """Two blocks of hidden rows joined by one: every line has two hidden rows, yet the one between is known."""
    groups = {(school, level, "en"): 30 for school in "ABCD" for level in (3, 4, 5, 6)}
    rows = made_cube(groups)
    table = [
        ("A", "3"),
        ("A", "4"),
        ("B", "3"),
        ("B", "4"),
        ("B", "5"),
        ("C", "5"),
        ("C", "6"),
        ("D", "5"),
        ("D", "6"),
    ]
    hidden = np.array(
        [(r.place, r.member) in table and r.dimension == "grade_level" for r in rows.itertuples()]
    )
    joint = ("school", "B", "grade_level", "5")
    assert smallest_and_largest(cells(rows, hidden))[joint] == (30, 30)
    repaired = hidden_rows(rows, MINIMUM, also=hidden)
    assert (repaired & hidden).sum() == hidden.sum()
    assert repaired.sum() > hidden.sum()
    assert all(most - least >= WIDTH for least, most in smallest_and_largest(cells(rows, repaired)).values())


@pytest.mark.parametrize("seed", range(30))
def test_rules_hold_in_every_sum(seed: int) -> None:
    rows = random_district(seed)
    hidden = hidden_rows(rows, MINIMUM)
    size = dict(zip(rows[KEYS].itertuples(index=False, name=None), rows["students"], strict=True))
    dark = {key for key, h in zip(size, hidden, strict=True) if h}
    assert all(key in dark for key, n in size.items() if n < MINIMUM)
    for total, parts in relations(list(size)):
        gone = [part for part in parts if part in dark]
        if total not in dark:
            assert not gone or (len(gone) >= 2 and sum(size[part] for part in gone) >= MINIMUM)
            assert all(part in dark for part in parts if 0 < size[total] - size[part] < MINIMUM)
        else:
            assert gone


def test_a_few_students_in_grades_of_their_own_do_not_darken_the_district() -> None:
    groups = {(s, g, lang): 30 for s in "ABCEFGHI" for g in (3, 4, 5) for lang in ("en", "es")}
    rows = made_cube(groups | {("D", 7, "en"): 2, ("A", 9, "es"): 1})
    hidden = hidden_rows(rows, MINIMUM)
    assert not hidden[((rows["geography"] == DISTRICT) & (rows["dimension"] == "all")).to_numpy()].any()
    assert hidden.mean() < 0.4


def test_large_groups_stay_visible() -> None:
    rows = made_cube({(s, g, lang): 40 for s in "ABC" for g in (3, 4, 5) for lang in ("en", "es")})
    assert not hidden_rows(rows, MINIMUM).any()


def test_one_small_group_costs_three_neighbours_and_no_more() -> None:
    groups = {(s, g, "en"): 40 for s in "ABCD" for g in (3, 4, 5, 6)} | {("A", 3, "en"): 4}
    rows = made_cube(groups)
    assert hidden_rows(rows, MINIMUM).sum() == 4


@pytest.mark.parametrize(
    ("count", "students", "low", "high"),
    [
        (0, 10, 0, 20),
        (10, 10, 80, 100),
        (2, 10, 20, 40),
        (19, 19, 80, 100),
        (0, 20, 0, 10),
        (20, 20, 90, 100),
        (7, 20, 30, 40),
        (0, 60, 0, 5),
        (59, 60, 95, 100),
        (30, 60, 50, 55),
        (0, 300, 0, 1),
        (300, 300, 99, 100),
        (299, 300, 99, 100),
        (123, 300, 41, 42),
    ],
)
def test_ranges_widen_as_groups_shrink(count: int, students: int, low: int, high: int) -> None:
    found = share_range(np.array([count]), np.array([students]))
    assert [int(bound[0]) for bound in found] == [low, high]


@given(st.integers(10, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_range_holds_its_share_and_leaves_more_than_one_count_open(pair: tuple[int, int]) -> None:
    count, n = pair
    low, high = (int(b[0]) for b in share_range(np.array([count]), np.array([n])))
    assert 0 <= low < high <= 100
    assert low * n <= 100 * count < high * n or (high == 100 and count == n)
    least, most = (int(b[0]) for b in count_bounds(np.array([count]), np.array([n])))
    assert least <= count <= most
    assert most > least


def test_hidden_rows_say_nothing_and_all_say_it_alike() -> None:
    published = protect(random_district(3), MINIMUM)
    hidden = published[~published["shown"]]
    assert len(hidden)
    assert hidden[["students", "percent_low", "percent_high"]].isna().all(axis=None)
    whole = published.groupby(KEYS)["shown"].agg(["all", "any", "size"])
    assert (whole["all"] == whole["any"]).all(), "a row is shown or hidden as a whole"
    assert (whole["size"] == len(STATEMENTS)).all()


def test_protection_is_the_same_each_time_and_in_any_order_of_students() -> None:
    frame = students(
        {(s, g, lang): 3 + 9 * g for s in "AB" for g in (3, 4, 5) for lang in ("en", "es", None)}
    )
    again = frame.sample(frac=1, random_state=1)
    one, two = (protect(cube(facts(f, MINIMUM)), MINIMUM) for f in (frame, again))
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize(("alike", "shown"), [(False, True), (True, False)])
def test_ranges_that_would_tell_what_two_hidden_groups_have_in_common_are_not_shown(
    alike: bool, shown: bool
) -> None:
    """Grades 4 and 5 have ten students; if all ten share a result, total and grade 3 would leave no other count."""
    base = students(
        {("A", 3, "en"): 12, ("A", 4, "en"): 5, ("A", 5, "en"): 5, ("B", 4, "en"): 60, ("B", 5, "en"): 60}
    )
    in_a = base["place"] == "A"
    fourth = in_a & (base["grade_level"] == 3) & (base["student_id"] <= 4)
    base.loc[fourth | (in_a & (base["grade_level"] > 3) & alike), "category"] = "HIGH_NOTYET"
    published = protect(cube(facts(base, MINIMUM)), MINIMUM)
    grade = published[(published["place"] == "A") & (published["member"] == "3")]
    assert grade["shown"].unique().tolist() == [shown]


@pytest.mark.parametrize(
    ("changes", "moves"),
    [
        ({"A": 12, "B": 15}, {"A", "B", DISTRICT}),
        ({"A": 12, "B": 4}, {DISTRICT}),
        ({"A": 3}, set()),
        ({"A": 12}, {"A", DISTRICT}),
        ({"A": 20, "B": 6, "C": 7}, {"A", DISTRICT}),
    ],
)
def test_only_batches_that_could_be_published_move_a_row(changes: dict[str, int], moves: set[str]) -> None:
    batch = made_cube({(school, 3, "en"): count for school, count in changes.items()})
    moving = batch_rows(batch, MINIMUM)
    totals = batch[(batch["dimension"] == "all") & moving]
    assert set(totals["place"]) == moves
