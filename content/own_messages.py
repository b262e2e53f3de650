"""A message that a district writes itself: plain text with the placeholders declared here, and nothing that runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from content.fields import ContentError
from content.messages import MessageUnit, body_of

# What its id begins with: no message that ships is called so.
PREFIX = "own-"
SOURCE = "en"
# Part of a message → the placeholders that may stand in it, and those that must. A subject and a text message are seen
# by others, so no child's name stands there.
ALLOWED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "email.subject": frozenset({"school"}),
        "email.text": frozenset({"child", "school", "reports", "stop_link", "postal_address"}),
        "sms.text": frozenset({"school", "reports"}),
    }
)
NEEDED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "email.subject": frozenset(),
        "email.text": frozenset({"school", "stop_link", "postal_address"}),
        "sms.text": frozenset({"school"}),
    }
)
LONGEST = MappingProxyType({"email.subject": 120, "email.text": 5000, "sms.text": 320})
_PLACEHOLDER = re.compile(r"\{[^{}\s]*\}")
# What templates of other programs look like, and whatever else is not a word in single braces.
_STRAY = re.compile(r"\{[{%#].*?[}%#]\}|\{[^{}]*\}|[{}]", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u2029\ufffe\uffff\ud800-\udfff]")
_STOP = re.compile(r"\bstop\b", re.IGNORECASE)


def is_own(message: str) -> bool:
    return message.startswith(PREFIX)


def check(key: str, text: str, language: str, source: str | None = None) -> None:
    """Raises ContentError saying what is wrong with this part of a message; for a translation `source` is its English.

    A translation has the placeholders of its English.
    """
    if key not in ALLOWED:
        raise ContentError(f"{key}: is not a part of a message; parts: {', '.join(ALLOWED)}")
    if not text.strip():
        raise ContentError(f"{_PARTS[key]}: is empty; write a text")
    if len(text) > LONGEST[key]:
        raise ContentError(f"{_PARTS[key]}: has {len(text):,} letters; at most {LONGEST[key]:,} fit")
    if _CONTROL.search(text) or (key != "email.text" and "\n" in text):
        raise ContentError(f"{_PARTS[key]}: holds a line break or a sign that cannot be printed; take it out")
    _refuse_stray(key, text)
    used = fields(text)
    needed = fields(source) if source is not None else NEEDED[key]
    if missing := needed - used:
        why = "its English has it" if source is not None else "every family must read it"
        raise ContentError(f"{_PARTS[key]}: {_named(missing)} is missing; {why}")
    if source is not None and (extra := used - needed):
        raise ContentError(f"{_PARTS[key]}: its English has no {_named(extra)}; take it out")
    if key == "sms.text" and language == SOURCE and not _STOP.search(text):
        raise ContentError(f"{_PARTS[key]}: does not say how to stop; end it with: Reply STOP to end.")


def fields(text: str) -> frozenset[str]:
    """The placeholders of a text, without their braces."""
    return frozenset(found[1:-1] for found in _PLACEHOLDER.findall(text))


def message(
    id: str, version: int, about: str, written: Mapping[str, Mapping[str, str]]
) -> MessageUnit | None:
    """The message of these texts, language → part → text; None while its English is not whole.

    Only languages in which every part is written are in it.
    """
    source = written.get(SOURCE, {})
    channels = [channel for channel in ("email", "sms") if source.get(f"{channel}.text")]
    keys = [key for key in ALLOWED if key.split(".")[0] in channels]
    if not channels or any(not source.get(key) for key in keys):
        return None
    whole = {language: said for language, said in written.items() if all(said.get(key) for key in keys)}
    bodies = {
        channel: {
            language: body_of(channel, said.get(f"{channel}.subject", ""), said[f"{channel}.text"], language)
            for language, said in whole.items()
        }
        for channel in channels
    }
    declared = frozenset().union(*(fields(source[key]) for key in keys))
    return MessageUnit(id, version, about, declared, bodies)


def _refuse_stray(key: str, text: str) -> None:
    for found in _STRAY.finditer(text):
        said = found[0]
        if said[1:-1] in ALLOWED[key]:
            continue
        allowed = _named(ALLOWED[key])
        raise ContentError(f"{_PARTS[key]}: {said[:40]} is not a placeholder here. You can write: {allowed}")


def _named(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


_PARTS = MappingProxyType({"email.subject": "Subject", "email.text": "E-mail", "sms.text": "Text message"})
