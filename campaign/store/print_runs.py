"""SQL of print runs: who could get a letter, what was printed before, and the letters of a run."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, text
from sqlalchemy.dialects.postgresql import JSONB

from campaign.schema.classroom import print_letter


@dataclass(frozen=True)
class Pupil:
    """One student of a selection and where the letters belong. `homeroom` is the first of the sections by title."""

    student_id: int
    name: str
    school_id: int | None
    school: str
    homeroom: str
    zone: str


@dataclass(frozen=True)
class Relation:
    """One adult of a student. `reason` says why this adult may not get the report, or None."""

    student_id: int
    contact_id: int
    reason: str | None


@dataclass(frozen=True)
class Recipient:
    """Where a letter goes. `hand_out`: no street may stand on it, or none is known."""

    contact_id: int
    name: str
    street: str
    city: str
    state: str
    postal_code: str
    confidential: bool


@dataclass(frozen=True)
class Letter:
    id: int
    student_id: int
    contact_id: int
    report_number: str
    version: int
    language: str
    route: str
    position: int
    part: int | None
    first_page: int | None
    pages: int | None


@dataclass(frozen=True)
class Run:
    id: int
    district_id: int
    number: str
    selection: Mapping[str, Any]
    left_out: Mapping[str, int]
    again: str | None
    planned_at: datetime
    finished_at: datetime | None


_RUN = """
    SELECT r.id, r.district_id, r.number, r.selection, r.left_out, r.again, r.planned_at, r.finished_at FROM print_run r
"""

_SELECTED = """
    s.district_id = :district_id AND NOT s.withdrawn
    AND (CAST(:school AS text) IS NULL OR c.source_id = :school OR c.name = :school)
    AND (CAST(:grade_level AS smallint) IS NULL OR s.grade_level = :grade_level)
"""
_HAS_REPORT = "EXISTS (SELECT FROM report p WHERE p.student_id = s.id AND p.superseded_at IS NULL)"

_PUPILS = text(
    f"""
    SELECT s.id AS student_id, concat_ws(' ', s.given_name, s.family_name) AS name, s.school_id,
           coalesce(c.name, '') AS school, coalesce(c.time_zone, d.time_zone, :zone) AS zone,
           coalesce((SELECT min(coalesce(n.title, n.source_id)) FROM enrollment e JOIN section n ON n.id = e.section_id
                     WHERE e.student_id = s.id), '') AS homeroom
    FROM student s JOIN district d ON d.id = s.district_id LEFT JOIN school c ON c.id = s.school_id
    WHERE {_SELECTED} AND {_HAS_REPORT}
    ORDER BY school, homeroom, s.family_name, s.given_name, s.id
    """  # noqa: S608  the pieces are constants
)


def pupils(
    connection: Connection, district_id: int, *, school: str | None, grade_level: int | None, zone: str
) -> list[Pupil]:
    """Students with a report, by school, homeroom and name. `school` is its code or its name."""
    values = {"district_id": district_id, "school": school, "grade_level": grade_level, "zone": zone}
    return [Pupil(**row._mapping) for row in connection.execute(_PUPILS, values)]


def without_report(
    connection: Connection, district_id: int, *, school: str | None, grade_level: int | None
) -> int:
    """How many students of a selection have no report."""
    query = f"""
        SELECT count(*) FROM student s LEFT JOIN school c ON c.id = s.school_id WHERE {_SELECTED} AND NOT {_HAS_REPORT}
    """  # noqa: S608  the pieces are constants
    values = {"district_id": district_id, "school": school, "grade_level": grade_level}
    return connection.scalar(text(query), values) or 0


def relations(
    connection: Connection, student_ids: Collection[int], adults: Collection[tuple[int, int]]
) -> list[Relation]:
    """Every adult of these students; `adults`: (student, contact) of those who may get the report."""
    rows = connection.execute(
        text(
            """
            SELECT student_id, contact_id,
                   CASE WHEN court_restriction THEN 'court_restriction'
                        WHEN NOT may_receive THEN 'may_not_receive' ELSE 'adult_student' END AS reason
            FROM student_contact WHERE student_id = ANY (:students) ORDER BY student_id, contact_id
            """
        ),
        {"students": list(student_ids)},
    )
    allowed = frozenset(adults)
    return [
        Relation(
            row.student_id,
            row.contact_id,
            None if (row.student_id, row.contact_id) in allowed else row.reason,
        )
        for row in rows
    ]


def unreached_in(connection: Connection, step: str, student_ids: Collection[int]) -> set[tuple[int, int]]:
    """(student, contact) whom a campaign step could not reach: withheld, failed or dropped, and never sent."""
    rows = connection.execute(
        text(
            """
            SELECT DISTINCT x.student_id, m.contact_id FROM message m, unnest(m.student_ids) AS x (student_id)
            WHERE m.step = :step AND x.student_id = ANY (:students) AND m.state IN ('withheld', 'failed', 'dropped')
              AND NOT EXISTS (SELECT FROM message o WHERE o.contact_id = m.contact_id AND o.step = m.step
                              AND o.occurrence_id = m.occurrence_id AND x.student_id = ANY (o.student_ids)
                              AND o.state NOT IN ('withheld', 'failed', 'dropped'))
            """
        ),
        {"step": step, "students": list(student_ids)},
    )
    return {(row.student_id, row.contact_id) for row in rows}


def recipients(
    connection: Connection, student_ids: Collection[int], contact_ids: Collection[int]
) -> dict[tuple[int, int], Recipient]:
    """By student and contact. Confidential is what either of the two is: the family moves with the child."""
    rows = connection.execute(
        text(
            """
            SELECT r.student_id, c.id AS contact_id, concat_ws(' ', c.given_name, c.family_name) AS name,
                   coalesce(c.address_line, '') AS street, coalesce(c.city, '') AS city,
                   coalesce(c.state_code, '') AS state, coalesce(c.postal_code, '') AS postal_code,
                   c.confidential OR s.confidential AS confidential
            FROM student_contact r JOIN contact c ON c.id = r.contact_id JOIN student s ON s.id = r.student_id
            WHERE r.student_id = ANY (:students) AND c.id = ANY (:contacts)
            """
        ),
        {"students": list(student_ids), "contacts": list(contact_ids)},
    ).mappings()
    return {
        (row["student_id"], row["contact_id"]): Recipient(
            **{key: value for key, value in row.items() if key != "student_id"}
        )
        for row in rows
    }


def copies_before(
    connection: Connection, student_ids: Collection[int]
) -> dict[tuple[str, int, int, str], int]:
    """(report number, version, contact, language) → how many copies runs hold already."""
    rows = connection.execute(
        text(
            """
            SELECT report_number, version, contact_id, language, max(copy) AS copies FROM print_letter
            WHERE student_id = ANY (:students) GROUP BY 1, 2, 3, 4
            """
        ),
        {"students": list(student_ids)},
    )
    return {(r.report_number, r.version, r.contact_id, r.language): r.copies for r in rows}


def take_turn(connection: Connection) -> None:
    """Runs are planned one after the other, so that no letter comes into two."""
    connection.execute(text("SELECT pg_advisory_xact_lock(7281620)"))


def run(connection: Connection, number: str) -> Run | None:
    row = connection.execute(text(_RUN + " WHERE number = :number"), {"number": number}).first()
    return Run(**row._mapping) if row else None


def runs(connection: Connection, limit: int) -> list[tuple[Run, int, int]]:
    """The newest runs in the reader's scope, each with its letters and how many of them are printed."""
    counted = """
        , (SELECT count(*) FROM print_letter l WHERE l.print_run_id = r.id) AS letters,
        (SELECT count(*) FROM print_letter l WHERE l.print_run_id = r.id AND l.printed_at IS NOT NULL) AS printed
    """
    query = _RUN.replace("FROM print_run", f"{counted} FROM print_run") + " ORDER BY id DESC LIMIT :limit"
    found = []
    for row in connection.execute(text(query), {"limit": limit}).mappings():
        values = dict(row)
        letters, printed = values.pop("letters"), values.pop("printed")
        found.append((Run(**values), letters, printed))
    return found


def add(connection: Connection, values: Mapping[str, Any], letters: Sequence[Mapping[str, Any]]) -> None:
    """Keep a run with its letters."""
    statement = text(
        """
        INSERT INTO print_run (district_id, number, selection, left_out, again, actor, planned_at)
        VALUES (:district_id, :number, :selection, :left_out, :again, :actor, :planned_at) RETURNING id
        """
    ).bindparams(bindparam("selection", type_=JSONB), bindparam("left_out", type_=JSONB))
    run_id = connection.execute(statement, dict(values)).scalar_one()
    if letters:
        rows = [
            {**letter, "print_run_id": run_id, "district_id": values["district_id"]} for letter in letters
        ]
        connection.execute(insert(print_letter), rows)


def letters(connection: Connection, run_id: int) -> list[Letter]:
    """The letters of a run in their order."""
    rows = connection.execute(
        text(
            """
            SELECT id, student_id, contact_id, report_number, version, language, route, position, part, first_page,
                   pages
            FROM print_letter WHERE print_run_id = :run ORDER BY position
            """
        ),
        {"run": run_id},
    )
    return [Letter(**row._mapping) for row in rows]


def mark_printed(connection: Connection, placed: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """`placed`: id, part, first_page and pages of letters that stand in a finished file."""
    if placed:
        connection.execute(
            text(
                """
                UPDATE print_letter SET part = :part, first_page = :first_page, pages = :pages, printed_at = :now
                WHERE id = :id
                """
            ),
            [{**row, "now": now} for row in placed],
        )


def finish(connection: Connection, run_id: int, now: datetime) -> None:
    connection.execute(
        text("UPDATE print_run SET finished_at = coalesce(finished_at, :now) WHERE id = :id"),
        {"id": run_id, "now": now},
    )


def last_part(connection: Connection, run_id: int) -> int:
    """The highest number of a file of the run; 0 before the first."""
    query = text("SELECT max(part) FROM print_letter WHERE print_run_id = :run")
    return connection.scalar(query, {"run": run_id}) or 0


def district_name(connection: Connection, district_id: int) -> str:
    return connection.scalar(text("SELECT name FROM district WHERE id = :id"), {"id": district_id}) or ""
