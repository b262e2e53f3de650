"""Files that staff send through the browser: kept in the data folder, closed to others, until their time is over."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import IO

from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.store import uploads as store
from campaign.store.uploads import Received, Upload

ROOM = "uploads"
LONGEST_NAME = 120
# Left on the disk beside what is received: the database grows with it.
SPARE_BYTES = 500_000_000
# A folder that no upload names is one whose request broke off; younger ones may still be receiving.
_ABANDONED_AFTER = timedelta(days=1)
_UNSAFE = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')


def safe_name(name: str) -> str:
    """The last part of a name that a browser sent, without what means something to a file system or a terminal."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    stem, dot, suffix = _UNSAFE.sub("_", shown).strip(" .").rpartition(".")
    if not dot:
        stem, suffix = suffix, ""
    suffix = suffix[:10]
    while len(stem.encode()) > LONGEST_NAME - len(suffix.encode()):
        stem = stem[:-1]
    return f"{stem or 'file'}{dot}{suffix}"


@dataclass
class Reception:
    """The folder into which the files of one request are written as they arrive, under names of its own choice.

    `rename` gives a file that stands in for another the other's name; `sent_suffix` is what its own name ended in.
    """

    home: Path
    rename: str | None = None
    folder: str = field(default_factory=lambda: secrets.token_hex(16))
    names: list[str] = field(default_factory=list)
    sent_suffix: str = ""
    _open: list[IO[bytes]] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return self.home / ROOM / self.folder

    def has_room_for(self, size: int) -> bool:
        """Whether the disk holds so many bytes more."""
        return shutil.disk_usage(self.home).free > size + SPARE_BYTES

    def open(self, sent_name: str | None) -> IO[bytes]:
        """A new file for what arrives; an empty field of the form gives no file."""
        if not sent_name:
            return BytesIO()
        for folder in (self.path.parent, self.path):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.sent_suffix = Path(safe_name(sent_name)).suffix.casefold()
        name = self._unused(self.rename or safe_name(sent_name))
        self.names.append(name)
        handle = os.open(self.path / name, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._open.append(os.fdopen(handle, "w+b"))
        return self._open[-1]

    def close(self) -> None:
        """Have everything written that has come in."""
        for file in self._open:
            file.close()

    def _unused(self, name: str) -> str:
        taken, number, path = {known.casefold() for known in self.names}, 1, Path(name)
        while name.casefold() in taken:
            number += 1
            name = f"{path.stem} ({number}){path.suffix}"
        return name

    def received(self) -> Sequence[Received]:
        return [Received(self.folder, name, (self.path / name).stat().st_size) for name in self.names]

    def discard(self) -> None:
        self.close()
        shutil.rmtree(self.path, ignore_errors=True)


def path_of(home: Path, upload: Upload) -> Path:
    return home / ROOM / upload.folder / upload.name


def clean(engine: Engine, home: Path, now: datetime, days: int) -> int:
    """Delete the files whose time is over, and what requests that broke off left behind; how many folders went.

    Files of an import that still waits or works stay until it has ended.
    """
    with transaction(engine, ENGINE) as connection:
        over = store.outlived(connection, now - timedelta(days=days))
        known = store.folders(connection)
    for folder in over:
        shutil.rmtree(home / ROOM / folder, ignore_errors=True)
    with transaction(engine, ENGINE) as connection:
        store.mark_deleted(connection, over, now)
    abandoned = [path for path in _folders(home) if path.name not in known and _is_abandoned(path, now)]
    for path in abandoned:
        shutil.rmtree(path, ignore_errors=True)
    return len(over) + len(abandoned)


def _folders(home: Path) -> Sequence[Path]:
    room = home / ROOM
    return sorted(path for path in room.iterdir() if path.is_dir()) if room.is_dir() else []


def _is_abandoned(path: Path, now: datetime) -> bool:
    return now.timestamp() - path.stat().st_mtime > _ABANDONED_AFTER.total_seconds()
