"""Where one run of the tests keeps its database server: in memory, where there is room."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - what is made there has a random name and is closed to others
_BYTES_NEEDED = 4 * 10**9
_PREFIX = "gbg-tests-"
_OWNER = "run-by"


def in_memory(memory: Path = MEMORY) -> Path | None:
    """A new folder in memory, removed when this process ends; None where the machine has none, or no room there.

    What runs that were killed have left behind is removed first.
    """
    if not memory.is_dir():
        return None
    for left in memory.glob(f"{_PREFIX}*"):
        if not _has_owner(left):
            remove(left)
    if shutil.disk_usage(memory).free < _BYTES_NEEDED:
        return None
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=memory))
    (folder / _OWNER).write_text(process(os.getpid()))
    # Registered before the server is started: it has stopped by itself when this runs.
    atexit.register(remove, folder)
    return folder


def remove(folder: Path) -> None:
    """Remove a run's folder, and stop a server that still runs in it."""
    data = folder / "postgres"
    pid = _number_in(data / "postmaster.pid")
    if pid is not None and str(data) in _command_line(pid):
        os.kill(pid, signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)


def process(pid: int) -> str:
    """The number of a process and when it began, which tells it from another of the same number; or "" if none runs."""
    try:
        return f"{pid} {Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[19]}"
    except OSError:
        return ""


def _has_owner(folder: Path) -> bool:
    """Whether the run still goes on. One whose owner cannot be told is another user's, or just begins."""
    pid = _number_in(folder / _OWNER)
    return pid is None or process(pid) == (folder / _OWNER).read_text()


def _number_in(file: Path) -> int | None:
    try:
        return int(file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
