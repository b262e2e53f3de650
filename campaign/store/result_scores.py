"""Assessments and scores: from the staging tables into the register."""
# ruff: noqa: S608  table and column names come from the code, values are always bound

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from campaign.store import brief, said
from campaign.store.results import GRADE_THEN
from campaign.store.said import Register
from campaign.store.staged import refuse_duplicates


def begin(connection: Connection, level_aliases: Mapping[str, str]) -> None:
    """Make what is remembered from part to part. `level_aliases` maps codes of records to those of descriptions."""
    said.begin(connection, SCORES)
    connection.execute(text("CREATE TEMP TABLE level_alias (given text, meant text) ON COMMIT DROP"))
    if level_aliases:
        pairs = [{"given": given, "meant": meant} for given, meant in level_aliases.items()]
        connection.execute(text("INSERT INTO level_alias VALUES (:given, :meant)"), pairs)


def merge_scores(
    connection: Connection, district: int, ignored_reasons: Sequence[str]
) -> dict[int, list[tuple[str, str]]]:
    """Bring the staged assessments and scores into the register; what a person should look at, per file.

    A score beside a reason not tested that is not among `ignored_reasons` is kept as invalidated. Needs
    found_reference, see `roster_references`.
    """
    ids = {"district": district, "ignored": [reason.casefold() for reason in ignored_reasons]}
    staged = "SELECT EXISTS (SELECT 1 FROM staged_score) OR EXISTS (SELECT 1 FROM staged_assessment)"
    if not connection.scalar(text(staged)):
        return {}
    connection.execute(text(_GRADES_OF_SCORES), ids)
    notes = _save_assessments(connection, ids, _OF_STUDENTS)
    connection.execute(text(_SAID), ids)
    said.save(connection, SCORES, district)
    return notes


def add_scores(
    connection: Connection, district: int, ignored_reasons: Sequence[str]
) -> tuple[dict[int, int], dict[int, list[tuple[str, str]]]]:
    """Add the scores that wait in brief if all are new; how many, by file, and notes. Others are written out."""
    if not brief.staged(connection, brief.SCORES):
        return {}, {}
    if not connection.scalar(text(_WHOLE_WORDS)):
        brief.write_out(connection, brief.SCORES)
        return {}, {}
    ids = {"district": district, "ignored": [reason.casefold() for reason in ignored_reasons]}
    notes = _save_assessments(connection, ids, "brief_score_words")
    connection.execute(text(_WORDS), ids)
    added = brief.add(connection, brief.SCORES, SCORES, "SELECT * FROM score_words", district)
    connection.execute(text("DROP TABLE score_words"))
    return added, notes


def _save_assessments(
    connection: Connection, ids: Mapping[str, object], scores: str
) -> dict[int, list[tuple[str, str]]]:
    """Save the tests that are described or that the scores in the table `scores` are of; notes per file."""
    refuse_duplicates(connection, "assessment", _KEY.format(t="x"))
    connection.execute(text(_SAVE_ASSESSMENTS.format(scores=scores)), ids)
    return _assessment_notes(connection, ids, scores)


_KEY = (
    "concat_ws('|', {t}.family, {t}.version, coalesce({t}.subject, ''), coalesce({t}.grade_level::text, ''), "
    "coalesce({t}.season, ''))"
)

# A score whose student nobody knows is refused: it makes no test, and asks for no floor of one.
_OF_STUDENTS = """
    (SELECT s.* FROM staged_score s
     JOIN found_reference f ON f.file = s.file AND f.row = s.student_row AND f.student_id IS NOT NULL) of_students
"""

# Some exports do not say which grade a student was in; enrolment says it then.
_GRADES_OF_SCORES = f"""
    UPDATE staged_score m SET grade_level = {GRADE_THEN.format(year="m.school_year")}
    FROM found_reference f JOIN student s ON s.id = f.student_id
    WHERE m.file = f.file AND m.student_row = f.row AND m.grade_level IS NULL AND m.grade_from_enrollment
"""

_ASSESSMENT_COLUMNS = (
    "levels", "floor_level", "cut", "test_sem", "score_sd", "score_minimum", "score_maximum", "title", "kind",
)  # fmt: skip
_OF_SCORES = (*("a." + column for column in _ASSESSMENT_COLUMNS[:-2]), "s.title", "s.kind")

# What a row of a settings file or mapping states; other descriptions state nothing that stands against them.
_STATED = ", ".join(
    f"CASE WHEN a.by_district AND a.{column} IS NOT NULL THEN '{column}' END"
    for column in _ASSESSMENT_COLUMNS
)


def _standing(column: str) -> str:
    """What a column will hold: what the district says, now or earlier, then what is said now, then what was there."""
    new, old = (f"nullif({t}.levels, '[]')" if column == "levels" else f"{t}.{column}" for t in "st")
    return (
        f"CASE WHEN '{column}' = ANY (t.stated_by_district) AND NOT '{column}' = ANY (s.stated) THEN {old} "
        f"ELSE coalesce({new}, {old}) END AS {column}"
    )


# A description that holds for all grades serves every grade that has scores; what a description leaves out, stays.
# Where the district chose a floor and no cut, a cut that was said for another floor would decide against it.
_SAVE_ASSESSMENTS = f"""
    WITH wanted AS (
        SELECT {_KEY.format(t="a")} AS key, family, version, subject, grade_level, season,
               {", ".join(_ASSESSMENT_COLUMNS)}, array_remove(ARRAY[{_STATED}], NULL) AS stated, 1 AS rank
        FROM staged_assessment a WHERE NOT coalesce(applies_to_all_grades, false)
        UNION ALL
        SELECT {_KEY.format(t="s")}, s.family, s.version, s.subject, s.grade_level, s.season,
               {", ".join(_OF_SCORES)}, '{{{{}}}}', 2
        FROM (SELECT DISTINCT family, version, subject, grade_level, season, title, kind FROM {{scores}}) s
        LEFT JOIN (SELECT DISTINCT ON (family, version, subject) * FROM staged_assessment
                   WHERE applies_to_all_grades ORDER BY family, version, subject, file, row) a
          ON a.family = s.family AND a.version = s.version AND a.subject IS NOT DISTINCT FROM s.subject
    ), said AS (
        SELECT DISTINCT ON (key) key, family, version, subject, grade_level, season, stated,
               {", ".join(_ASSESSMENT_COLUMNS[:-2])},
               {", ".join(f"coalesce({c}, max({c}) OVER (PARTITION BY key)) AS {c}" for c in ("title", "kind"))}
        FROM wanted ORDER BY key, rank, wanted.title
    ), standing AS (
        SELECT s.key, s.family, s.version, s.subject, s.grade_level, s.season,
               {", ".join(map(_standing, _ASSESSMENT_COLUMNS))},
               ARRAY (SELECT DISTINCT c FROM unnest(s.stated || t.stated_by_district) c ORDER BY c) AS stated
        FROM said s LEFT JOIN assessment t ON t.district_id = :district AND t.key = s.key
    ), changed AS (
        INSERT INTO assessment AS t
            (district_id, key, family, version, subject, grade_level, season,
             {", ".join(_ASSESSMENT_COLUMNS)}, stated_by_district)
        SELECT :district, key, family, version, subject, grade_level, season, coalesce(levels, '[]'), floor_level,
            CASE WHEN 'floor_level' = ANY (stated) AND NOT 'cut' = ANY (stated) THEN (
                SELECT (l ->> 'minimum')::double precision FROM jsonb_array_elements(levels) l
                WHERE l ->> 'code' = floor_level LIMIT 1) ELSE cut END,
            {", ".join(_ASSESSMENT_COLUMNS[3:-2])}, coalesce(title, family), coalesce(kind, 'summative'), stated
        FROM standing
        ON CONFLICT (district_id, key) DO UPDATE SET
            stated_by_district = EXCLUDED.stated_by_district,
            {", ".join(f"{c} = EXCLUDED.{c}" for c in _ASSESSMENT_COLUMNS)}
        WHERE (t.stated_by_district, {", ".join(f"t.{c}" for c in _ASSESSMENT_COLUMNS)}) IS DISTINCT FROM
            (EXCLUDED.stated_by_district, {", ".join(f"EXCLUDED.{c}" for c in _ASSESSMENT_COLUMNS)})
        RETURNING key
    )
    INSERT INTO staged_changed (file, row)
    SELECT a.file, a.row FROM staged_assessment a JOIN changed ON changed.key = {_KEY.format(t="a")}
"""

_COLUMNS = (
    "student_id", "assessment_id", "administered_on", "school_year", "grade_level", "scale_score", "csem", "level",
    "status", "status_reason", "test_language", "projected_probability",
)  # fmt: skip
SCORES = Register("score", _COLUMNS, {"student_id": "student", "assessment_id": "assessment"})

# Codes in students' records that this assessment's own description lists under another code alone.
_RENAMED = """
    SELECT a.id, x.given, min(x.meant) AS meant FROM assessment a, level_alias x
    WHERE a.district_id = :district
      AND NOT a.levels @> jsonb_build_array(jsonb_build_object('code', x.given))
      AND a.levels @> jsonb_build_array(jsonb_build_object('code', x.meant))
    GROUP BY a.id, x.given
"""
_STATUS = """
    CASE WHEN s.status <> 'valid' OR s.status_reason IS NULL
             OR lower(s.status_reason) = ANY (CAST(:ignored AS text[])) THEN s.status
         WHEN {empty} THEN 'absent'
         ELSE 'invalidated' END AS status
"""

# A score without number and level is none, or says that the child was absent: that is asked row by row.
_WHOLE_WORDS = """
    SELECT NOT EXISTS (SELECT 1 FROM brief_score_words WHERE grade_level IS NULL AND grade_from_enrollment)
       AND NOT EXISTS (SELECT 1 FROM brief_score b JOIN brief_score_words w USING (file, words)
                       WHERE b.scale_score IS NULL AND w.level IS NULL)
"""
_WORDS = f"""
    CREATE TEMP TABLE score_words ON COMMIT DROP AS
    SELECT s.file, s.words, a.id AS assessment_id, s.administered_on, s.school_year, s.grade_level,
        coalesce(r.meant, s.level) AS level, {_STATUS.format(empty="false")}, s.status_reason, s.test_language
    FROM brief_score_words s
    LEFT JOIN assessment a ON a.district_id = :district AND a.key = {_KEY.format(t="s")}
    LEFT JOIN ({_RENAMED}) r ON r.id = a.id AND r.given = s.level
"""

_SAID = f"""
    CREATE TEMP TABLE said ON COMMIT DROP AS
    WITH renamed AS ({_RENAMED})
    SELECT s.file, s.row, s.line, s.student_row, s.source_key, sf.id AS file_id, f.student_id,
        CASE WHEN f.student_id IS NULL THEN 'unknown_student'
             WHEN s.scale_score IS NULL AND s.level IS NULL AND s.status_reason IS NULL AND s.status = 'valid'
                 THEN 'no_score' END AS refusal,
        CASE WHEN f.student_id IS NULL THEN 'student' END AS refused_column,
        false AS gone, a.id AS assessment_id, s.administered_on, s.school_year, s.grade_level, s.scale_score, s.csem,
        coalesce(r.meant, s.level) AS level,
        {_STATUS.format(empty="s.scale_score IS NULL AND s.level IS NULL")},
        s.status_reason, s.test_language, s.projected_probability
    FROM staged_score s JOIN staged_file sf ON sf.number = s.file
    LEFT JOIN found_reference f ON f.file = s.file AND f.row = s.student_row
    LEFT JOIN assessment a ON a.district_id = :district AND a.key = {_KEY.format(t="s")}
    LEFT JOIN renamed r ON r.id = a.id AND r.given = s.level
    ORDER BY s.source_key
"""


def _assessment_notes(
    connection: Connection, ids: Mapping[str, object], scores: str
) -> dict[int, list[tuple[str, str]]]:
    """Assessments of this source that lack the floor or cut without which the comparison refuses their scores.

    Of alternate, language and college tests none is expected: they are never compared.
    """
    result = connection.execute(
        text(
            f"""
            SELECT DISTINCT x.file, a.key FROM (
                SELECT file, {_KEY.format(t="s")} AS key FROM (SELECT * FROM {scores}) s
                UNION SELECT file, {_KEY.format(t="s")} FROM staged_assessment s
                      WHERE NOT coalesce(applies_to_all_grades, false)
            ) x
            JOIN assessment a ON a.district_id = :district AND a.key = x.key
            WHERE a.floor_level IS NULL AND a.cut IS NULL AND a.kind IN ('summative', 'interim') ORDER BY 1, 2
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
