"""What SendGrid asks of a request to send, and how it says what is wrong.

Source of the rules: Twilio SendGrid, Mail Send API reference (limits and personalizations).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

LARGEST_BYTES = 30 * 1024 * 1024
MOST_PERSONALIZATIONS = 1000
MOST_RECIPIENTS = 1000
MOST_BYTES = 10_000
LONGEST_WAIT_SECONDS = 72 * 3600
_MOST_CATEGORIES, _LONGEST_CATEGORY, _MOST_GROUPS_SHOWN = 10, 255, 25
_ADDRESS = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\".]+")
_HELP = "http://127.0.0.1/rules-of-mail-send#"
_OVERALL = frozenset((
    "personalizations", "from", "reply_to", "reply_to_list", "subject", "content", "attachments", "template_id",
    "headers", "categories", "custom_args", "send_at", "batch_id", "asm", "ip_pool_name", "mail_settings",
    "tracking_settings", "sections",
))  # fmt: skip
_SINGLE = frozenset((
    "to", "from", "cc", "bcc", "subject", "headers", "substitutions", "dynamic_template_data", "custom_args", "send_at",
))  # fmt: skip
_NOT_OURS_TO_SET = frozenset((
    "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to", "from",
    "subject", "reply-to", "cc", "bcc",
))  # fmt: skip


class Fault(NamedTuple):
    """`field` is the path of what is wrong, such as personalizations.0.to.0.email."""

    field: str | None
    message: str


def errors(faults: list[Fault]) -> bytes:
    """The body of an answer that refuses."""
    told = [
        {"message": fault.message, "field": fault.field, "help": _HELP + fault.field if fault.field else None}
        for fault in faults
    ]
    return json.dumps({"errors": told}).encode()


def faults_of(document: Any, now: float) -> list[Fault]:
    """All that is wrong with a request; `now` in seconds since 1970."""
    if not isinstance(document, dict):
        return [Fault(None, "The body must be a JSON object.")]
    found = [Fault(key, f"There is no property {key} here.") for key in document.keys() - _OVERALL]
    for rule in _RULES:
        found.extend(rule(document, now))
    return found


def _sender(document: Mapping[str, Any], _now: float) -> Iterator[Fault]:
    given = document.get("from")
    address = given.get("email") if isinstance(given, dict) else None
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        yield Fault("from.email", "from must have a valid e-mail address.")
    elif not address.isascii():
        yield Fault("from.email", "from.email must not have Unicode characters.")


def _content(document: Mapping[str, Any], _now: float) -> Iterator[Fault]:
    parts = document.get("content")
    if parts is None and document.get("template_id"):
        return
    if not isinstance(parts, list) or not parts:
        yield Fault("content", "content must have at least one part, unless there is a template_id.")
        return
    kinds = [part.get("type") if isinstance(part, dict) else None for part in parts]
    for place, (part, kind) in enumerate(zip(parts, kinds, strict=True)):
        if not isinstance(kind, str) or not kind or set(kind) & set(";,\r\n"):
            yield Fault(f"content.{place}.type", "type must be a media type without parameters.")
        if not isinstance(part, dict) or not isinstance(part.get("value"), str) or not part["value"]:
            yield Fault(f"content.{place}.value", "value must be a text of at least one character.")
    if "text/plain" in kinds[1:]:
        yield Fault("content", "text/plain must come first.")
    elif "text/html" in kinds and kinds.index("text/html") > 1:
        yield Fault("content", "text/html must follow text/plain.")


def _personalizations(document: Mapping[str, Any], now: float) -> Iterator[Fault]:
    given = document.get("personalizations")
    if not isinstance(given, list) or not given:
        yield Fault("personalizations", "personalizations must have at least one entry.")
        return
    if len(given) > MOST_PERSONALIZATIONS:
        yield Fault("personalizations", f"There must be at most {MOST_PERSONALIZATIONS} personalizations.")
        return
    recipients = 0
    subject = document.get("subject") or document.get("template_id")
    shared = document.get("custom_args")
    for place, entry in enumerate(given):
        path = f"personalizations.{place}"
        if not isinstance(entry, dict):
            yield Fault(path, "Each entry must be an object.")
            continue
        if not entry.keys() <= _SINGLE:
            yield Fault(path, f"There is no property {min(entry.keys() - _SINGLE)} here.")
        recipients += sum(len(entry[kind]) for kind in _KINDS if isinstance(entry.get(kind), list))
        yield from _recipients(path, entry)
        if not subject and not entry.get("subject"):
            yield Fault(f"{path}.subject", "A subject is needed here or for all.")
        yield from _metadata(path, entry, shared)
        if "send_at" in entry:
            yield from _time(f"{path}.send_at", entry["send_at"], now)
    if recipients > MOST_RECIPIENTS:
        yield Fault("personalizations", f"There must be at most {MOST_RECIPIENTS} recipients.")


_KINDS = ("to", "cc", "bcc")


def _recipients(path: str, entry: Mapping[str, Any]) -> Iterator[Fault]:
    if not isinstance(entry.get("to"), list) or not entry["to"]:
        yield Fault(f"{path}.to", "to must have at least one recipient.")
    seen: set[str] = set()
    for kind in _KINDS:
        given = entry.get(kind, ())
        for place, person in enumerate(given if isinstance(given, list) else ()):
            address = person.get("email") if isinstance(person, dict) else None
            if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
                yield Fault(f"{path}.{kind}.{place}.email", "This is not a valid e-mail address.")
                continue
            if address.lower() in seen:
                yield Fault(f"{path}.{kind}", "An address must stand only once in to, cc and bcc together.")
            seen.add(address.lower())
            if set(person.get("name") or "") & set(";,"):
                yield Fault(f"{path}.{kind}.{place}.name", "A name must have no semicolon and no comma.")


def _metadata(path: str, entry: Mapping[str, Any], shared: Any) -> Iterator[Fault]:
    arguments, substitutions = entry.get("custom_args"), entry.get("substitutions")
    if arguments or shared:
        yield from _strings(f"{path}.custom_args", {**_object(shared), **_object(arguments)}, arguments)
    if substitutions:
        yield from _strings(f"{path}.substitutions", _object(substitutions), substitutions)
    if entry.get("headers"):
        yield from _headers(f"{path}.headers", entry["headers"])


def _object(given: Any) -> dict[str, Any]:
    return given if isinstance(given, dict) else {}


def _strings(path: str, merged: Mapping[str, Any], given: Any) -> Iterator[Fault]:
    if given is not None and not isinstance(given, dict):
        yield Fault(path, "This must be an object.")
        return
    size = 0
    for name, value in merged.items():
        if not isinstance(value, str):
            yield Fault(f"{path}.{name}", "The value must be a text.")
            return
        size += len(name) + len(value) if value.isascii() else len((name + value).encode())
    if size > MOST_BYTES:
        yield Fault(path, f"This must not be larger than {MOST_BYTES} bytes.")


def _headers(path: str, given: Any) -> Iterator[Fault]:
    if not isinstance(given, dict):
        yield Fault(path, "headers must be an object.")
        return
    for name, value in given.items():
        if name.lower() in _NOT_OURS_TO_SET:
            yield Fault(f"{path}.{name}", "This header cannot be set here.")
        if not name.isascii() or not isinstance(value, str) or set(value) & set("\r\n"):
            yield Fault(f"{path}.{name}", "Names must be ASCII and values texts of one line.")


def _overall(document: Mapping[str, Any], now: float) -> Iterator[Fault]:
    if "headers" in document:
        yield from _headers("headers", document["headers"])
    if "send_at" in document:
        yield from _time("send_at", document["send_at"], now)
    categories = document.get("categories", ())
    if len(categories) > _MOST_CATEGORIES or len(set(categories)) < len(categories):
        yield Fault("categories", f"There must be at most {_MOST_CATEGORIES} categories, all different.")
    if any(not isinstance(name, str) or len(name) > _LONGEST_CATEGORY for name in categories):
        yield Fault("categories", f"A category must have at most {_LONGEST_CATEGORY} characters.")
    asm = document.get("asm")
    if asm is not None and not isinstance(_object(asm).get("group_id"), int):
        yield Fault("asm.group_id", "group_id must be a whole number.")
    if len(_object(asm).get("groups_to_display", ())) > _MOST_GROUPS_SHOWN:
        yield Fault("asm.groups_to_display", f"At most {_MOST_GROUPS_SHOWN} groups can be shown.")
    for place, attached in enumerate(document.get("attachments", ())):
        for name in ("content", "filename"):
            if not _object(attached).get(name):
                yield Fault(f"attachments.{place}.{name}", f"{name} is needed.")


def _time(path: str, given: Any, now: float) -> Iterator[Fault]:
    if not isinstance(given, int):
        yield Fault(path, "send_at must be a whole number of seconds since 1970.")
    elif given - now > LONGEST_WAIT_SECONDS:
        yield Fault(path, "send_at must not be more than 72 hours ahead.")


_RULES: tuple[Callable[[Mapping[str, Any], float], Iterator[Fault]], ...] = (
    _sender,
    _content,
    _personalizations,
    _overall,
)
