"""What a word or code for one day of attendance means."""

from __future__ import annotations

from functools import cache
from typing import Any

from campaign.intake.vocabulary import folded, table

# How much of the day somebody was absent.
_SHARES = {"present": 0.0, "late": 0.0, "absent": 1.0, "half": 0.5}


@cache
def _meanings() -> dict[str, str]:
    codes: dict[str, list[str]] = table("layout.toml", __package__)["codes"]
    return {folded(word): meaning for meaning, words in codes.items() for word in words}


def read_day(code: str) -> dict[str, Any]:
    """`absent`: share of the day missed, None if the code is not known; `listed`: it stands for a day in school."""
    meaning = _meanings().get(folded(code))
    return {"absent": None if meaning is None else _SHARES[meaning], "listed": meaning == "present"}
