"""The trace of who looked at whom and who changed what: append-only, each entry carries the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, text

FIRST = "0" * 64
# Writers take turns, or two entries would name the same predecessor. No other lock has this number: a look at a
# student must not wait for an import.
_TURN = text("SELECT pg_advisory_xact_lock(7281612)")
_ALL = text(
    """
    SELECT id, at, district_id, actor, action, target, detail, previous_hash, hash FROM audit_entry ORDER BY id
    """
)


@dataclass(frozen=True)
class Entry:
    """Who did what to whom, and when. All in ids and codes, never names or marks."""

    at: datetime
    actor: str
    action: str
    target: str | None = None
    district_id: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Break:
    """The first entry at which the chain does not hold."""

    entry_id: int
    reason: str


def write(connection: Connection, entry: Entry) -> None:
    """Append one entry, as the engine role."""
    connection.execute(_TURN)
    last = connection.scalar(text("SELECT hash FROM audit_entry ORDER BY id DESC LIMIT 1")) or FIRST
    values = {**asdict(entry), "previous_hash": last}
    connection.execute(
        text(
            """
            INSERT INTO audit_entry (at, district_id, actor, action, target, detail, previous_hash, hash)
            VALUES (:at, :district_id, :actor, :action, :target, CAST(:detail AS jsonb), :previous_hash, :hash)
            """
        ),
        {**values, "detail": json.dumps(values["detail"]), "hash": _hash(values)},
    )


def verify(connection: Connection) -> Break | None:
    """Walk the whole chain; the first entry that was changed, or whose predecessor is gone, or None."""
    previous = FIRST
    with connection.execute(_ALL, execution_options={"yield_per": 1000}) as rows:
        for row in rows.mappings():
            if row["previous_hash"] != previous:
                return Break(row["id"], "the entry before it is missing or was changed")
            if row["hash"] != _hash(dict(row)):
                return Break(row["id"], "the entry itself was changed")
            previous = row["hash"]
    return None


def _hash(entry: Mapping[str, Any]) -> str:
    parts = [
        entry["at"].astimezone(UTC).isoformat(timespec="microseconds"),
        entry["district_id"],
        entry["actor"],
        entry["action"],
        entry["target"],
        entry["detail"],
        entry["previous_hash"],
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=True).encode()).hexdigest()
