"""SQL of publications: the facts that are counted, what was published, and what it rested on."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Connection, RowMapping, insert, text

from campaign.schema import publications

ROW = ["geography", "place", "dimension", "member"]
CELL = [*ROW, "measure", "shown", "students", "percent_low", "percent_high"]


def lock(connection: Connection, district_id: int) -> None:
    """Publications of one district wait for each other."""
    connection.execute(
        text("SELECT pg_advisory_xact_lock(CAST(:key AS bigint))"), {"key": 7281606 << 32 | district_id}
    )


def students(connection: Connection, district_id: int) -> pd.DataFrame:
    """Enrolled students with a current comparison: student_id, place, grade_level, home_language, subject, category,
    school_year. Two schools of one name are told apart by their ids."""
    return _frame(
        connection,
        """
        SELECT c.student_id, s.grade_level, s.home_language, c.subject, c.category, c.school_year,
               coalesce(p.name || CASE WHEN p.name IN (
                   SELECT name FROM school WHERE district_id = :district GROUP BY name HAVING count(*) > 1
               ) THEN ' (' || p.source_id || ')' ELSE '' END, 'no school') AS place
        FROM comparison c
        JOIN student s ON s.id = c.student_id
        LEFT JOIN school p ON p.id = s.school_id
        WHERE c.district_id = :district AND c.superseded_at IS NULL AND NOT s.withdrawn
        ORDER BY c.subject, c.student_id
        """,
        {"district": district_id},
    )


def latest(
    connection: Connection, district_id: int, subject: str, school_year: int | None
) -> RowMapping | None:
    """The newest publication of a subject and year: id, cells_sha256, created_at."""
    return (
        connection.execute(
            text(
                """
                SELECT id, cells_sha256, created_at FROM publication
                WHERE district_id = :district AND subject = :subject AND school_year IS NOT DISTINCT FROM :year
                ORDER BY id DESC LIMIT 1
                """
            ),
            {"district": district_id, "subject": subject, "year": school_year},
        )
        .mappings()
        .one_or_none()
    )


def current(connection: Connection, district_id: int) -> list[RowMapping]:
    """The newest publication of each subject: id, subject, school_year, created_at."""
    found = connection.execute(
        text(
            """
            SELECT DISTINCT ON (subject) id, subject, school_year, created_at FROM publication
            WHERE district_id = :district ORDER BY subject, id DESC
            """
        ),
        {"district": district_id},
    )
    return list(found.mappings())


def first_district(connection: Connection) -> int | None:
    """The first district with a publication that the session may see."""
    found: int | None = connection.scalar(text("SELECT min(district_id) FROM publication"))
    return found


def districts(connection: Connection) -> list[RowMapping]:
    """id and name of the districts with a publication; for sessions that may read districts."""
    found = connection.execute(
        text("SELECT id, name FROM district WHERE id IN (SELECT district_id FROM publication) ORDER BY name")
    )
    return list(found.mappings())


def cells(connection: Connection, publication_id: int) -> pd.DataFrame:
    """The cells of a publication, CELL, in the order in which they were written."""
    frame = _frame(
        connection,
        f"SELECT {', '.join(CELL)} FROM published_cell WHERE publication_id = :id ORDER BY id",  # noqa: S608
        {"id": publication_id},
    )
    return frame.astype({"students": "Int64", "percent_low": "Int64", "percent_high": "Int64", "shown": bool})


def counted(connection: Connection, publication_id: int) -> pd.DataFrame:
    """Who was counted where: student_id, place, grade_level, home_language, statement."""
    return _frame(
        connection,
        """
        SELECT student_id, place, grade_level, home_language, statement FROM counted_student
        WHERE publication_id = :id ORDER BY student_id
        """,
        {"id": publication_id},
    )


def held(connection: Connection, publication_id: int) -> dict[tuple[str, ...], int]:
    """Row → the earlier publication whose facts it still says."""
    rows = connection.execute(
        text(f"SELECT {', '.join(ROW)}, facts_of FROM held_row WHERE publication_id = :id"),  # noqa: S608
        {"id": publication_id},
    )
    return {tuple(row[:-1]): row[-1] for row in rows}


def add(
    connection: Connection,
    publication: dict[str, Any],
    cell_rows: pd.DataFrame,
    counted_students: pd.DataFrame,
    held_rows: dict[tuple[str, ...], int],
) -> int:
    """Write a publication with its cells and all it rests on; its id."""
    publication_id = connection.scalar(
        insert(publications.publication).values(publication).returning(publications.publication.c.id)
    )
    mine = {"publication_id": publication_id}
    place = {**mine, "district_id": publication["district_id"]}
    _insert(connection, publications.published_cell, [{**place, **row} for row in _rows(cell_rows)])
    _insert(connection, publications.counted_student, [{**mine, **row} for row in _rows(counted_students)])
    _insert(
        connection,
        publications.held_row,
        [{**mine, **dict(zip(ROW, row, strict=True)), "facts_of": base} for row, base in held_rows.items()],
    )
    return int(publication_id or 0)


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [dict(zip(plain.columns, row, strict=True)) for row in plain.itertuples(index=False)]


def _insert(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _frame(connection: Connection, query: str, values: dict[str, Any]) -> pd.DataFrame:
    result = connection.execute(text(query), values)
    return pd.DataFrame(result.all(), columns=list(result.keys()))
