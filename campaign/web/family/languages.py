"""Which language a family's page speaks: the one asked for, else the family's own, else English."""

from __future__ import annotations

from collections.abc import Sequence

from flask import g, request
from sqlalchemy import text

from campaign.texts import PAGE_UNIT
from campaign.web.parts import as_principal, parts


def offered() -> Sequence[str]:
    """Languages that the installation offers and in which the words of the page may go out."""
    chosen = parts().settings.languages.offered
    return [language for language in chosen if parts().texts.may_go_out(PAGE_UNIT, language)]


def preferred() -> list[str]:
    """Languages to try, best first."""
    with as_principal() as connection:
        own = connection.scalar(
            text("SELECT written_language FROM contact WHERE id = :id"), {"id": g.principal.contact_id}
        )
    wanted = [request.args.get("language", ""), (own or "").partition("-")[0], "en"]
    return [language for language in dict.fromkeys(wanted) if language in offered()]


def speak_own() -> None:
    g.languages = (preferred() or ["en"])[:1]
