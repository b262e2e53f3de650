"""The one cube of a subject: how many students of each group get which statement about grade and test.

Rows are places (the district, each school) × dimensions (all, grade level, home language) × members. Nothing is
ever counted outside it, so what partners hold together is never more than the cube that was protected.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from reports.records import Category

# Every compared student gets exactly one statement; refusals are left out of the shares.
STATEMENT_OF: Final[dict[str, str]] = {
    Category.MATCH_AT: "grade_high_test_at",
    Category.HIGH_CLOSE: "grade_high_test_close",
    Category.HIGH_NOTYET: "grade_high_test_not_yet",
    Category.MID_AT: "other",
    Category.MID_CLOSE: "other",
    Category.MID_NOTYET: "other",
    Category.LOW_AT: "other",
    Category.LOW_CLOSE: "other",
    Category.BOTH_NEED: "other",
    Category.TESTS_DISAGREE: "other",
}
STATEMENTS: Final = ("grade_high_test_at", "grade_high_test_close", "grade_high_test_not_yet", "other")

DISTRICT: Final = "district"
SCHOOL: Final = "school"
ALL: Final = "all"
DIMENSIONS: Final = (ALL, "grade_level", "home_language")
NOT_KNOWN: Final = "not known"
OTHER_LANGUAGES: Final = "other"

# A language spoken by fewer than this many times the minimum is folded into "other": many near-empty groups would
# make the rules of protection hide the large ones too.
_FOLD = 3

KEYS: Final = ["geography", "place", "dimension", "member"]

# One row a student with a current comparison in the subject.
STUDENT_FACTS: Final[dict[str, str]] = {
    "student_id": "id of the student",
    "place": "the school as it is to be printed",
    "grade_level": "of enrolment; None = not known",
    "home_language": "BCP 47; None = not known",
    "category": "a Category",
}


def facts(students: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """The facts that are counted: student_id, place, grade_level and home_language as members, statement.

    `students` has the columns STUDENT_FACTS. `statement` is None where no comparison was made. `minimum` is the
    smallest group that may be shown; see above for the folding of languages.
    """
    statement = students["category"].map(STATEMENT_OF).astype(object)
    language = students["home_language"].astype(object).where(students["home_language"].notna(), NOT_KNOWN)
    sizes = language[statement.notna()].value_counts()
    small = language.map(sizes).fillna(0) < _FOLD * minimum
    level = pd.to_numeric(students["grade_level"]).astype("Int64").astype(object)
    return pd.DataFrame(
        {
            "student_id": students["student_id"],
            "place": students["place"].astype(object),
            "grade_level": level.where(level.notna(), NOT_KNOWN).map(str),
            "home_language": language.mask(small, OTHER_LANGUAGES),
            "statement": statement.where(statement.notna(), None),
        }
    ).reset_index(drop=True)


def cube(counted: pd.DataFrame) -> pd.DataFrame:
    """Rows of the cube from `facts`: KEYS, `students` (compared), one column a statement, `not_compared`.

    Every school has a row for every language of the district and every grade level between its lowest and its
    highest, empty or not: a list of the groups that are not empty would say that someone is in them.
    """
    served = _served(counted)
    frames = []
    for dimension in DIMENSIONS:
        data = counted.assign(**({ALL: ALL} if dimension == ALL else {}))
        frames.append(_count(data.assign(place=DISTRICT), DISTRICT, dimension))
        frames.append(_count(data, SCHOOL, dimension))
    rows = pd.concat(frames, ignore_index=True)
    rows = rows.merge(served, on=KEYS, how="right").fillna(dict.fromkeys(_NUMBERS, 0))
    rows[_NUMBERS] = rows[_NUMBERS].astype(int)
    return rows.sort_values(KEYS, key=_in_order).reset_index(drop=True)


_NUMBERS = ["students", *STATEMENTS, "not_compared"]


def _count(data: pd.DataFrame, geography: str, dimension: str) -> pd.DataFrame:
    ones = {name: (data["statement"] == name).astype(int) for name in STATEMENTS}
    compared = data["statement"].notna().astype(int)
    table = data.assign(**ones, students=compared, not_compared=1 - compared)
    table = table.groupby(["place", dimension], sort=False)[_NUMBERS].sum()
    table = table.rename_axis(index=["place", "member"]).reset_index()
    return table.assign(geography=geography, dimension=dimension)


def _served(counted: pd.DataFrame) -> pd.DataFrame:
    """Every row that is listed, whether anyone is in it or not; the district lists what any school lists."""
    languages = sorted(counted["home_language"].unique())
    rows = [
        (SCHOOL, str(place), *member)
        for place, school in counted.groupby("place", sort=True)
        for member in _members(school, languages)
    ]
    rows += [(DISTRICT, DISTRICT, *member) for member in dict.fromkeys(row[2:] for row in rows)]
    return pd.DataFrame(rows, columns=KEYS)


def _members(group: pd.DataFrame, languages: list[str]) -> list[tuple[str, str]]:
    known = [int(level) for level in group["grade_level"].unique() if level != NOT_KNOWN]
    levels = [str(level) for level in range(min(known), max(known) + 1)] if known else []
    if (group["grade_level"] == NOT_KNOWN).any():
        levels.append(NOT_KNOWN)
    return [
        (ALL, ALL),
        *(("grade_level", level) for level in levels),
        *(("home_language", language) for language in languages),
    ]


def _in_order(column: pd.Series) -> pd.Series:
    """District first, "all" first, grade levels by number, the rest by name."""
    if column.name == "member":
        numbers = pd.to_numeric(column, errors="coerce")
        return numbers.map(lambda n: "" if pd.isna(n) else f"{int(n) + 50:03d}") + column.map(str)
    return column.map(lambda value: "" if value in (DISTRICT, ALL) else str(value))
