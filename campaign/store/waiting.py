"""Results whose student the ids alone do not settle: they wait until all of their source has been read.

Until then nobody knows who else claims the same student, so what becomes of them must not depend on the part of the
file in which they stand. Tables: `waiting_reference`, one row for each that is to be settled; `waiting_row` and the
like, what the staging tables held of the rows that name them.
"""
# ruff: noqa: S608  table and column names come from the code, values are always bound

from __future__ import annotations

from sqlalchemy import Connection, text

# Rows with such facts are all in one part, and are settled in it.
_SETTLED_AT_ONCE = ("enrollment", "attendance", "relation")
_FACTS = ("student_ref", "student_named", "mark", "score")


def begin(connection: Connection) -> None:
    """Make what is kept until the source is in.

    kind: why the reference waits, as in `identity_puzzles`. code: why it was refused, null = it was not.
    """
    connection.execute(
        text(
            """
            CREATE TEMP TABLE waiting_reference
                (file int, row int, kind text, student_id bigint, case_id bigint, code text) ON COMMIT DROP;
            CREATE TEMP TABLE waiting_row
                (number bigint GENERATED ALWAYS AS IDENTITY, file int, row int, line int) ON COMMIT DROP
            """
        )
    )
    for table in _FACTS:
        connection.execute(
            text(f"CREATE TEMP TABLE waiting_{table} ON COMMIT DROP AS SELECT * FROM staged_{table} LIMIT 0")
        )


def any_wait(connection: Connection) -> bool:
    return bool(connection.scalar(text("SELECT EXISTS (SELECT 1 FROM waiting_reference)")))


def put_by(connection: Connection) -> None:
    """Take from `wanted` (file, row, kind) the references that can wait."""
    at_once = " UNION ALL ".join(f"SELECT file, row FROM staged_{table}" for table in _SETTLED_AT_ONCE)
    connection.execute(
        text(
            f"""
            WITH late AS (
                DELETE FROM wanted WHERE (file, row) NOT IN ({at_once}) RETURNING file, row, kind
            )
            INSERT INTO waiting_reference (file, row, kind) SELECT file, row, kind FROM late
            """
        )
    )


_PUT_BY = """
    CREATE TEMP TABLE put_by ON COMMIT DROP AS
    SELECT file, row FROM waiting_reference JOIN staged_row USING (file, row)
    UNION SELECT m.file, m.row FROM staged_mark m JOIN waiting_reference w ON w.file = m.file AND w.row = m.student_row
    UNION SELECT m.file, m.row FROM staged_score m JOIN waiting_reference w ON w.file = m.file AND w.row = m.student_row
"""


def take_rows(connection: Connection) -> None:
    """Take the rows that name them, in this part, out of the staging tables and out of found_reference."""
    connection.execute(text(_PUT_BY))
    connection.execute(text("ANALYZE put_by, waiting_reference"))
    connection.execute(text(_move("staged_row", "waiting_row", "put_by", "file, row, line")))
    for table in _FACTS:
        connection.execute(text(_move(f"staged_{table}", f"waiting_{table}", "put_by")))
    connection.execute(
        text(
            "DELETE FROM found_reference f USING waiting_reference w WHERE f.file = w.file AND f.row = w.row"
        )
    )
    connection.execute(text("DROP TABLE put_by"))


def _move(source: str, target: str, which: str, columns: str = "*") -> str:
    into = "" if columns == "*" else f"({columns})"
    return f"""
        WITH moved AS (
            DELETE FROM {source} s USING {which} p WHERE s.file = p.file AND s.row = p.row RETURNING s.*
        )
        INSERT INTO {target} {into} SELECT {columns} FROM moved ORDER BY file, row
    """


# A grade is that of the year in which it was said, brought forward to today.
_PUZZLES = """
    INSERT INTO puzzle (file, row, line, lines, kind, about, identifiers, given_name, family_name, birth_date,
                        lowest_grade, highest_grade)
    WITH ids AS (
        SELECT file, row, jsonb_agg(jsonb_build_object('system', r.system, 'value', r.value, 'exclusive', r.exclusive)
                                    ORDER BY r.system, r.value) AS identifiers
        FROM waiting_student_ref r JOIN waiting_reference USING (file, row) GROUP BY file, row
    ), said AS (
        SELECT file, student_row, row, grade_level, school_year FROM waiting_mark
        UNION ALL SELECT file, student_row, row, grade_level, school_year FROM waiting_score
    ), named AS (
        SELECT file, student_row AS row, count(DISTINCT s.row) AS lines,
               min(grade_level + coalesce(newest - school_year, 0)) AS lowest,
               max(grade_level + coalesce(newest - school_year, 0)) AS highest
        FROM said s, (SELECT max(school_year) AS newest FROM grading_period WHERE district_id = :district) y
        GROUP BY file, student_row
    )
    SELECT w.file, w.row, r.line, coalesce(g.lines, 1), w.kind, 'results', coalesce(i.identifiers, '[]'), n.given_name,
           n.family_name, n.birth_date, g.lowest, g.highest
    FROM waiting_reference w JOIN waiting_row r USING (file, row) LEFT JOIN ids i USING (file, row)
    LEFT JOIN waiting_student_named n USING (file, row) LEFT JOIN named g USING (file, row)
"""


def state(connection: Connection, district: int) -> None:
    """Fill `puzzle` with all that wait."""
    connection.execute(
        text(
            "ANALYZE waiting_reference, waiting_row, waiting_student_ref, waiting_mark (file, row, student_row), "
            "waiting_score (file, row, student_row)"
        )
    )
    connection.execute(text(_PUZZLES), {"district": district})


def settle(connection: Connection) -> None:
    """Keep what was answered, and why the others are refused."""
    connection.execute(
        text(
            """
            UPDATE waiting_reference w SET student_id = a.student_id, case_id = a.case_id,
                code = CASE WHEN a.student_id IS NOT NULL THEN NULL
                            WHEN p.signature IS NULL OR a.signature IS NOT NULL THEN 'unknown_student'
                            WHEN p.kind = 'name' THEN 'identity_proposed'
                            ELSE 'identity_conflict' END
            FROM waiting_reference x LEFT JOIN puzzle p USING (file, row) LEFT JOIN puzzle_answer a USING (signature)
            WHERE w.file = x.file AND w.row = x.row
            """
        )
    )
    # Rows that name such a student are refused for the same reason, whatever part they are brought back in.
    connection.execute(
        text(
            """
            INSERT INTO asked_reference (file, row, column_name, code, detail)
            SELECT file, row, 'student', code, '' FROM waiting_reference WHERE code IS NOT NULL
            """
        )
    )


CODES = ("identity_conflict", "identity_proposed", "unknown_student")
"""Why a reference that waited can be refused; `WHERE s.code = …` over waiting_reference `s`."""


def bring_back(connection: Connection, rows: int) -> bool:
    """Stage so many of the rows again, those first that came in first; whether there were any.

    found_reference holds whom they name then; unknown_id is null where the reference was counted with other rows.
    """
    last = connection.scalar(text("SELECT min(number) + :rows FROM waiting_row"), {"rows": rows})
    if last is None:
        return False
    connection.execute(
        text(
            """
            WITH moved AS (DELETE FROM waiting_row WHERE number < :last RETURNING file, row, line)
            INSERT INTO staged_row (file, row, line) SELECT file, row, line FROM moved
            """
        ),
        {"last": last},
    )
    connection.execute(text("ANALYZE staged_row"))
    for table in _FACTS:
        connection.execute(text(_move(f"waiting_{table}", f"staged_{table}", "staged_row")))
    connection.execute(
        text("ANALYZE staged_mark (file, row, student_row), staged_score (file, row, student_row)")
    )
    connection.execute(text(_FOUND))
    connection.execute(text("CREATE INDEX ON found_reference (file, row)"))
    return True


_FOUND = """
    CREATE TEMP TABLE found_reference ON COMMIT DROP AS
    WITH named AS (
        SELECT file, row FROM staged_row
        UNION SELECT file, student_row FROM staged_mark UNION SELECT file, student_row FROM staged_score
    )
    SELECT w.file, w.row, w.student_id, w.student_id AS other_id, w.case_id,
           CASE WHEN r.row IS NOT NULL THEN true END AS unknown_id
    FROM waiting_reference w JOIN named USING (file, row) LEFT JOIN staged_row r USING (file, row)
"""
