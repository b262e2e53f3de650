"""Students: found by their identifiers, added, changed, withdrawn.

One id of one system points to one student. Rows whose ids point to two students, or that give a student a second id of
the same system, are refused and never merged.
"""
# ruff: noqa: S608  table and column names come from the code, values are always bound

from __future__ import annotations

from sqlalchemy import Connection, text

from campaign.store.staged import Ids, refuse


def merge_students(connection: Connection, ids: Ids) -> None:
    _find_students(connection, ids)
    _add_students(connection, ids)
    _change_students(connection, ids)
    connection.execute(
        text(
            """
            INSERT INTO student_identifier (district_id, system, value, student_id)
            SELECT DISTINCT CAST(:district AS bigint), i.system, i.value, f.student_id
            FROM staged_identifier i JOIN found_student f USING (key)
            ON CONFLICT (district_id, system, value) DO NOTHING
            """
        ),
        ids,
    )


def _find_students(connection: Connection, ids: Ids) -> None:
    connection.execute(
        text(
            """
            CREATE TEMP TABLE candidate ON COMMIT DROP AS
            SELECT DISTINCT i.key, known.student_id
            FROM staged_identifier i
            JOIN merged_kind k ON k.key = i.key AND k.kind = 'student'
            JOIN student_identifier known
              ON known.district_id = :district AND known.system = i.system AND known.value = i.value
            """
        ),
        ids,
    )
    for clash in (_IDS_OF_TWO_STUDENTS, _TWO_KEYS_OF_ONE_STUDENT, _SECOND_ID_OF_A_SYSTEM, _SHARED_IN_SOURCE):
        refuse(connection, "identity_conflict", None, clash, **ids)
    connection.execute(
        text(
            """
            CREATE TEMP TABLE found_student ON COMMIT DROP AS
            SELECT DISTINCT c.key, c.student_id FROM candidate c JOIN staged_person p ON p.key = c.key
            """
        )
    )


_IDS_OF_TWO_STUDENTS = """
    FROM staged_person s
    JOIN (SELECT key FROM candidate GROUP BY key HAVING count(*) > 1) c ON c.key = s.key
"""

_TWO_KEYS_OF_ONE_STUDENT = """
    FROM staged_person s JOIN candidate c ON c.key = s.key
    JOIN (SELECT student_id FROM candidate GROUP BY student_id HAVING count(*) > 1) d ON d.student_id = c.student_id
"""

_SECOND_ID_OF_A_SYSTEM = """
    FROM staged_person s JOIN candidate c ON c.key = s.key JOIN staged_identifier i ON i.key = s.key
    JOIN student_identifier o
      ON o.district_id = :district AND o.student_id = c.student_id AND o.system = i.system AND o.value <> i.value
"""

_SHARED_IN_SOURCE = """
    FROM staged_person s JOIN staged_identifier i ON i.key = s.key
    JOIN merged_kind k ON k.key = s.key AND k.kind = 'student'
    JOIN (
        SELECT x.system, x.value FROM staged_identifier x
        JOIN merged_kind y ON y.key = x.key AND y.kind = 'student'
        GROUP BY x.system, x.value HAVING count(DISTINCT x.key) > 1
    ) d ON d.system = i.system AND d.value = i.value
"""

_STUDENT_COLUMNS = (
    "given_name", "family_name", "preferred_name", "birth_date", "grade_level", "home_language",
    "home_language_raw", "home_language_code_system", "english_learner", "us_entry_date",
)  # fmt: skip


def _add_students(connection: Connection, ids: Ids) -> None:
    columns = ", ".join(_STUDENT_COLUMNS)
    connection.execute(
        text(
            f"""
            WITH wanted AS (
                SELECT p.*, row_number() OVER (ORDER BY p.key) AS n
                FROM merged_person p
                WHERE p.defines AND EXISTS (SELECT 1 FROM merged_kind k WHERE k.key = p.key AND k.kind = 'student')
                  AND EXISTS (SELECT 1 FROM staged_person s WHERE s.key = p.key AND s.defines)
                  AND NOT EXISTS (SELECT 1 FROM found_student f WHERE f.key = p.key)
            ), made AS (
                INSERT INTO student (district_id, {columns}) SELECT :district, {columns} FROM wanted ORDER BY n
                RETURNING id
            ), numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM made)
            INSERT INTO found_student (key, student_id) SELECT w.key, m.id FROM wanted w JOIN numbered m USING (n)
            """
        ),
        ids,
    )
    connection.execute(text("CREATE INDEX ON found_student (key)"))
    connection.execute(text("ANALYZE found_student"))


def _change_students(connection: Connection, ids: Ids) -> None:
    """A value left out stays as it was; a student whose row is back is no longer withdrawn."""
    kept = [f"{c} = coalesce(p.{c}, s.{c})" for c in _STUDENT_COLUMNS]
    mine = ", ".join(f"s.{c}" for c in (*_STUDENT_COLUMNS, "school_id", "confidential", "withdrawn"))
    theirs = ", ".join(
        [
            *(f"coalesce(p.{c}, s.{c})" for c in _STUDENT_COLUMNS),
            "coalesce(p.school_id, s.school_id)",
            "coalesce(p.confidential, s.confidential)",
            "coalesce(p.withdrawn, s.withdrawn AND NOT p.defines)",
        ]
    )
    connection.execute(
        text(
            f"""
            WITH said AS (
                SELECT f.student_id, p.*, h.id AS school_id
                FROM found_student f JOIN merged_person p USING (key)
                LEFT JOIN merged_kind k ON k.key = p.key AND k.kind = 'student'
                LEFT JOIN school h ON h.district_id = :district
                    AND h.source_id = coalesce(:prefix || p.school, k.school)
            ), changed AS (
                UPDATE student s SET {", ".join(kept)}, school_id = coalesce(p.school_id, s.school_id),
                    confidential = coalesce(p.confidential, s.confidential),
                    withdrawn = coalesce(p.withdrawn, s.withdrawn AND NOT p.defines)
                FROM said p WHERE s.id = p.student_id AND ({mine}) IS DISTINCT FROM ({theirs})
                RETURNING p.key
            )
            INSERT INTO staged_changed (file, row)
            SELECT s.file, s.row FROM staged_person s JOIN changed USING (key)
            """
        ),
        ids,
    )


def withdraw_missing(connection: Connection, ids: Ids) -> None:
    """Students of the source's own schools whom a complete list no longer names have left.

    A refused row is no sign of leaving, and while some row cannot even be read, nobody is taken to have left.
    """
    connection.execute(
        text(
            """
            UPDATE student s SET withdrawn = true
            FROM student_identifier i, school h
            WHERE i.student_id = s.id AND i.system = :system AND s.district_id = :district AND NOT s.withdrawn
              AND h.id = s.school_id AND h.source_id IN (SELECT :prefix || source_id FROM staged_school)
              AND NOT EXISTS (SELECT 1 FROM listed_person p WHERE p.key = i.value)
              AND NOT EXISTS (SELECT 1 FROM staged_refused r WHERE r.key = i.value)
              AND NOT EXISTS (SELECT 1 FROM staged_refused r WHERE r.code IN ('ragged_row', 'malformed_row'))
            """
        ),
        ids,
    )
