"""Drawn reports, each kept once under what it is made of, so that none is drawn twice, whichever run or folder asks.

A file's name is report number, version, language, and a hash of facts, texts, link and press; the number says nothing
about the child. Files lie in `drawn/` of the data folder by the first letters of the number, closed to other accounts
and never written again; `sweep` takes away those whose report is gone or replaced.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

import content
import reports.family

ROOM = "drawn"
# Nobody writes into a kept file: folders that were handed a report share it.
_MODE = 0o400
_ABANDONED_AFTER = timedelta(days=1)
_NUMBER_LENGTH = len("K7F3-92QX-TB4M")
_SOURCES = frozenset({".py", ".html", ".css"})
_LIBRARIES = ("weasyprint", "pydyf", "segno", "jinja2")


@cache
def press() -> str:
    """What draws: templates, code, libraries and fonts. Another press draws another file."""
    digest = blake2b(digest_size=16)
    drawing, texts = Path(reports.family.__file__).parent, Path(content.__file__).parent
    for file in sorted(path for path in drawing.rglob("*") if path.suffix in _SOURCES):
        digest.update(file.read_bytes())
    digest.update((texts / "languages.toml").read_bytes())
    digest.update(" ".join(version(name) for name in _LIBRARIES).encode())
    digest.update(_fonts())
    return digest.hexdigest()


def _fonts() -> bytes:
    """The Noto fonts of this machine and their versions."""
    command = [shutil.which("fc-list") or "fc-list", "--format", "%{file|basename} %{fontversion}\n", ":"]
    listed = subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603
    return b"\n".join(sorted(line for line in listed.splitlines() if line.startswith(b"Noto")))


def file_name(number: str, language: str, made_of: Iterable[str]) -> str:
    """Name of the file of a report (`number` with its version) made of these parts; takes a few microseconds."""
    digest = blake2b("\0".join((press(), number, language, *made_of)).encode(), digest_size=12)
    return f"{number}-{language}-{digest.hexdigest()}.pdf"


def place(home: Path, name: str) -> Path:
    """Where the file of this name is kept."""
    return home / ROOM / name[:2] / name


def keep(path: Path, file: bytes) -> None:
    """Put a file in its place: written beside it and moved there, so that a stop leaves no half file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        unfinished.unlink()
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE), "wb") as handle:
        handle.write(file)
    unfinished.replace(path)


def hand_out(kept: Path, wanted: Path) -> None:
    """The kept file under another name as well: the same file where the disk allows it, a copy where not."""
    unfinished = wanted.with_name(f".{wanted.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        unfinished.unlink()
    try:
        os.link(kept, unfinished)
    except OSError:
        shutil.copy2(kept, unfinished)
    unfinished.replace(wanted)


def number_of(name: str) -> str:
    """The report number in a file's name, without the version."""
    return name[:_NUMBER_LENGTH]


def sweep(home: Path, alive: frozenset[str], now: datetime) -> int:
    """Delete kept files of reports not in `alive` (number, version, language) and what stops left; how many went."""
    gone = 0
    for file in (home / ROOM).glob("*/*"):
        if _is_over(file, alive, now):
            file.unlink(missing_ok=True)
            gone += 1
    return gone


def _is_over(file: Path, alive: frozenset[str], now: datetime) -> bool:
    if file.name.startswith("."):
        return now.timestamp() - file.stat().st_mtime > _ABANDONED_AFTER.total_seconds()
    return file.name.rpartition("-")[0] not in alive
