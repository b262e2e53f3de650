"""How fast the comparison is, beside the least that any comparison must do, in Polars, pandas and SQL.

    python -m benchmarks compare --students 10000 100000
    python -m benchmarks compare --students 10000 100000 1000000 --picture docs/pictures/compare.svg

Ours: frames in, frame out, all rules. The others only sort marks and scores by student, subject and day, take the last
of each, and join them. Each works on the same made-up rows in a process of its own; medians of warm runs. Peak memory
is that of the process, with the frames it was given; that of the database is not in it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._growth import draw
from benchmarks._school_year import AS_OF, MARKS_EACH, SCORES_EACH, SUBJECTS, SchoolYear, made_up

Task = Callable[[], int]

# What the naive ways need of each frame: whose it is, of which day, and one value.
_MARK = {"student_id": "student_id", "subject": "subject", "day": "period_ends_on", "value": "mark"}
_SCORE = {"student_id": "student_id", "subject": "subject", "day": "administered_on", "value": "scale_score"}
_KEYS = ["student_id", "subject"]


def _lean(frame: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """The few columns as whole numbers and floats, which every way handles fastest."""
    lean = pd.DataFrame({name: frame[source] for name, source in columns.items()})
    for name in lean.select_dtypes("category"):
        lean[name] = lean[name].cat.codes
    return lean.assign(day=lean["day"].to_numpy("datetime64[D]").astype(np.int32))


@contextmanager
def ours(year: SchoolYear) -> Iterator[Task]:
    from reports.compare.gap import compare
    from reports.records import ComparisonPolicy

    yield lambda: len(compare(year.marks, year.scores, year.students, ComparisonPolicy(), AS_OF))


@contextmanager
def polars(year: SchoolYear) -> Iterator[Task]:
    import polars as pl

    marks, scores = (
        pl.DataFrame({name: column.to_numpy() for name, column in _lean(frame, columns).items()})
        for frame, columns in ((year.marks, _MARK), (year.scores, _SCORE))
    )

    def newest(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.sort(*_KEYS, "day").group_by(_KEYS, maintain_order=True).last()

    yield lambda: len(newest(marks).join(newest(scores), on=_KEYS))


@contextmanager
def pandas(year: SchoolYear) -> Iterator[Task]:
    marks, scores = _lean(year.marks, _MARK), _lean(year.scores, _SCORE)

    def newest(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.sort_values([*_KEYS, "day"]).groupby(_KEYS, sort=False).tail(1)

    yield lambda: len(newest(marks).merge(newest(scores), on=_KEYS))


_NEWEST = """
    SELECT student_id, subject, day, value FROM (
        SELECT *, row_number() OVER (PARTITION BY student_id, subject ORDER BY day DESC) AS place FROM {table}
    ) ordered WHERE place = 1
"""


@contextmanager
def sql(year: SchoolYear) -> Iterator[Task]:
    """Window functions in a PostgreSQL of its own; its processes' CPU seconds are not counted."""
    import psycopg

    from campaign.database import start_embedded

    with (
        tempfile.TemporaryDirectory() as folder,
        psycopg.connect(start_embedded(Path(folder) / "postgres"), autocommit=True) as connection,
    ):
        for table, frame, columns in (("mark", year.marks, _MARK), ("score", year.scores, _SCORE)):
            connection.execute(
                f"CREATE UNLOGGED TABLE {table} (student_id int, subject smallint, day int, value float8)"
            )
            with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
                for block in _binary(_lean(frame, columns)):
                    copy.write(block)
            connection.execute(f"ANALYZE {table}")
        connection.execute("SET work_mem = '1GB'")
        joined = f"""
            CREATE TEMPORARY TABLE joined AS
            SELECT m.student_id, m.subject, m.value AS mark, s.value AS score
            FROM ({_NEWEST.format(table="mark")}) m JOIN ({_NEWEST.format(table="score")}) s
              USING (student_id, subject)
        """  # noqa: S608  the names stand above

        def work() -> int:
            connection.execute("DROP TABLE IF EXISTS joined")
            return connection.execute(joined).rowcount

        yield work


def _binary(frame: pd.DataFrame) -> Iterator[bytes]:
    """A lean frame in PostgreSQL's binary format of COPY, where every row is of one length."""
    fields = {"student_id": ">i4", "subject": ">i2", "day": ">i4", "value": ">f8"}
    shape: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in fields.items():
        shape += [(f"{name} length", ">i4"), (name, kind)]
    yield b"PGCOPY\n\xff\r\n\x00" + bytes(8)
    for begin in range(0, len(frame), 1_000_000):
        part = frame.iloc[begin : begin + 1_000_000]
        rows = np.zeros(len(part), shape)
        rows["fields"] = len(fields)
        for name, kind in fields.items():
            rows[f"{name} length"], rows[name] = np.dtype(kind).itemsize, part[name].to_numpy()
        yield rows.tobytes()
    yield b"\xff\xff"


WAYS: dict[str, Any] = {
    "ours, all rules": ours,
    "polars, bare join": polars,
    "pandas, bare join": pandas,
    "SQL, bare join": sql,
}


def measured(way: Any, year: SchoolYear, runs: int, expected: int) -> dict[str, float]:
    """Wall and CPU seconds (medians of warm runs) and peak megabytes of one way, in a process of its own."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=partial(_measure, way, year, runs, expected, sender))
    process.start()
    sender.close()
    try:
        figures: dict[str, float] = receiver.recv()
    finally:
        process.join()
    return figures


def _measure(way: Any, year: SchoolYear, runs: int, expected: int, sender: Any) -> None:
    walls, cpus = [], []
    with way(year) as task:
        for _ in range(runs + 1):
            wall, cpu = time.perf_counter(), time.process_time()
            rows = task()
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
            assert rows == expected, f"{rows} rows, not {expected}"
    sender.send(
        {
            "seconds": round(statistics.median(walls[1:]), 3),
            "cpu_seconds": round(statistics.median(cpus[1:]), 3),
            "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
    )


def main(arguments: Sequence[str] = ()) -> dict[str, Any]:
    """Time every way at every size, print a table, return the figures; draw them where a picture is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks compare")
    parser.add_argument("--students", type=int, nargs="+", default=[10_000, 50_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args(arguments)
    figures: dict[str, Any] = {"cores": os.cpu_count()}
    rows_each = len(SUBJECTS) * (MARKS_EACH + SCORES_EACH)
    print(
        f"{'students':>10}{'rows':>13}  {'way':<20}{'seconds':>9}{'CPU s':>9}{'peak MB':>9}{'of polars':>11}"
    )
    for students in options.students:
        year = made_up(students, options.seed)
        at_size = {
            name: measured(way, year, options.runs, students * len(SUBJECTS)) for name, way in WAYS.items()
        }
        figures[str(students)] = at_size
        for name, found in at_size.items():
            ratio = found["seconds"] / at_size["polars, bare join"]["seconds"]
            print(
                f"{students:>10,}{students * rows_each:>13,}  {name:<20}{found['seconds']:>9.2f}"
                f"{found['cpu_seconds']:>9.2f}{found['peak_megabytes']:>9,}{ratio:>11.2f}"
            )
    if options.picture:
        options.picture.write_text(draw(_lines(figures, options.students)), encoding="utf-8")
    return figures


def _lines(figures: dict[str, Any], sizes: Sequence[int]) -> dict[str, list[tuple[int, float]]]:
    return {name: [(size, figures[str(size)][name]["seconds"]) for size in sizes] for name in WAYS}
