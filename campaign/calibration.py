"""How often forecasts came true in a district: earlier tests and comparisons beside the state test after them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.store import calibration as store
from campaign.store.comparisons import student_chunks
from reports.compare.calibration import (
    FORECAST_COLUMNS,
    QUESTION_MEANS,
    Question,
    by_evidence,
    calibrate,
    diagrams,
)
from reports.compare.reliability import Panel

# Students whose forecasts are read at a time.
CHUNK = 20_000
COMPARISON = "our comparison"


@dataclass(frozen=True)
class CalibrationReport:
    """`table` and `evidence` are those of `reports.compare.calibration`; one panel a question and source."""

    forecasts: int
    table: pd.DataFrame
    evidence: pd.DataFrame
    panels: tuple[Panel, ...]


def forecasts(engine: Engine, district_id: int, as_of: date) -> Iterator[tuple[int, pd.DataFrame]]:
    """Number of students and their forecasts (FORECAST_COLUMNS), chunk by chunk, with outcomes known on `as_of`."""
    with transaction(engine, ENGINE) as connection:
        chunks = student_chunks(connection, district_id, CHUNK)
    for first, last, count in chunks:
        with transaction(engine, ENGINE) as connection:
            tests = store.tests_before(connection, district_id, (first, last), as_of)
            compared = store.comparisons_before(connection, district_id, (first, last), as_of)
        yield count, _forecasts(tests, compared)


def report(parts: Iterable[pd.DataFrame], certainty: float) -> CalibrationReport:
    """What the forecasts of all chunks say together."""
    gathered = pd.concat([pd.DataFrame(columns=list(FORECAST_COLUMNS)), *parts], ignore_index=True)
    typed = gathered.astype({"probability": float, "outcome": bool})
    table = calibrate(typed, certainty)
    drawn = diagrams(typed, table, certainty)
    panels = tuple(
        Panel(source, QUESTION_MEANS[question], found) for (question, source), found in sorted(drawn.items())
    )
    return CalibrationReport(len(typed), table, by_evidence(typed, certainty), panels)


def _forecasts(tests: pd.DataFrame, compared: pd.DataFrame) -> pd.DataFrame:
    numbers = tests[["score", "cut", "error", "projected"]].astype(float)
    observed = special.ndtr(((numbers["score"] - numbers["cut"]) / numbers["error"]).to_numpy(float))
    stored = compared["probability"].to_numpy(float)
    source = _sources(tests)
    parts: list[pd.DataFrame] = [
        _columns(tests, source, Question.IS_AT_GRADE_LEVEL, observed),
        _columns(
            tests,
            source + ": its projection",
            Question.WILL_SCORE_PROFICIENT,
            numbers["projected"].to_numpy(float),
        ),
        _columns(compared, COMPARISON, Question.IS_AT_GRADE_LEVEL, stored),
    ]
    return pd.concat(parts, ignore_index=True)


def _sources(tests: pd.DataFrame) -> pd.Series:
    """What staff call the test: "MAP Growth, fall", "STAAR, the year before"."""
    when = tests["season"].where(tests["kind"] == "interim", "the year before")
    return tests["family"].astype(str) + ", " + when.astype(str)


def _columns(
    rows: pd.DataFrame,
    source: pd.Series | str,
    question: Question,
    probability: npt.NDArray[np.floating[Any]],
) -> pd.DataFrame:
    frame: pd.DataFrame = rows.assign(
        question=question, source=source, probability=probability, outcome=rows["reached"]
    )
    return frame.loc[frame["probability"].notna(), list(FORECAST_COLUMNS)]
