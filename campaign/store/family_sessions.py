"""What a family chose for the half hour in which its page is open. Sessions come in as the SHA-256 of their token."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from campaign.schema.access import family_session


def language(connection: Connection, session_sha256: str) -> str | None:
    """The language chosen in this session, if one was."""
    query = select(family_session.c.language).where(family_session.c.token_sha256 == session_sha256)
    found: str | None = connection.scalar(query)
    return found


def keep_language(connection: Connection, session_sha256: str, chosen: str) -> None:
    query = update(family_session).where(family_session.c.token_sha256 == session_sha256)
    connection.execute(query.values(language=chosen))
