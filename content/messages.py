"""Message templates: one folder each, the same files in every language.

messages/<id>/message.toml     version, audience, channels, fields
messages/<id>/email.en.txt     first line "Subject: …", an empty line, the text; its HTML is made by `content.frame`
messages/<id>/sms.en.txt       and so on for es, …
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from content import frame
from content.fields import ContentError, fill, placeholders

_SUBJECT = "Subject: "
_PARTS = {
    "email.subject": "Subject of an e-mail: general, for others may see it",
    "email.text": "Text of an e-mail; keep its empty lines and the line with two dashes",
    "sms.text": "Text message: keep it short",
}
# Stands in the hash of an e-mail, so that a change in how links are made is a change of what is sent.
_EXAMPLE = {"reports": "name: https://example.org/"}


@dataclass(frozen=True)
class RenderedMessage:
    """`markup`: the values of the fields as they stand in the HTML."""

    subject: str
    text: str
    html: str
    markup: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class MessageTemplate:
    """One message in one channel and language. `fields` are the values `render` needs."""

    id: str
    channel: str
    language: str
    version: int
    audience: str
    state: str
    hash: str
    fields: frozenset[str]
    subject: str
    text: str
    html: str

    def render(self, fields: Mapping[str, str]) -> RenderedMessage:
        """Fill the fields in; values are escaped in HTML. Raises ContentError for a missing value."""
        where = f"messages/{self.id}/{self.channel}.{self.language}"
        markup = frame.values(fields) if self.html else {}
        return RenderedMessage(
            subject=" ".join(fill(self.subject, fields, where).split()),
            text=fill(self.text, fields, where),
            html=fill(self.html, markup, where),
            markup=markup,
        )


@dataclass(frozen=True)
class MessageUnit:
    """All files of one message folder, checked: channel → language → (subject, text, html with open fields)."""

    id: str
    version: int
    audience: str
    declared: frozenset[str]
    bodies: Mapping[str, Mapping[str, tuple[str, str, str]]]

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(language for bodies in self.bodies.values() for language in bodies)

    def channel_hash(self, channel: str, language: str) -> str:
        subject, text, markup = self.bodies[channel][language]
        links = frame.values(_EXAMPLE)["reports"] if markup else ""
        parts = "\0".join((subject, text, markup, links))
        return hashlib.sha256(parts.encode()).hexdigest()

    def strings(self, language: str) -> dict[str, str]:
        """What is written, by channel and part: "email.subject", "email.text", "sms.text"."""
        found: dict[str, str] = {}
        for channel, bodies in self.bodies.items():
            subject, text, _ = bodies[language]
            found |= {f"{channel}.subject": subject} if channel == "email" else {}
            found[f"{channel}.text"] = text.strip("\n")
        return found

    def source(self, key: str, language: str) -> str:
        """The English of a part; the same part in every language."""
        return self.strings("en")[key]

    def fields(self, key: str, language: str) -> tuple[frozenset[str], frozenset[str]]:
        """The fields that a part must have and those that it may: in a message the same."""
        source = placeholders(self.source(key, language), key)
        return source, source

    def single_line(self, key: str) -> bool:
        """Only the text of an e-mail has paragraphs."""
        return key != "email.text"

    def note(self, key: str, language: str) -> str:
        """Who gets the message and when, and where this part of it stands."""
        return f"{_PARTS.get(key, key)}. {self.audience[0].upper()}{self.audience[1:]}."

    def with_strings(self, language: str, changed: Mapping[str, str]) -> MessageUnit:
        """The message with some parts of one language, by the keys of `strings`, in the place of its own."""
        now = {**self.strings(language), **changed}
        bodies = {
            channel: {
                **written,
                language: body_of(
                    channel, now.get(f"{channel}.subject", ""), now[f"{channel}.text"], language
                ),
            }
            for channel, written in self.bodies.items()
        }
        return replace(self, bodies=bodies)

    def language_hash(self, language: str) -> str:
        parts = [f"{channel}:{self.channel_hash(channel, language)}" for channel in sorted(self.bodies)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def read_message(folder: Path) -> MessageUnit:
    """Read and check one message folder. Raises ContentError naming the file and what is wrong."""
    description = folder / "message.toml"
    try:
        document = tomllib.loads(description.read_text(encoding="utf-8"))
        version, audience = int(document["version"]), str(document["audience"])
        channels, declared = list(document["channels"]), frozenset(document["fields"])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ContentError(f"{description}: cannot be read: {error}") from error
    except KeyError as error:
        raise ContentError(f"{description}: {error} is missing") from error
    bodies = {channel: _bodies(folder, channel) for channel in channels}
    unit = MessageUnit(folder.name, version, audience, declared, bodies)
    _check(folder, unit)
    return unit


def _bodies(folder: Path, channel: str) -> dict[str, tuple[str, str, str]]:
    bodies = {}
    for file in sorted(folder.glob(f"{channel}.*.txt")):
        language = file.name.split(".")[1]
        text, subject = file.read_text(encoding="utf-8"), ""
        if channel == "email":
            first, _, text = text.partition("\n")
            if not first.startswith(_SUBJECT):
                raise ContentError(f"{file}: the first line must begin with {_SUBJECT!r}")
            subject = first.removeprefix(_SUBJECT).strip()
        bodies[language] = body_of(channel, subject, text, language)
    if "en" not in bodies:
        raise ContentError(f"{folder}/{channel}.en.txt: is missing; English is the source of every message")
    return bodies


def body_of(channel: str, subject: str, text: str, language: str) -> tuple[str, str, str]:
    """Subject, text and HTML of one text as it is written."""
    text = text.strip("\n") + "\n"
    return subject, text, frame.markup(subject, text, language) if channel == "email" else ""


def _check(folder: Path, unit: MessageUnit) -> None:
    used: set[str] = set()
    for channel, bodies in unit.bodies.items():
        if bodies.keys() != unit.languages:
            raise ContentError(
                f"{folder}: {channel} is not written in {sorted(unit.languages - bodies.keys())}"
            )
        source = _used(folder, channel, "en", bodies["en"])
        used |= source
        for language, body in bodies.items():
            different = source ^ _used(folder, channel, language, body)
            if different:
                raise ContentError(
                    f"{folder}/{channel}.{language}: fields differ from English: {sorted(different)}"
                )
    if used != unit.declared:
        raise ContentError(
            f"{folder}/message.toml: fields declared and used differ: {sorted(used ^ unit.declared)}"
        )


def _used(folder: Path, channel: str, language: str, body: tuple[str, str, str]) -> frozenset[str]:
    where = f"{folder}/{channel}.{language}"
    return frozenset().union(*(placeholders(part, where) for part in body))
