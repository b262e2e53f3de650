"""Students: found by their identifiers, added, changed, withdrawn.

One id of one system points to one student. Rows whose ids point to two students, or that give a student a second id of
the same system, are refused and never merged.
"""
# ruff: noqa: S608  table and column names come from the code, values are always bound

from __future__ import annotations

from sqlalchemy import Connection, text

from campaign.store import identity_puzzles as puzzles
from campaign.store import references
from campaign.store.staged import Ids, refuse


def merge_students(connection: Connection, ids: Ids) -> None:
    _find_students(connection, ids)
    _add_students(connection, ids)
    _change_students(connection, ids)
    named = {"student_id": "student", "case_id": "identity_case"}
    with references.checked(connection, "found_student", named, int(str(ids["district"]))):
        connection.execute(text(_KEEP_IDS), ids)


# A student has one id of a system. Where a decision made two ids one student's, the first known keeps its place.
_KEEP_IDS = """
    INSERT INTO student_identifier (district_id, system, value, student_id, matched_by, confidence, identity_case_id)
    SELECT DISTINCT ON (f.student_id, i.system) CAST(:district AS bigint), i.system, i.value, f.student_id,
           CASE WHEN f.case_id IS NULL THEN 'id' ELSE 'person' END, c.confidence, f.case_id
    FROM staged_identifier i JOIN found_student f USING (key) LEFT JOIN identity_case c ON c.id = f.case_id
    WHERE NOT EXISTS (SELECT 1 FROM student_identifier o WHERE o.district_id = :district
                      AND o.student_id = f.student_id AND o.system = i.system)
    ORDER BY f.student_id, i.system, i.file, i.row, i.value
    ON CONFLICT (district_id, system, value) DO NOTHING
"""


def _find_students(connection: Connection, ids: Ids) -> None:
    """Fill found_student (key, student_id, case_id) with those that are known; refuse those that are not certain."""
    connection.execute(text(_STUDENT_KEYS))
    connection.execute(text(_CANDIDATES), ids)
    connection.execute(text(_CONTRADICTIONS), ids)
    puzzles.begin(connection)
    connection.execute(text(_PUZZLES), ids)
    _settle(connection, ids)
    connection.execute(text(_FOUND))
    puzzles.end(connection)
    refuse(connection, "identity_conflict", None, _TWO_ROWS_OF_ONE_STUDENT)


_STUDENT_KEYS = """
    CREATE TEMP TABLE student_key ON COMMIT DROP AS
    SELECT DISTINCT p.key, p.given_name, p.family_name, p.birth_date, p.grade_level, p.defines
    FROM merged_person p JOIN merged_kind k ON k.key = p.key AND k.kind = 'student'
    WHERE EXISTS (SELECT 1 FROM staged_person s WHERE s.key = p.key)
"""

# Two keys of one source that share an id say nothing about the register.
_CANDIDATES = """
    CREATE TEMP TABLE candidate ON COMMIT DROP AS
    WITH shared AS (
        SELECT i.key FROM staged_identifier i JOIN student_key USING (key)
        JOIN (
            SELECT x.system, x.value FROM staged_identifier x JOIN student_key USING (key)
            GROUP BY x.system, x.value HAVING min(x.key) <> max(x.key)
        ) d ON d.system = i.system AND d.value = i.value
    )
    SELECT DISTINCT i.key, known.student_id, i.key IN (SELECT key FROM shared) AS shared
    FROM staged_identifier i JOIN student_key USING (key)
    LEFT JOIN student_identifier known
        ON known.district_id = :district AND known.system = i.system AND known.value = i.value
"""

_CONTRADICTIONS = """
    CREATE TEMP TABLE contradiction ON COMMIT DROP AS
    WITH certain AS (SELECT key, student_id FROM candidate WHERE student_id IS NOT NULL AND NOT shared)
    SELECT key, 'two_students' AS kind FROM certain GROUP BY key HAVING count(*) > 1
    UNION
    SELECT c.key, 'said_twice' FROM certain c
    JOIN (SELECT student_id FROM certain GROUP BY student_id HAVING count(*) > 1) d USING (student_id)
    UNION
    SELECT c.key, 'second_id' FROM certain c JOIN staged_identifier i ON i.key = c.key
    JOIN student_identifier o
        ON o.district_id = :district AND o.student_id = c.student_id AND o.system = i.system AND o.value <> i.value
    WHERE NOT EXISTS (SELECT 1 FROM staged_identifier j
                      WHERE j.key = i.key AND j.system = o.system AND j.value = o.value)
    UNION
    SELECT key, 'said_twice' FROM candidate WHERE shared
"""

_PUZZLES = """
    INSERT INTO puzzle (file, row, line, lines, key, kind, about, identifiers, given_name, family_name, birth_date,
                        lowest_grade, highest_grade)
    WITH wanted AS (
        SELECT key, min(kind) AS kind FROM contradiction GROUP BY key
        UNION ALL
        SELECT k.key, 'name' FROM student_key k
        WHERE k.defines AND k.birth_date IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM candidate c WHERE c.key = k.key AND (c.student_id IS NOT NULL OR c.shared))
          AND EXISTS (SELECT 1 FROM student s WHERE s.district_id = :district AND s.birth_date = k.birth_date)
    ), ids AS (
        SELECT key, jsonb_agg(DISTINCT jsonb_build_object('system', i.system, 'value', i.value, 'exclusive', true))
                   AS identifiers
        FROM staged_identifier i JOIN wanted USING (key) GROUP BY key
    )
    SELECT DISTINCT ON (p.file, p.row) p.file, p.row, r.line, 1, k.key, w.kind, 'roster',
           coalesce(i.identifiers, '[]'), k.given_name, k.family_name, k.birth_date, k.grade_level, k.grade_level
    FROM wanted w JOIN student_key k USING (key) JOIN staged_person p USING (key)
    JOIN staged_row r ON r.file = p.file AND r.row = p.row LEFT JOIN ids i USING (key)
"""


def _settle(connection: Connection, ids: Ids) -> None:
    """Answer what was decided before. By name alone no two rows of rosters become one student: a person is asked."""
    puzzles.sign(connection)
    connection.execute(
        text(
            """
            INSERT INTO puzzle_candidate
            SELECT DISTINCT p.signature, c.student_id, NULL, false FROM puzzle p JOIN candidate c USING (key)
            WHERE c.student_id IS NOT NULL
            """
        )
    )
    district = int(str(ids["district"]))
    puzzles.find_by_name(connection, district)
    puzzles.weigh(connection, district, own_system=str(ids["system"]))
    puzzles.answer(connection, district, system=str(ids["system"]), accept=False)
    refuse(connection, "identity_conflict", None, puzzles.UNANSWERED.format(kind="<> 'name'"))
    refuse(connection, "identity_proposed", None, puzzles.UNANSWERED.format(kind="= 'name'"))


# A key that was decided to be another student has none yet when it comes in for the first time.
_FOUND = """
    CREATE TEMP TABLE found_student ON COMMIT DROP AS
    SELECT DISTINCT k.key, coalesce(a.student_id, c.student_id) AS student_id, a.case_id
    FROM student_key k
    LEFT JOIN (SELECT DISTINCT key, signature FROM puzzle) p USING (key)
    LEFT JOIN puzzle_answer a USING (signature)
    LEFT JOIN candidate c ON c.key = k.key AND c.student_id IS NOT NULL AND p.key IS NULL
    WHERE EXISTS (SELECT 1 FROM staged_person s WHERE s.key = k.key)
"""

# Only decisions can bring that about: the earlier row stands.
_TWO_ROWS_OF_ONE_STUDENT = """
    FROM staged_person s
    JOIN (
        SELECT key, row_number() OVER (PARTITION BY student_id ORDER BY case_id NULLS FIRST, key) AS n
        FROM found_student WHERE student_id IS NOT NULL
    ) f ON f.key = s.key AND f.n > 1
"""

_STUDENT_COLUMNS = (
    "given_name", "family_name", "preferred_name", "birth_date", "grade_level", "home_language",
    "home_language_raw", "home_language_code_system", "english_learner", "us_entry_date",
)  # fmt: skip


def _add_students(connection: Connection, ids: Ids) -> None:
    columns = ", ".join(_STUDENT_COLUMNS)
    connection.execute(text(_NEW_STUDENTS), ids)
    connection.execute(
        text(
            f"""
            WITH made AS (
                INSERT INTO student (district_id, school_id, confidential, withdrawn, {columns})
                SELECT :district, school_id, coalesce(confidential, false), coalesce(withdrawn, false), {columns}
                FROM new_student ORDER BY n
                RETURNING id
            ), numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM made)
            UPDATE found_student f SET student_id = m.id
            FROM new_student w JOIN numbered m USING (n) WHERE f.key = w.key
            """
        ),
        ids,
    )
    connection.execute(
        text(
            """
            UPDATE identity_case c SET student_id = f.student_id FROM found_student f
            WHERE c.id = f.case_id AND c.student_id IS NULL
            """
        )
    )
    connection.execute(text(_TELL_NEW))
    connection.execute(text("DELETE FROM found_student WHERE student_id IS NULL"))
    connection.execute(text("CREATE INDEX ON found_student (key)"))
    connection.execute(text("ANALYZE found_student"))


_SCHOOL = """
    LEFT JOIN merged_kind k ON k.key = p.key AND k.kind = 'student'
    LEFT JOIN school h ON h.district_id = :district AND h.source_id = coalesce(:prefix || p.school, k.school)
"""
_NEW_STUDENTS = f"""
    CREATE TEMP TABLE new_student ON COMMIT DROP AS
    SELECT p.*, h.id AS school_id, row_number() OVER (ORDER BY p.key) AS n
    FROM merged_person p JOIN found_student f USING (key) {_SCHOOL}
    WHERE p.defines AND f.student_id IS NULL
      AND EXISTS (SELECT 1 FROM staged_person s WHERE s.key = p.key AND s.defines)
"""
_TELL_NEW = """
    INSERT INTO staged_changed (file, row)
    SELECT s.file, s.row FROM staged_person s JOIN new_student w USING (key)
"""


def _change_students(connection: Connection, ids: Ids) -> None:
    """A value left out stays as it was; a student whose row is back is no longer withdrawn. New ones are whole."""
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
                FROM found_student f JOIN merged_person p USING (key) {_SCHOOL}
                WHERE NOT EXISTS (SELECT 1 FROM new_student w WHERE w.key = p.key)
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


class MassWithdrawal(Exception):
    """A complete list would withdraw more of a district's students than is allowed at once."""

    def __init__(self, leaving: int, students: int) -> None:
        super().__init__(leaving, students)
        self.leaving = leaving
        self.students = students


def withdraw_missing(connection: Connection, ids: Ids, largest_share: float) -> None:
    """Students of the source's own schools whom a complete list no longer names have left.

    A refused row is no sign of leaving, and while some row cannot even be read, nobody is taken to have left. Raises
    MassWithdrawal where more than `largest_share` of the district's students, and ten or more, would go.
    """
    students = connection.scalar(text(_STUDENTS_AT_SCHOOL), ids) or 0
    leaving = connection.execute(text(_WITHDRAW_MISSING), ids).rowcount
    if leaving >= _NEVER_MANY and leaving > largest_share * students:
        raise MassWithdrawal(leaving, students)


_NEVER_MANY = 10
_STUDENTS_AT_SCHOOL = "SELECT count(*) FROM student WHERE district_id = :district AND NOT withdrawn"
_WITHDRAW_MISSING = """
    UPDATE student s SET withdrawn = true
    FROM student_identifier i, school h
    WHERE i.student_id = s.id AND i.system = :system AND s.district_id = :district AND NOT s.withdrawn
      AND h.id = s.school_id AND h.source_id IN (SELECT :prefix || source_id FROM staged_school)
      AND NOT EXISTS (SELECT 1 FROM listed_person p WHERE p.key = i.value)
      AND NOT EXISTS (SELECT 1 FROM staged_refused r WHERE r.key = i.value)
      AND NOT EXISTS (SELECT 1 FROM staged_refused r
                      WHERE r.code IN ('ragged_row', 'malformed_row', 'error_cell', 'digits_lost'))
"""
