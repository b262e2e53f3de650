"""How fast the comparison is, beside a bare sort, group and join of the same columns in the same run.

    python -m benchmarks compare --students 100000

Made-up marks and scores of two subjects; each student has two tests and three marks a subject.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from reports.compare.gap import compare
from reports.records import ComparisonPolicy

AS_OF = date(2026, 6, 20)
SUBJECTS = ("math", "reading")
LEVELS = [
    {"code": "1", "name": "Below", "minimum": 2200, "maximum": 2527},
    {"code": "2", "name": "At", "minimum": 2528, "maximum": 2800},
]


def made_up(students: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Marks, scores and students, with an ability behind both so that all categories occur."""
    random = np.random.default_rng(seed)
    ability = random.normal(0.0, 1.0, students * len(SUBJECTS))
    pairs = pd.DataFrame(
        {
            "student_id": np.repeat(np.arange(students), len(SUBJECTS)),
            "subject": np.tile(np.array(SUBJECTS, dtype=object), students),
            "grade_level": 5,
            "school_year": 2026,
        }
    )
    return (
        _marks(pairs, ability, random),
        _scores(pairs, ability, random),
        pd.DataFrame(
            {
                "student_id": np.arange(students),
                "grade_level": 5,
                "english_learner": False,
                "us_entry_date": None,
            }
        ),
    )


def _marks(pairs: pd.DataFrame, ability: np.ndarray, random: np.random.Generator) -> pd.DataFrame:
    letters = np.array(["F", "D", "C", "B", "A"], dtype=object)
    terms = [("Year", True, "2025-08-18", "2026-05-29"), ("Quarter 1", False, "2025-08-18", "2025-10-24")]
    terms.append(("Quarter 4", False, "2026-03-16", "2026-05-29"))
    parts = []
    for title, final, begins, ends in terms:
        place = np.clip(np.round(2.8 + ability + random.normal(0.0, 0.7, len(pairs))), 0, 4).astype(int)
        parts.append(
            pairs.assign(
                course_title="Grade 5",
                period_title=title,
                period_begins_on=pd.Timestamp(begins),
                period_ends_on=pd.Timestamp(ends),
                is_final=final,
                mark=letters[place],
                percent=np.nan,
                scale="letter",
                modified_curriculum=False,
                credit_recovery=False,
                teacher_name=None,
            )
        )
    marks = pd.concat(parts, ignore_index=True)
    return marks.assign(mark_id=np.arange(len(marks))).sample(frac=1, random_state=1)


def _scores(pairs: pd.DataFrame, ability: np.ndarray, random: np.random.Generator) -> pd.DataFrame:
    parts = []
    for place, (family, kind, season, day) in enumerate(
        [
            ("State Test", "summative", "spring", "2026-04-28"),
            ("Growth Test", "interim", "winter", "2026-01-20"),
        ]
    ):
        parts.append(
            pairs.assign(
                assessment_id=place * len(SUBJECTS) + (pairs["subject"] == "reading"),
                family=family,
                title=family,
                version="2026",
                kind=kind,
                season=season,
                administered_on=pd.Timestamp(day),
                scale_score=np.clip(
                    np.round(2520 + 90 * ability + random.normal(0, 26, len(pairs))), 2200, 2800
                ),
                csem=26.0,
                test_sem=np.nan,
                score_sd=90.0,
                cut=2528.0,
                level=None,
                floor_level="2",
                score_minimum=2200.0,
                score_maximum=2800.0,
                status="valid",
                test_language="en",
            )
        )
    scores = pd.concat(parts, ignore_index=True)
    scores["levels"] = pd.Series([LEVELS] * len(scores), dtype=object)
    return scores.assign(score_id=np.arange(len(scores))).sample(frac=1, random_state=2)


def bare_join(marks: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """The least any comparison must do: the newest score and the final mark of each student and subject, joined."""
    keys = ["student_id", "subject"]
    newest = scores.sort_values([*keys, "administered_on"]).groupby(keys, sort=False).tail(1)
    return newest.merge(marks[marks["is_final"]], on=[*keys, "school_year"])


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """The result of the work and the CPU seconds it took, which other work on the machine does not change much."""
    began = time.process_time()
    return work(), time.process_time() - began


def main(arguments: Sequence[str] = ()) -> dict[str, Any]:
    """Time both on the same made-up students, print a table, return the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks compare")
    parser.add_argument("--students", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    marks, scores, students = made_up(options.students, options.seed)
    joined, bare = timed(lambda: bare_join(marks, scores))
    rows, ours = timed(lambda: compare(marks, scores, students, ComparisonPolicy(), AS_OF))
    assert len(joined) == len(rows) == options.students * len(SUBJECTS)
    figures: dict[str, Any] = {
        "students": options.students,
        "marks": len(marks),
        "scores": len(scores),
        "comparisons": len(rows),
        "compared": int(rows["refusal"].isna().sum()),
        "cpu_seconds": round(ours, 2),
        "comparisons_per_cpu_second": round(len(rows) / ours),
        "bare_join_cpu_seconds": round(bare, 2),
        "times_the_bare_join": round(ours / bare, 1),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):<28}{value:>14,}")
    print(rows["category"].value_counts().to_string(header=False))
    return figures
