"""Messages that a district wrote itself: kept like its other wordings, as a history of which the newest row holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from campaign import links
from campaign.dispatch import writing
from campaign.senders.segments import MOST_SEGMENTS, segments
from campaign.store import audit, wordings
from campaign.store.wordings import KeptWording, NewWording, TextId
from campaign.wordings.texts import ABOUT, DRAFT, REVIEWED
from campaign.wordings.translations import Author
from campaign.wordings.wording import ENGLISH
from content import own_messages
from content.catalog import ContentError
from content.fields import fill
from content.wordings import source_hash

_SLUG = re.compile(r"[^a-z0-9]+")
LONGEST_ABOUT = 80


@dataclass(frozen=True)
class OwnMessage:
    """`texts`: language → part → text, as somebody left it; `unreviewed`: languages with a part nobody reviewed."""

    id: str
    about: str
    texts: Mapping[str, Mapping[str, str]]
    unreviewed: frozenset[str]

    @property
    def channels(self) -> tuple[str, ...]:
        english = self.texts.get(ENGLISH, {})
        return tuple(channel for channel in ("email", "sms") if f"{channel}.text" in english)


@dataclass(frozen=True)
class Written:
    """A message as somebody leaves it in one language: its parts, and in English what it is about, for staff."""

    id: str
    language: str
    parts: Mapping[str, str]
    about: str = ""
    reviewed: bool = False


def new_id(about: str, taken: Iterable[str]) -> str:
    """An id from the words it is about, that no other message has."""
    stem = own_messages.PREFIX + (_SLUG.sub("-", about.lower()).strip("-")[:40] or "message")
    used, number = set(taken), 1
    while (found := stem if number == 1 else f"{stem}-{number}") in used:
        number += 1
    return found


def every(connection: Connection, district_id: int) -> dict[str, OwnMessage]:
    """All own messages of a district by id. The connection acts as the engine."""
    found: dict[str, list[KeptWording]] = {}
    for row in wordings.newest(connection, district_id):
        id = row.unit.removeprefix("messages/")
        if id != row.unit and own_messages.is_own(id) and row.text is not None:
            found.setdefault(id, []).append(row)
    return {id: _message(id, rows) for id, rows in sorted(found.items())}


def save(connection: Connection, district_id: int, new: Written, author: Author) -> int:
    """Keep the parts, or none; how many changed. Raises ContentError. The connection acts as the engine."""
    own = every(connection, district_id).get(new.id)
    before = dict(own.texts.get(new.language, {})) if own else {}
    english = dict(own.texts.get(ENGLISH, {})) if own else {}
    _check(new, english)
    parts = dict(new.parts)
    if new.language == ENGLISH:
        before[ABOUT], parts[ABOUT] = own.about if own else "", new.about
    gone = before.keys() - parts.keys() if new.language == ENGLISH else set()
    state_changes = new.reviewed and own is not None and new.language in own.unreviewed
    changed = [key for key, text in parts.items() if before.get(key) != text or state_changes]
    rows = [_row(district_id, new, key, parts[key], english, author) for key in changed]
    rows += [_row(district_id, new, key, None, english, author) for key in gone if key in before]
    count = wordings.add(connection, rows)
    if count:
        _trace(connection, district_id, "wrote_message", new.id, author, language=new.language)
    return count


def remove(connection: Connection, district_id: int, id: str, author: Author) -> int:
    """Take the message away in every language; its history stays. The connection acts as the engine."""
    own = every(connection, district_id).get(id)
    if own is None:
        return 0
    rows = []
    for language, parts in own.texts.items():
        gone = Written(id, language, {})
        keys = [*parts, *([ABOUT] if language == ENGLISH else [])]
        rows += [_row(district_id, gone, key, None, {}, author) for key in keys]
    count = wordings.add(connection, rows)
    _trace(connection, district_id, "removed_message", id, author)
    return count


def longest(school: str, base_url: str) -> tuple[str, str]:
    """The name of a school and a link as long as they stand in text messages."""
    return writing.shortened(school), writing.report_url(base_url, "x" * links.TOKEN_LENGTH)


def segments_of(text: str, school: str, link: str) -> int:
    """Parts a text message travels in with the longest name of a school and one link."""
    return segments(fill(text, {"school": school, "reports": link}, "text message").strip())


def too_long(text: str, school: str, link: str) -> str | None:
    """Why a text message is too long to be sent, or None."""
    count = segments_of(text, school, link)
    if count <= MOST_SEGMENTS:
        return None
    return f"Text message: travels in {count} parts; at most {MOST_SEGMENTS} are sent. Make it shorter."


def _check(new: Written, english: Mapping[str, str]) -> None:
    if not own_messages.is_own(new.id):
        raise ContentError(
            f"{new.id}: ships with the program; its words are changed on the page Translations"
        )
    if new.language == ENGLISH and not new.about.strip():
        raise ContentError("Name: is empty; say in a few words what the message is for")
    if new.language == ENGLISH and len(new.about) > LONGEST_ABOUT:
        raise ContentError(f"Name: at most {LONGEST_ABOUT} letters")
    if not any(key.endswith(".text") for key in new.parts):
        raise ContentError("Write an e-mail, a text message, or both")
    if ("email.text" in new.parts) != ("email.subject" in new.parts):
        raise ContentError("An e-mail needs a subject and a text; write both, or leave both empty")
    for key, text in new.parts.items():
        source = None if new.language == ENGLISH else english.get(key)
        if new.language != ENGLISH and source is None:
            raise ContentError(f"{key}: is not written in English yet; write it there first")
        own_messages.check(key, text, new.language, source)


def _row(
    district_id: int,
    new: Written,
    key: str,
    text: str | None,
    english: Mapping[str, str],
    author: Author,
) -> NewWording:
    source = (text if new.language == ENGLISH else english.get(key)) or ""
    return NewWording(
        of=TextId(district_id, new.language, f"messages/{new.id}", key),
        text=text,
        state=REVIEWED if new.language == ENGLISH or new.reviewed else DRAFT,
        source=source,
        source_hash=source_hash(source),
        note=None,
        actor=author.actor,
        at=author.at,
    )


def _message(id: str, rows: Sequence[KeptWording]) -> OwnMessage:
    texts: dict[str, dict[str, str]] = {}
    about, unreviewed = id, set()
    english = {row.key: row.text for row in rows if row.language == ENGLISH}
    for row in rows:
        if row.key == ABOUT:
            about = row.text or id
            continue
        texts.setdefault(row.language, {})[row.key] = row.text or ""
        stale = row.source_hash != source_hash(english.get(row.key) or "")
        if row.state != REVIEWED or stale:
            unreviewed.add(row.language)
    return OwnMessage(id, about, texts, frozenset(unreviewed))


def _trace(
    connection: Connection, district_id: int, action: str, id: str, author: Author, **detail: str
) -> None:
    entry = audit.Entry(author.at, author.actor, action, f"message:{id}", district_id, detail)
    audit.write(connection, entry)
