"""What a decision about an identity writes, and what taking it back removes. As the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Locked:
    id: int
    district_id: int
    about: str
    said: Mapping[str, Any]
    candidates: Sequence[int]
    state: str
    decision: str | None
    student_id: int | None


def lock(connection: Connection, case_id: int) -> Locked | None:
    """The case, held until the transaction ends."""
    found = connection.execute(
        text(
            """
            SELECT id, district_id, about, said, candidates, state, decision, student_id FROM identity_case
            WHERE id = :id FOR UPDATE
            """
        ),
        {"id": case_id},
    )
    row = found.mappings().first()
    return Locked(**row) if row else None


@dataclass(frozen=True)
class Settled:
    """What a case is from now on."""

    state: str
    decision: str | None = None
    student_id: int | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


def settle(connection: Connection, case: Locked, settled: Settled) -> None:
    connection.execute(
        text(
            """
            UPDATE identity_case SET state = :state, decision = :decision, student_id = :student_id,
                decided_by = :decided_by, decided_at = :decided_at WHERE id = :id
            """
        ),
        {"id": case.id, **vars(settled)},
    )


def replace_ids(connection: Connection, case: Locked, student_id: int) -> None:
    """Take away the student's ids of systems in which the row names another that is free, and remember them."""
    connection.execute(
        text(
            """
            WITH freed AS (
                DELETE FROM student_identifier o USING identity_case c, jsonb_array_elements(c.said->'identifiers') x
                WHERE c.id = :id AND o.district_id = c.district_id AND o.student_id = :student
                  AND (x->>'exclusive')::boolean AND o.system = x->>'system' AND o.value <> x->>'value'
                  AND NOT EXISTS (SELECT 1 FROM student_identifier t WHERE t.district_id = c.district_id
                                  AND t.system = x->>'system' AND t.value = x->>'value')
                RETURNING o.system, o.value, o.matched_by, o.confidence, o.identity_case_id
            )
            UPDATE identity_case SET replaced = (SELECT jsonb_agg(to_jsonb(f)) FROM freed f) WHERE id = :id
            """
        ),
        {"id": case.id, "student": student_id},
    )


def keep_ids(connection: Connection, case: Locked, student_id: int) -> None:
    """Ids of the row become the student's, where the student has none of the system and nobody else has this one."""
    connection.execute(
        text(
            """
            INSERT INTO student_identifier
                (district_id, system, value, student_id, matched_by, confidence, identity_case_id)
            SELECT DISTINCT ON (x->>'system') c.district_id, x->>'system', x->>'value', :student, 'person',
                   c.confidence, c.id
            FROM identity_case c, jsonb_array_elements(c.said->'identifiers') x
            WHERE c.id = :id AND (x->>'exclusive')::boolean
              AND NOT EXISTS (SELECT 1 FROM student_identifier o WHERE o.student_id = :student
                              AND o.system = x->>'system')
            ORDER BY x->>'system', x->>'value'
            ON CONFLICT (district_id, system, value) DO NOTHING
            """
        ),
        {"id": case.id, "student": student_id},
    )


def undo(connection: Connection, case: Locked) -> None:
    """Remove what came in because of the case: its ids, its marks and scores, what its roster said of the student."""
    values = {
        "id": case.id,
        "student": case.student_id,
        "system": case.said.get("system"),
        "district": case.district_id,
    }
    connection.execute(text("DELETE FROM student_identifier WHERE identity_case_id = :id"), values)
    connection.execute(text(_GIVE_BACK_IDS), values)
    connection.execute(text("UPDATE identity_case SET replaced = NULL WHERE id = :id"), values)
    connection.execute(text(_WITHDRAW_MARKS), values)
    connection.execute(text(_INVALIDATE_SCORES), values)
    connection.execute(text(_POINT_TO_NEWEST_FILE), values)
    connection.execute(text("DELETE FROM identity_row WHERE identity_case_id = :id"), values)
    if case.about == "roster":
        connection.execute(text(_FORGET_RELATIONS), values)
        if case.decision == "another":
            connection.execute(text(_WITHDRAW_STUDENT), values)


_GIVE_BACK_IDS = """
    INSERT INTO student_identifier (district_id, system, value, student_id, matched_by, confidence, identity_case_id)
    SELECT c.district_id, x->>'system', x->>'value', :student, x->>'matched_by', x->>'confidence',
           (x->>'identity_case_id')::bigint
    FROM identity_case c, jsonb_array_elements(coalesce(c.replaced, '[]')) x WHERE c.id = :id
    ON CONFLICT (district_id, system, value) DO NOTHING
"""

_WITHDRAW_MARKS = """
    UPDATE mark m SET withdrawn = true FROM identity_row r
    WHERE r.identity_case_id = :id AND m.source_file_id = r.source_file_id AND m.source_line = r.line
      AND m.student_id = :student
"""

_INVALIDATE_SCORES = """
    UPDATE score s SET status = 'invalidated', status_reason = 'whose score it is, is not certain' FROM identity_row r
    WHERE r.identity_case_id = :id AND s.source_file_id = r.source_file_id AND s.source_line = r.line
      AND s.student_id = :student
"""

# The newest import found the rows by the ids that are gone now.
_POINT_TO_NEWEST_FILE = """
    UPDATE identity_case c SET source_file_id = r.source_file_id, line = r.line
    FROM (SELECT source_file_id, min(line) AS line FROM identity_row WHERE identity_case_id = :id
          GROUP BY source_file_id ORDER BY source_file_id DESC LIMIT 1) r
    WHERE c.id = :id AND r.source_file_id > coalesce(c.source_file_id, 0)
"""

_FORGET_RELATIONS = """
    DELETE FROM student_contact WHERE student_id = :student AND said_by = :system
"""

# A student whom only this decision made has no id left: nothing can come in, and nothing goes out.
_WITHDRAW_STUDENT = """
    UPDATE student s SET withdrawn = true
    WHERE s.id = :student AND NOT EXISTS (SELECT 1 FROM student_identifier i WHERE i.student_id = s.id)
"""
