"""The PostgreSQL that a benchmark runs on, and what it has used so far, read from Linux's /proc."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from campaign import database

_TICKS = os.sysconf("SC_CLK_TCK")


def start(data: Path) -> str:
    """URL of a new embedded server that runs as it does for a user: its first start sets what later ones run with."""
    first = "import pathlib, sys; from campaign import database; database.start_embedded(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", first, str(data)], check=True)  # noqa: S603  our own words
    return database.start_embedded(data)


class Used(NamedTuple):
    """CPU seconds of the server and all its processes, also of those that have ended, since it was started.

    peak_megabytes: of the process that needed the most, its share of the common buffers included.
    """

    cpu_seconds: float
    peak_megabytes: int


def used(data: Path) -> Used:
    """Of the server whose data lie in the folder. Raises OSError where there is no /proc or no server."""
    server = (data / "postmaster.pid").read_text().split("\n")[0]
    mine, ended = _ticks(server)
    ticks, peak = mine + ended, 0
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = Path("/proc", process, "stat").read_text()
            if stat.rpartition(")")[2].split()[1] == server:
                ticks += sum(_ticks(process))
                peak = max(peak, _peak(process))
        except FileNotFoundError:  # it ended just now
            continue
    return Used(ticks / _TICKS, peak // 1024)


def _ticks(process: str) -> tuple[int, int]:
    """Of the process, and of its children that have ended."""
    fields = Path("/proc", process, "stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])


def _peak(process: str) -> int:
    """Kilobytes."""
    lines = Path("/proc", process, "status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
