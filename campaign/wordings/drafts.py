"""The switch for drafts: a named person of the district lets texts of one language out that nobody has reviewed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from campaign.store import audit, draft_permissions
from campaign.store.draft_permissions import Permission
from campaign.wordings.texts import REVIEWED, Texts
from campaign.wordings.wording import ENGLISH
from content import languages

LONGEST_NAME, LONGEST_REASON = 120, 500


class DraftError(Exception):
    """The switch cannot be set so; the message says what is missing."""


@dataclass(frozen=True)
class Word:
    """Who answers for letting drafts out, and why; `actor` is who typed it, as the audit names them."""

    said_by: str
    reason: str
    actor: str
    at: datetime


def allow(
    connection: Connection, district_id: int, language: str, word: Word, *, stale: bool = False
) -> Permission:
    """Let drafts of a language out; with `stale` also texts whose English has changed since they were written.

    Raises DraftError. The connection acts as the engine.
    """
    return _say(connection, district_id, language, word, drafts=True, stale=stale)


def withdraw(connection: Connection, district_id: int, language: str, word: Word) -> Permission:
    """Let no draft of the language out any more. Raises DraftError. The connection acts as the engine."""
    return _say(connection, district_id, language, word, drafts=False, stale=False)


def going_out(texts: Texts, offered: Sequence[str]) -> Mapping[str, Permission]:
    """The words that matter: of languages that families are offered and in which something is unreviewed."""
    return {
        language: word
        for language, word in texts.allowed.items()
        if language in offered
        and any(texts.states(unit, language) - {REVIEWED} for unit in texts.catalog.states)
    }


def banner(allowed: Mapping[str, Permission]) -> list[str]:
    """What staff read wherever drafts go out, a sentence for all languages that one person let out for one reason."""
    together: dict[tuple[bool, str, str], list[str]] = {}
    for language, word in sorted(allowed.items(), key=lambda item: name(item[0])):
        together.setdefault((word.stale, word.said_by, word.reason), []).append(name(language))
    return [_sentence(names, *word) for word, names in together.items()]


def name(language: str) -> str:
    """The English name of a language, or its code where we have none."""
    known = languages.languages().get(language)
    return known.english if known else language


def _sentence(names: Sequence[str], stale: bool, said_by: str, reason: str) -> str:
    kind = "unreviewed drafts or older than their English" if stale else "unreviewed drafts"
    *first, last = names
    listed = f"{', '.join(first)} and {last}" if first else last
    return f"Texts in {listed} are {kind}, allowed by {said_by} because: {reason.rstrip('.')}."


def _say(
    connection: Connection, district_id: int, language: str, word: Word, *, drafts: bool, stale: bool
) -> Permission:
    said_by, reason = " ".join(word.said_by.split()), " ".join(word.reason.split())
    known = [code for code in languages.languages() if code != ENGLISH]
    if language not in known:
        raise DraftError(f"{language!r} is not a language of translations; known: {', '.join(known)}.")
    if not said_by or not reason:
        raise DraftError("Say who answers for it, by name, and why.")
    if len(said_by) > LONGEST_NAME or len(reason) > LONGEST_REASON:
        raise DraftError(f"At most {LONGEST_NAME} letters for the name and {LONGEST_REASON} for the reason.")
    permission = Permission(district_id, language, drafts, stale, said_by, reason, word.actor, word.at)
    draft_permissions.add(connection, permission)
    action = "allowed_drafts" if drafts else "withdrew_drafts"
    detail = {"stale": stale}
    audit.write(
        connection, audit.Entry(word.at, word.actor, action, f"language:{language}", district_id, detail)
    )
    return permission
