"""A campaign with its own messages as one TOML file, both ways: what is written is read back as it was, byte for byte.

slug = "reading-nights"
title = "Reading nights"

[[step]]
id = "invite"
…

[[message]]
id = "own-reading-night"
about = "An invitation to a reading night"
[message.en]
"sms.text" = "…"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from campaign.definitions.definition import ANSWERS, CampaignDefinition, CampaignError, parse
from content import languages, own_messages
from content.catalog import ContentError

_TOP = ("slug", "title", "priority", "ambiguous_email")
_STEP = (
    "id",
    "anchor",
    "event",
    "at_least",
    "offset",
    "unit",
    "send_on",
    "at",
    "expires_after_hours",
    "priority",
    "message",
    "channels",
    "needs_report",
    "waits_for_preview",
    "when_full",
    "notice",
    "notice_reason",
)
_FOLLOW_UP = ("by", "after_hours", "expires_after_hours")
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
LONGEST_FILE = 1_000_000


@dataclass(frozen=True)
class OwnText:
    """A message of a district's own in a campaign file; `texts`: language → part → text."""

    id: str
    about: str
    texts: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class CampaignFile:
    document: Mapping[str, Any]
    messages: tuple[OwnText, ...] = ()


def write(file: CampaignFile) -> str:
    """The file as TOML, its keys always in the same order."""
    return "\n".join(_lines(file)) + "\n"


def read(text: str, where: str) -> CampaignFile:
    """Read and check a file. Raises CampaignError naming `where`, the step or message, and what to write."""
    if len(text) > LONGEST_FILE:
        raise CampaignError(f"{where}: has more than {LONGEST_FILE:,} letters; that is no campaign")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CampaignError(f"{where}: cannot be read as TOML: {error}") from error
    entries = document.pop("message", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise CampaignError(f"{where}: message: write [[message]] with id and about below it")
    messages = tuple(_message(entry, f"{where}: message {entry.get('id', '?')}") for entry in entries)
    ids = [message.id for message in messages]
    if len(set(ids)) < len(ids):
        raise CampaignError(f"{where}: message: an id is used twice; give each message its own")
    checked(document, where)
    return CampaignFile(document, messages)


def checked(document: Mapping[str, Any], where: str) -> CampaignDefinition | None:
    """The campaign of the document, or None while it has no step yet. Raises CampaignError."""
    if document.get("slug") == ANSWERS:
        raise CampaignError(f'{where}: slug: "{ANSWERS}" is taken by the answers to families; write another')
    if document.get("step"):
        return parse(document, where)
    for key in ("slug", "title"):
        if not isinstance(document.get(key), str) or not document[key].strip():
            raise CampaignError(f"{where}: {key}: is missing; write a short name")
    for key in document.keys() - {*_TOP, "step"}:
        raise CampaignError(f"{where}: {key}: is not known here; known: {', '.join((*_TOP, 'step'))}")
    return None


def _message(entry: Mapping[str, Any], where: str) -> OwnText:
    id, about = entry.get("id"), entry.get("about")
    if not isinstance(id, str) or not own_messages.is_own(id):
        raise CampaignError(f'{where}: id: must begin with "{own_messages.PREFIX}"')
    if not isinstance(about, str) or not about.strip():
        raise CampaignError(f"{where}: about: is missing; say in a few words what the message is for")
    texts = {key: value for key, value in entry.items() if key not in {"id", "about"}}
    english = texts.get(own_messages.SOURCE)
    if not isinstance(english, dict) or not english:
        raise CampaignError(f"{where}: en: is missing; English is the source of every message")
    for language, parts in texts.items():
        if language not in languages.languages() or not isinstance(parts, dict):
            raise CampaignError(f"{where}: {language}: is not a language of ours with its parts")
        _check(parts, english, language, where)
    return OwnText(id, about, texts)


def _check(parts: Mapping[str, Any], english: Mapping[str, Any], language: str, where: str) -> None:
    for key, text in parts.items():
        try:
            if not isinstance(text, str):
                raise ContentError(f"{key}: must be a text in quotes")
            source = None if language == own_messages.SOURCE else english.get(key, "")
            own_messages.check(key, text, language, source)
        except ContentError as error:
            raise CampaignError(f"{where}: {language}: {error}") from error


def _lines(file: CampaignFile) -> Iterator[str]:
    document = file.document
    yield from _pairs(document, _TOP, {"step"})
    for step in document.get("step", []):
        yield from ("", "[[step]]")
        yield from _pairs(step, _STEP, {"audience", "follow_up"})
        if step.get("audience"):
            yield "[step.audience]"
            yield from _pairs(step["audience"], (), set())
        for rung in step.get("follow_up", ()):
            yield "[[step.follow_up]]"
            yield from _pairs(rung, _FOLLOW_UP, set())
    for message in file.messages:
        yield from ("", "[[message]]", f"id = {_value(message.id)}", f"about = {_value(message.about)}")
        for language in sorted(message.texts, key=lambda code: (code != own_messages.SOURCE, code)):
            yield f"[message.{_key(language)}]"
            yield from _pairs(message.texts[language], tuple(own_messages.ALLOWED), set())


def _pairs(table: Mapping[str, Any], order: tuple[str, ...], apart: set[str]) -> Iterator[str]:
    """Known keys in their order, others behind them by name."""
    known = [key for key in order if key in table]
    others = sorted(table.keys() - set(order) - apart)
    for key in (*known, *others):
        yield f"{_key(key)} = {_value(table[key])}"


def _key(key: str) -> str:
    return key if _BARE.match(key) else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str):
        return _paragraphs(value) if "\n" in value else f'"{_escaped(value)}"'
    raise CampaignError(f"{value!r} cannot be written as TOML")


def _paragraphs(text: str) -> str:
    """Line by line between three quotes, as people edit it."""
    lines = text.split("\n")
    return '"""\n' + "\n".join(map(_escaped, lines)) + '"""'


def _escaped(text: str) -> str:
    return "".join(
        _ESCAPES.get(letter)
        or (f"\\u{ord(letter):04x}" if ord(letter) < 32 or ord(letter) == 127 else letter)
        for letter in text
    )
