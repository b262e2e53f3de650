"""What goes into comparisons, read from the database as compact columns: COPY out, one pass of the CSV reader."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from sqlalchemy import Connection, text

# Stands for NULL in COPY's text, so that an empty text stays one.
_NULL: Final = "\\N"

# The columns that COPY gives, each with how it is read. "date" is read as a category, which has few different values;
# "text" may look like a number and comes with a sign before it, so that 03 and 3.0 stay what they are.
_MARKS: Final = {
    "mark_id": "int64",
    "student_id": "int64",
    "subject": "category",
    "grade_level": "float32",
    "school_year": "float32",
    "course_title": "text",
    "period_title": "text",
    "period_begins_on": "date",
    "period_ends_on": "date",
    "is_final": "bool",
    "mark": "text",
    "percent": "float64",
    "scale": "text",
    "modified_curriculum": "bool",
    "credit_recovery": "bool",
    "teacher_id": "float64",
}
_SCORES: Final = {
    "score_id": "int64",
    "student_id": "int64",
    "assessment_id": "int64",
    "grade_level": "float32",
    "school_year": "float32",
    "administered_on": "date",
    "scale_score": "float64",
    "csem": "float64",
    "level": "text",
    "status": "category",
    "test_language": "category",
    "projected_probability": "float64",
}
_STUDENTS: Final = {
    "student_id": "int64",
    "grade_level": "float32",
    "english_learner": "bool",
    "us_entry_date": "date",
    "english_proficiency": "float32",
    "subject": "category",
}
_SELECT_MARKS: Final = """
    SELECT id, student_id, subject, grade_level, school_year, '=' || course_title, '=' || period_title,
           period_begins_on, period_ends_on, is_final, '=' || mark, percent, '=' || scale, modified_curriculum,
           credit_recovery, teacher_id
    FROM mark
    WHERE district_id = %(district_id)s AND student_id BETWEEN %(first)s AND %(last)s AND NOT withdrawn
"""
_SELECT_SCORES: Final = """
    SELECT id, student_id, assessment_id, grade_level, school_year, administered_on, scale_score, csem, '=' || level,
           status, test_language, projected_probability
    FROM score WHERE district_id = %(district_id)s AND student_id BETWEEN %(first)s AND %(last)s
"""
# A subject compared before is asked about again, so that vanished marks and scores are noticed. English proficiency is
# the overall level of the newest valid test of it, where that is a number.
_SELECT_STUDENTS: Final = """
    SELECT s.id, s.grade_level, s.english_learner IS TRUE, s.us_entry_date, e.level, k.subject
    FROM student s
    LEFT JOIN comparison k ON k.student_id = s.id AND k.superseded_at IS NULL
                          AND k.student_id BETWEEN %(first)s AND %(last)s
    LEFT JOIN (
        SELECT DISTINCT ON (p.student_id) p.student_id,
               CASE WHEN p.level ~ '^[0-9]+([.][0-9]+)?$' THEN p.level::real END AS level
        FROM score p JOIN assessment a ON a.id = p.assessment_id AND a.kind = 'language'
        WHERE p.district_id = %(district_id)s AND p.student_id BETWEEN %(first)s AND %(last)s AND p.status = 'valid'
        ORDER BY p.student_id, p.administered_on DESC NULLS LAST, p.school_year DESC NULLS LAST, p.id DESC
    ) e ON e.student_id = s.id
    WHERE s.district_id = %(district_id)s AND s.id BETWEEN %(first)s AND %(last)s
"""
_ASSESSMENTS: Final = """
    SELECT id, family, title, version, kind, subject, season, grade_level, test_sem, score_sd, cut, levels, floor_level,
           score_minimum, score_maximum
    FROM assessment WHERE district_id = :district_id ORDER BY id
"""
_TEACHERS: Final = """
    SELECT id, nullif(concat_ws(' ', given_name, family_name), '') AS name
    FROM staff_member WHERE district_id = :district_id ORDER BY id
"""
_NUMBERS: Final = ("test_sem", "score_sd", "cut", "score_minimum", "score_maximum")
_WORDS: Final = ("family", "title", "version", "kind", "subject", "season", "floor_level")


@dataclass(frozen=True)
class Inputs:
    """Marks, scores and students of one chunk, with the columns of `reports.records`."""

    marks: pd.DataFrame
    scores: pd.DataFrame
    students: pd.DataFrame


def inputs(connection: Connection, district_id: int, first: int, last: int) -> Inputs:
    """All marks and scores of the district's students with ids from `first` to `last`."""
    values = {"district_id": district_id, "first": first, "last": last}
    return Inputs(
        _with_teachers(connection, district_id, _copied(connection, _SELECT_MARKS, values, _MARKS)),
        _with_assessments(connection, district_id, _copied(connection, _SELECT_SCORES, values, _SCORES)),
        _copied(connection, _SELECT_STUDENTS, values, _STUDENTS),
    )


def _copied(
    connection: Connection, query: str, values: Mapping[str, int], kinds: Mapping[str, str]
) -> pd.DataFrame:
    buffer = io.BytesIO()
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv, NULL '{_NULL}')", values) as copy:
        for block in copy:
            buffer.write(block)
    cursor.close()
    buffer.seek(0)
    read = {name: "category" if kind in ("date", "text") else kind for name, kind in kinds.items()}
    frame = pd.read_csv(
        buffer,
        names=list(kinds),
        dtype=read,
        # A number that is none is missing; a mark of that name is a mark.
        na_values={n: [_NULL, "NaN"] if kind.startswith("float") else [_NULL] for n, kind in kinds.items()},
        keep_default_na=False,
        true_values=["t"],
        false_values=["f"],
        low_memory=False,
    )
    dates = {name: _dates(frame[name]) for name, kind in kinds.items() if kind == "date"}
    texts = {name: _texts(frame[name]) for name, kind in kinds.items() if kind == "text"}
    return frame.assign(**dates, **texts)


def _texts(column: pd.Series[Any]) -> Any:
    return column.cat.rename_categories([word[1:] for word in column.cat.categories])


def _dates(column: pd.Series[Any]) -> Any:
    days = pd.to_datetime(column.cat.categories).to_numpy("datetime64[s]")
    return np.append(days, np.datetime64("NaT", "s"))[column.cat.codes]


def _with_teachers(connection: Connection, district_id: int, marks: pd.DataFrame) -> pd.DataFrame:
    rows = connection.execute(text(_TEACHERS), {"district_id": district_id}).all()
    ids, names = np.array([row.id for row in rows], float), pd.Categorical([row.name for row in rows])
    teacher = marks.pop("teacher_id").to_numpy()
    place = np.where(np.isnan(teacher), -1, np.searchsorted(ids, np.nan_to_num(teacher)))
    return marks.assign(teacher_name=names.take(place, allow_fill=True))


def _with_assessments(connection: Connection, district_id: int, scores: pd.DataFrame) -> pd.DataFrame:
    """Scores with what their assessments say; the grade is that of the score, else that of the test."""
    rows = connection.execute(text(_ASSESSMENTS), {"district_id": district_id})
    tests = pd.DataFrame(rows.fetchall(), columns=list(rows.keys()), dtype=object)
    place = np.searchsorted(tests["id"].to_numpy(np.int64), scores["assessment_id"].to_numpy())
    columns: dict[str, Any] = {name: tests[name].to_numpy(float)[place] for name in _NUMBERS}
    columns |= {name: pd.Categorical(tests[name]).take(place) for name in _WORDS}
    stated = tests["grade_level"].to_numpy(np.float32)[place]
    grade = scores["grade_level"].to_numpy()
    return scores.assign(
        **columns,
        levels=tests["levels"].to_numpy(object)[place],
        grade_level=np.where(np.isnan(grade), stated, grade),
    )
