"""How often forecasts came true in a district: earlier tests and comparisons beside the state test after them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special
from sqlalchemy import Connection, Engine

from campaign.access import ENGINE
from campaign.comparing.norms import SHOWN_MEANS
from campaign.database import transaction
from campaign.store import calibration as store
from campaign.store.comparisons import student_chunks
from reports.compare.calibration import (
    FORECAST_COLUMNS,
    QUESTION_MEANS,
    Calibration,
    Question,
    by_evidence,
    calibrate,
    diagrams,
)
from reports.compare.reliability import Panel
from reports.compare.small_cells import Shown
from reports.records import Evidence

# Students whose forecasts are read at a time.
CHUNK = 20_000
COMPARISON = "our comparison"
WORDS: Mapping[str, str] = {
    Evidence.AT: "at grade level",
    Evidence.CLOSE: "close to the line",
    Evidence.NOT_YET: "not yet at grade level",
}


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
    for chunk in chunks:
        with transaction(engine, ENGINE) as connection:
            yield chunk[2], _chunk(connection, district_id, chunk, as_of)


def forecasts_seen(connection: Connection, district_id: int, as_of: date) -> Iterator[pd.DataFrame]:
    """The same of the students whom the connection's role sees."""
    for chunk in student_chunks(connection, district_id, CHUNK):
        yield _chunk(connection, district_id, chunk, as_of)


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


def right(found: Calibration) -> str:
    """Share of the decided that were right, as far as it may be said."""
    if found.right is not None:
        return f"{found.right:.0%}"
    if found.right_limit is None:
        return "too few decided"
    return f"{found.right_limit}% or {'more' if found.right_limit >= 50 else 'fewer'}"


def reason(shown: str) -> str:
    """Why a row of a calibration table says nothing."""
    coded = {
        Shown.TOP: "Fewer than 5 did not reach grade level.",
        Shown.BOTTOM: "Fewer than 5 reached grade level.",
    }
    return coded.get(Shown(shown)) or SHOWN_MEANS[shown]


def _chunk(
    connection: Connection, district_id: int, chunk: tuple[int, int, int], as_of: date
) -> pd.DataFrame:
    first, last, _ = chunk
    tests = store.tests_before(connection, district_id, (first, last), as_of)
    return _forecasts(tests, store.comparisons_before(connection, district_id, (first, last), as_of))


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
