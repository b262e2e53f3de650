"""Translations as staff work on them: what stands in a language, saving, reviewing, undoing, taking a file in.

A place is a district, or (None) the whole installation: what is written there holds in every district that has no text
of its own. Every change adds a row; what was is never lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from campaign.store import audit, wordings
from campaign.store.wordings import KeptWording, NewWording, TextId
from campaign.wordings.texts import DRAFT, REVIEWED, STALE, overlaid
from campaign.wordings.wording import ENGLISH
from content import languages
from content.catalog import Catalog, ContentError
from content.wordings import ContentString, Wording


class TranslationError(Exception):
    """A text cannot be kept so; the message says what to do."""


@dataclass(frozen=True)
class Author:
    """Who writes, as the audit names them, and when."""

    actor: str
    at: datetime


@dataclass(frozen=True)
class Edit:
    """A text as somebody leaves it. `source_hash`: of the English it was seen beside; `seen`: the newest row of the
    text then, 0 = none, None = whatever it was."""

    unit: str
    key: str
    text: str
    source_hash: str
    reviewed: bool
    seen: int | None = None
    note: str | None = None


@dataclass(frozen=True)
class Entry:
    """A text of a language and the newest row that this place has of it, or None."""

    string: ContentString
    own: KeptWording | None


@dataclass(frozen=True)
class Desk:
    """One language at one place, as the connection (acting as the engine) finds it."""

    connection: Connection
    catalog: Catalog
    district_id: int | None
    language: str

    def of(self, unit: str, key: str) -> TextId:
        return TextId(self.district_id, self.language, unit, key)


def desk(connection: Connection, shipped: Catalog, district_id: int | None, language: str) -> Desk:
    """Raises TranslationError for English and for a language that we do not have."""
    if language == ENGLISH or language not in languages.languages():
        raise TranslationError(f"{language!r} is not a language of translations.")
    return Desk(connection, overlaid(connection, shipped, district_id), district_id, language)


def entries(at: Desk) -> list[Entry]:
    """All texts of the language; none where nothing is written in it yet."""
    own = {(one.unit, one.key): one for one in wordings.newest(at.connection, at.district_id, at.language)}
    return [Entry(string, own.get((string.unit, string.key))) for string in _strings(at)]


def save(at: Desk, edits: Iterable[Edit], author: Author) -> int:
    """Keep all these texts, or none; how many of them changed. Raises TranslationError or ContentError.

    A text that stays as it is changes when it is reviewed now, or when its English is another than before.
    """
    strings = {(string.unit, string.key): string for string in _strings(at)}
    kept = {(one.unit, one.key): one for one in wordings.newest(at.connection, at.district_id, at.language)}
    new = []
    for edit in edits:
        string = strings.get((edit.unit, edit.key))
        if string is None:
            raise TranslationError(f"{edit.unit}: there is no text {edit.key!r}.")
        own = kept.get((edit.unit, edit.key))
        _check(at, edit, string, own)
        if edit.text != string.text or _state(edit) != string.state:
            new.append(_row(at, edit, string, author))
    count = wordings.add(at.connection, new)
    if count:
        _trace(at, author, "changed_translations", count)
    return count


def undo(at: Desk, unit: str, key: str, author: Author) -> None:
    """Bring back what stood there before the newest change, or what ships. Raises TranslationError."""
    rows = wordings.history(at.connection, at.of(unit, key))
    if not rows:
        raise TranslationError("This text has not been changed here; there is nothing to undo.")
    last, before = rows[0], rows[1] if len(rows) > 1 else None
    back = NewWording(
        of=at.of(unit, key),
        text=before.text if before else None,
        state=before.state if before else DRAFT,
        source=before.source if before else last.source,
        source_hash=before.source_hash if before else last.source_hash,
        note="undone",
        actor=author.actor,
        at=author.at,
    )
    wordings.add(at.connection, [back])
    _trace(at, author, "undid_translation", 1)


def states(strings: Iterable[ContentString]) -> Counter[str]:
    """How many texts are REVIEWED, DRAFT and STALE."""
    return Counter(string.state for string in strings)


def count_by_unit(strings: Sequence[ContentString]) -> dict[str, Counter[str]]:
    units: dict[str, Counter[str]] = {}
    for string in strings:
        units.setdefault(string.unit, Counter())[string.state] += 1
    return units


def written(catalog: Catalog, language: str) -> Sequence[ContentString]:
    """All texts in a language; none where nothing is written in it."""
    try:
        return catalog.strings(language)
    except ContentError:
        return []


def _strings(at: Desk) -> Sequence[ContentString]:
    return written(at.catalog, at.language)


def _check(at: Desk, edit: Edit, string: ContentString, own: KeptWording | None) -> None:
    if edit.seen is not None and edit.seen != (own.id if own else 0):
        raise TranslationError("Somebody else has changed this text since you opened it. Look at it again.")
    if edit.source_hash != string.source_hash:
        raise TranslationError("The English has changed since you opened it. Look at it again.")
    at.catalog.check(Wording(edit.unit, edit.key, at.language, edit.text, _state(edit), edit.source_hash))


def _state(edit: Edit) -> str:
    return REVIEWED if edit.reviewed else DRAFT


def _row(at: Desk, edit: Edit, string: ContentString, author: Author) -> NewWording:
    return NewWording(
        of=at.of(edit.unit, edit.key),
        text=edit.text,
        state=_state(edit),
        source=string.source,
        source_hash=string.source_hash,
        note=edit.note,
        actor=author.actor,
        at=author.at,
    )


def _trace(at: Desk, author: Author, action: str, count: int) -> None:
    detail = {"texts": count}
    entry = audit.Entry(author.at, author.actor, action, f"language:{at.language}", at.district_id, detail)
    audit.write(at.connection, entry)


ALL_STATES = (REVIEWED, DRAFT, STALE)
