"""What made-up students can do, and what a mark and a test make of it.

The model: true ability is standard normal per student and subject; a mark follows ability with correlation
MARK_CORRELATION and is lifted by the leniency of the school; a test measures ability with an error that grows
towards the ends of its scale. Nothing else about a student enters: no language, no school address.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from campaign.demo.chance import Chance

SUBJECTS = ("math", "reading", "science")
MARK_CORRELATION = 0.75
# Share of students whose true ability reaches the grade-level line, and share with an A or a B.
AT_GRADE_LEVEL_Z = 0.126  # 45 %
LENIENCY_Z = 0.90  # 82 %; schools scatter around it
_SUBJECTS_SHARE = 0.70  # correlation of two subjects of one student

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Abilities:
    """Arrays of shape (students, subjects); `last_year` and `this_year` in standard deviations, marks in percent."""

    last_year: Array
    this_year: Array
    final_percent: Array
    quarter_percent: Array


def draw(chance: Chance, schools: NDArray[np.int64]) -> Abilities:
    """Abilities and marks of the students whose school has the index in `schools`."""
    size = (len(schools), len(SUBJECTS))
    normal = chance.generator.standard_normal
    general = normal((size[0], 1))
    last = np.sqrt(_SUBJECTS_SHARE) * general + np.sqrt(1 - _SUBJECTS_SHARE) * normal(size)
    this = 0.95 * last + np.sqrt(1 - 0.95**2) * normal(size)
    leniency = LENIENCY_Z + 0.25 * normal(int(schools.max()) + 1)[schools][:, None]
    return Abilities(
        last_year=last,
        this_year=this,
        final_percent=_percent(MARK_CORRELATION * last, leniency, normal(size)),
        quarter_percent=_percent(MARK_CORRELATION * this, leniency, normal(size)),
    )


def _percent(known: Array, leniency: Array, noise: Array) -> Array:
    """Marks from 40 to 100: 80 lies `leniency` standard deviations below the middle, low marks stretch further."""
    latent = known + np.sqrt(1 - MARK_CORRELATION**2) * noise + leniency
    stretched = np.where(latent < 0, latent * 13.0, latent * 9.5)
    percents: Array = np.clip(np.round(80 + stretched), 40, 100)
    return percents


def error_of(base: float, ability: float) -> float:
    """The conditional error of measurement, in points: smallest in the middle, growing towards the ends."""
    return base * (1 + 0.12 * ability**2)
