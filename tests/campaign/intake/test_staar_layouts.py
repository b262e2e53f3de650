"""STAAR's layouts of every year against the state's own tables, and its two forms against each other."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from campaign.intake.layouts.folders import shipped_tests
from campaign.intake.layouts.language import Assessment
from tests.campaign.intake.layout_samples import Outcome, read_export, read_own_fields

pytestmark = pytest.mark.shared_data
YEARS = range(2022, 2027)
(STAAR,) = [test for test in shipped_tests() if test.name == "staar_summative"]


def table_of(shared_data: Path, year: int) -> dict[str, tuple[int, int]]:
    """The state's table of a year: field → start, width."""
    file = shared_data / "vendor" / "STAAR_Summative" / f"staar_summative_fwf_xwalk_{year}.csv"
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return {
            row["field_name"]: (int(row["start_index"]), int(row["field_length"]))
            for row in csv.DictReader(stream)
        }


@pytest.mark.parametrize("year", YEARS)
def test_every_field_stands_where_the_states_table_says(shared_data: Path, year: int) -> None:
    state = table_of(shared_data, year)
    fields = read_own_fields("staar_summative", f"fields_{year}.csv")
    assert {name: state.get(name) for name in fields} == fields
    assert max(start + width for start, width in state.values()) == 4000
    (layout,) = [layout for layout in STAAR.layouts if layout.name == f"{year} fixed width"]
    assert layout.record_length == 4000
    assert {name: (start, width) for name, start, width in layout.positions} == fields


def read_columns(test: Assessment, there: set[str]) -> dict[str, set[str]]:
    """For each score a file with the columns `there` can hold: the columns it reads."""
    return {
        score.name: {name for source in score.fields.values() for name in source.names if name in there}
        | {status.column for status in score.statuses if status.column in there}
        for score in test.scores
        if score.present in there
    }


@pytest.mark.parametrize("year", YEARS)
def test_each_year_has_its_own_columns_of_every_subject(shared_data: Path, year: int) -> None:
    """Numbered columns mean another thing every year, so no score of one year may find its columns in another."""
    state = table_of(shared_data, year)
    found = read_columns(STAAR, set(state))
    reading = "reading" if year == 2022 else "reading_language_arts"
    assert set(found) == {reading, "mathematics", "science", "social_studies", f"algebra_i_{year}"}
    fields = set(read_own_fields("staar_summative", f"fields_{year}.csv"))
    assert set().union(*found.values()) <= fields
    # Date, grade, names, birth date and three identifiers belong to no subject; the code that must be there to each.
    assert len(fields) == 8 + len(
        set().union(*found.values()) - {"administration_date", "grade_level_tested"}
    )
    algebra = sorted(state[name] for name in found[f"algebra_i_{year}"] if name != "administration_date")
    assert algebra == [(3099, 1), (3100, 1), (3115, 4), (3119, 1), (3120, 1), (3121, 1)]


def told(outcome: Outcome) -> list[object]:
    """Everything but the number of the line, which begins with the header in one form and not in the other."""
    scores = [{name: value for name, value in score.items() if name != "line"} for score in outcome.scores]
    return [*scores, *sorted(outcome.keys), *outcome.students.values(), *outcome.named.values()]


def test_lines_of_fixed_width_give_the_same_scores_as_separated_values(shared_data: Path) -> None:
    folder = shared_data / "vendor" / "STAAR_Summative"
    separated = read_export(folder / "sample_anonymized_file.csv")
    fixed = read_export(folder / "sample_anonymized_file.txt")
    assert (len(fixed.accepted), fixed.refused) == (10, [])
    assert len(fixed.scores) == 20
    assert told(fixed) == told(separated)
    assert fixed.assessments == separated.assessments
