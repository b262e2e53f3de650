"""Which version of a report each contact has seen. Runs under the family's own role."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from campaign.access import Principal


def version_seen(connection: Connection, principal: Principal) -> int | None:
    """The version that this contact saw last; None before the first look."""
    query = text(
        "SELECT version FROM report_look WHERE student_id = :student_id AND contact_id = :contact_id"
    )
    found: int | None = connection.scalar(query, _who(principal))
    return found


def contract(
    connection: Connection, student_id: int | None, language: str, version: int
) -> Mapping[str, Any] | None:
    """One version of a student's report, superseded or not; None where it was not written in the language."""
    query = text(
        """
        SELECT contract FROM report
        WHERE student_id = :student_id AND language = :language AND version = :version
        """
    )
    values = {"student_id": student_id, "language": language, "version": version}
    found: Mapping[str, Any] | None = connection.scalar(query, values)
    return found


def keep(connection: Connection, principal: Principal, version: int, language: str, now: datetime) -> None:
    """This contact sees this version now."""
    query = text(
        """
        INSERT INTO report_look (student_id, contact_id, version, language, at)
        VALUES (:student_id, :contact_id, :version, :language, :now)
        ON CONFLICT (student_id, contact_id)
        DO UPDATE SET version = excluded.version, language = excluded.language, at = excluded.at
        """
    )
    connection.execute(query, {**_who(principal), "version": version, "language": language, "now": now})


def _who(principal: Principal) -> dict[str, int | None]:
    return {"student_id": principal.student_id, "contact_id": principal.contact_id}
