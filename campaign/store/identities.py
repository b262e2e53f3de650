"""Cases of uncertain identity: what staff pages and the command line read of them.

Every function takes a transaction under the reader's own role, so that row-level security narrows the rows.
"""
# ruff: noqa: S608  the pieces of queries are constants, values are always bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from campaign.store.imports import NEWEST_FILES

STATES = ("open", "waiting", "accepted", "decided")


@dataclass(frozen=True)
class Case:
    """What rows of a file say about a student, and what became of it. `said`: identifiers, names, birth date, grade."""

    case_id: int
    district_id: int
    kind: str
    about: str
    confidence: str | None
    said: Mapping[str, Any]
    candidates: Sequence[int]
    state: str
    decision: str | None
    student_id: int | None
    file: str | None
    line: int | None
    rows: int
    first_seen_at: datetime
    last_seen_at: datetime
    decided_by: str | None
    decided_at: datetime | None

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.said.get("given_name"), self.said.get("family_name")) if part)

    @property
    def birth_date(self) -> date | None:
        born = self.said.get("birth_date")
        return date.fromisoformat(born) if born else None

    @property
    def identifiers(self) -> Sequence[tuple[str, str]]:
        return sorted({(each["system"], each["value"]) for each in self.said.get("identifiers", ())})


@dataclass(frozen=True)
class Candidate:
    """A student it could be, as the register has it."""

    student_id: int
    name: str
    birth_date: date | None
    grade_level: int | None
    school: str | None
    withdrawn: bool
    identifiers: Sequence[tuple[str, str]]
    contacts: int


_COLUMNS = """
    c.id AS case_id, c.district_id, c.kind, c.about, c.confidence, c.said, c.candidates, c.state, c.decision,
    c.student_id, f.name AS file, c.line, c.rows, c.first_seen_at, c.last_seen_at, c.decided_by, c.decided_at
"""
# What waits for a person is what the newest import of a file still says; a decision counts whatever came later.
_CURRENT = f"(c.state IN ('accepted', 'decided') OR c.source_file_id IN (SELECT id FROM ({NEWEST_FILES}) n))"
_WANTED = f"""
    FROM identity_case c LEFT JOIN source_file f ON f.id = c.source_file_id
    WHERE {_CURRENT} AND c.state = :state AND (CAST(:kind AS text) IS NULL OR c.kind = :kind)
"""


def counts(connection: Connection) -> dict[str, int]:
    """How many cases there are in each state."""
    found = connection.execute(
        text(f"SELECT c.state, count(*) FROM identity_case c WHERE {_CURRENT} GROUP BY c.state")
    )
    return dict.fromkeys(STATES, 0) | {state: number for state, number in found}


def kinds(connection: Connection, state: str) -> dict[str, int]:
    """How many cases of each kind are in this state."""
    found = connection.execute(
        text(f"SELECT c.kind, count(*) {_WANTED} GROUP BY c.kind ORDER BY c.kind"),
        {"state": state, "kind": None},
    )
    return {kind: number for kind, number in found}


def cases(
    connection: Connection, state: str, kind: str | None = None, *, limit: int | None, offset: int = 0
) -> Sequence[Case]:
    """Cases in this state, those of the most rows first."""
    found = connection.execute(
        text(f"SELECT {_COLUMNS} {_WANTED} ORDER BY c.rows DESC, c.id LIMIT :limit OFFSET :offset"),
        {"state": state, "kind": kind, "limit": limit, "offset": offset},
    )
    return [Case(**row) for row in found.mappings()]


def one(connection: Connection, case_id: int) -> Case | None:
    """The case, or None outside the reader's scope."""
    found = connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM identity_case c LEFT JOIN source_file f ON f.id = c.source_file_id "
            "WHERE c.id = :case_id"
        ),
        {"case_id": case_id},
    )
    row = found.mappings().first()
    return Case(**row) if row else None


def students(connection: Connection, case: Case) -> Sequence[Candidate]:
    """The students it could be, the best first; and the one it was taken for, if that is another."""
    wanted = list(case.candidates)
    if case.student_id is not None and case.student_id not in wanted:
        wanted.append(case.student_id)
    found = connection.execute(
        text(
            """
            SELECT s.id AS student_id, concat_ws(' ', s.given_name, s.family_name) AS name, s.birth_date,
                   s.grade_level, h.name AS school, s.withdrawn,
                   coalesce((SELECT jsonb_agg(jsonb_build_array(i.system, i.value) ORDER BY i.system)
                             FROM student_identifier i WHERE i.student_id = s.id), '[]') AS identifiers,
                   (SELECT count(*) FROM student_contact r WHERE r.student_id = s.id) AS contacts
            FROM student s LEFT JOIN school h ON h.id = s.school_id
            WHERE s.id = ANY (:wanted) ORDER BY array_position(CAST(:wanted AS bigint[]), s.id)
            """
        ),
        {"wanted": wanted},
    )
    return [
        Candidate(**(dict(row) | {"identifiers": [tuple(pair) for pair in row["identifiers"]]}))
        for row in found.mappings()
    ]


def sure_ones(connection: Connection) -> list[tuple[int, int]]:
    """(case, student) of the open cases in which one student alone has the same name, birth date and grade, and no
    other id of a system that the row names."""
    found = connection.execute(
        text(
            f"""
            SELECT c.id, c.candidates[1] {_WANTED} AND c.confidence = 'high' AND cardinality(c.candidates) = 1
              AND c.candidates[1] NOT IN (
                  SELECT o.candidates[1] FROM identity_case o
                  WHERE o.id <> c.id AND o.state = 'open' AND o.candidates[1] IS NOT NULL)
              AND NOT EXISTS (
                  SELECT 1 FROM student_identifier i, jsonb_array_elements(c.said->'identifiers') x
                  WHERE i.student_id = c.candidates[1] AND i.system = x->>'system' AND i.value <> x->>'value'
                    AND (x->>'exclusive')::boolean)
            ORDER BY c.id
            """
        ),
        {"state": "open", "kind": "name"},
    )
    return [(case_id, student_id) for case_id, student_id in found]


def files_to_import_again(connection: Connection, case_id: int) -> list[str]:
    """Names of the files whose rows the case is about."""
    return list(
        connection.scalars(
            text(
                """
                SELECT DISTINCT f.name FROM source_file f
                WHERE f.id IN (SELECT source_file_id FROM identity_case WHERE id = :case_id
                               UNION SELECT source_file_id FROM identity_row WHERE identity_case_id = :case_id)
                ORDER BY f.name
                """
            ),
            {"case_id": case_id},
        )
    )
