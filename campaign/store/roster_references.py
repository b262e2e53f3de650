"""Which student each enrolment, mark or score is about: by the ids of its row, else by name and birth date."""

from __future__ import annotations

from sqlalchemy import Connection, text

from campaign.store import brief, waiting
from campaign.store import identity_puzzles as puzzles
from campaign.store.staged import refuse

# A file of which less than half finds its students was most likely meant for another district.
FEW_KNOWN = 0.5
_ROWS_THAT_TELL = 10

Notes = dict[int, list[tuple[str, str]]]


def find_referenced_students(connection: Connection, district: int) -> Notes:
    """Fill found_reference (file, row, student_id); rows without a student, or with more than one, are refused.

    To be called for each part of a source. Results that the ids do not settle leave the part: see `waiting`. Returns
    what is to be noted on the files.
    """
    connection.execute(text(_LASTING))
    stated = connection.scalar(text(_ANYBODY_STATED))
    connection.execute(text(_FIND_BY_ID + ("" if stated else "WITH NO DATA")), {"district": district})
    connection.execute(text(_ADD_NAMED_ALONE))
    connection.execute(text("CREATE INDEX ON found_reference (file, row)"))
    connection.execute(text("ANALYZE found_reference"))
    connection.execute(text(_STATED), {"district": district})
    connection.execute(text(_REMEMBER_PAIRS))
    connection.execute(text(_CONTRADICTIONS))
    connection.execute(text(_WANTED))
    waiting.put_by(connection)
    in_brief = [one for one in brief.BRIEFS.values() if brief.staged(connection, one)]
    for one in in_brief:
        brief.write_out(connection, one, brief.ASKED)
    if waiting.any_wait(connection):
        waiting.take_rows(connection)
    puzzles.begin(connection)
    connection.execute(text(_PUZZLES))
    puzzled = connection.scalar(text("SELECT EXISTS (SELECT 1 FROM puzzle)"))
    named = _settle_at_once(connection, district) if puzzled else {}
    puzzles.end(connection)
    _end_part(connection)
    if in_brief:
        brief.remember(connection)
    _forget_refused(connection)
    return named


def settle_waiting(connection: Connection, district: int) -> Notes:
    """After the last part: settle all references that wait, each in the light of all the others. Notes on files."""
    if not waiting.any_wait(connection):
        return {}
    puzzles.begin(connection)
    waiting.state(connection, district)
    named = _answer(connection, district)
    waiting.settle(connection)
    puzzles.end(connection)
    return named


def find_waiting_students(connection: Connection, rows: int) -> bool:
    """Bring so many rows back whose students are settled, with found_reference; False if none wait any more."""
    if not waiting.bring_back(connection, rows):
        return False
    for code in waiting.CODES:
        refuse(connection, code, "student", "FROM waiting_reference s WHERE s.code = :waiting", waiting=code)
    _end_part(connection)
    _forget_refused(connection)
    return True


def _end_part(connection: Connection) -> None:
    """Trace what came in by a case, count, and refuse the rows without a student."""
    if connection.scalar(text("SELECT EXISTS (SELECT 1 FROM found_reference WHERE case_id IS NOT NULL)")):
        connection.execute(text(_TRACE))
    connection.execute(
        text(
            "INSERT INTO counted_reference SELECT file, count(*), count(student_id) FROM found_reference "
            "WHERE unknown_id IS NOT NULL GROUP BY file"
        )
    )
    refuse(connection, "unknown_student", "student", _NOBODY)


# Whoever waited has a reason of their own.
_NOBODY = """
    FROM found_reference s WHERE s.student_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM staged_refused r WHERE r.file = s.file AND r.row = s.row)
"""


def _forget_refused(connection: Connection) -> None:
    connection.execute(
        text("DELETE FROM found_reference f USING staged_refused r WHERE f.file = r.file AND f.row = r.row")
    )
    connection.execute(text("ANALYZE found_reference"))


def notes_on_strangers(connection: Connection) -> Notes:
    """After the last part: files of which most students are not known."""
    rows = connection.execute(
        text(
            """
            SELECT file, sum(stated) AS stated, sum(found) AS found FROM counted_reference GROUP BY file
            HAVING sum(stated) >= :least AND sum(found) < :share * sum(stated) ORDER BY file
            """
        ),
        {"least": _ROWS_THAT_TELL, "share": FEW_KNOWN},
    )
    return {int(r.file): [("few_students_known", f"{r.stated - r.found:,} of {r.stated:,}")] for r in rows}


# Where all was stated in earlier parts, the register, which is large, need not be looked at.
_ANYBODY_STATED = "SELECT EXISTS (SELECT 1 FROM staged_student_ref)"

# One look at the register for all rows. unknown_id: an id of a system in which a student has one only finds nobody;
# null where an earlier part stated the reference.
# case_id: an id of the row is the student's by a decision, or by a name.
_FIND_BY_ID = """
    CREATE TEMP TABLE found_reference ON COMMIT DROP AS
    SELECT r.file, r.row, min(i.student_id) AS student_id, max(i.student_id) AS other_id,
           coalesce(bool_or(r.exclusive AND i.student_id IS NULL), false) AS unknown_id,
           max(i.identity_case_id) AS case_id
    FROM staged_student_ref r
    LEFT JOIN student_identifier i ON i.district_id = :district AND i.system = r.system AND i.value = r.value
    GROUP BY r.file, r.row
"""

_ADD_NAMED_ALONE = """
    INSERT INTO found_reference (file, row, unknown_id)
    SELECT n.file, n.row, false FROM staged_student_named n
    WHERE NOT EXISTS (SELECT 1 FROM staged_student_ref r WHERE r.file = n.file AND r.row = n.row)
"""

# What later parts of a file may contradict; how many references of each file were found.
_LASTING = """
    CREATE TEMP TABLE IF NOT EXISTS stated_pair
        (system text, value text, other_system text, said text, first bigint) ON COMMIT DROP;
    CREATE TEMP TABLE IF NOT EXISTS counted_reference (file int, stated bigint, found bigint) ON COMMIT DROP
"""

# Only rows with an id that is not in the register can contradict: the others have been compared already. Of two rows
# that agree on one id and differ on another, the earlier stands, unless the register contradicts it.
_STATED = """
    CREATE TEMP TABLE stated_id ON COMMIT DROP AS
    WITH stated AS (
        SELECT r.file, r.row, r.system, r.value, f.student_id
        FROM found_reference f JOIN staged_student_ref r USING (file, row)
        WHERE f.unknown_id AND r.exclusive AND f.student_id IS NOT DISTINCT FROM f.other_id
    )
    SELECT s.file, s.row, s.system, s.value, (s.file, s.row) IN (
        SELECT x.file, x.row FROM stated x
        JOIN student_identifier o ON o.student_id = x.student_id AND o.district_id = :district
            AND o.system = x.system AND o.value <> x.value) AS second_id
    FROM stated s
"""

_REMEMBER_PAIRS = """
    INSERT INTO stated_pair
    SELECT a.system, a.value, b.system, b.value, min(a.file::bigint << 32 | a.row)
    FROM stated_id a JOIN stated_id b USING (file, row) WHERE a.system <> b.system AND NOT a.second_id
    GROUP BY a.system, a.value, b.system, b.value
"""

_CONTRADICTIONS = """
    CREATE TEMP TABLE contradiction ON COMMIT DROP AS
    WITH later AS (
        SELECT DISTINCT system, value, other_system, said FROM (
            SELECT p.*, first_value(said) OVER (PARTITION BY system, value, other_system ORDER BY first) AS stands
            FROM stated_pair p
        ) p WHERE said <> stands
    )
    SELECT file, row, 'two_students' AS kind FROM found_reference WHERE student_id <> other_id
    UNION SELECT file, row, 'second_id' FROM stated_id WHERE second_id
    UNION
    SELECT a.file, a.row, 'said_twice' FROM stated_id a JOIN stated_id b USING (file, row)
    JOIN later l ON l.system = a.system AND l.value = a.value AND l.other_system = b.system AND l.said = b.value
"""

_WANTED = """
    CREATE TEMP TABLE wanted ON COMMIT DROP AS
    SELECT file, row, min(kind) AS kind FROM contradiction GROUP BY file, row
    UNION ALL
    SELECT f.file, f.row, 'name' FROM found_reference f JOIN staged_student_named n USING (file, row)
    WHERE f.student_id IS NULL AND n.birth_date IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM contradiction c WHERE c.file = f.file AND c.row = f.row)
"""

_PUZZLES = """
    INSERT INTO puzzle (file, row, line, lines, kind, about, identifiers, given_name, family_name, birth_date)
    WITH ids AS (
        SELECT file, row, jsonb_agg(jsonb_build_object('system', r.system, 'value', r.value, 'exclusive', r.exclusive)
                                    ORDER BY r.system, r.value) AS identifiers
        FROM staged_student_ref r JOIN wanted USING (file, row) GROUP BY file, row
    )
    SELECT w.file, w.row, l.line, 1, w.kind, 'results', coalesce(i.identifiers, '[]'), n.given_name, n.family_name,
           n.birth_date
    FROM wanted w JOIN staged_row l USING (file, row) LEFT JOIN ids i USING (file, row)
    LEFT JOIN staged_student_named n USING (file, row)
"""

_CANDIDATES_BY_ID = """
    INSERT INTO puzzle_candidate
    SELECT DISTINCT p.signature, i.student_id, NULL, false
    FROM puzzle p CROSS JOIN LATERAL jsonb_array_elements(p.identifiers) x
    JOIN student_identifier i ON i.district_id = :district AND i.system = x->>'system' AND i.value = x->>'value'
    WHERE p.kind <> 'name'
"""

# Ids of somebody found by name are kept, where the student has none of that system and nobody else has this one.
_KEEP_IDS = """
    INSERT INTO student_identifier (district_id, system, value, student_id, matched_by, confidence, identity_case_id)
    SELECT DISTINCT ON (x->>'system', x->>'value') CAST(:district AS bigint), x->>'system', x->>'value', a.student_id,
           'name', 'high', a.case_id
    FROM puzzle_answer a JOIN puzzle p USING (signature), jsonb_array_elements(p.identifiers) x
    WHERE a.state = 'accepted' AND (x->>'exclusive')::boolean
      AND NOT EXISTS (SELECT 1 FROM student_identifier o WHERE o.district_id = :district
                      AND o.student_id = a.student_id AND o.system = x->>'system')
    ORDER BY x->>'system', x->>'value', a.student_id
    ON CONFLICT (district_id, system, value) DO NOTHING
"""


# So that taking a decision back finds what came in by it: the row with the reference, and those that share it.
_TRACE = """
    INSERT INTO identity_row (identity_case_id, source_file_id, line)
    SELECT f.case_id, s.id, w.line
    FROM found_reference f JOIN (
        SELECT file, row, line FROM staged_row
        UNION SELECT file, student_row, line FROM staged_mark UNION SELECT file, student_row, line FROM staged_score
    ) w USING (file, row)
    JOIN staged_file s ON s.number = f.file
    WHERE f.case_id IS NOT NULL AND f.student_id = f.other_id
    ON CONFLICT DO NOTHING
"""


def _settle_at_once(connection: Connection, district: int) -> Notes:
    """Settle the puzzles of this part; refuse the rest."""
    notes = _answer(connection, district)
    connection.execute(
        text(
            """
            UPDATE found_reference f SET student_id = a.student_id, other_id = a.student_id, case_id = a.case_id
            FROM puzzle p JOIN puzzle_answer a USING (signature) WHERE f.file = p.file AND f.row = p.row
            """
        )
    )
    refuse(connection, "identity_conflict", "student", puzzles.UNANSWERED.format(kind="<> 'name'"))
    refuse(connection, "identity_proposed", "student", puzzles.UNANSWERED.format(kind="= 'name'"))
    return notes


def _answer(connection: Connection, district: int) -> Notes:
    """Answer the puzzles that can be; a note on each file whose students were found by name."""
    puzzles.sign(connection)
    connection.execute(text(_CANDIDATES_BY_ID), {"district": district})
    puzzles.find_by_name(connection, district)
    puzzles.weigh(connection, district)
    puzzles.answer(connection, district, system=None, accept=True)
    connection.execute(text(_KEEP_IDS), {"district": district})
    accepted = connection.execute(
        text(
            """
            SELECT p.file, count(DISTINCT a.student_id) FROM puzzle p JOIN puzzle_answer a USING (signature)
            WHERE a.state = 'accepted' GROUP BY p.file
            """
        )
    )
    return {
        int(file): [("matched_by_name", f"{count:,} student{' was' if count == 1 else 's were'}")]
        for file, count in accepted
    }
