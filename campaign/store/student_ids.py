"""Ids of students that the register knows, asked for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy import Connection, text


def known(connection: Connection, district_id: int, values: Collection[str]) -> dict[str, frozenset[str]]:
    """System → ids of the district's students that are among the values, or would be with zeros in front."""
    bare = {value.lstrip("0") for value in values}
    rows = connection.execute(
        text(
            """
            SELECT system, value FROM student_identifier
            WHERE district_id = :district AND ltrim(value, '0') = ANY (:bare)
            """
        ),
        {"district": district_id, "bare": sorted(bare)},
    )
    found: dict[str, set[str]] = defaultdict(set)
    for system, value in rows:
        found[system].add(value)
    return {system: frozenset(ids) for system, ids in found.items()}


def count_known(
    connection: Connection, district_id: int, students: Iterable[frozenset[tuple[str, str]]]
) -> int:
    """How many of the students, each named by ids (system, value), the district has."""
    named = list(students)
    pairs = sorted({pair for one in named for pair in one})
    rows = connection.execute(
        text(
            """
            SELECT i.system, i.value FROM student_identifier i
            JOIN unnest(CAST(:systems AS text[]), CAST(:ids AS text[])) AS w (system, value)
              ON w.system = i.system AND w.value = i.value
            WHERE i.district_id = :district
            """
        ),
        {
            "district": district_id,
            "systems": [system for system, _ in pairs],
            "ids": [value for _, value in pairs],
        },
    )
    have = {(row.system, row.value) for row in rows}
    return sum(not have.isdisjoint(one) for one in named)
