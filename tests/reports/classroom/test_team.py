"""Charts for team meetings: from ten students on, and nothing in them that gives one child away."""

from __future__ import annotations

import io
from itertools import product

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.classroom.pack import OwnRow, Pack, cross_picture, pdf, states_picture
from reports.classroom.team import BANDS, STATES, GroupShares, Seat, SubjectCharts, bounds, charts
from reports.records import CATEGORY_OF, Category

MINIMUM = 10
TEAM = "Grade 4"
_MIXED = [
    Category.MATCH_AT,
    Category.HIGH_CLOSE,
    Category.HIGH_NOTYET,
    Category.MID_NOTYET,
    Category.BOTH_NEED,
]


def seats(sizes: dict[str, int], categories: list[Category] | None = None) -> list[Seat]:
    chosen = categories or _MIXED
    groups = [group for group, size in sizes.items() for _ in range(size)]
    return [Seat(place, group, "math", chosen[place % len(chosen)]) for place, group in enumerate(groups)]


def math(sizes: dict[str, int], categories: list[Category] | None = None) -> SubjectCharts:
    return charts(seats(sizes, categories), TEAM, MINIMUM)[0]


def shown(found: SubjectCharts) -> set[str]:
    return {group.group for group in found.groups if group.shares}


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({"A": 9}, set()),
        ({"A": 20, "B": 25, "C": 30}, {TEAM, "A", "B", "C"}),
        # One class too small: another goes with it, or the small one could be worked out from the team.
        ({"A": 4, "B": 25, "C": 30}, {TEAM, "C"}),
        ({"A": 4, "B": 25}, {TEAM}),
    ],
)
def test_a_group_shows_from_ten_students_on_and_hides_another_with_it(
    sizes: dict[str, int], expected: set[str]
) -> None:
    assert shown(math(sizes)) == expected


def test_students_without_a_comparison_count_in_nothing() -> None:
    found = math({"A": 9}, [Category.MATCH_AT])
    with_others = [*seats({"A": 9}), *(Seat(100 + i, "A", "math", "NOT_ENOUGH") for i in range(20))]
    assert charts(with_others, TEAM, MINIMUM)[0] == found
    assert charts([], TEAM, MINIMUM) == []


def test_shares_are_ranges_that_hold_the_truth() -> None:
    found = math({"A": 33, "B": 30})
    team = found.groups[0]
    assert (team.group, team.students) == (TEAM, 63)
    # 13, 13 and 37 of 63 in steps of five, the largest one step wider on both sides.
    assert team.shares == {"AT": (20, 25), "CLOSE": (20, 25), "NOT_YET": (50, 65)}
    assert found.cross is not None
    assert found.cross["HIGH", "CLOSE"] == (20, 25)
    assert found.cross["LOW", "AT"] == (0, 5)


@pytest.mark.parametrize("sizes", [{"A": 10}, {"A": 20}, {"A": 60}])
def test_ranges_that_begin_at_their_counts_do_not_add_up_to_them(sizes: dict[str, int]) -> None:
    shares = math(sizes).groups[0].shares
    assert shares is not None
    assert sum(low for low, _ in shares.values()) < 100 < sum(high for _, high in shares.values())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(sorted(CATEGORY_OF.values())), min_size=10, max_size=60))
def test_no_cell_of_grades_beside_tests_can_be_worked_out(categories: list[Category]) -> None:
    found = charts([Seat(i, "A", "math", c) for i, c in enumerate(categories)], TEAM, MINIMUM)[0]
    if found.cross is None:
        return
    truth = [categories.count(CATEGORY_OF[pair]) for pair in product(BANDS, STATES)]
    shares = found.groups[0].shares
    assert shares is not None
    least, most = bounds(list(found.cross.values()), list(shares.values()), len(categories))
    assert (least < most).all()
    assert (least.ravel() <= truth).all()
    assert (truth <= most.ravel()).all()


def test_pictures_have_a_title_and_take_names_as_words() -> None:
    found = math({"<b>A</b>": 33, "B": 30})
    for picture in (states_picture(found, TEAM), cross_picture(found, TEAM)):
        assert "<title>Math: " in picture
        assert "<b>" not in picture


def test_the_pack_is_tagged_with_a_text_for_each_picture_and_names_only_in_the_own_copy() -> None:
    subjects = [math({"A": 33, "B": 30}), SubjectCharts("reading", (GroupShares(TEAM, None, None),), None)]
    pack = Pack("Alder", "November 2, 2026", TEAM, MINIMUM, subjects)
    own = Pack(
        "Alder", "November 2, 2026", TEAM, MINIMUM, subjects, (OwnRow("Ana Abrego", "math", "B", "CLOSE"),)
    )
    with pikepdf.open(io.BytesIO(pdf(pack))) as file:
        assert len(file.pages) == 2
        figures = [o for o in file.objects if isinstance(o, pikepdf.Dictionary) and o.get("/S") == "/Figure"]
        assert len(figures) == 2
        assert all(str(figure.get("/Alt", "")) for figure in figures)
    with pikepdf.open(io.BytesIO(pdf(own, "a4"))) as file:
        assert len(file.pages) == 3
