"""Assessments and scores: from the staging tables into the register."""
# ruff: noqa: S608  table and column names come from the code, values are always bound

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text

from campaign.store.results import GRADE_THEN
from campaign.store.staged import refuse, refuse_duplicates


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
    UPDATE staged_score m SET grade_level = {GRADE_THEN.format(year="m.school_year")}
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
