"""Marks, assessments and scores: from the staging tables into the register."""
# ruff: noqa: S608  table and column names come from the code, values are always bound

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text

from campaign.store.rosters import Origin
from campaign.store.staged import refuse, refuse_duplicates


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
_GRADE_THEN = """
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
            coalesce(m.grade_level, k.grade_level, {_GRADE_THEN.format(year="coalesce(m.school_year, p.school_year)")})
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


def merge_scores(
    connection: Connection, district: int, ignored_reasons: list[str], level_aliases: Mapping[str, str]
) -> dict[int, list[tuple[str, str]]]:
    """Bring the staged assessments and scores into the register; what a person should look at, per file.

    A score beside a reason not tested that is not among `ignored_reasons` is kept as invalidated. `level_aliases`
    maps codes that students' records use to those of the assessment's own description.
    """
    ids = {"district": district, "ignored": [reason.casefold() for reason in ignored_reasons]}
    connection.execute(text(_GRADES_OF_SCORES), ids)
    refuse(
        connection,
        "no_score",
        None,
        """
        FROM staged_score s
        WHERE s.scale_score IS NULL AND s.level IS NULL AND s.status_reason IS NULL AND s.status = 'valid'
        """,
    )
    refuse_duplicates(connection, "assessment", _KEY.format(t="x"))
    refuse_duplicates(connection, "score", "source_key")
    connection.execute(text(_SAVE_ASSESSMENTS), ids)
    if level_aliases:
        pairs = [{"given": given, "meant": meant} for given, meant in level_aliases.items()]
        connection.execute(text(_RENAME_LEVEL), [ids | pair for pair in pairs])
    connection.execute(text(_JUDGE_STATUS), ids)
    connection.execute(text(_SAVE_SCORES), ids)
    return _assessment_notes(connection, ids)


_KEY = (
    "concat_ws('|', {t}.family, {t}.version, coalesce({t}.subject, ''), coalesce({t}.grade_level::text, ''), "
    "coalesce({t}.season, ''))"
)

# Some exports do not say which grade a student was in; enrolment says it then.
_GRADES_OF_SCORES = f"""
    UPDATE staged_score m SET grade_level = {_GRADE_THEN.format(year="m.school_year")}
    FROM found_reference f JOIN student s ON s.id = f.student_id
    WHERE m.file = f.file AND m.row = f.row AND m.grade_level IS NULL AND m.grade_from_enrollment
"""

_ASSESSMENT_COLUMNS = (
    "levels", "floor_level", "cut", "test_sem", "score_sd", "score_minimum", "score_maximum",
)  # fmt: skip

# A description that holds for all grades serves every grade that has scores; what a description leaves out, stays.
_SAVE_ASSESSMENTS = f"""
    WITH wanted AS (
        SELECT {_KEY.format(t="a")} AS key, family, version, subject, grade_level, season, title, kind,
               coalesce(levels, '[]') AS levels, {", ".join(_ASSESSMENT_COLUMNS[1:])}, 1 AS rank
        FROM staged_assessment a WHERE NOT coalesce(applies_to_all_grades, false)
        UNION ALL
        SELECT {_KEY.format(t="s")}, s.family, s.version, s.subject, s.grade_level, s.season,
               s.title, s.kind, coalesce(a.levels, '[]'), {", ".join("a." + c for c in _ASSESSMENT_COLUMNS[1:])}, 2
        FROM (SELECT DISTINCT family, version, subject, grade_level, season, title, kind FROM staged_score) s
        LEFT JOIN (SELECT DISTINCT ON (family, version, subject) * FROM staged_assessment
                   WHERE applies_to_all_grades ORDER BY family, version, subject, file, row) a
          ON a.family = s.family AND a.version = s.version AND a.subject IS NOT DISTINCT FROM s.subject
    ), said AS (SELECT DISTINCT ON (key) * FROM wanted ORDER BY key, rank, title), changed AS (
        INSERT INTO assessment AS t
            (district_id, key, family, version, subject, grade_level, season, title, kind,
             {", ".join(_ASSESSMENT_COLUMNS)})
        SELECT :district, key, family, version, subject, grade_level, season, coalesce(title, family),
            coalesce(kind, 'summative'), {", ".join(_ASSESSMENT_COLUMNS)} FROM said
        ON CONFLICT (district_id, key) DO UPDATE SET
            levels = CASE WHEN EXCLUDED.levels = '[]' THEN t.levels ELSE EXCLUDED.levels END,
            {", ".join(f"{c} = coalesce(EXCLUDED.{c}, t.{c})" for c in _ASSESSMENT_COLUMNS[1:])}
        WHERE (t.levels, {", ".join(f"t.{c}" for c in _ASSESSMENT_COLUMNS[1:])}) IS DISTINCT FROM
            (CASE WHEN EXCLUDED.levels = '[]' THEN t.levels ELSE EXCLUDED.levels END,
             {", ".join(f"coalesce(EXCLUDED.{c}, t.{c})" for c in _ASSESSMENT_COLUMNS[1:])})
        RETURNING key
    )
    INSERT INTO staged_changed (file, row)
    SELECT a.file, a.row FROM staged_assessment a JOIN changed ON changed.key = {_KEY.format(t="a")}
"""

_RENAME_LEVEL = f"""
    UPDATE staged_score s SET level = :meant
    FROM assessment a
    WHERE s.level = :given AND a.district_id = :district AND a.key = {_KEY.format(t="s")}
      AND NOT a.levels @> jsonb_build_array(jsonb_build_object('code', CAST(:given AS text)))
      AND a.levels @> jsonb_build_array(jsonb_build_object('code', CAST(:meant AS text)))
"""

_JUDGE_STATUS = """
    UPDATE staged_score s SET status = CASE
        WHEN lower(s.status_reason) = ANY (CAST(:ignored AS text[])) THEN 'valid'
        WHEN s.scale_score IS NULL AND s.level IS NULL THEN 'absent'
        ELSE 'invalidated' END
    WHERE s.status = 'valid' AND s.status_reason IS NOT NULL
"""

_SCORE_COLUMNS = (
    "student_id", "assessment_id", "administered_on", "school_year", "grade_level", "scale_score", "csem", "level",
    "status", "status_reason", "test_language", "projected_probability",
)  # fmt: skip

_SAVE_SCORES = f"""
    WITH said AS (
        SELECT DISTINCT ON (s.source_key) s.file, s.row, w.line, s.source_key, f.student_id, a.id AS assessment_id,
            {", ".join("s." + c for c in _SCORE_COLUMNS[2:])}
        FROM staged_score s JOIN staged_row w USING (file, row) JOIN found_reference f USING (file, row)
        JOIN assessment a ON a.district_id = :district AND a.key = {_KEY.format(t="s")}
        ORDER BY s.source_key, s.file, s.row
    ), changed AS (
        INSERT INTO score AS t (district_id, source_key, source_file_id, source_line, {", ".join(_SCORE_COLUMNS)})
        SELECT :district, source_key, (SELECT id FROM staged_file WHERE number = said.file), line,
            {", ".join(_SCORE_COLUMNS)}
        FROM said
        ON CONFLICT (district_id, source_key) DO UPDATE SET
            source_file_id = EXCLUDED.source_file_id, source_line = EXCLUDED.source_line,
            {", ".join(f"{c} = EXCLUDED.{c}" for c in _SCORE_COLUMNS)}
        WHERE ({", ".join(f"t.{c}" for c in _SCORE_COLUMNS)})
            IS DISTINCT FROM ({", ".join(f"EXCLUDED.{c}" for c in _SCORE_COLUMNS)})
        RETURNING source_key
    )
    INSERT INTO staged_changed (file, row) SELECT s.file, s.row FROM staged_score s JOIN changed USING (source_key)
"""


def _assessment_notes(connection: Connection, ids: Mapping[str, object]) -> dict[int, list[tuple[str, str]]]:
    """Assessments of this source that state neither a floor nor a cut; the comparison refuses their scores."""
    result = connection.execute(
        text(
            f"""
            SELECT DISTINCT x.file, a.key FROM (
                SELECT file, {_KEY.format(t="s")} AS key FROM staged_score s
                UNION SELECT file, {_KEY.format(t="s")} FROM staged_assessment s
                      WHERE NOT coalesce(applies_to_all_grades, false)
            ) x
            JOIN assessment a ON a.district_id = :district AND a.key = x.key
            WHERE a.floor_level IS NULL AND a.cut IS NULL ORDER BY 1, 2
            """
        ),
        ids,
    )
    notes: dict[int, list[tuple[str, str]]] = {}
    for file, key in result:
        notes.setdefault(int(file), []).append(
            ("no_floor", " ".join(part for part in key.split("|") if part))
        )
    return notes
