"""Several tests of one child together: where the true score lies, given every score, its error, its age and its link.

θ is the true score on the state test's scale at a reference day; prior and errors are normal. Lee (2010) would need
item parameters, Livingston and Lewis the whole raw-score distribution: neither is in a district's exports.

    prior      θ ~ N(μ, τ²)
    evidence   y = c + d·θ + e,   x = (y − c)/d,   v = (SEM/d)² + link² + q·age
    posterior  1/V = 1/τ² + Σ 1/v,   m = V·(μ/τ² + Σ (x + growth·age)/v),   P = Φ((m − cut)/√V)
    conflict   χ² = Σ (x − x̄)²/v with x̄ weighted by 1/v and k − 1 degrees of freedom

P combines scores and is for staff, calibration and groups; what a family reads of one test is `evidence.judge`.
Scores lie in flat arrays, `key` says whose each is; nothing is sorted and no two children are looked at together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri, ndtr, owens_t

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.integer[Any]]

# Tests further apart than this in 1 of 100 pairs that measure the same thing are shown beside each other instead.
CONFLICT_LEVEL: Final = 0.01
# Standard deviations beyond which nothing is told apart; stands in for an open end of a level.
_FAR: Final = 37.0
# A level less likely than this under everything else known cannot be weighed.
_IMPOSSIBLE: Final = 1e-9


@dataclass(frozen=True)
class Prior:
    """What is known before any test: `mean` (points) and `variance` (points², infinite = nothing), each (keys,)."""

    mean: FloatArray
    variance: FloatArray


@dataclass(frozen=True)
class Measurements:
    """Scores on the scale of θ, one entry a score, each array (scores,).

    `key` (0 to keys − 1), `score` (points), `variance` (points², of error and link on the day of the test), `age`
    (years before the reference day).
    """

    key: IntArray
    score: FloatArray
    variance: FloatArray
    age: FloatArray


@dataclass(frozen=True)
class LevelsOnly:
    """Levels reported without a score, one entry a level, each array (levels,).

    `key`, `low` and `high` (points: lowest score of this and of the next level; −inf and inf at the ends), `variance`
    (points²).
    """

    key: IntArray
    low: FloatArray
    high: FloatArray
    variance: FloatArray


@dataclass(frozen=True)
class Posterior:
    """Arrays over the keys; NaN where a key has no test, since nobody untested is guessed from others.

    `mean` (points), `variance` (points²), `probability` (0 to 1, of θ at or above the cut), `chi_square` (of the
    scores; NaN below two), `tests` (how many spoke), `conflict` (χ² above its 1 % point).
    """

    mean: FloatArray
    variance: FloatArray
    probability: FloatArray
    chi_square: FloatArray
    tests: IntArray
    conflict: BoolArray


def error_from_reliability(sd: FloatArray, reliability: FloatArray) -> FloatArray:
    """SD·√(1 − reliability): the error (points) of a whole test of which no more is published; call it assumed."""
    return np.asarray(np.asarray(sd, float) * np.sqrt(1.0 - np.asarray(reliability, float)))


def linked(
    score: FloatArray, error: FloatArray, intercept: FloatArray, slope: FloatArray, link_error: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Scores of another scale as scores of θ: x (points) and its variance v (points²).

    `error` in points of the other scale, `link_error` in points of θ. Raises ValueError for a slope that is not
    positive.
    """
    slope = np.asarray(slope, float)
    if (slope <= 0).any():
        raise ValueError("a link needs a positive slope: a higher score must mean more")
    return (np.asarray(score, float) - intercept) / slope, (
        np.asarray(error, float) / slope
    ) ** 2 + np.square(link_error)


def combine(
    tests: Measurements, prior: Prior, cut: FloatArray, drift: FloatArray | float = 0.0, growth: float = 0.0
) -> Posterior:
    """The posterior of each key from its scores. `cut` (keys,) in points, NaN = no line, then P is NaN.

    `drift` is q, the points² by which a year blurs a score (one number, or one for each key); `growth` the points a
    score rises in a year. With an infinite prior variance and one fresh test, P is that of `evidence.judge`.
    Raises ValueError for a variance that is not positive.
    """
    if not (tests.variance > 0).all():
        raise ValueError("each score needs a positive error variance")
    keys = len(prior.mean)
    drifts = np.broadcast_to(np.asarray(drift, float), (keys,))
    score = tests.score + growth * tests.age
    weight = 1.0 / (tests.variance + drifts[tests.key] * tests.age)
    count = np.bincount(tests.key, minlength=keys)
    total = np.bincount(tests.key, weight, keys)
    weighted = np.bincount(tests.key, weight * score, keys)
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = weighted / total
        variance = 1.0 / (1.0 / prior.variance + total)
        mean = variance * (prior.mean / prior.variance + weighted)
    squares = np.bincount(tests.key, weight * (score - middle[tests.key]) ** 2, keys)
    untested = count == 0
    mean[untested] = variance[untested] = np.nan
    chi_square = np.where(count > 1, squares, np.nan)
    critical = chdtri(np.arange(max(int(count.max(initial=0)), 1)), CONFLICT_LEVEL)[np.maximum(count - 1, 0)]
    with np.errstate(invalid="ignore"):
        conflict = chi_square > critical
        probability = ndtr((mean - cut) / np.sqrt(variance))
    return Posterior(mean, variance, probability, chi_square, count, conflict)


def with_levels(scored: Posterior, levels: LevelsOnly, prior: Prior, cut: FloatArray) -> Posterior:
    """The posterior after levels that came without a score: the score lay between two cuts, and no more is known.

    Exact for the first level of a key, after its scores if it has any; a second one starts from the mean and variance
    that the first one left. Levels take no part in χ². A key whose level can hardly be under all else known (below 1 in
    a billion), or whose prior says nothing and no score does, gets NaN.
    """
    mean = np.where(scored.tests > 0, scored.mean, prior.mean)
    variance = np.where(scored.tests > 0, scored.variance, prior.variance)
    probability = scored.probability.copy()
    order = np.argsort(levels.key, kind="stable")
    starts = np.searchsorted(levels.key[order], levels.key[order])
    turn = np.arange(len(order)) - starts
    for number in range(int(turn.max(initial=-1)) + 1):
        rows = order[turn == number]
        key = levels.key[rows]
        within = _Within(mean[key], variance[key], levels.low[rows], levels.high[rows], levels.variance[rows])
        probability[key] = within.at_or_above(np.asarray(cut, float)[key])
        mean[key], variance[key] = within.moments()
    tests = scored.tests + np.bincount(levels.key, minlength=len(scored.tests))
    silent = tests == 0
    mean[silent] = variance[silent] = np.nan
    return Posterior(mean, variance, probability, scored.chi_square, tests, scored.conflict)


class _Within:
    """θ ~ N(mean, variance), of which a score x = θ + e with e ~ N(0, error) lay from `low` up to below `high`."""

    def __init__(
        self, mean: FloatArray, variance: FloatArray, low: FloatArray, high: FloatArray, error: FloatArray
    ) -> None:
        self.mean, self.variance = mean, np.where(np.isfinite(variance), variance, np.nan)
        self.spread = np.sqrt(self.variance + error)
        with np.errstate(invalid="ignore"):
            self.low = np.clip((low - mean) / self.spread, -_FAR, _FAR)
            self.high = np.clip((high - mean) / self.spread, -_FAR, _FAR)
        mass = ndtr(self.high) - ndtr(self.low)
        self.mass = np.where(mass > _IMPOSSIBLE, mass, np.nan)

    def at_or_above(self, cut: FloatArray) -> FloatArray:
        """P(θ ≥ cut | low ≤ x < high) = P(θ ≥ cut, low ≤ x < high) / P(low ≤ x < high)."""
        with np.errstate(invalid="ignore"):
            line = np.clip((cut - self.mean) / np.sqrt(self.variance), -_FAR, _FAR)
            tied = np.sqrt(self.variance) / self.spread
            both = _both_above(line, self.low, tied) - _both_above(line, self.high, tied)
        return np.asarray(np.clip(both / self.mass, 0.0, 1.0))

    def moments(self) -> tuple[FloatArray, FloatArray]:
        """Mean and variance of θ: those of the truncated x, carried over by the regression of θ on x."""
        density_low, density_high = (np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) for z in (self.low, self.high))
        shift = (density_low - density_high) / self.mass
        shrink = 1 + (self.low * density_low - self.high * density_high) / self.mass - shift**2
        slope = self.variance / self.spread**2
        mean = self.mean + slope * self.spread * shift
        return mean, self.variance * (1 - slope) + slope**2 * self.spread**2 * shrink


def _both_above(h: FloatArray, k: FloatArray, tied: FloatArray) -> FloatArray:
    """P(X ≥ h, Y ≥ k) of standard normal X and Y correlated by `tied`, after D. B. Owen, Ann. Math. Stat. 27, 1956."""
    h, k = (np.where(value == 0, 1e-300, value) for value in (h, k))
    loose = np.sqrt(1 - tied**2)
    with np.errstate(over="ignore"):
        tails = owens_t(h, (k - tied * h) / (h * loose)) + owens_t(k, (h - tied * k) / (k * loose))
    apart = np.where((h < 0) != (k < 0), 0.5, 0.0)
    return np.asarray((ndtr(-h) + ndtr(-k)) / 2 - tails - apart)
