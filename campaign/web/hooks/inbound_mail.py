"""An e-mail as SendGrid's Inbound Parse posts it: a form whose texts are each in the letters of the mail."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from email.parser import HeaderParser
from html.parser import HTMLParser
from typing import Any

from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from campaign.correspondence.attachments import Attachment
from campaign.correspondence.replies import Reply, bare_address

_MOST_PARTS = 200
_NEW_LINE = {"br", "p", "div", "li", "tr", "h1", "h2", "h3", "blockquote"}
_NOT_READ = {"head", "style", "script", "title"}


@dataclass(frozen=True)
class Mail:
    """`is_automatic`: a machine wrote it, such as an out-of-office answer; nobody needs to answer it.
    `may_be_answered`: no machine of ours answers a machine, nor what came over a list."""

    sender: str = field(repr=False)
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    message_id: str
    is_automatic: bool
    may_be_answered: bool
    attachments: tuple[Attachment, ...] = field(repr=False)

    def reply(self, now: datetime) -> Reply:
        return Reply(
            channel="email",
            from_address=self.sender,
            to_address=self.to,
            text=self.text,
            at=now,
            subject=self.subject,
            attachments=self.attachments,
            provider_id=self.message_id,
            is_automatic=self.is_automatic,
            may_be_answered=self.may_be_answered,
        )


def read(content_type: str, body: bytes) -> Mail:
    """Raises ValueError where the post is not such a form, or has no sender."""
    fields, files = _parts(content_type, body)
    charsets = _object(fields.get("charsets", b""))

    def text(name: str) -> str:
        return _decoded(fields.get(name, b""), str(charsets.get(name, "utf-8")))

    envelope = _object(fields.get("envelope", b""))
    headers = HeaderParser().parsestr(text("headers"), headersonly=True)
    to = envelope.get("to")
    sender = text("from") or str(envelope.get("from") or "")
    if not sender:
        raise ValueError("no sender")
    is_automatic = _is_automatic(headers, envelope, sender)
    return Mail(
        sender=sender,
        to=", ".join(map(str, to)) if isinstance(to, list) and to else text("to"),
        subject=text("subject"),
        text=text("text") or plain(text("html")),
        message_id=str(headers.get("Message-ID", "")).strip(),
        is_automatic=is_automatic,
        may_be_answered=not is_automatic and _precedence(headers) != "list",
        attachments=files,
    )


def plain(markup: str) -> str:
    """The words of a mail that came as HTML alone, a line for each of its lines."""
    reader = _Words()
    reader.feed(markup)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.found).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in _NOT_READ
        if tag in _NEW_LINE:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _NOT_READ and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.found.append(data.replace("\n", " "))


def _parts(content_type: str, body: bytes) -> tuple[dict[str, bytes], tuple[Attachment, ...]]:
    kind, options = parse_options_header(content_type)
    boundary = options.get("boundary")
    if kind != "multipart/form-data" or not boundary:
        raise ValueError("not a form of several parts")
    decoder = MultipartDecoder(boundary.encode("latin-1"), max_parts=_MOST_PARTS)
    decoder.receive_data(body)
    decoder.receive_data(None)
    fields: dict[str, bytes] = {}
    files: list[Attachment] = []
    part: Field | File | None = None
    pieces: list[bytes] = []
    while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
        if isinstance(event, Field | File):
            part, pieces = event, []
        elif isinstance(event, Data) and part is not None:
            pieces.append(event.data)
            if event.more_data:
                continue
            if isinstance(part, File):
                files.append(Attachment(part.filename or part.name, b"".join(pieces)))
            else:
                fields.setdefault(part.name, b"".join(pieces))
    return fields, tuple(files)


def _decoded(raw: bytes, charset: str) -> str:
    try:
        return raw.decode(charset)
    except (LookupError, ValueError):
        return raw.decode("utf-8", errors="replace")


def _object(raw: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_automatic(headers: Message, envelope: Mapping[str, Any], sender: str) -> bool:
    """By RFC 3834 and what programs older than it do: a word in the header, or a sender that must not be answered.

    What came over a mailing list may still be a person's.
    """
    said = str(headers.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    returns_to = str(headers.get("Return-Path", "-")).strip()
    return (
        said != "no"
        or _precedence(headers) in {"bulk", "junk", "auto_reply"}
        or any(name in headers for name in ("X-Autoreply", "X-Autorespond"))
        or headers.get_content_type() == "multipart/report"
        or "" in (envelope.get("from"), returns_to)
        or returns_to == "<>"
        or bare_address(sender).partition("@")[0].lower() in {"mailer-daemon", "postmaster"}
    )


def _precedence(headers: Message) -> str:
    return str(headers.get("Precedence", "")).strip().lower()
