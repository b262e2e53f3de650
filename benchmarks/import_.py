"""How fast files come in: read, checked, matched and stored, beside pandas and beside a bare COPY.

    python -m benchmarks import --students 10000 100000
    python -m benchmarks import --students 10000 100000 1000000 --picture docs/pictures/import.svg

Ten marks and six scores a student in two CSV files with a mapping, and one mark that cannot be read among them; the
roster is imported before. pandas reads a slice with `read_csv` and writes it with `to_sql`; its seconds are those of
the slice, reckoned up to all rows. SQL is COPY into a table of texts and INSERT … SELECT into one of types: no check,
key or index. Each way runs in a process of its own, whose CPU seconds and peak memory are shown beside those of the
database's processes; files and database are deleted afterwards.
"""
# ruff: noqa: S608  the names stand in this file

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks._growth import draw
from benchmarks._import_files import Files, write
from benchmarks._server import start, used
from campaign import database

_SLICE = 20_000
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Found:
    """Rows that came in, of how many that lie there, and the line of the one refused where the way can tell."""

    rows: int
    refused_line: int | None = None


def ours(url: str, files: Files) -> Callable[[], Found]:
    """The import of the program, after the roster."""
    from sqlalchemy import text

    from campaign.intake.run import import_paths
    from campaign.settings import Intake

    engine = database.connect(url)
    database.upgrade(engine)
    limits = Intake(
        maximum_file_megabytes=20_000, maximum_zip_ratio=100, maximum_zip_members=50, keep_uploads_days=30
    )
    bring = partial(import_paths, engine, limits=limits, now=datetime.now(UTC))
    assert bring([files.roster], district=None).refused == 0

    def work() -> Found:
        summary = bring([files.results], district="BENCH")
        assert summary.rows_in == summary.accepted + summary.refused == files.rows
        with engine.connect() as connection:
            stored = connection.scalar(
                text("SELECT (SELECT count(*) FROM mark) + (SELECT count(*) FROM score)")
            )
            line = connection.scalar(text("SELECT min(line) FROM refused_row WHERE NOT accepted"))
        assert stored == summary.accepted
        return Found(summary.rows_in, line)

    return work


def pandas(url: str, files: Files) -> Callable[[], Found]:
    """A slice of the marks, read and written as tutorials do it."""
    import pandas as pd

    engine = database.connect(url)

    def work() -> Found:
        frame = pd.read_csv(files.results / "marks.csv", nrows=_SLICE)
        frame.to_sql("plain_mark", engine, index=False, chunksize=5000)
        return Found(len(frame))

    return work


def sql(url: str, files: Files) -> Callable[[], Found]:
    """The floor: what it costs to have the rows in the database at all."""
    import psycopg

    def work() -> Found:
        rows = 0
        with psycopg.connect(url) as connection:
            for name in ("marks", "scores"):
                with (files.results / f"{name}.csv").open("rb") as stream:
                    columns = stream.readline().decode().strip().split(",")
                    texts = ", ".join(f"{column} text" for column in columns)
                    connection.execute(f"CREATE TEMPORARY TABLE {name}_text ({texts})")
                    with connection.cursor().copy(f"COPY {name}_text FROM STDIN (FORMAT csv)") as copy:
                        while block := stream.read(_BLOCK):
                            copy.write(block)
                typed = ", ".join(f"{c}::int AS {c}" if c == "Grade" else c for c in columns)
                connection.execute(f"CREATE TABLE plain_{name} AS SELECT {typed} FROM {name}_text LIMIT 0")
                rows += connection.execute(
                    f"INSERT INTO plain_{name} SELECT {typed} FROM {name}_text"
                ).rowcount
        return Found(rows)

    return work


WAYS: dict[str, Callable[[str, Files], Callable[[], Found]]] = {
    "ours, all checks": ours,
    "pandas and to_sql": pandas,
    "SQL, bare COPY": sql,
}


def measured(
    way: Callable[[str, Files], Callable[[], Found]], server: str, data: Path, files: Files
) -> dict[str, Any]:
    """Seconds for all rows; CPU seconds and peak megabytes of process and server. In a database made for this."""
    import psycopg

    name = f"bench_{way.__name__}"
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        process = context.Process(target=_measure, args=(way, _named(server, name), data, files, sender))
        process.start()
        sender.close()
        try:
            figures: dict[str, Any] = receiver.recv()
        finally:
            process.join()
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    return figures


def _named(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}?{query}"


def _measure(
    way: Callable[[str, Files], Callable[[], Found]], url: str, data: Path, files: Files, sender: Any
) -> None:
    task = way(url, files)
    before = used(data)
    wall, cpu = time.perf_counter(), time.process_time()
    found = task()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    after = used(data)
    share = files.rows / found.rows
    sender.send(
        {
            "rows_per_second": round(found.rows / wall),
            "seconds": round(wall * share, 2),
            "cpu_seconds": round(cpu * share, 2),
            "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "database_cpu_seconds": round((after.cpu_seconds - before.cpu_seconds) * share, 2),
            "database_peak_megabytes": after.peak_megabytes,
            "extrapolated": share > 1,
            "refused_line": found.refused_line,
        }
    )


def main(arguments: Sequence[str] = ()) -> dict[str, Any]:
    """Time every way at every size, print a table, return the figures; draw them where a picture is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks import")
    parser.add_argument("--students", type=int, nargs="+", default=[10_000])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args(arguments)
    figures: dict[str, Any] = {"cores": os.cpu_count()}
    print(
        f"{'students':>10}{'rows':>13}  {'way':<24}{'seconds':>10}{'rows/s':>10}{'CPU s':>9}{'peak MB':>9}"
        f"{'database CPU s':>16}{'peak MB':>9}"
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = start(Path(folder) / "postgres")
        for students in options.students:
            with tempfile.TemporaryDirectory(dir=folder) as place:
                files = write(Path(place), students, options.seed)
                at_size = {
                    name: measured(way, server, Path(folder) / "postgres", files)
                    for name, way in WAYS.items()
                }
            assert at_size["ours, all checks"]["refused_line"] == files.spoiled
            figures[str(students)] = at_size
            _print(students, files.rows, at_size)
    if options.picture:
        lines = {
            name: [(size, figures[str(size)][name]["seconds"]) for size in options.students] for name in WAYS
        }
        options.picture.write_text(draw(lines, "Seconds to import 16 rows a student"), encoding="utf-8")
    return figures


def _print(students: int, rows: int, at_size: dict[str, Any]) -> None:
    for name, found in at_size.items():
        about = "~" if found["extrapolated"] else ""
        print(
            f"{students:>10,}{rows:>13,}  {name:<24}{about + format(found['seconds'], '.2f'):>10}"
            f"{found['rows_per_second']:>10,}{found['cpu_seconds']:>9.2f}{found['peak_megabytes']:>9,}"
            f"{found['database_cpu_seconds']:>16.2f}{found['database_peak_megabytes']:>9,}"
        )
    print(f"{'':>23}  refused, and named: line {at_size['ours, all checks']['refused_line']:,} of marks.csv")
