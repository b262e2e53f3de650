"""The content of a course or test as its title names it, where that course has a test of its own."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from reports.compare.codes import NONE, ObjectArray


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    document = tomllib.loads(Path(__file__).with_name("contents.toml").read_text(encoding="utf-8"))
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in document["content"].values())


def contents(titles: ObjectArray) -> npt.NDArray[np.int8]:
    """A code of the content each title names, the same for courses and tests; -1 = none. The last entry is for none."""
    return np.array([*(_content(str(title)) for title in titles), NONE], np.int8)


def _content(title: str) -> int:
    return next((code for code, pattern in enumerate(_patterns()) if pattern.search(title)), NONE)
