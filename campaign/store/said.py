"""What a part of a source says about students, brought into `mark` or `score` in a few passes over whole sets.

The caller makes the temporary table `said`, one line a row: file, row, line, student_row, file_id, source_key,
student_id, refusal and refused_column (null = none), gone (its source removes it), and the register's columns; in
order of source_key, so that the index of keys is walked once and no page of it is met twice. A row that is in the
register already is found by its key; whatever says something else than an earlier row of the same import is refused.
"""
# ruff: noqa: S608  table and column names come from the code, values are always bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from campaign.store import references
from campaign.store.staged import drop_refused


@dataclass(frozen=True)
class Register:
    """The table the rows belong in, the columns a source may change, and whether rows can be withdrawn.

    `references`: column → the table in which it names a row.
    """

    table: str
    columns: Sequence[str]
    references: Mapping[str, str]
    withdrawable: bool = False

    @property
    def seen(self) -> str:
        return f"seen_{self.table}"


def begin(connection: Connection, register: Register) -> None:
    """Make what is remembered from part to part: rows of the register that were met and are as they were."""
    connection.execute(text(f"CREATE TEMP TABLE {register.seen} (id bigint) ON COMMIT DROP"))


def save(connection: Connection, register: Register, district: int) -> None:
    """Bring `said` into the register and drop it; rows refused and changed are in the staging tables then."""
    _refuse(connection)
    _refuse_contradictions(connection, register)
    met = _meet(connection, register, district)
    _insert(connection, register, district, met)
    _tell_changed(connection, met)
    if register.withdrawable:
        connection.execute(text(_WITHDRAW.format(table=register.table)), {"district": district})
    connection.execute(text("DROP TABLE said, met"))


# A row whose student was refused where the reference was first stated is refused for the same reason.
_REFUSE = """
    INSERT INTO staged_refused (file, row, line, column_name, code, detail)
    SELECT s.file, s.row, s.line,
        CASE WHEN s.student_id IS NULL AND r.code IS NOT NULL THEN r.column_name ELSE s.refused_column END,
        CASE WHEN s.student_id IS NULL THEN coalesce(r.code, s.refusal) ELSE s.refusal END,
        CASE WHEN s.student_id IS NULL THEN coalesce(r.detail, '') ELSE '' END
    FROM said s
    LEFT JOIN (
        SELECT DISTINCT ON (file, row) file, row, column_name, code, detail FROM (
            SELECT file, row, column_name, code, detail FROM staged_refused
            UNION ALL SELECT file, row, column_name, code, detail FROM asked_reference
        ) x ORDER BY file, row, code) r ON r.file = s.file AND r.row = s.student_row
    WHERE s.refusal IS NOT NULL
"""


def _refuse(connection: Connection) -> None:
    if connection.execute(text(_REFUSE)).rowcount:
        connection.execute(text("DELETE FROM said WHERE refusal IS NOT NULL"))
        drop_refused(connection)


_TWICE = """
    CREATE TEMP TABLE twice ON COMMIT DROP AS
    SELECT source_key FROM said GROUP BY source_key HAVING count(*) > 1
"""

_COMPARE_TWICE = """
    CREATE TEMP TABLE again ON COMMIT DROP AS
    SELECT s.file, s.row, s.line, ({columns}) IS NOT DISTINCT FROM ({first}) AS same
    FROM (
        SELECT s.*, row_number() OVER w AS place, {firsts}
        FROM said s JOIN twice USING (source_key) WINDOW w AS (PARTITION BY source_key ORDER BY file, row)
    ) s
    WHERE s.place > 1
"""


def _refuse_contradictions(connection: Connection, register: Register) -> None:
    """Within the part, the first row of a key stands; word-for-word repeats are accepted and say nothing new."""
    connection.execute(text(_TWICE))
    if connection.scalar(text("SELECT EXISTS (SELECT 1 FROM twice)")):
        columns = [*register.columns, "gone"]
        connection.execute(
            text(
                _COMPARE_TWICE.format(
                    columns=", ".join(f"s.{c}" for c in columns),
                    first=", ".join(f"s.first_{c}" for c in columns),
                    firsts=", ".join(f"first_value(s.{c}) OVER w AS first_{c}" for c in columns),
                )
            )
        )
        _refuse_again(connection)
        connection.execute(text("DELETE FROM said s USING again a WHERE a.file = s.file AND a.row = s.row"))
        connection.execute(text("DROP TABLE again"))
    connection.execute(text("DROP TABLE twice"))


def _refuse_again(connection: Connection) -> None:
    refused = connection.execute(
        text(
            """
            INSERT INTO staged_refused (file, row, line, code, detail)
            SELECT file, row, line, 'duplicate_row', '' FROM again WHERE NOT same
            """
        )
    )
    if refused.rowcount:
        drop_refused(connection)


def _meet(connection: Connection, register: Register, district: int) -> bool:
    """Compare with what the register has: the same is remembered, what is newer than an older import updates it.

    Whether any row is there already.
    """
    mine = ", ".join(f"t.{c}" for c in register.columns)
    theirs = ", ".join(f"s.{c}" for c in register.columns)
    withdrawn = "t.withdrawn" if register.withdrawable else "false"
    # A part is small beside the register: OFFSET 0 has each of its keys looked up by itself, in the index of keys.
    connection.execute(
        text(
            f"""
            CREATE TEMP TABLE met ON COMMIT DROP AS
            SELECT s.file, s.row, t.id, ({mine}) IS NOT DISTINCT FROM ({theirs}) AND NOT {withdrawn} AS same,
                   t.source_file_id
            FROM said s CROSS JOIN LATERAL (
                SELECT * FROM {register.table} r
                WHERE r.district_id = :district AND r.source_key = s.source_key OFFSET 0
            ) t
            WHERE NOT s.gone
            """
        ),
        {"district": district},
    )
    if not connection.scalar(text("SELECT EXISTS (SELECT 1 FROM met)")):
        return False
    connection.execute(text("ANALYZE met"))
    if connection.scalar(text("SELECT EXISTS (SELECT 1 FROM met WHERE NOT same)")):
        _refuse_news(connection, register)
        _update(connection, register, district)
    connection.execute(text(f"INSERT INTO {register.seen} SELECT id FROM met WHERE same"))
    return True


_NOT_MET = "AND NOT EXISTS (SELECT 1 FROM met m WHERE m.file = s.file AND m.row = s.row{where})"


def _refuse_news(connection: Connection, register: Register) -> None:
    """Rows that contradict an earlier part of this import are refused and leave."""
    refused = connection.execute(
        text(
            f"""
            WITH late AS (
                DELETE FROM met m WHERE NOT m.same AND (m.source_file_id IN (SELECT id FROM staged_file)
                    OR m.id IN (SELECT id FROM {register.seen}))
                RETURNING file, row
            ), told AS (
                DELETE FROM said s USING late l WHERE s.file = l.file AND s.row = l.row
                RETURNING s.file, s.row, s.line
            )
            INSERT INTO staged_refused (file, row, line, code, detail)
            SELECT file, row, line, 'duplicate_row', '' FROM told
            """
        )
    )
    if refused.rowcount:
        drop_refused(connection)


def _update(connection: Connection, register: Register, district: int) -> None:
    """Found again by their keys: marks and scores have no index of their ids alone."""
    changes = [f"{c} = s.{c}" for c in register.columns]
    if register.withdrawable:
        changes.append("withdrawn = false")
    connection.execute(
        text(
            f"""
            UPDATE {register.table} t
            SET source_file_id = s.file_id, source_line = s.line, {", ".join(changes)}
            FROM met m JOIN said s ON s.file = m.file AND s.row = m.row
            WHERE NOT m.same AND t.district_id = :district AND t.source_key = s.source_key AND t.id = m.id
            """
        ),
        {"district": district},
    )


def _insert(connection: Connection, register: Register, district: int, met: bool) -> None:
    """Add the rows that were not met. Nobody else adds any: one import runs at a time."""
    columns = ", ".join(register.columns)
    new = _NOT_MET.format(where="") if met else ""
    with references.checked(connection, "said", register.references, district):
        connection.execute(
            text(
                f"""
                INSERT INTO {register.table} (district_id, source_key, source_file_id, source_line, {columns})
                SELECT :district, source_key, file_id, line, {columns} FROM said s
                WHERE NOT gone {new}
                """
            ),
            {"district": district},
        )


def _tell_changed(connection: Connection, met: bool) -> None:
    news = _NOT_MET.format(where=" AND m.same") if met else ""
    connection.execute(
        text(f"INSERT INTO staged_changed (file, row) SELECT file, row FROM said s WHERE NOT gone {news}")
    )


_WITHDRAW = """
    WITH changed AS (
        UPDATE {table} t SET withdrawn = true FROM said s
        WHERE s.gone AND t.district_id = :district AND t.source_key = s.source_key AND NOT t.withdrawn
        RETURNING s.file, s.row
    )
    INSERT INTO staged_changed (file, row) SELECT file, row FROM changed
"""
