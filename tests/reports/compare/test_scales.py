"""Marks fall into the band their scale gives them; whatever says nothing about learning has none."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from reports.compare.scales import NOT_ON_SCALE, SCALE_NOT_KNOWN, ScaleError, load
from reports.records import GradeBand


def band_of(mark: str | None, scale: str | None) -> tuple[str | None, str | None]:
    row = load().bands(pd.Series([mark], dtype=object), pd.Series([scale], dtype=object)).iloc[0]
    return row["band"], row["reason"]


@pytest.mark.parametrize(
    ("scale", "mark", "band"),
    [
        *(("letter", m, "HIGH") for m in ("A+", "A", "A-", "B+", "B", "B-", " b− ", "a–")),
        *(("letter", m, "MIDDLE") for m in ("C+", "C", "C-")),
        *(("letter", m, "LOW") for m in ("D+", "D", "D-", "F", "Failing", "U")),
        *(("percent", m, "HIGH") for m in ("80", "80.0", "87", "87%", "100", "103")),
        *(("percent", m, "MIDDLE") for m in ("70", "79", "79.99")),
        *(("percent", m, "LOW") for m in ("69.9", "0", "12")),
        *(("standards_4", m, "HIGH") for m in ("4", "3", "3.5", "4.0")),
        *(("standards_4", m, "MIDDLE") for m in ("2", "2.5")),
        *(("standards_4", m, "LOW") for m in ("1", "1.5")),
        ("meets_needs", "M", "HIGH"),
        ("meets_needs", "N", "LOW"),
        *(("excellent_satisfactory", m, "HIGH") for m in ("E", "S+", "S")),
        ("excellent_satisfactory", "N", "MIDDLE"),
        ("excellent_satisfactory", "U", "LOW"),
    ],
)
def test_mark_falls_into_its_band(scale: str, mark: str, band: str) -> None:
    assert band_of(mark, scale) == (GradeBand(band), None)


@pytest.mark.parametrize("scale", ["letter", "percent", "standards_4", "meets_needs"])
@pytest.mark.parametrize("mark", ["P", "Pass", "I", "INC", "NG", "W", "NE", "", "  ", None, "-", "X"])
def test_rule_6_marks_without_learning_in_them_are_refused_on_every_scale(
    scale: str, mark: str | None
) -> None:
    band, reason = band_of(mark, scale)
    assert band is None
    assert reason not in {None, NOT_ON_SCALE, SCALE_NOT_KNOWN}


@pytest.mark.parametrize("scale", ["pass_fail", "narrative", "conduct", "effort"])
@pytest.mark.parametrize("mark", ["P", "F", "S", "A", "Works hard and asks good questions."])
def test_rule_6_scales_that_do_not_grade_learning_are_refused(scale: str, mark: str) -> None:
    band, reason = band_of(mark, scale)
    assert band is None
    assert reason


@pytest.mark.parametrize(
    ("mark", "scale", "reason"),
    [
        ("87", "letter", NOT_ON_SCALE),
        ("B", "percent", NOT_ON_SCALE),
        ("-3", "percent", NOT_ON_SCALE),
        ("121", "percent", NOT_ON_SCALE),
        ("nan", "percent", NOT_ON_SCALE),
        ("inf", "percent", NOT_ON_SCALE),
        ("5", "standards_4", NOT_ON_SCALE),
        ("A", "made in our school", SCALE_NOT_KNOWN),
        ("A", None, SCALE_NOT_KNOWN),
    ],
)
def test_what_is_not_on_the_scale_is_not_guessed(mark: str, scale: str | None, reason: str) -> None:
    assert band_of(mark, scale) == (None, reason)


def test_only_cards_that_state_standards_are_marked_so() -> None:
    assert {name for name, scale in load().scales.items() if scale.standards} == {
        "standards_4",
        "meets_needs",
    }


def write(folder: Path, body: str, version: str = 'version = "1"\n') -> Path:
    file = folder / "own.toml"
    file.write_text(version + body, encoding="utf-8")
    return file


def test_a_districts_own_scale_stands_beside_the_shipped_ones(tmp_path: Path) -> None:
    own = write(
        tmp_path,
        '[scale.deuel_k3]\nstandards = true\nHIGH = ["4"]\nMIDDLE = ["3"]\nLOW = ["2", "1"]\n'
        "[scale.percent]\nHIGH = { minimum = 83, maximum = 100 }\nLOW = { minimum = 0, below = 83 }\n",
    )
    scales = load(own)
    found = scales.bands(pd.Series(["3", "82", "B"]), pd.Series(["deuel_k3", "percent", "letter"]))
    assert found["band"].tolist() == ["MIDDLE", "LOW", "HIGH"]
    assert scales.version == f"{load().version}+1"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('[scale.x]\nHIGH = ["A"]\n', "has no LOW band"),
        ('[scale.x]\ntitle = "X"\n', "has no HIGH band"),
        ('[scale.x]\nHIGH = ["A", "b"]\nLOW = ["B"]\n', "the mark B stands in HIGH and in LOW"),
        (
            "[scale.x]\nHIGH = { minimum = 80, maximum = 100 }\nLOW = { minimum = 0, below = 81 }\n",
            "LOW and HIGH overlap at 80",
        ),
        (
            "[scale.x]\nHIGH = { minimum = 80, maximum = 100 }\nLOW = { minimum = 0, maximum = 80 }\n",
            "LOW and HIGH overlap at 80",
        ),
        (
            "[scale.x]\nHIGH = { minimum = 80, maximum = 100 }\nLOW = { minimum = 0, below = 79 }\n",
            "nothing covers 79 to 80",
        ),
        (
            "[scale.x]\nHIGH = { minimum = 80 }\nLOW = { minimum = 0, below = 80 }\n",
            "must be a list of marks",
        ),
        ("[scale.x]\nHIGH = 80\nLOW = 70\n", "must be a list of marks"),
        (
            "[scale.x]\nHIGH = { minimum = 80, below = 80 }\nLOW = { minimum = 0, below = 80 }\n",
            "HIGH ends at 80",
        ),
        ('[scale.x]\nTOP = ["A"]\n', "TOP is not known"),
        ('[scale.x]\ncomparable = "no"\nHIGH = ["A"]\n', "is not comparable and yet has bands"),
        ("", "there is no [scale.ID]"),
        ("[scale.x\n", "cannot be read as TOML"),
    ],
)
def test_a_scale_that_cannot_be_used_says_what_to_change(tmp_path: Path, body: str, words: str) -> None:
    with pytest.raises(ScaleError, match=r"own\.toml") as caught:
        load(write(tmp_path, body))
    assert words in str(caught.value)


def test_a_file_without_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScaleError, match="version"):
        load(write(tmp_path, '[scale.x]\nHIGH = ["A"]\nLOW = ["B"]\n', version=""))
