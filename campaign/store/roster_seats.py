"""Sections, their teachers, and the students who sit in them."""
# ruff: noqa: S608  table and column names come from the code, values are always bound

from __future__ import annotations

from sqlalchemy import Connection, text

from campaign.store.staged import Ids, Target, refuse, refuse_duplicates, upsert


def merge_sections(connection: Connection, ids: Ids) -> None:
    refuse_duplicates(connection, "offering", "source_id")
    connection.execute(
        text(
            "UPDATE staged_section s SET course = o.course FROM staged_offering o WHERE o.source_id = s.offering"
        )
    )
    refuse(
        connection,
        "unknown_course",
        "CourseOfferingReference",
        "FROM staged_section s WHERE s.offering IS NOT NULL AND s.course IS NULL",
    )
    refuse_duplicates(connection, "section", "source_id")
    for code, column in (("unknown_course", "course"), ("unknown_school", "school")):
        refuse(
            connection,
            code,
            column,
            f"""
            FROM staged_section s WHERE s.{column} IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM {column} x WHERE x.district_id = :district AND x.source_id = :prefix || s.{column})
            """,
            **ids,
        )
    upsert(
        connection,
        Target("section", "section", "source_id", ["school_id", "course_id", "title"]),
        _SAID_SECTIONS,
        **ids,
    )
    _fill_courses(connection, ids)
    refuse(connection, "unknown_section", "section", f"FROM staged_teaching s WHERE NOT {_IS_SECTION}", **ids)
    refuse(
        connection,
        "unknown_person",
        "teacher",
        """
        FROM staged_teaching s WHERE NOT EXISTS (
            SELECT 1 FROM staff_member m WHERE m.district_id = :district AND m.source_id = :prefix || s.staff_key)
        """,
        **ids,
    )
    connection.execute(text(_SAVE_TEACHERS), ids)


# A source that names no course leaves the one known.
_SAID_SECTIONS = """
    SELECT DISTINCT :prefix || s.source_id AS source_id, h.id AS school_id,
           coalesce(c.id, CASE WHEN s.course IS NULL THEN known.course_id END) AS course_id,
           coalesce(s.title, c.title) AS title
    FROM staged_section s
    LEFT JOIN section known ON known.district_id = :district AND known.source_id = :prefix || s.source_id
    LEFT JOIN school h ON h.district_id = :district AND h.source_id = :prefix || s.school
    LEFT JOIN course c ON c.district_id = :district AND c.source_id = :prefix || s.course
"""

_IS_SECTION = """
    EXISTS (SELECT 1 FROM section x WHERE x.district_id = :district AND x.source_id = :prefix || s.section)
"""

_SAVE_TEACHERS = """
    WITH said AS (
        SELECT DISTINCT ON (t.section) t.section, m.id AS teacher_id
        FROM staged_teaching t
        JOIN staff_member m ON m.district_id = :district AND m.source_id = :prefix || t.staff_key
        ORDER BY t.section, t.is_primary DESC NULLS LAST, t.file, t.row
    ), changed AS (
        UPDATE section c SET teacher_id = s.teacher_id FROM said s
        WHERE c.district_id = :district AND c.source_id = :prefix || s.section
          AND c.teacher_id IS DISTINCT FROM s.teacher_id
        RETURNING s.section
    )
    INSERT INTO staged_changed (file, row) SELECT t.file, t.row FROM staged_teaching t JOIN changed USING (section)
"""


def _fill_courses(connection: Connection, ids: Ids) -> None:
    """Where a course states no subject or grade level and all its classes state the same one, it is the course's."""
    for column in ("subject", "grade_level"):
        connection.execute(
            text(
                f"""
                UPDATE course c SET {column} = s.value
                FROM (
                    SELECT course, min({column}) AS value FROM staged_section
                    GROUP BY course HAVING count(DISTINCT {column}) = 1
                ) s
                WHERE c.district_id = :district AND c.source_id = :prefix || s.course AND c.{column} IS NULL
                """
            ),
            ids,
        )


def merge_enrollments(connection: Connection, ids: Ids, *, complete: bool) -> None:
    refuse(
        connection, "unknown_section", "section", f"FROM staged_enrollment s WHERE NOT {_IS_SECTION}", **ids
    )
    connection.execute(
        text(
            """
            CREATE TEMP TABLE said_enrollment ON COMMIT DROP AS
            SELECT e.file, e.row, e.gone, c.id AS section_id, f.student_id
            FROM staged_enrollment e JOIN found_reference f USING (file, row)
            JOIN section c ON c.district_id = :district AND c.source_id = :prefix || e.section
            """
        ),
        ids,
    )
    connection.execute(text(_SAVE_ENROLLMENTS))
    connection.execute(
        text(
            """
            DELETE FROM enrollment t USING said_enrollment s
            WHERE s.gone AND t.section_id = s.section_id AND t.student_id = s.student_id
            """
        )
    )
    if complete:
        connection.execute(text(_END_ENROLLMENTS), ids)


_SAVE_ENROLLMENTS = """
    WITH made AS (
        INSERT INTO enrollment (section_id, student_id)
        SELECT DISTINCT section_id, student_id FROM said_enrollment WHERE NOT coalesce(gone, false)
        ON CONFLICT DO NOTHING RETURNING section_id, student_id
    )
    INSERT INTO staged_changed (file, row)
    SELECT s.file, s.row FROM said_enrollment s JOIN made USING (section_id, student_id)
"""

_END_ENROLLMENTS = """
    DELETE FROM enrollment t USING section c, school h
    WHERE t.section_id = c.id AND c.school_id = h.id AND c.district_id = :district
      AND h.source_id IN (SELECT :prefix || source_id FROM staged_school)
      AND NOT EXISTS (SELECT 1 FROM said_enrollment s
                      WHERE s.section_id = t.section_id AND s.student_id = t.student_id)
"""
