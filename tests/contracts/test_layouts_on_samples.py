"""Public samples of vendors' exports, read as the shipped layouts say: how many scores, and why the rest is none."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.campaign.intake.layout_samples import read_export

CASES = [
    ("CMAS/sample_anonymized_file.csv", "CMAS", 5, {}, {}),
    ("Dibels_8_Benchmark/sample_anonymized_file.csv", "DIBELS 8", 5, {}, {}),
    ("FastBridgeCAT/sample_anonymized_aMath.csv", "FastBridge", 7, {}, {"students without a screening": 3}),
    (
        "FastBridgeCAT/sample_anonymized_aReading.csv",
        "FastBridge",
        3,
        {},
        {"students without a screening": 6},
    ),
    ("ACCESS/2021_to_2025_sample_anonymized_file_ACCESS.csv", "ACCESS", 5, {}, {}),
    ("ACCESS/sample_anonymized_file_ACCESS.csv", "ACCESS", 4, {}, {}),
    (
        "ACCESS/2021_to_2025_sample_anonymized_file_Alternate_ACCESS.csv",
        "Alternate ACCESS",
        4,
        {},
        {"students without an overall score": 1},
    ),
    ("ACCESS/sample_anonymized_file_alternate_Alternate_ACCESS.csv", "Alternate ACCESS", 3, {}, {}),
]


@pytest.mark.shared_data
@pytest.mark.parametrize(("file", "family", "scores", "refused", "passed"), CASES, ids=[c[0] for c in CASES])
def test_a_public_sample_gives_what_its_layout_says(
    shared_data: Path, file: str, family: str, scores: int, refused: dict[str, int], passed: dict[str, int]
) -> None:
    outcome = read_export(shared_data / "vendor" / file)
    assert {score["family"] for score in outcome.scores} == {family}
    assert len(outcome.scores) == scores
    assert Counter(row["code"] for row in outcome.refused) == refused
    assert outcome.passed == passed


@pytest.mark.shared_data
def test_the_levels_of_cmas_follow_its_cuts(shared_data: Path) -> None:
    found = read_export(shared_data / "vendor" / "CMAS" / "sample_anonymized_file.csv").scores
    said = [
        (score.get("scale_score"), score.get("csem"), score.get("level"), score["status"]) for score in found
    ]
    assert said == [
        (709.0, 10.0, "2", "valid"),
        (676.0, 14.0, "1", "valid"),
        (672.0, 18.0, "1", "valid"),
        (None, None, None, "opt_out"),
        (667.0, 20.0, "1", "valid"),
    ]
