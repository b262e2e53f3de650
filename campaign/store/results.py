"""Marks: from the staging tables into the register."""
# ruff: noqa: S608  table and column names come from the code, values are always bound

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text

from campaign.store.staged import Origin, refuse, refuse_duplicates


def pass_over_assignments(connection: Connection) -> dict[int, int]:
    """Take results of line items that are not on the report card out of the rows; how many, per file."""
    result = connection.execute(
        text(
            """
            WITH assignment AS (
                SELECT m.file, m.row FROM staged_mark m
                JOIN staged_line_item l ON l.source_id = m.line_item AND NOT l.report_card
            ), references_gone AS (
                DELETE FROM staged_student_ref r USING assignment a WHERE r.file = a.file AND r.row = a.row
            ), marks_gone AS (
                DELETE FROM staged_mark m USING assignment a WHERE m.file = a.file AND m.row = a.row
            ), rows_gone AS (
                DELETE FROM staged_row w USING assignment a WHERE w.file = a.file AND w.row = a.row
            )
            SELECT file, count(*) FROM assignment GROUP BY file
            """
        )
    )
    return {int(file): int(number) for file, number in result}


def merge_marks(connection: Connection, district: int, origin: Origin) -> None:
    """Bring the staged marks into the register. Needs the references found by `rosters.merge`."""
    ids = {"district": district, "prefix": origin.prefix}
    refuse(
        connection,
        "unknown_line_item",
        "lineItemSourcedId",
        """
        FROM staged_mark s WHERE s.line_item IS NOT NULL AND NOT coalesce(s.gone, false)
          AND NOT EXISTS (SELECT 1 FROM staged_line_item l WHERE l.source_id = s.line_item)
        """,
    )
    connection.execute(text(_JOIN_LINE_ITEMS))
    refuse(
        connection,
        "no_mark",
        "score",
        "FROM staged_mark s WHERE s.mark IS NULL AND NOT coalesce(s.gone, false)",
    )
    for code, column in (("unknown_section", "section"), ("unknown_course", "course")):
        refuse(
            connection,
            code,
            column,
            f"""
            FROM staged_mark s WHERE s.{column} IS NOT NULL AND NOT coalesce(s.gone, false) AND NOT EXISTS (
                SELECT 1 FROM {column} x WHERE x.district_id = :district AND x.source_id = :prefix || s.{column})
            """,
            **ids,
        )
    refuse_duplicates(connection, "mark", "source_key")
    connection.execute(text(_SAVE_MARKS), ids)
    _end_marks(connection, ids, complete=origin.marks_complete)


# A number out of something else than a hundred is points: the percent is worked out, the scale stays open.
_JOIN_LINE_ITEMS = """
    UPDATE staged_mark m SET
        section = l.section, period = l.period,
        percent = CASE WHEN l.maximum > 0 THEN 100 * m.percent / l.maximum ELSE m.percent END,
        scale = CASE
            WHEN l.scale IS NOT NULL THEN l.scale
            WHEN m.scale NOT IN ('percent', 'standards_4') OR l.maximum IS NULL THEN m.scale
            WHEN l.maximum = 100 THEN 'percent'
            WHEN l.maximum = 4 THEN 'standards_4'
            ELSE 'points'
        END,
        is_final = NOT l.says_part AND l.says_whole
    FROM staged_line_item l WHERE l.source_id = m.line_item
"""

_MARK_COLUMNS = (
    "student_id", "section_id", "teacher_id", "course_code", "course_title", "subject", "grade_level", "school_year",
    "period_title", "period_begins_on", "period_ends_on", "is_final", "mark", "percent", "scale",
    "modified_curriculum", "credit_recovery",
)  # fmt: skip

# The grade level of a student in another year than the newest one known, reckoned back from enrolment.
GRADE_THEN = """
    s.grade_level - (
        coalesce((SELECT max(g.school_year) FROM grading_period g WHERE g.district_id = :district), {year}) - {year}
    )
"""

_SAVE_MARKS = f"""
    WITH said AS (
        SELECT DISTINCT ON (m.source_key)
            m.file, m.row, w.line, m.source_key, f.student_id, c.id AS section_id, c.teacher_id,
            coalesce(m.course_code, split_part(k.source_id, ':', -1)) AS course_code,
            coalesce(m.course_title, k.title, c.title) AS course_title,
            coalesce(m.subject, k.subject) AS subject,
            coalesce(m.grade_level, k.grade_level, {GRADE_THEN.format(year="coalesce(m.school_year, p.school_year)")})
                AS grade_level,
            coalesce(m.school_year, p.school_year) AS school_year,
            coalesce(m.period_title, p.title) AS period_title,
            coalesce(m.period_begins_on, p.begins_on) AS period_begins_on,
            coalesce(m.period_ends_on, p.ends_on) AS period_ends_on,
            coalesce(m.is_final, false) AND (p.kind IS DISTINCT FROM 'gradingPeriod' OR p.ends_on = (
                SELECT max(y.ends_on) FROM grading_period y
                WHERE y.district_id = :district AND y.school_year = p.school_year)) AS is_final,
            m.mark, m.percent, coalesce(m.scale, 'narrative') AS scale,
            coalesce(m.modified_curriculum, false) AS modified_curriculum,
            coalesce(m.credit_recovery, false) AS credit_recovery
        FROM staged_mark m JOIN staged_row w USING (file, row) JOIN found_reference f USING (file, row)
        JOIN student s ON s.id = f.student_id
        LEFT JOIN section c ON c.district_id = :district AND c.source_id = :prefix || m.section
        LEFT JOIN course named ON named.district_id = :district AND named.source_id = :prefix || m.course
        LEFT JOIN course k ON k.id = coalesce(c.course_id, named.id)
        LEFT JOIN grading_period p ON p.district_id = :district AND p.source_id = :prefix || m.period
        WHERE NOT coalesce(m.gone, false)
        ORDER BY m.source_key, m.file, m.row
    ), changed AS (
        INSERT INTO mark AS t (district_id, source_key, source_file_id, source_line, {", ".join(_MARK_COLUMNS)})
        SELECT :district, source_key, (SELECT id FROM staged_file WHERE number = said.file), line,
            {", ".join(_MARK_COLUMNS)}
        FROM said
        ON CONFLICT (district_id, source_key) DO UPDATE SET withdrawn = false,
            source_file_id = EXCLUDED.source_file_id, source_line = EXCLUDED.source_line,
            {", ".join(f"{c} = EXCLUDED.{c}" for c in _MARK_COLUMNS)}
        WHERE t.withdrawn OR ({", ".join(f"t.{c}" for c in _MARK_COLUMNS)})
            IS DISTINCT FROM ({", ".join(f"EXCLUDED.{c}" for c in _MARK_COLUMNS)})
        RETURNING source_key
    )
    INSERT INTO staged_changed (file, row) SELECT m.file, m.row FROM staged_mark m JOIN changed USING (source_key)
"""


def _end_marks(connection: Connection, ids: Mapping[str, object], *, complete: bool) -> None:
    """Marks that a delta removes, or that a complete list no longer has, are withdrawn and stay as a trace."""
    connection.execute(
        text(
            """
            WITH changed AS (
                UPDATE mark t SET withdrawn = true FROM staged_mark m
                WHERE m.gone AND t.district_id = :district AND t.source_key = m.source_key AND NOT t.withdrawn
                RETURNING t.source_key
            )
            INSERT INTO staged_changed (file, row)
            SELECT m.file, m.row FROM staged_mark m JOIN changed USING (source_key)
            """
        ),
        ids,
    )
    if complete:
        connection.execute(text(_END_MISSING_MARKS), ids)


_END_MISSING_MARKS = """
    UPDATE mark t SET withdrawn = true
    FROM section c JOIN school h ON h.id = c.school_id
    WHERE t.section_id = c.id AND t.district_id = :district AND NOT t.withdrawn
      AND c.source_id LIKE :prefix || '%' AND h.source_id IN (SELECT :prefix || source_id FROM staged_school)
      AND t.school_year IN (SELECT school_year FROM staged_period)
      AND NOT EXISTS (SELECT 1 FROM staged_mark m WHERE m.source_key = t.source_key)
      AND NOT EXISTS (SELECT 1 FROM staged_refused r
                      WHERE r.code IN ('ragged_row', 'malformed_row') OR t.source_key LIKE '%|' || r.key)
"""
