"""Who answers what at each school, and what a district does when words tell of danger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, text
from sqlalchemy.dialects.postgresql import insert as upsert

from campaign.schema.conversations import conversation_route, crisis_protocol


@dataclass(frozen=True)
class SchoolRoute:
    """One line of a school's table; None and no words: as shipped."""

    school_id: int
    role: str
    words: tuple[str, ...]
    account_id: int | None
    next_role: str | None


@dataclass(frozen=True)
class School:
    school_id: int
    district_id: int
    name: str
    source_id: str


@dataclass(frozen=True)
class Colleague:
    """An account of the district that reads what families write."""

    account_id: int
    name: str
    email: str
    role: str
    school_ids: tuple[int, ...]


def schools(connection: Connection) -> list[School]:
    """Of the reader's scope."""
    rows = connection.execute(
        text("SELECT id AS school_id, district_id, name, source_id FROM school ORDER BY name")
    )
    return [School(**row._mapping) for row in rows]


def routes(connection: Connection, school_ids: Sequence[int]) -> list[SchoolRoute]:
    query = text(
        """
        SELECT school_id, role, words, account_id, next_role FROM conversation_route
        WHERE school_id = ANY (:ids) ORDER BY school_id, role
        """
    )
    rows = connection.execute(query, {"ids": list(school_ids)})
    return [SchoolRoute(**{**row._mapping, "words": tuple(row.words)}) for row in rows]


def colleagues(connection: Connection, district_id: int) -> list[Colleague]:
    """As the engine: the active accounts of a district's offices, schools and teachers."""
    query = text(
        """
        SELECT id AS account_id, name, email, role, school_ids FROM account
        WHERE active AND district_id = :district_id AND role IN ('district', 'school', 'teacher') ORDER BY name, id
        """
    )
    rows = connection.execute(query, {"district_id": district_id})
    return [Colleague(**{**row._mapping, "school_ids": tuple(row.school_ids)}) for row in rows]


def put(connection: Connection, district_id: int, found: Iterable[SchoolRoute]) -> None:
    """As the engine: these lines in place of those that stood there; lines that are not named stay."""
    for route in found:
        values = {**vars(route), "words": list(route.words), "district_id": district_id}
        statement = upsert(conversation_route).values(values)
        changed = {name: statement.excluded[name] for name in ("words", "account_id", "next_role")}
        connection.execute(
            statement.on_conflict_do_update(index_elements=["school_id", "role"], set_=changed)
        )


def protocol(connection: Connection, district_id: int) -> RowMapping | None:
    query = text("SELECT text, account_ids, at FROM crisis_protocol WHERE district_id = :id")
    return connection.execute(query, {"id": district_id}).mappings().first()


def put_protocol(
    connection: Connection,
    district_id: int,
    words: str,
    account_ids: Sequence[int],
    *,
    actor: str,
    now: datetime,
) -> None:
    """As the engine."""
    values = {"text": words, "account_ids": list(account_ids), "actor": actor, "at": now}
    statement = upsert(crisis_protocol).values(district_id=district_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["district_id"], set_=values))
