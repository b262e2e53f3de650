"""Files that come or go with a message: what they are by their content, kept closed to all but those who may open them.

Nothing here opens a file further than its first bytes, and nothing ever runs one.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from campaign.schema.conversations import conversation_attachment
from campaign.settings import Settings
from campaign.uploads import safe_name

ROOM = "attachments"
_SCAN_SECONDS = 60
VIDEO = frozenset({"video/mp4", "video/webm", "video/quicktime"})
_BEGINNINGS = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heic",
    b"avif": "image/avif",
    b"M4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
}
_ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "image/avif": ".avif",
    "application/pdf": ".pdf",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/amr": ".amr",
    "audio/wav": ".wav",
    "audio/mp4": ".m4a",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "video/3gpp": ".3gp",
}


class FileState(StrEnum):
    """`CLEAN`: the scanner found nothing. `NOT_SCANNED`: there is no scanner. The others are not kept; `FORGOTTEN` was,
    until its time was over."""

    CLEAN = "clean"
    NOT_SCANNED = "not_scanned"
    TOO_LARGE = "too_large"
    OTHER_KIND = "other_kind"
    INFECTED = "infected"
    NOT_FETCHED = "not_fetched"
    FORGOTTEN = "forgotten"


KEPT = frozenset({FileState.CLEAN, FileState.NOT_SCANNED})


@dataclass(frozen=True)
class Attachment:
    """A file as it came; `content` None: the provider did not give it. What the sender says of its kind is not
    believed."""

    name: str = field(repr=False)
    content: bytes | None = field(repr=False)


@dataclass(frozen=True)
class Of:
    """Whom a file belongs to; what is not known yet is None."""

    reply_id: int | None = None
    conversation_message_id: int | None = None
    district_id: int | None = None
    student_id: int | None = None
    contact_id: int | None = None


def kind(content: bytes) -> str | None:
    """The media type that the first bytes tell; None for anything that we do not take."""
    for start, mark, media_type in _BEGINNINGS:
        if content[start : start + len(mark)] == mark:
            return media_type
    if content[:4] == b"RIFF":
        return _RIFF.get(content[8:12])
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        return _BRANDS.get(brand, "video/3gpp" if brand.startswith(b"3g") else "video/mp4")
    # An MP3 without a tag begins with a frame: eleven set bits, then a layer and a rate that exist.
    if len(content) > 3 and content[0] == 0xFF and content[1] & 0xE6 == 0xE2 and content[2] & 0xF0 != 0xF0:
        return "audio/mpeg"
    return None


def ending(media_type: str) -> str:
    return _ENDINGS[media_type]


def keep(connection: Connection, found: Attachment, of: Of, settings: Settings, now: datetime) -> FileState:
    """Keep a file, or only the fact that it came and why it was refused."""
    content = found.content or b""
    media_type = kind(content)
    state = FileState.NOT_FETCHED if found.content is None else _state(content, media_type, settings)
    stored = _store(settings.home, content) if state in KEPT else None
    values: dict[str, Any] = {
        **vars(of),
        "name": safe_name(found.name),
        "media_type": media_type,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "stored": stored,
        "state": str(state),
        "at": now,
    }
    connection.execute(insert(conversation_attachment).values(values))
    return state


def named(contents: Sequence[bytes | None]) -> list[Attachment]:
    """Files that came without a name of their own, with one by their kind."""
    kinds = [kind(content) if content is not None else None for content in contents]
    return [
        Attachment(f"file-{number}{ending(found) if found else ''}", content)
        for number, (content, found) in enumerate(zip(contents, kinds, strict=True), start=1)
    ]


def path_of(home: Path, stored: str) -> Path:
    return home / ROOM / stored[:2] / stored


def _state(content: bytes, media_type: str | None, settings: Settings) -> FileState:
    if len(content) > settings.conversations.maximum_attachment_megabytes * 1024 * 1024:
        return FileState.TOO_LARGE
    if media_type is None:
        return FileState.OTHER_KIND
    command = settings.conversations.scan_command
    if not command:
        return FileState.NOT_SCANNED
    return FileState.CLEAN if _passes(command, content) else FileState.INFECTED


def _passes(command: str, content: bytes) -> bool:
    """Whether the scanner of the settings, which reads the file on its standard input, ends with 0.

    A scanner that fails or takes too long lets nothing through.
    """
    try:
        done = subprocess.run(  # noqa: S603  the operator's own command, no shell
            shlex.split(command), input=content, capture_output=True, timeout=_SCAN_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _store(home: Path, content: bytes) -> str:
    """Write it under a random name that nobody can guess, readable for this program alone; the name."""
    stored = secrets.token_hex(24)
    path = path_of(home, stored)
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return stored


def forgotten(home: Path, known: frozenset[str], now: datetime) -> Iterator[Path]:
    """Files older than a day that no row names: their transaction broke off, or their family's rows are gone."""
    for path in sorted((home / ROOM).glob("??/*")):
        if path.name not in known and now.timestamp() - path.stat().st_mtime > 86_400:
            yield path
