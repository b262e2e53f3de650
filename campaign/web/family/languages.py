"""Which language a family's page speaks.

At the door, where nobody is known: the one asked for, else what the browser asks for. Behind it: the one asked for
last, else the family's own, else English.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import g, request
from sqlalchemy import Connection, text

from campaign import database, links
from campaign.access import ENGINE
from campaign.documents import family_reports
from campaign.store import family_sessions
from campaign.web.parts import as_principal, parts
from campaign.wordings.texts import PAGE_UNIT, Texts
from content import formats, languages
from content.languages import of_tag

_ENGLISH = "en"
# Beside English where the browser asks for nothing else: the language that most families here speak next.
_ALSO = "es"


def texts() -> Texts:
    """The texts of the district whose link is held; at a door without a link, those that hold in all districts."""
    district_id = g.get("link_district_id")
    if g.get("principal") or district_id is None:
        return parts().texts
    if "link_texts" not in g:
        g.link_texts = parts().texts_of(district_id)
    return g.link_texts  # type: ignore[no-any-return]


def offered() -> Sequence[str]:
    """Languages that the installation offers and in which the words of the page may go out, in a fixed order."""
    chosen = parts().settings.languages.offered
    return [name for name in languages.languages() if name in chosen and texts().may_go_out(PAGE_UNIT, name)]


def readable() -> Sequence[str]:
    """Those of them in which a report may be shown too."""
    sendable = family_reports.sendable_languages(texts(), parts().settings.languages)
    return [language for language in offered() if language in sendable]


def at_door() -> tuple[str, ...]:
    """The language asked for; else the browser's, with English beside it. Nothing here depends on who the family is."""
    spoken = offered()
    if (wanted := _asked_for()) in spoken:
        return (wanted,)
    browser = [of_tag(tag) for tag, _ in request.accept_languages]
    ranked = [language for language in dict.fromkeys([*browser, _ENGLISH, _ALSO]) if language in spoken]
    first = ranked[:1] or [_ENGLISH]
    second = [_ENGLISH] if first != [_ENGLISH] else ranked[1:2]
    return (*first, *second)


def remember() -> None:
    """Keep the language asked for as long as the session lasts."""
    wanted = _asked_for()
    if wanted != g.session_language and wanted in offered():
        _keep(g.session_token, wanted)
        g.session_language = wanted


def remember_from_door(session_token: str, district_id: int) -> None:
    """The same for a session that begins."""
    g.link_district_id = district_id
    if (wanted := _asked_for()) in offered():
        _keep(session_token, wanted)


def _keep(session_token: str, language: str) -> None:
    with database.transaction(parts().engine, ENGINE) as connection:
        family_sessions.keep_language(connection, links.fingerprint(session_token), language)


def preferred(connection: Connection) -> list[str]:
    """Languages to try, best first; the connection is the family's own."""
    own = connection.scalar(
        text("SELECT written_language FROM contact WHERE id = :id"), {"id": g.principal.contact_id}
    )
    wanted = [_asked_for(), g.session_language or "", of_tag(own or ""), _ENGLISH]
    spoken = offered()
    return [language for language in dict.fromkeys(wanted) if language in spoken]


def speak_own() -> None:
    with as_principal() as connection:
        g.languages = (preferred(connection) or [_ENGLISH])[:1]


def tag(language: str) -> str:
    """For the attribute `lang`."""
    known = languages.languages().get(language)
    return known.tag if known else language


def direction(language: str) -> str:
    known = languages.languages().get(language)
    return known.direction if known else "ltr"


def day(moment: datetime, language: str) -> str:
    """The day of a moment, as the language writes it."""
    zone = ZoneInfo(parts().settings.installation.time_zone)
    return formats.long_day(moment.astimezone(zone).date(), language)


def _asked_for() -> str:
    return of_tag(request.args.get("language", ""))
