"""What a demonstration did, counted in the database, as a document and as lines to print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from campaign.store import comparisons
from campaign.store.imports import NEWEST_FILES
from reports.records import Refusal

Counts = dict[str, int]

_UNTESTED = "not_tested_in_this_grade"

_COUNTS = {
    "comparisons": """
        SELECT category AS name, count(*) AS n FROM comparison
        WHERE district_id = :district AND superseded_at IS NULL GROUP BY 1""",
    "refusals": """
        SELECT refusal AS name, count(*) AS n FROM comparison
        WHERE district_id = :district AND superseded_at IS NULL AND refusal IS NOT NULL GROUP BY 1""",
    "reports": """
        SELECT language AS name, count(*) AS n FROM report
        WHERE district_id = :district AND superseded_at IS NULL GROUP BY 1""",
    "messages": "SELECT state AS name, count(*) AS n FROM message WHERE district_id = :district GROUP BY 1",
    "not_sent_because": """
        SELECT coalesce(reason, state) AS name, count(*) AS n FROM message
        WHERE district_id = :district AND state NOT IN ('accepted', 'planned', 'dispatching') GROUP BY 1""",
    "sent_by_language": """
        SELECT language AS name, count(*) AS n FROM message
        WHERE district_id = :district AND state = 'accepted' GROUP BY 1""",
    "sent_by_channel": """
        SELECT channel AS name, count(*) AS n FROM message
        WHERE district_id = :district AND state = 'accepted' GROUP BY 1""",
    "told_by_providers": """
        SELECT status || coalesce(', ' || cause, '') AS name, count(*) AS n FROM delivery
        WHERE district_id = :district GROUP BY 1""",
    "problems": f"""
        SELECT r.code AS name, count(*) AS n FROM refused_row r
        WHERE (r.district_id = :district OR r.district_id IS NULL)
          AND r.source_file_id IN (SELECT id FROM ({NEWEST_FILES}) newest) GROUP BY 1""",  # noqa: S608  a constant
    "published_cells": """
        SELECT CASE WHEN shown THEN 'shown' ELSE 'withheld' END AS name, count(*) AS n
        FROM published_cell WHERE district_id = :district GROUP BY 1""",
}


@dataclass(frozen=True)
class Station:
    """One station of the road, and how long it took."""

    name: str
    seconds: float


def count(connection: Connection, district_id: int) -> dict[str, Any]:
    """Name of a table → its counts, largest first; all numbers, nobody's name."""
    found: dict[str, Any] = {
        "students": connection.scalar(
            text("SELECT count(*) FROM student WHERE district_id = :district"), {"district": district_id}
        ),
        "rows": dict(
            connection.execute(
                text(
                    """
                    SELECT sum(rows_in) AS rows_in, sum(accepted) AS accepted, sum(refused) AS refused
                    FROM source_file WHERE status = 'done'
                    """
                )
            )
            .mappings()
            .one()
        ),
        "files_refused": connection.scalar(text("SELECT count(*) FROM source_file WHERE status = 'failed'")),
    }
    for name, statement in _COUNTS.items():
        rows = connection.execute(text(statement + " ORDER BY n DESC, name"), {"district": district_id})
        found[name] = {row.name: row.n for row in rows}
    found["refusals"] = _untested_apart(found["refusals"], comparisons.untested(connection, district_id))
    return found


def _untested_apart(refusals: Counts, untested: int) -> Counts:
    """Subjects that are marked and not tested told apart from scores that are missing."""
    if not untested:
        return refusals
    missing = {Refusal.NO_SCORE.value: refusals[Refusal.NO_SCORE] - untested}
    apart = refusals | missing | {_UNTESTED: untested}
    return dict(sorted(((name, n) for name, n in apart.items() if n), key=lambda item: (-item[1], item[0])))


_TITLES = {
    "comparisons": "Comparisons, one a student and subject",
    "refusals": "Not compared, because",
    "reports": "Reports by language",
    "messages": "Messages planned, by what became of them",
    "not_sent_because": "Not sent, because",
    "sent_by_language": "Sent, by language",
    "sent_by_channel": "Sent, by channel",
    "told_by_providers": "What the simulated providers told of them",
    "problems": "Problems found in the files: rows refused, and notes",
    "published_cells": "Cells for partners",
}


def lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """The summary for a person."""
    yield f"{summary['students']:,} students; {summary['beginning']}"
    rows = summary["rows"]
    yield (
        f"{rows['rows_in']:,} rows read = {rows['accepted']:,} accepted + {rows['refused']:,} refused;"
        f" {summary['files_refused']} file refused as a whole"
    )
    for name, title in _TITLES.items():
        counts: Counts = summary[name]
        yield f"{title}: {sum(counts.values()):,}"
        for key, value in counts.items():
            yield f"  {value:>7,}  {key}"
    yield "Time taken"
    for station in summary["stations"]:
        yield f"  {station['seconds']:>7.1f} s  {station['name']}"
    yield "Where everything lies"
    for name, place in summary["places"].items():
        yield f"  {name}: {place}"
    yield from summary["drafts"]
