"""Rows whose student the ids alone do not settle: candidates by name, what was decided before, and the rest as cases.

The caller fills the table `puzzle` with one line for each such row; see `begin`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from campaign.identity.names import Child, Confidence, confidence, family_words

# Of so many the names are compared at once.
_PEOPLE_AT_ONCE = 20_000


@dataclass
class _Person:
    """All rows of one signature: the child as they say it, and the students it could be by name."""

    signature: str
    child: Child
    found: dict[int, Confidence] = field(default_factory=dict)


def begin(connection: Connection) -> None:
    """Make the tables: `puzzle`, one row a reference; `puzzle_candidate`, which students a signature could mean.

    kind: two_students, second_id or said_twice, where ids contradict each other, or name, where they find nobody.
    lines: how many lines of the file say it. Grades are those of today, the lowest and the highest of these lines.
    A candidate found by ids has no confidence; `contrary` says that it carries another id of a system that the row
    names too.
    """
    connection.execute(
        text(
            """
            CREATE TEMP TABLE puzzle (
                file int, row int, line int, lines int, key text, kind text, about text, signature text,
                identifiers jsonb, given_name text, family_name text, birth_date date, lowest_grade int,
                highest_grade int
            ) ON COMMIT DROP
            """
        )
    )
    connection.execute(
        text(
            """
            CREATE TEMP TABLE puzzle_candidate (signature text, student_id bigint, confidence text, contrary boolean)
            ON COMMIT DROP
            """
        )
    )


def end(connection: Connection) -> None:
    connection.execute(
        text("DROP TABLE IF EXISTS puzzle, puzzle_candidate, puzzle_answer, contradiction, stated_id, wanted")
    )


def sign(connection: Connection) -> None:
    """Rows that say the same about a student share a signature, whatever file they are in."""
    connection.execute(
        text(
            r"""
            UPDATE puzzle p SET signature = md5(concat_ws('|',
                (SELECT string_agg((x->>'system') || '=' || (x->>'value'), ',' ORDER BY x->>'system', x->>'value')
                 FROM jsonb_array_elements(p.identifiers) x),
                regexp_replace(lower(trim(p.given_name)), '\s+', ' ', 'g'),
                regexp_replace(lower(trim(p.family_name)), '\s+', ' ', 'g'), p.birth_date))
            """
        )
    )
    connection.execute(text("ANALYZE puzzle"))


def find_by_name(connection: Connection, district: int) -> None:
    """Candidates for the puzzles of kind name: students of the district with the same birth date and a like name."""
    for first, last in _births(connection):
        _find_born(connection, {"district": district, "first": first, "last": last})


def _births(connection: Connection) -> list[tuple[date, date]]:
    """From which birth date to which, so that not too many people are kept in memory at once."""
    born = connection.execute(
        text(
            "SELECT birth_date, count(DISTINCT signature) FROM puzzle WHERE kind = 'name' AND birth_date IS NOT NULL "
            "GROUP BY birth_date ORDER BY birth_date"
        )
    )
    spans: list[tuple[date, date]] = []
    people = _PEOPLE_AT_ONCE
    for day, count in born:
        begins, people = (day, 0) if people >= _PEOPLE_AT_ONCE else (spans.pop()[0], people)
        spans.append((begins, day))
        people += count
    return spans


def _find_born(connection: Connection, wanted: dict[str, object]) -> None:
    persons = _persons(connection, wanted)
    by_family: dict[tuple[date, str], list[_Person]] = defaultdict(list)
    for born, person in persons:
        for word in family_words(person.child.family_name):
            by_family[born, word].append(person)
    for student in _students(connection, wanted):
        known = Child(student.given_name, student.family_name, student.grade_level, student.preferred_name)
        for word in family_words(known.family_name):
            for person in by_family.get((student.birth_date, word), ()):
                if sure := confidence(person.child, known):
                    person.found[student.id] = sure
    found = [
        {"signature": person.signature, "student": student, "confidence": sure}
        for _, person in persons
        for student, sure in person.found.items()
    ]
    if found:
        connection.execute(
            text("INSERT INTO puzzle_candidate VALUES (:signature, :student, :confidence, false)"), found
        )


def _persons(connection: Connection, wanted: dict[str, object]) -> list[tuple[date, _Person]]:
    rows = connection.execute(
        text(
            """
            SELECT signature, min(given_name) AS given_name, min(family_name) AS family_name, min(birth_date) AS born,
                   CASE WHEN min(lowest_grade) = max(highest_grade) THEN min(lowest_grade) END AS grade_level
            FROM puzzle
            WHERE kind = 'name' AND birth_date BETWEEN :first AND :last AND given_name <> '' AND family_name <> ''
            GROUP BY signature
            """
        ),
        wanted,
    )
    return [(r.born, _Person(r.signature, Child(r.given_name, r.family_name, r.grade_level))) for r in rows]


def _students(connection: Connection, wanted: dict[str, object]) -> Iterator[Any]:
    query = text(
        """
        SELECT id, given_name, family_name, preferred_name, birth_date, grade_level FROM student
        WHERE district_id = :district
          AND birth_date IN (SELECT birth_date FROM puzzle
                             WHERE kind = 'name' AND birth_date BETWEEN :first AND :last)
        """
    )
    streamed = query.execution_options(yield_per=5000)
    with connection.execute(streamed, wanted) as rows:
        yield from rows


def weigh(connection: Connection, district: int, own_system: str | None = None) -> None:
    """Mark candidates with a contrary id, and drop puzzles of which nothing is known.

    Whoever issued the ids of `own_system` tells its own students apart: candidates with another id of it go.
    """
    connection.execute(
        text(
            """
            UPDATE puzzle_candidate c SET contrary = true
            FROM (SELECT DISTINCT ON (signature) signature, identifiers FROM puzzle) p,
                 jsonb_array_elements(p.identifiers) x, student_identifier i
            WHERE p.signature = c.signature AND (x->>'exclusive')::boolean AND i.student_id = c.student_id
              AND i.district_id = :district AND i.system = x->>'system' AND i.value <> x->>'value'
            """
        ),
        {"district": district},
    )
    connection.execute(
        text(
            """
            DELETE FROM puzzle_candidate c USING student_identifier i
            WHERE c.confidence IS NOT NULL AND i.student_id = c.student_id AND i.district_id = :district
              AND i.system = :system
            """
        ),
        {"district": district, "system": own_system},
    )
    connection.execute(
        text(
            """
            DELETE FROM puzzle p WHERE kind = 'name'
              AND NOT EXISTS (SELECT 1 FROM puzzle_candidate c WHERE c.signature = p.signature)
            """
        )
    )


def answer(connection: Connection, district: int, *, system: str | None, accept: bool) -> None:
    """Fill `puzzle_answer` (signature, case_id, state, decision, student_id) with what is settled.

    That is what a person decided, and if `accept`, by name: exactly one candidate, of high confidence, with no
    contrary id, whom no other person of the import claims. The rest is kept as open cases, with the `system` of the
    roster they stand in.
    """
    connection.execute(text(_ANSWER), {"district": district, "accept": accept})
    connection.execute(text("CREATE UNIQUE INDEX ON puzzle_answer (signature)"))
    connection.execute(text(_SAVE_CASES), {"district": district, "system": system})
    connection.execute(
        text(
            """
            UPDATE puzzle_answer a SET case_id = c.id FROM identity_case c
            WHERE c.district_id = :district AND c.signature = a.signature
            """
        ),
        {"district": district},
    )


_ANSWER = """
    CREATE TEMP TABLE puzzle_answer ON COMMIT DROP AS
    WITH by_name AS (
        SELECT signature, min(student_id) AS student_id FROM puzzle_candidate
        GROUP BY signature HAVING count(*) = 1 AND bool_and(confidence = 'high' AND NOT contrary)
    ), claimed AS (
        SELECT student_id FROM puzzle_candidate GROUP BY student_id HAVING count(DISTINCT signature) > 1
    )
    SELECT p.signature, CAST(NULL AS bigint) AS case_id,
           CASE WHEN c.state = 'decided' THEN 'decided' ELSE 'accepted' END AS state, c.decision,
           CASE WHEN c.state = 'decided' THEN c.student_id ELSE n.student_id END AS student_id
    FROM (SELECT signature, min(kind) AS kind FROM puzzle GROUP BY signature) p
    LEFT JOIN identity_case c ON c.district_id = :district AND c.signature = p.signature AND c.state = 'decided'
    LEFT JOIN by_name n ON n.signature = p.signature AND p.kind = 'name' AND :accept
        AND NOT EXISTS (SELECT 1 FROM claimed x WHERE x.student_id = n.student_id)
    WHERE c.id IS NOT NULL OR n.student_id IS NOT NULL
"""

_SAVE_CASES = """
    WITH counted AS (
        SELECT signature, sum(lines) AS rows,
               CASE WHEN min(lowest_grade) = max(highest_grade) THEN min(lowest_grade) END AS grade_level
        FROM puzzle GROUP BY signature
    ), said AS (
        SELECT DISTINCT ON (p.signature) p.signature, p.kind, p.about, f.id AS source_file_id, p.line, r.started_at,
               jsonb_build_object('identifiers', p.identifiers, 'given_name', p.given_name,
                   'family_name', p.family_name, 'birth_date', p.birth_date, 'grade_level', n.grade_level,
                   'system', CAST(:system AS text)) AS said, n.rows
        FROM puzzle p JOIN counted n USING (signature) JOIN staged_file f ON f.number = p.file
        JOIN source_file s ON s.id = f.id JOIN import_run r ON r.id = s.import_run_id
        ORDER BY p.signature, p.file, p.row
    ), possible AS (
        SELECT signature, array_agg(student_id ORDER BY sure, student_id) AS students,
               (array_agg(confidence ORDER BY sure))[1] AS confidence
        FROM (
            SELECT signature, student_id, min(confidence) AS confidence,
                   min(array_position(ARRAY['high', 'medium', 'low'], confidence)) AS sure
            FROM puzzle_candidate GROUP BY signature, student_id
        ) c GROUP BY signature
    )
    INSERT INTO identity_case AS t (district_id, signature, kind, about, confidence, said, candidates, state,
                                    student_id, source_file_id, line, rows, first_seen_at, last_seen_at)
    SELECT :district, s.signature, s.kind, s.about, p.confidence, s.said, coalesce(p.students, '{}'),
           coalesce(a.state, 'open'), a.student_id, s.source_file_id, s.line, s.rows, s.started_at, s.started_at
    FROM said s LEFT JOIN possible p USING (signature)
    LEFT JOIN puzzle_answer a USING (signature)
    ON CONFLICT (district_id, signature) DO UPDATE SET
        kind = EXCLUDED.kind, about = EXCLUDED.about, confidence = EXCLUDED.confidence, said = EXCLUDED.said,
        candidates = EXCLUDED.candidates, source_file_id = EXCLUDED.source_file_id, line = EXCLUDED.line,
        rows = EXCLUDED.rows, last_seen_at = EXCLUDED.last_seen_at,
        state = CASE WHEN t.state = 'waiting' AND EXCLUDED.state = 'open' THEN t.state ELSE EXCLUDED.state END,
        student_id = EXCLUDED.student_id
"""

UNANSWERED = """
    FROM puzzle s WHERE s.kind {kind} AND NOT EXISTS (SELECT 1 FROM puzzle_answer a WHERE a.signature = s.signature)
"""
