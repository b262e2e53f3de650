"""The content of a course or test as its title names it, where that course has a test of its own."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reports.compare.frames import ObjectArray


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    document = tomllib.loads(Path(__file__).with_name("contents.toml").read_text(encoding="utf-8"))
    return {name: re.compile(pattern, re.IGNORECASE) for name, pattern in document["content"].items()}


def contents(titles: pd.Series[Any]) -> ObjectArray:
    """The name of the content each title names ("algebra_1"), or None. One look per different title."""
    codes, different = pd.factorize(titles.to_numpy(object))
    found = np.array([*(_content(str(title)) for title in different), None], dtype=object)
    return np.asarray(found[codes], dtype=object)


def _content(title: str) -> str | None:
    return next((name for name, pattern in _patterns().items() if pattern.search(title)), None)
