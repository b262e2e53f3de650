"""What the program needs from the machine beside Python: libraries, fonts, and for the tests a browser.

Standard library only: set-up reads this before any package is installed.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """One thing of the machine, what for, how Debian calls it, and whether it is there."""

    name: str
    purpose: str
    debian_package: str
    is_there: Callable[[], bool]


def has_library(stem: str, version: int) -> bool:
    """Whether the dynamic linker finds the library under the name it has on Linux, macOS or Windows."""
    for name in (f"lib{stem}.so.{version}", f"lib{stem}.{version}.dylib", f"lib{stem}-{version}.dll"):
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False


def has_font(language: str) -> bool:
    """Whether a Noto font of this machine has the letters of `language` (an ISO 639 code)."""
    if not (listing := shutil.which("fc-list")):
        return False
    command = [listing, f":lang={language}", "family"]
    families = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603
    return "Noto" in families


def has_program(*names: str) -> bool:
    return any(shutil.which(name) for name in names)


def has_pango() -> bool:
    return has_library("pango-1.0", 0) and has_library("pangoft2-1.0", 0)


PANGO = Need("Pango", "lays out the reports", "libpangoft2-1.0-0", has_pango)
SUBSETTER = Need(
    "harfbuzz-subset",
    "keeps reports small and fast to make",
    "libharfbuzz-subset0",
    lambda: has_library("harfbuzz-subset", 0),
)
FONTS = Need("Noto fonts", "letters of the reports", "fonts-noto-core", lambda: has_font("en"))
FONTS_CJK = Need(
    "Noto CJK fonts",
    "letters of reports in Chinese and Korean",
    "fonts-noto-cjk",
    lambda: has_font("zh-cn") and has_font("ko"),
)
VOICE = Need("espeak-ng", "reads reports aloud", "espeak-ng", lambda: has_program("espeak-ng"))
SOUND = Need("lame", "makes sound files small", "lame", lambda: has_program("lame"))
# Families can do without: set-up installs them where it can, and goes on where it cannot.
WISHED = (VOICE, SOUND)
PROGRAM_NEEDS = (PANGO, SUBSETTER, FONTS, FONTS_CJK)
TEST_NEEDS = (
    Need(
        "Chromium", "opens the pages in tests", "chromium", lambda: has_program("chromium", "google-chrome")
    ),
    VOICE,
    SOUND,
    Need("Poppler", "turns PDFs into text in tests", "poppler-utils", lambda: has_program("pdftotext")),
)
