"""Marks as report cards print them: each has a reading on the scale it looks like, or a reason why it has none."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from campaign.intake.marks import scale_of
from reports.compare.scales import load

# Marks that have no band by themselves, and why: only the district's own scale says what they mean.
NO_READING = {
    "": "no mark was given",
    "NE": "not assessed in this term",
    # Excellent, or below D: a single E does not say which.
    "E": "the mark does not stand on its grade scale",
}
BAND = {
    **dict.fromkeys(["A", "A-", "B+", "B", "B-", "M", "S+", "S", "4", "3"], "HIGH"),
    **dict.fromkeys(["C+", "C", "C-", "2"], "MIDDLE"),
    **dict.fromkeys(["D+", "D", "D-", "F", "Failing", "U", "N", "1"], "LOW"),
}


def read(mark: str, own: Path | None = None, scale: str | None = None) -> tuple[str | None, str | None]:
    found = load(own).bands(
        pd.Series([mark], dtype=object), pd.Series([scale or scale_of(mark)], dtype=object)
    )
    return found["band"].iloc[0], found["reason"].iloc[0]


@pytest.mark.parametrize("mark", BAND)
def test_a_mark_is_read_on_the_scale_it_looks_like(mark: str) -> None:
    assert read(mark) == (BAND[mark], None)


@pytest.mark.parametrize(
    ("mark", "why"),
    [
        *NO_READING.items(),
        ("I", None),
        ("INC", None),
        ("W", None),
        ("P", None),
        ("NG", None),
        ("Works hard.", None),
    ],
)
def test_a_mark_without_learning_in_it_has_a_reason_and_is_never_zero(mark: str, why: str | None) -> None:
    band, reason = read(mark)
    assert band is None
    assert reason == why if why else reason


@pytest.mark.shared_data
def test_every_mark_of_the_observed_scales_has_a_reading_or_a_reason(shared_data: Path) -> None:
    with (shared_data / "reference" / "grade_scales_observed.csv").open(
        encoding="utf-8", newline=""
    ) as stream:
        marks = ["" if row["mark"] == "(blank)" else row["mark"] for row in csv.DictReader(stream)]
    assert len(marks) == 59
    for mark in marks:
        assert read(mark) == ((BAND[mark], None) if mark in BAND else (None, NO_READING[mark])), mark


OWN = """
version = "1"
[scale.approaching_at_3]
title = "4 is proficient, 3 approaches it"
standards = true
HIGH = ["4"]
MIDDLE = ["3"]
LOW = ["2", "1"]
[scale.percent_92]
title = "A from 92"
HIGH = { minimum = 83, maximum = 100 }
MIDDLE = { minimum = 74, below = 83 }
LOW = { minimum = 0, below = 74 }
[scale.satisfactory]
title = "Excellent to unsatisfactory"
HIGH = ["E", "S+", "S"]
MIDDLE = ["N"]
LOW = ["U"]
"""


@pytest.mark.parametrize(
    ("oddity", "mark", "shipped", "scale", "own"),
    [
        ("4 means proficient, and 3 does not", "3", "HIGH", "approaching_at_3", "MIDDLE"),
        ("B begins at 83", "82", "HIGH", "percent_92", "MIDDLE"),
        ("the lowest C is 74", "73", "MIDDLE", "percent_92", "LOW"),
        ("E means excellent", "E", None, "satisfactory", "HIGH"),
        ("N stands between S and U", "N", "LOW", "satisfactory", "MIDDLE"),
    ],
)
def test_a_districts_own_scale_says_what_its_marks_mean(
    tmp_path: Path, oddity: str, mark: str, shipped: str | None, scale: str, own: str
) -> None:
    file = tmp_path / "scales.toml"
    file.write_text(OWN, encoding="utf-8")
    assert (read(mark)[0], read(mark, file, scale)[0]) == (shipped, own), oddity
