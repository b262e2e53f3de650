"""Days enrolled, present and absent of a student in a school year: from the staging tables, and for the report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from campaign.store.staged import refuse


@dataclass(frozen=True)
class AttendanceDays:
    """Days, halves among them. `enrolled` and `present` are None where the source lists absences alone.

    Counted from `since` (None = the beginning of the year) up to `as_of` (None = the source does not say).
    """

    enrolled: float | None
    present: float | None
    absent: float
    since: date | None
    as_of: date | None
    source: str


def days(connection: Connection, student_id: int, school_year: int) -> AttendanceDays | None:
    """What is known of a student's year, None if nothing is. `school_year`: the year in which it ends."""
    row = connection.execute(
        text(
            """
            SELECT days_enrolled, days_present, days_absent, counted_from, as_of, source FROM attendance
            WHERE student_id = :student AND school_year = :year
            """
        ),
        {"student": student_id, "year": school_year},
    ).first()
    return AttendanceDays(*row) if row else None


def merge_attendance(connection: Connection) -> None:
    """Bring the staged attendance into the register. Needs found_reference, see `roster_references`."""
    if not connection.scalar(text("SELECT EXISTS (SELECT 1 FROM staged_attendance)")):
        return
    connection.execute(text(_DOUBTFUL))
    refuse(
        connection,
        "unknown_attendance_code",
        "attendance",
        "FROM staged_attendance s WHERE s.day IS NOT NULL AND s.absent IS NULL",
    )
    refuse(connection, "attendance_in_doubt", None, _IN_DOUBT)
    connection.execute(text(_SAID))
    refuse(connection, "attendance_partial", None, _PARTIAL)
    refuse(connection, "attendance_in_doubt", None, _OTHERWISE_KNOWN)
    connection.execute(text(_SAVE))
    connection.execute(text("DROP TABLE doubtful_attendance, said_attendance"))


# Students about whom rows disagree, or of whom a day cannot be read.
_DOUBTFUL = """
    CREATE TEMP TABLE doubtful_attendance ON COMMIT DROP AS
    WITH said AS (SELECT f.student_id, a.* FROM staged_attendance a JOIN found_reference f USING (file, row))
    SELECT student_id, school_year FROM said WHERE day IS NOT NULL
    GROUP BY student_id, school_year, day HAVING count(DISTINCT absent) > 1 OR bool_or(absent IS NULL)
    UNION
    SELECT student_id, school_year FROM said WHERE day IS NULL
    GROUP BY student_id, school_year, as_of HAVING count(DISTINCT (days_enrolled, days_present, days_absent)) > 1
"""

_IN_DOUBT = """
    FROM staged_attendance s JOIN found_reference f USING (file, row)
    JOIN doubtful_attendance d USING (student_id, school_year)
"""

# A list of days covers the same time for all its students; without a day in school it tells of absences alone.
_SAID = """
    CREATE TEMP TABLE said_attendance ON COMMIT DROP AS
    WITH said AS (SELECT f.student_id, a.* FROM staged_attendance a JOIN found_reference f USING (file, row)),
    covered AS (
        SELECT school_year, min(day) AS begins, max(day) AS ends, bool_or(listed) AS all_days
        FROM staged_attendance WHERE day IS NOT NULL GROUP BY school_year
    ), each_day AS (
        SELECT student_id, school_year, day, max(source) AS source, max(absent) AS absent, min(file) AS file
        FROM said WHERE day IS NOT NULL GROUP BY student_id, school_year, day
    )
    SELECT student_id, school_year, max(source) AS source, sum(absent) AS days_absent,
           CASE WHEN all_days THEN count(*)::double precision END AS days_enrolled,
           CASE WHEN all_days THEN count(*) - sum(absent) END AS days_present,
           begins AS counted_from, ends AS as_of, min(file) AS file
    FROM each_day JOIN covered USING (school_year) GROUP BY student_id, school_year, all_days, begins, ends
    UNION ALL
    SELECT * FROM (
        SELECT DISTINCT ON (student_id, school_year) student_id, school_year, source, days_absent, days_enrolled,
               days_present, CAST(NULL AS date), as_of, file
        FROM said WHERE day IS NULL ORDER BY student_id, school_year, as_of DESC NULLS LAST
    ) totals
"""

_KNOWN = """
    FROM staged_attendance s JOIN found_reference f USING (file, row)
    JOIN said_attendance a ON a.student_id = f.student_id AND a.school_year = s.school_year
    JOIN attendance t ON t.student_id = a.student_id AND t.school_year = a.school_year
"""
_PARTIAL = f"{_KNOWN} WHERE a.counted_from > t.counted_from AND a.as_of >= t.as_of"
_OTHERWISE_KNOWN = f"""
    {_KNOWN} WHERE a.source <> t.source AND a.as_of IS NOT DISTINCT FROM t.as_of AND a.days_absent <> t.days_absent
"""

_SAVE = """
    WITH said AS (
        SELECT a.* FROM said_attendance a WHERE EXISTS (
            SELECT 1 FROM staged_attendance s JOIN found_reference f USING (file, row)
            WHERE f.student_id = a.student_id AND s.school_year = a.school_year)
    ), changed AS (
        INSERT INTO attendance AS t (student_id, school_year, days_enrolled, days_present, days_absent, counted_from,
                                     as_of, source, source_file_id)
        SELECT student_id, school_year, days_enrolled, days_present, days_absent, counted_from, as_of, source,
               (SELECT id FROM staged_file WHERE number = said.file)
        FROM said
        ON CONFLICT (student_id, school_year) DO UPDATE SET
            days_enrolled = EXCLUDED.days_enrolled, days_present = EXCLUDED.days_present,
            days_absent = EXCLUDED.days_absent, counted_from = EXCLUDED.counted_from, as_of = EXCLUDED.as_of,
            source = EXCLUDED.source, source_file_id = EXCLUDED.source_file_id
        WHERE coalesce(EXCLUDED.as_of, '-infinity') >= coalesce(t.as_of, '-infinity')
          AND (t.days_enrolled, t.days_present, t.days_absent, t.counted_from, t.as_of)
              IS DISTINCT FROM (EXCLUDED.days_enrolled, EXCLUDED.days_present, EXCLUDED.days_absent,
                                EXCLUDED.counted_from, EXCLUDED.as_of)
        RETURNING student_id, school_year
    )
    INSERT INTO staged_changed (file, row)
    SELECT s.file, s.row FROM staged_attendance s JOIN found_reference f USING (file, row)
    JOIN changed c ON c.student_id = f.student_id AND c.school_year = s.school_year
"""
