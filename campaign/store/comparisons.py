"""SQL of comparisons: their versions, the facts behind them, and what staff read and export of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from campaign.comparing.comparison_rows import Lines, facts_named, unfolded

# Advisory locks of this kind let one run at a time work on a district.
_LOCK = 7281611


@dataclass(frozen=True)
class Written:
    """How many comparisons were new, took the place of an older version, or stayed as they were."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: Written) -> Written:
        return Written(self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged)


def lock(connection: Connection, district_id: int) -> None:
    """Wait for whoever compares this district; held until the end of the transaction."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:kind, :id)"), {"kind": _LOCK, "id": district_id})


def student_chunks(connection: Connection, district_id: int, size: int) -> list[tuple[int, int, int]]:
    """First id, last id and number of students of each chunk of the district."""
    query = """
        SELECT min(id), max(id), count(*)
        FROM (
            SELECT id, (row_number() OVER (ORDER BY id) - 1) / :size AS chunk
            FROM student WHERE district_id = :district_id
        ) s
        GROUP BY chunk ORDER BY chunk
    """
    rows = connection.execute(text(query), {"district_id": district_id, "size": size})
    return [(first, last, count) for first, last, count in rows]


COLUMNS = (
    "student_id", "subject", "category", "refusal", "grade_band", "evidence", "probability", "rules", "mark_id",
    "score_ids", "school_year", "explanation", "inputs_hash",
)  # fmt: skip

# Policies of rows forbid COPY into the table itself.
_STAGE = """
    CREATE TEMPORARY TABLE computed (
        student_id bigint, subject text, category text, refusal text, grade_band text, evidence text,
        probability double precision, rules text[], mark_id bigint, score_ids bigint[], school_year smallint,
        explanation jsonb, inputs_hash text, version integer
    ) ON COMMIT DROP
"""

_KNOWN = """
    SELECT student_id, subject, max(version), max(inputs_hash) FILTER (WHERE superseded_at IS NULL)
    FROM comparison WHERE student_id BETWEEN :first AND :last GROUP BY student_id, subject
"""

_SUPERSEDE = """
    UPDATE comparison c SET superseded_at = :now
    FROM unnest(CAST(:students AS bigint[]), CAST(:subjects AS text[])) AS n (student_id, subject)
    WHERE c.student_id = n.student_id AND c.subject = n.subject AND c.superseded_at IS NULL
      AND c.student_id BETWEEN :first AND :last
"""

_ADD = f"""
    INSERT INTO comparison (district_id, computed_at, version, {", ".join(COLUMNS)})
    SELECT :district_id, :now, version, {", ".join(COLUMNS)} FROM computed
"""  # noqa: S608  the column names stand above

_KEEP_FACTS = """
    INSERT INTO comparison_fact (district_id, id, content)
    SELECT :district_id, id, content::jsonb
    FROM unnest(CAST(:ids AS bigint[]), CAST(:contents AS text[])) AS f (id, content)
    ON CONFLICT DO NOTHING
"""


def keep_facts(connection: Connection, district_id: int, facts: Mapping[int, str]) -> None:
    """Keep what is not there yet, in one order, so that two runs never wait for each other in a ring."""
    ids = sorted(facts)
    values = {"district_id": district_id, "ids": ids, "contents": [facts[name] for name in ids]}
    connection.execute(text(_KEEP_FACTS), values)


_CLEAR_FACTS = """
    WITH named AS (
        SELECT DISTINCT n.id
        FROM comparison c
        CROSS JOIN LATERAL (
            SELECT (c.explanation ->> 'of')::bigint
            UNION ALL SELECT (c.explanation -> 'mark' ->> 'of')::bigint
            UNION ALL SELECT (test ->> 'of')::bigint FROM jsonb_array_elements(c.explanation -> 'tests') test
        ) n (id)
        WHERE c.district_id = :district_id
    )
    DELETE FROM comparison_fact f
    WHERE f.district_id = :district_id AND NOT EXISTS (SELECT FROM named n WHERE n.id = f.id)
"""


def clear_facts(connection: Connection, district_id: int) -> int:
    """Forget what no comparison of the district names, be it current or superseded; returns the number of facts.

    Waits for a run that is under way: it may name what it has kept a moment ago.
    """
    lock(connection, district_id)
    return int(connection.execute(text(_CLEAR_FACTS), {"district_id": district_id}).rowcount)


def write(
    connection: Connection, district_id: int, students: tuple[int, int], parts: Iterable[Lines], now: datetime
) -> Written:
    """Keep what is new or says something else than the current version; the older version stays, superseded.

    `parts` are all comparisons of the students from the first id to the last; the facts they name must be there.
    What is unchanged is told by its hash alone and never sent.
    """
    span = {"first": students[0], "last": students[1]}
    known = {
        (student, subject): (version, kept)
        for student, subject, version, kept in connection.execute(text(_KNOWN), span)
    }
    rows, lines, changed = 0, [], []
    for part in parts:
        rows += len(part.keys)
        for key, found, line in zip(part.keys, part.hashes, part.lines, strict=True):
            version, kept = known.get(key, (0, None))
            if found != kept:
                lines.append(f"{line}\t{version + 1}\n")
                if kept:
                    changed.append(key)
    if changed:
        values = {"students": [key[0] for key in changed], "subjects": [key[1] for key in changed]}
        connection.execute(text(_SUPERSEDE), {"now": now, **span, **values})
    if lines:
        _add(connection, district_id, "".join(lines), now)
    return Written(new=len(lines) - len(changed), changed=len(changed), unchanged=rows - len(lines))


def _add(connection: Connection, district_id: int, lines: str, now: datetime) -> None:
    connection.execute(text(_STAGE))
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY computed ({', '.join(COLUMNS)}, version) FROM STDIN") as copy:
        copy.write(lines)
    cursor.close()
    connection.execute(text(_ADD), {"now": now, "district_id": district_id})
    connection.execute(text("DROP TABLE computed"))


def with_facts(connection: Connection, rows: Iterable[Mapping[Any, Any]]) -> list[dict[Any, Any]]:
    """Rows of the table as dicts, each with its whole explanation."""
    listed = [dict(row) for row in rows]
    found = facts(connection, [row["explanation"] for row in listed])
    return [row | {"explanation": unfolded(row["explanation"], found)} for row in listed]


def facts(connection: Connection, explanations: Iterable[Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
    """The facts that stored explanations name, by their names."""
    query = text("SELECT DISTINCT ON (id) id, content FROM comparison_fact WHERE id = ANY (:ids)")
    rows = connection.execute(query, {"ids": sorted(facts_named(explanations))})
    return {row.id: row.content for row in rows}


def counts(connection: Connection, district_id: int) -> list[tuple[str, str | None, int]]:
    """How many current comparisons there are of each category and refusal."""
    query = """
        SELECT category, refusal, count(*) FROM comparison
        WHERE district_id = :district_id AND superseded_at IS NULL
        GROUP BY category, refusal ORDER BY category, refusal
    """
    return [(c, r, n) for c, r, n in connection.execute(text(query), {"district_id": district_id})]


def untested(connection: Connection, district_id: int) -> int:
    """Of the comparisons without a score, those in a subject in which nobody of the grade has one.

    A grade counts only if it is tested in another subject, so that results that are still to come are not among them.
    """
    query = """
        WITH outcome AS (
            SELECT c.subject, s.grade_level, count(*) AS comparisons,
                   count(*) FILTER (WHERE c.refusal IS DISTINCT FROM 'no_score') AS tested
            FROM comparison c JOIN student s ON s.id = c.student_id
            WHERE c.district_id = :district_id AND c.superseded_at IS NULL
            GROUP BY c.subject, s.grade_level
        )
        SELECT coalesce(sum(o.comparisons), 0) FROM outcome o
        WHERE o.tested = 0 AND EXISTS (
            SELECT FROM outcome other WHERE other.grade_level = o.grade_level AND other.tested > 0
        )
    """
    return int(connection.scalar(text(query), {"district_id": district_id}) or 0)


def students_called(connection: Connection, given: str) -> Sequence[RowMapping]:
    """Students visible to the connection's role whose id, or id in any system, is `given`; "system:id" narrows it."""
    system, _, value = given.rpartition(":")
    number = int(value) if re.fullmatch("[1-9][0-9]{0,17}", value) else None
    # Found by index, whatever the number of students: by our id, and by the ids of other systems.
    query = """
        SELECT s.id, coalesce(s.preferred_name, s.given_name) AS name
        FROM student s
        WHERE s.id IN (
            SELECT CAST(:number AS bigint) WHERE :system IN ('', 'id')
            UNION
            SELECT i.student_id FROM student_identifier i
            WHERE i.value = :value AND (:system = '' OR i.system = :system)
        )
        ORDER BY s.id
    """
    values = {"system": system, "value": value, "number": number}
    return connection.execute(text(query), values).mappings().all()


def current(connection: Connection, student_id: int) -> list[dict[Any, Any]]:
    """The student's current comparisons."""
    query = """
        SELECT subject, version, category, refusal, grade_band, evidence, probability, rules, explanation,
               inputs_hash, computed_at
        FROM comparison WHERE student_id = :student_id AND superseded_at IS NULL ORDER BY subject
    """
    return with_facts(connection, connection.execute(text(query), {"student_id": student_id}).mappings())


# Rows of an export that are explained together.
_BATCH = 1000


def export(connection: Connection, district_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """The districts' current comparisons with the mark and the leading test, streamed, by student and subject."""
    query = """
        SELECT d.code AS district, s.id AS student_id,
               (SELECT min(value) FROM student_identifier i WHERE i.student_id = s.id AND system = 'state') AS state_id,
               (SELECT min(value) FROM student_identifier i WHERE i.student_id = s.id AND system = 'local') AS local_id,
               c.name AS school, s.grade_level, k.subject, k.category, k.refusal, k.grade_band, k.evidence,
               k.probability, k.version, k.computed_at, k.explanation
        FROM comparison k
        JOIN student s ON s.id = k.student_id
        JOIN district d ON d.id = s.district_id
        LEFT JOIN school c ON c.id = s.school_id
        WHERE k.district_id = ANY (:district_ids) AND k.superseded_at IS NULL
        ORDER BY d.code, s.id, k.subject
    """
    streamed = connection.execution_options(stream_results=True, yield_per=_BATCH)
    known: dict[int, dict[str, Any]] = {}
    for batch in streamed.execute(text(query), {"district_ids": list(district_ids)}).mappings().partitions():
        unknown = [row["explanation"] for row in batch if facts_named([row["explanation"]]) - known.keys()]
        known |= facts(connection, unknown)
        yield from (_exported(row, unfolded(row["explanation"], known)) for row in batch)


def _exported(row: Mapping[Any, Any], explanation: Mapping[str, Any]) -> dict[str, Any]:
    mark = explanation["mark"] or {}
    led: dict[str, Any] = next((test for test in explanation["tests"] if test["leads"]), {})
    about = {
        name: value for name, value in row.items() if name not in {"version", "computed_at", "explanation"}
    }
    return about | {
        "mark": mark.get("mark"),
        "course": mark.get("course"),
        "test": led.get("title"),
        "test_date": led.get("date"),
        "score": led.get("score"),
        "cut": led.get("cut"),
        "level": led.get("level"),
        "version": row["version"],
        "computed_at": row["computed_at"],
    }
