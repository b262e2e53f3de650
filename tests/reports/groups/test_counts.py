"""The cube counts every compared student once a dimension, and lists empty groups as it lists the others."""

from __future__ import annotations

import pandas as pd

from reports.groups.counts import NOT_KNOWN, STATEMENT_OF, STATEMENTS, cube, facts
from reports.records import Category


def frame(*rows: tuple[str, int | None, str | None, str]) -> pd.DataFrame:
    table = pd.DataFrame(list(rows), columns=["place", "grade_level", "home_language", "category"])
    return table.assign(student_id=range(1, len(table) + 1))


def row(rows: pd.DataFrame, place: str, dimension: str, member: str) -> pd.Series:
    found = rows[(rows["place"] == place) & (rows["dimension"] == dimension) & (rows["member"] == member)]
    assert len(found) == 1
    return found.iloc[0]


def test_every_category_is_a_statement_or_no_comparison() -> None:
    assert set(Category) - set(STATEMENT_OF) == {Category.NOT_ENOUGH, Category.OTHER_TEST}
    assert set(STATEMENT_OF.values()) == set(STATEMENTS)


def test_refused_comparisons_are_counted_apart_from_the_shares() -> None:
    counted = facts(
        frame(
            ("A", 3, "en", "HIGH_NOTYET"),
            ("A", 3, "en", "MATCH_AT"),
            ("A", 3, "en", "NOT_ENOUGH"),
            ("B", 3, "en", "OTHER_TEST"),
        ),
        minimum=0,
    )
    rows = cube(counted)
    district = row(rows, "district", "all", "all")
    assert (district["students"], district["not_compared"]) == (2, 2)
    assert district["grade_high_test_not_yet"] == 1
    assert (rows[list(STATEMENTS)].sum(axis=1) == rows["students"]).all()
    assert row(rows, "B", "all", "all")["students"] == 0


def test_every_dimension_adds_up() -> None:
    counted = facts(
        frame(*[(s, g, lang, "MATCH_AT") for s in "ABC" for g in (None, 3, 5) for lang in ("en", None)]), 0
    )
    rows = cube(counted)
    for (geography, place), part in rows.groupby(["geography", "place"]):
        sums = part.groupby("dimension")["students"].sum()
        assert sums.nunique() == 1, (geography, place)
    assert row(rows, "A", "grade_level", NOT_KNOWN)["students"] == 2
    assert row(rows, "A", "grade_level", "4")["students"] == 0, (
        "a grade between two others is listed though empty"
    )


def test_a_language_no_one_speaks_in_a_school_is_listed_there() -> None:
    rows = cube(facts(frame(("A", 3, "en", "MATCH_AT"), ("B", 3, "es", "MATCH_AT")), 0))
    assert row(rows, "A", "home_language", "es")["students"] == 0


def test_rare_languages_are_folded() -> None:
    several = (
        [("A", 3, "en", "MATCH_AT")] * 40
        + [("A", 3, "es", "MATCH_AT")] * 30
        + [("A", 3, "vi", "MATCH_AT")] * 29
    )
    members = set(facts(frame(*several), 10)["home_language"])
    assert members == {"en", "es", "other"}


def test_a_grade_that_no_school_serves_is_not_listed() -> None:
    rows = cube(facts(frame(("A", 3, "en", "MATCH_AT"), ("B", 5, "en", "MATCH_AT")), 0))
    assert set(rows.loc[rows["dimension"] == "grade_level", "member"]) == {"3", "5"}
