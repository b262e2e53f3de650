"""Marks: from the staging tables into the register."""
# ruff: noqa: S608  table and column names come from the code, values are always bound

from __future__ import annotations

from sqlalchemy import Connection, text

from campaign.store import brief, said
from campaign.store.said import Register
from campaign.store.staged import Origin


def begin(connection: Connection) -> None:
    """Make what is remembered of marks from one part of a source to the next."""
    said.begin(connection, MARKS)


def pass_over_assignments(connection: Connection) -> dict[int, int]:
    """Take results of line items that are not on the report card out of the rows; how many, per file."""
    if not connection.scalar(text("SELECT EXISTS (SELECT 1 FROM staged_line_item WHERE NOT report_card)")):
        return {}
    connection.execute(text(_TAKE_ASSIGNMENTS))
    for table in ("student_ref", "student_named"):
        connection.execute(text(_FORGET_REFERENCES.format(table=table)))
    connection.execute(text(_HEIRS))
    for table, row in (("student_ref", "row"), ("student_named", "row"), ("mark", "student_row")):
        connection.execute(
            text(
                f"UPDATE staged_{table} r SET {row} = h.heir FROM heir h WHERE h.file = r.file AND h.row = r.{row}"
            )
        )
    passed = connection.execute(text("SELECT file, count(*) FROM assignment GROUP BY file"))
    found = {int(file): int(number) for file, number in passed}
    connection.execute(text("DROP TABLE assignment, heir"))
    return found


_TAKE_ASSIGNMENTS = """
    CREATE TEMP TABLE assignment ON COMMIT DROP AS
    SELECT m.file, m.row FROM staged_mark m
    WHERE EXISTS (SELECT 1 FROM staged_line_item l WHERE l.source_id = m.line_item AND NOT l.report_card);
    DELETE FROM staged_mark m USING assignment a WHERE m.file = a.file AND m.row = a.row;
    DELETE FROM staged_row w USING assignment a WHERE w.file = a.file AND w.row = a.row
"""

# A reference stated by an assignment may hold for marks too: the first of them takes it over.
_FORGET_REFERENCES = """
    DELETE FROM staged_{table} r USING assignment a
    WHERE r.file = a.file AND r.row = a.row
      AND NOT EXISTS (SELECT 1 FROM staged_mark m WHERE m.file = r.file AND m.student_row = r.row)
"""
_HEIRS = """
    CREATE TEMP TABLE heir ON COMMIT DROP AS
    SELECT m.file, m.student_row AS row, min(m.row) AS heir
    FROM staged_mark m JOIN assignment a ON a.file = m.file AND a.row = m.student_row GROUP BY m.file, m.student_row
"""


def add_marks(connection: Connection, district: int) -> dict[int, int]:
    """Add the marks that wait in brief if all are new; how many, by number of file. Others are written out."""
    return brief.add(connection, brief.MARKS, MARKS, _WORDS, district)


_WORDS = """
    SELECT file, words, CAST(NULL AS bigint) AS section_id, CAST(NULL AS bigint) AS teacher_id, course_code,
        course_title, subject, grade_level, school_year, period_title, period_begins_on, period_ends_on,
        coalesce(is_final, false) AS is_final, mark, coalesce(scale, 'narrative') AS scale,
        coalesce(modified_curriculum, false) AS modified_curriculum, coalesce(credit_recovery, false) AS credit_recovery
    FROM brief_mark_words
"""


def merge_marks(connection: Connection, district: int, origin: Origin) -> None:
    """Bring the staged marks into the register. Needs found_reference, see `roster_references`."""
    kinds = connection.execute(text(_WHAT_MARKS_NAME)).mappings().one()
    if not kinds["marks"]:
        return
    ids = {"district": district, "prefix": origin.prefix}
    named = {kind: "true" if kinds[kind] else "false" for kind in ("items", "sections", "courses", "periods")}
    connection.execute(text(_SAID.format(**named)), ids)
    connection.execute(text(_GRADES_OF_MARKS), {"district": district})
    said.save(connection, MARKS, district)


def end_missing_marks(connection: Connection, district: int, origin: Origin) -> None:
    """Marks of this source's schools and years that its complete list no longer has are withdrawn and stay as a trace.

    To be called when all parts are in. A refused row is no sign of leaving, and while some row cannot even be read,
    no mark is taken to have left.
    """
    ids = {"district": district, "prefix": origin.prefix, "system": origin.system}
    connection.execute(text(_END_MISSING), ids)


_COLUMNS = (
    "student_id", "section_id", "teacher_id", "course_code", "course_title", "subject", "grade_level", "school_year",
    "period_title", "period_begins_on", "period_ends_on", "is_final", "mark", "percent", "scale",
    "modified_curriculum", "credit_recovery",
)  # fmt: skip

_REFERENCES = {"student_id": "student", "section_id": "section", "teacher_id": "staff_member"}
MARKS = Register("mark", _COLUMNS, _REFERENCES, withdrawable=True)

# The grade level of a student in another year than the newest one known, reckoned back from enrolment.
GRADE_THEN = """
    s.grade_level - (
        coalesce((SELECT max(g.school_year) FROM grading_period g WHERE g.district_id = :district), {year}) - {year}
    )
"""

_WHAT_MARKS_NAME = """
    SELECT count(*) AS marks, count(line_item) > 0 AS items, count(line_item) + count(section) > 0 AS sections,
        count(course) > 0 AS courses, count(line_item) + count(period) > 0 AS periods
    FROM staged_mark
"""

# A number out of something else than a hundred is points: the percent is worked out, the scale stays open. What no
# mark of the part names is not joined: a condition that is false costs nothing.
_SAID = """
    CREATE TEMP TABLE said ON COMMIT DROP AS
    SELECT m.file, m.row, m.line, m.student_row, m.source_key, sf.id AS file_id, f.student_id,
        CASE
            WHEN f.student_id IS NULL THEN 'unknown_student'
            WHEN m.gone THEN NULL
            WHEN m.line_item IS NOT NULL AND l.source_id IS NULL THEN 'unknown_line_item'
            WHEN m.mark IS NULL THEN 'no_mark'
            WHEN coalesce(l.section, m.section) IS NOT NULL AND c.id IS NULL THEN 'unknown_section'
            WHEN m.course IS NOT NULL AND named.id IS NULL THEN 'unknown_course'
        END AS refusal,
        CASE
            WHEN f.student_id IS NULL THEN 'student'
            WHEN m.line_item IS NOT NULL AND l.source_id IS NULL THEN 'lineItemSourcedId'
            WHEN m.mark IS NULL THEN 'score'
            WHEN coalesce(l.section, m.section) IS NOT NULL AND c.id IS NULL THEN 'section'
            ELSE 'course'
        END AS refused_column,
        coalesce(m.gone, false) AS gone, c.id AS section_id, c.teacher_id,
        coalesce(m.course_code, split_part(k.source_id, ':', -1)) AS course_code,
        coalesce(m.course_title, k.title, c.title) AS course_title,
        coalesce(m.subject, k.subject) AS subject,
        coalesce(m.grade_level, k.grade_level) AS grade_level,
        coalesce(m.school_year, p.school_year) AS school_year,
        coalesce(m.period_title, p.title) AS period_title,
        coalesce(m.period_begins_on, p.begins_on) AS period_begins_on,
        coalesce(m.period_ends_on, p.ends_on) AS period_ends_on,
        coalesce(
            CASE WHEN l.source_id IS NULL THEN m.is_final ELSE NOT l.says_part AND l.says_whole END
            AND (p.kind IS DISTINCT FROM 'gradingPeriod' OR p.ends_on = y.ends_on), false) AS is_final,
        m.mark,
        CASE WHEN l.maximum > 0 THEN 100 * m.percent / l.maximum ELSE m.percent END AS percent,
        coalesce(CASE
            WHEN l.scale IS NOT NULL THEN l.scale
            WHEN m.scale NOT IN ('percent', 'standards_4') OR l.maximum IS NULL THEN m.scale
            WHEN l.maximum = 100 THEN 'percent'
            WHEN l.maximum = 4 THEN 'standards_4'
            ELSE 'points'
        END, 'narrative') AS scale,
        coalesce(m.modified_curriculum, false) AS modified_curriculum,
        coalesce(m.credit_recovery, false) AS credit_recovery
    FROM staged_mark m JOIN staged_file sf ON sf.number = m.file
    LEFT JOIN found_reference f ON f.file = m.file AND f.row = m.student_row
    LEFT JOIN (SELECT DISTINCT ON (source_id) * FROM staged_line_item ORDER BY source_id, file, row) l
        ON {items} AND l.source_id = m.line_item
    LEFT JOIN section c ON {sections} AND c.district_id = :district
        AND c.source_id = :prefix || coalesce(l.section, m.section)
    LEFT JOIN course named ON {courses} AND named.district_id = :district AND named.source_id = :prefix || m.course
    LEFT JOIN course k ON ({sections} OR {courses}) AND k.id = coalesce(c.course_id, named.id)
    LEFT JOIN grading_period p ON {periods} AND p.district_id = :district
        AND p.source_id = :prefix || coalesce(l.period, m.period)
    LEFT JOIN (SELECT school_year, max(ends_on) AS ends_on FROM grading_period
               WHERE district_id = :district GROUP BY school_year) y ON {periods} AND y.school_year = p.school_year
    ORDER BY m.source_key
"""

_GRADES_OF_MARKS = f"""
    UPDATE said SET grade_level = {GRADE_THEN.format(year="said.school_year")}
    FROM student s WHERE s.id = said.student_id AND said.grade_level IS NULL
"""

_END_MISSING = """
    UPDATE mark t SET withdrawn = true
    FROM section c JOIN school h ON h.id = c.school_id
    WHERE t.section_id = c.id AND t.district_id = :district AND NOT t.withdrawn
      AND starts_with(c.source_id, :prefix) AND h.source_id IN (SELECT :prefix || source_id FROM staged_school)
      AND t.school_year IN (SELECT school_year FROM staged_period)
      AND NOT EXISTS (SELECT 1 FROM staged_file f WHERE f.id = t.source_file_id)
      AND NOT EXISTS (SELECT 1 FROM seen_mark x WHERE x.id = t.id)
      AND NOT EXISTS (SELECT 1 FROM refused_key r WHERE r.source_key = t.source_key)
      AND NOT EXISTS (SELECT 1 FROM unread_row)
"""
