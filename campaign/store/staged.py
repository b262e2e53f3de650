"""SQL over the staging tables that all merges share: refusing rows, keyed upserts, counting what became of a file.

Staging tables are described in `campaign.intake.staging`; all of this happens in the transaction of one source.
"""
# ruff: noqa: S608  table and column names come from the code, values are always bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

FACTS = (
    "district", "school", "person", "role", "identifier", "alias", "agent", "relation", "course", "offering", "section",
    "teaching",
    "enrollment", "period", "line_item", "student_ref", "student_named", "mark",
    "assessment", "score", "attendance",
)  # fmt: skip


RESULTS = ("mark", "score")
Ids = Mapping[str, object]


@dataclass(frozen=True)
class Origin:
    """What the merge knows about a source.

    `system` issued the ids of people, `prefix` keeps places of two issuers apart. Complete lists withdraw who is
    missing from them, within the schools that the source itself describes. Contacts of the relations in `receiving`
    may get messages where the source states no restriction. `largest_withdrawal`: share of a district's students whom
    one list may withdraw.
    """

    system: str = ""
    prefix: str = ""
    people_complete: bool = False
    seats_complete: bool = False
    marks_complete: bool = False
    receiving: Sequence[str] = ()
    largest_withdrawal: float = 1.0


@dataclass(frozen=True)
class Target:
    """A table with the unique key (district_id, source_id) and the columns a source may change."""

    table: str
    staged: str
    key: str
    columns: Sequence[str]


def begin(connection: Connection, file_ids: Mapping[int, int]) -> None:
    """Make what is kept until the source is in: its files (number → id), and rows refused so far.

    refused_key: keys of marks and scores that were refused. unread_row: one row if some row could not be told apart.
    refused_about: what the refused rows of a part said of school and subject, in the words of their source.
    """
    for table in (
        "staged_file (number int PRIMARY KEY, id bigint)",
        "refused_key (source_key bytea)",
        "unread_row (file smallint)",
        "refused_about (file int, row int, student_row int, school text, section text, course text, line_item text,"
        " subject text)",
    ):
        connection.execute(text(f"CREATE TEMP TABLE {table} ON COMMIT DROP"))
    connection.execute(
        text("INSERT INTO staged_file VALUES (:number, :id)"),
        [{"number": number, "id": file_id} for number, file_id in file_ids.items()],
    )


def remember_refused(connection: Connection, system: str) -> None:
    """Keep what tells, after the last part, that a row is refused and not gone. `system` issued the ids."""
    connection.execute(
        text(
            """
            INSERT INTO refused_key
            SELECT substr(sha256(convert_to(CAST(:system AS text) || '|' || key, 'UTF8')), 1, 16) FROM staged_refused
            WHERE key IS NOT NULL
            """
        ),
        {"system": system},
    )
    connection.execute(
        text(
            """
            INSERT INTO unread_row SELECT file FROM staged_refused
            WHERE code IN ('ragged_row', 'malformed_row', 'error_cell', 'digits_lost') LIMIT 1
            """
        )
    )


def refuse(connection: Connection, code: str, column: str | None, where: str, **values: Any) -> None:
    """Refuse every row for which `where` (FROM … WHERE … over an alias `s` with file and row) holds."""
    refused = connection.execute(
        text(
            f"""
            INSERT INTO staged_refused (file, row, line, column_name, code, detail)
            SELECT DISTINCT w.file, w.row, w.line, CAST(:column AS text), CAST(:code AS text), ''
            FROM staged_row w JOIN (SELECT s.file, s.row {where}) bad USING (file, row)
            """
        ),
        {"code": code, "column": column, **values},
    )
    if refused.rowcount:
        drop_refused(connection)


# What of a fact tells of which school and subject its row is: column of refused_about → column of the fact.
_ABOUT = {
    "school": {"school": "source_id"},
    "person": {"school": "school"},
    "role": {"school": "school"},
    "course": {"subject": "subject"},
    "section": {"school": "school", "course": "course", "subject": "subject"},
    "teaching": {"section": "section"},
    "enrollment": {"section": "section", "student_row": "row"},
    "line_item": {"section": "section"},
    "relation": {"student_row": "row"},
    "mark": {"student_row": "student_row", "section": "section", "course": "course", "line_item": "line_item",
             "subject": "subject"},
    "assessment": {"subject": "subject"},
    "score": {"student_row": "student_row", "subject": "subject"},
    "attendance": {"student_row": "row"},
}  # fmt: skip


def drop_refused(connection: Connection) -> None:
    """Take the facts of refused rows out of the staging tables, and keep what they were about."""
    for table in FACTS:
        gone = f"DELETE FROM staged_{table} s USING staged_refused r WHERE s.file = r.file AND s.row = r.row"
        kept = []
        if about := _ABOUT.get(table):
            values = f"file, row, {', '.join(about.values())}"
            kept.append(
                f"INSERT INTO refused_about (file, row, {', '.join(about)}) SELECT DISTINCT {values} FROM gone"
            )
        if table in RESULTS:
            kept.append("INSERT INTO refused_key SELECT source_key FROM gone")
        if kept:
            others = "".join(f", kept_{number} AS ({one})" for number, one in enumerate(kept[1:]))
            gone = f"WITH gone AS ({gone} RETURNING s.*){others} {kept[0]}"
        connection.execute(text(gone))


def refuse_duplicates(connection: Connection, table: str, key: str, where: str = "true") -> None:
    """Refuse rows that say something else than an earlier row of the same key; word-for-word repeats pass.

    Only rows whose key comes more than once are written out to be compared.
    """
    refuse(
        connection,
        "duplicate_row",
        None,
        f"""
        FROM (
            SELECT file, row, to_jsonb(x) - 'file' - 'row' AS said,
                   first_value(to_jsonb(x) - 'file' - 'row') OVER (PARTITION BY {key} ORDER BY file, row) AS first
            FROM staged_{table} x WHERE x.ctid IN (
                SELECT ctid FROM (
                    SELECT x.ctid, count(*) OVER (PARTITION BY {key}) AS rows FROM staged_{table} x WHERE {where}
                ) counted WHERE rows > 1)
        ) s
        WHERE s.said <> s.first
        """,
    )


def upsert(connection: Connection, target: Target, select: str, **values: Any) -> None:
    """Bring the rows of `select` (source_id and the target's columns) into the target; mark rows that change it."""
    columns = ", ".join(target.columns)
    updates = ", ".join(f"{column} = EXCLUDED.{column}" for column in target.columns)
    mine = ", ".join(f"t.{column}" for column in target.columns)
    theirs = ", ".join(f"EXCLUDED.{column}" for column in target.columns)
    connection.execute(
        text(
            f"""
            WITH changed AS (
                INSERT INTO {target.table} AS t (district_id, source_id, {columns})
                SELECT :district, source_id, {columns} FROM ({select}) s
                ON CONFLICT (district_id, source_id) DO UPDATE SET {updates}
                WHERE ({mine}) IS DISTINCT FROM ({theirs})
                RETURNING source_id
            )
            INSERT INTO staged_changed (file, row)
            SELECT s.file, s.row FROM staged_{target.staged} s
            JOIN changed c ON c.source_id = CAST(:prefix AS text) || s.{target.key}
            """
        ),
        values,
    )


@dataclass(frozen=True)
class Outcome:
    accepted: int
    unchanged: int
    refused: int

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            self.accepted + other.accepted, self.unchanged + other.unchanged, self.refused + other.refused
        )


def outcomes(connection: Connection) -> dict[int, Outcome]:
    """What became of the rows of each file, counted from the rows themselves and not from each other."""
    result = connection.execute(
        text(
            """
            WITH refused AS (SELECT DISTINCT file, row FROM staged_refused),
                 read AS (SELECT file, count(*) AS n FROM staged_row GROUP BY file),
                 dropped AS (SELECT file, count(*) AS n FROM staged_row JOIN refused USING (file, row) GROUP BY file),
                 changed AS (
                    SELECT c.file, count(*) AS n FROM (SELECT DISTINCT file, row FROM staged_changed WHERE row > 0) c
                    WHERE c.file IN (SELECT file FROM read) AND (c.file, c.row) NOT IN (SELECT file, row FROM refused)
                    GROUP BY c.file
                 ),
                 turned AS (SELECT file, count(*) AS n FROM refused GROUP BY file)
            SELECT file, coalesce(r.n, 0) - coalesce(d.n, 0) AS accepted, coalesce(c.n, 0) AS changed,
                   coalesce(t.n, 0) AS refused
            FROM read r FULL JOIN turned t USING (file)
            LEFT JOIN dropped d USING (file) LEFT JOIN changed c USING (file)
            """
        )
    )
    return {file: Outcome(int(a), int(a - c), int(r)) for file, a, c, r in result}
