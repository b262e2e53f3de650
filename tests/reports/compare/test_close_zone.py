"""What the zone close to the line costs and saves, for normal scores and lines from the 75th to the 50th percentile."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from reports.compare.evidence import probability_at_or_above

STUDENTS = 400_000


@pytest.mark.parametrize(
    ("reliability", "close", "misclassified"),
    [
        (0.85, (0.21, 0.26), (0.10, 0.13)),
        (0.90, (0.17, 0.21), (0.08, 0.10)),
        (0.93, (0.14, 0.18), (0.07, 0.09)),
    ],
)
def test_share_of_students_who_are_close_and_share_the_bare_label_gets_wrong(
    reliability: float, close: tuple[float, float], misclassified: tuple[float, float]
) -> None:
    random = np.random.default_rng(1)
    true_score = random.normal(0, math.sqrt(reliability), STUDENTS)
    error = math.sqrt(1 - reliability)
    score = true_score + random.normal(0, error, STUDENTS)
    for percentile, of_close, of_wrong in zip((0.75, 0.50), close, misclassified, strict=True):
        cut = norm.ppf(percentile)
        said = probability_at_or_above(score, np.full(STUDENTS, cut), np.full(STUDENTS, error))
        assert np.mean((said > 0.2) & (said < 0.8)) == pytest.approx(of_close, abs=0.007)
        assert np.mean((score >= cut) != (true_score >= cut)) == pytest.approx(of_wrong, abs=0.007)
