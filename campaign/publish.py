"""Publishing totals for partners: computed by the engine, protected, written once per change of the facts.

What changes between two dates is protected too. A row takes its new value only if the students who changed behind it
since it was last worked out are at least the minimum group, and if the rows that stay behind cannot be worked out
from those that move (`reports.groups.protect.batch_rows`). All others keep what they said, with no sign of it. A row
that was hidden stays hidden by the same rule; a row that must be hidden now is hidden at once.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine

from campaign import database
from campaign.access import ENGINE, Principal, Role
from campaign.settings import Settings
from campaign.spreadsheets import write_csv
from campaign.store import publications as store
from reports.groups import counts, protect
from reports.groups.counts import KEYS

CSV_COLUMNS = {
    "subject": "Subject",
    "geography": "District or school",
    "place": "Place",
    "dimension": "Group by",
    "member": "Group",
    "measure": "Statement",
    "students": "Students compared",
    "percent_low": "Percent from",
    "percent_high": "Percent to",
}
HIDDEN = "Fewer than {minimum} students, or hidden to protect them"


@dataclass(frozen=True)
class PublishedSubject:
    """One subject: rows of its table, how many of them are hidden, how many kept what they said before."""

    subject: str
    rows: int
    hidden: int
    held: int
    written: bool


@dataclass(frozen=True)
class PublicationSummary:
    subjects: tuple[PublishedSubject, ...]

    def __str__(self) -> str:
        if not self.subjects:
            return "Nothing to publish: no student has a comparison yet. Run gbg compare first."
        return "\n".join(
            f"{s.subject}: {s.rows} rows, {s.hidden} hidden, {s.held} held, "
            f"{'published' if s.written else 'nothing new'}"
            for s in self.subjects
        )


@dataclass(frozen=True)
class _Table:
    """What one subject's publication will say, and what it rests on."""

    cells: pd.DataFrame
    counted: pd.DataFrame
    hidden: np.ndarray
    held: dict[tuple[str, ...], int]


def publish(engine: Engine, district_id: int, settings: Settings, now: datetime) -> PublicationSummary:
    """Publish the current comparisons of a district, subject by subject, in one transaction.

    The same facts publish nothing new. The wave of a subject is the school year of most of its comparisons.
    """
    minimum = settings.privacy.minimum_group
    with database.transaction(engine, ENGINE) as connection:
        store.lock(connection, district_id)
        everyone = store.students(connection, district_id)
        done = []
        for subject, students in everyone.groupby("subject", sort=True):
            counted = counts.facts(students, minimum)
            if counted["statement"].notna().any():
                wave = {"district_id": district_id, "subject": str(subject), "school_year": _year(students)}
                done.append(_publish(connection, wave, counted, minimum, now))
    return PublicationSummary(tuple(done))


def _publish(
    connection: Connection, wave: dict[str, object], counted: pd.DataFrame, minimum: int, now: datetime
) -> PublishedSubject:
    previous = store.latest(connection, wave["district_id"], wave["subject"], wave["school_year"])  # type: ignore[arg-type]
    table = _next(connection, previous["id"], counted, minimum) if previous else _first(counted, minimum)
    digest = hashlib.sha256(table.cells.to_csv(index=False).encode()).hexdigest()
    written = previous is None or previous["cells_sha256"] != digest
    if written:
        rules = {"minimum_group": minimum, "narrowest_range": protect.WIDTH}
        values = {**wave, "rules": rules, "cells_sha256": digest, "created_at": now}
        store.add(connection, values, table.cells, table.counted, table.held)
    hidden = int(table.hidden.sum())
    return PublishedSubject(str(wave["subject"]), len(table.hidden), hidden, len(table.held), written)


def _first(counted: pd.DataFrame, minimum: int) -> _Table:
    rows = counts.cube(counted)
    hidden = protect.hidden_rows(rows, minimum)
    return _Table(protect.cells(rows, hidden), counted, hidden, {})


def _next(connection: Connection, previous_id: int, counted: pd.DataFrame, minimum: int) -> _Table:
    rows = counts.cube(counted)
    keys = _keys(rows)
    base_of = store.held(connection, previous_id)
    bases = [base_of.get(key, previous_id) for key in keys]
    changed = np.zeros(len(rows), dtype=int)
    for base in sorted(set(bases)):
        sizes = _batch(store.counted(connection, base), counted)
        changed += np.array(
            [sizes.get(key, 0) if base == own else 0 for key, own in zip(keys, bases, strict=True)]
        )
    moves = protect.batch_rows(rows[KEYS].assign(students=changed), minimum)
    old = store.cells(connection, previous_id)
    shown_before = set(_keys(old[old["shown"]]))
    was_hidden = np.array([key not in shown_before for key in keys])
    hidden = protect.hidden_rows(rows, minimum, also=~moves & was_hidden)
    held = {key: base for key, base, move in zip(keys, bases, moves, strict=True) if not move}
    return _Table(_keep(protect.cells(rows, hidden), old, held), counted, hidden, held)


def _batch(before: pd.DataFrame, now: pd.DataFrame) -> dict[tuple[str, ...], int]:
    """Row → students compared in it then or now whose facts differ."""
    facts = ["place", "grade_level", "home_language", "statement"]
    both = before.merge(now, on="student_id", how="outer", suffixes=("", "_now"), indicator=True)
    same = (both["_merge"] == "both") & np.logical_and.reduce(
        [(both[f] == both[f"{f}_now"]) | (both[f].isna() & both[f"{f}_now"].isna()) for f in facts]
    )
    differ = set(both.loc[~same, "student_id"])
    moved = pd.concat([frame[frame["student_id"].isin(differ)] for frame in (before, now)])
    moved = moved[moved["statement"].notna()]
    sizes: dict[tuple[str, ...], int] = {}
    for dimension in counts.DIMENSIONS:
        member = moved[dimension] if dimension != counts.ALL else counts.ALL
        for geography, place in ((counts.DISTRICT, counts.DISTRICT), (counts.SCHOOL, moved["place"])):
            rows = moved[["student_id"]].assign(
                geography=geography, place=place, dimension=dimension, member=member
            )
            found = rows.drop_duplicates().groupby(KEYS).size()
            sizes.update({key: int(count) for key, count in found.items()})  # type: ignore[misc]
    return sizes


def _keep(cells: pd.DataFrame, old: pd.DataFrame, held: dict[tuple[str, ...], int]) -> pd.DataFrame:
    """The new cells, with the old numbers where a row is held and still shown."""
    numbers = ["students", "percent_low", "percent_high"]
    merged = cells.merge(old, on=[*KEYS, "measure"], how="left", suffixes=("", "_old"))
    keeps = np.array([key in held for key in _keys(cells)]) & cells["shown"].to_numpy()
    for number in numbers:
        cells[number] = cells[number].mask(pd.Series(keeps, index=cells.index), merged[f"{number}_old"])
    return cells


def _keys(rows: pd.DataFrame) -> list[tuple[str, ...]]:
    return list(rows[KEYS].itertuples(index=False, name=None))


def _year(students: pd.DataFrame) -> int | None:
    years = students["school_year"].dropna()
    return int(years.mode().max()) if len(years) else None


def export(engine: Engine, district_ids: Sequence[int], settings: Settings, file: Path) -> None:
    """Write what is published of these districts to one CSV file, one below the other."""
    lines: list[str] = []
    for district_id in district_ids:
        with database.transaction(engine, Principal(Role.PARTNER, district_id=district_id)) as connection:
            found = store.current(connection, district_id)
            tables = {row["subject"]: store.cells(connection, row["id"]) for row in found}
        content = as_csv(tables, settings.privacy.minimum_group).splitlines(keepends=True)
        lines += content[1:] if lines else content
    file.write_text("".join(lines), encoding="utf-8", newline="")


def as_csv(subjects: dict[str, pd.DataFrame], minimum: int) -> str:
    """The published cells (subject → cells) as they are shown, with nothing that is not shown."""
    out = io.StringIO(newline="")
    write_csv(out, CSV_COLUMNS.values(), _csv_rows(subjects, HIDDEN.format(minimum=minimum)))
    return out.getvalue()


def _csv_rows(subjects: dict[str, pd.DataFrame], hidden: str) -> Iterator[list[object]]:
    for subject, cells in subjects.items():
        for cell in cells.to_dict("records"):
            numbers = [cell["students"], cell["percent_low"], cell["percent_high"]]
            shown = numbers if cell["shown"] else [hidden, "", ""]
            yield [subject, *(str(cell[key]) for key in KEYS), str(cell["measure"]), *shown]
