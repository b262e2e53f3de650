"""Telephone numbers as networks know them (E.164), with the rules of the North American plan. Pure."""

from __future__ import annotations

import re
import tomllib
from enum import StrEnum
from functools import cache
from importlib import resources


class Fault(StrEnum):
    """Why a number reaches nobody."""

    LENGTH = "length"
    AREA_CODE = "area_code"
    EXCHANGE = "exchange"
    SERVICE = "service"
    TOLL_FREE = "toll_free"
    MADE_UP = "made_up"


# Shortest and longest international number with its country's code (E.164).
_SHORTEST, _LONGEST = 8, 15


def e164(written: str) -> str | None:
    """The number as networks know it, however it is written; None if it cannot be one.

    Ten digits, or eleven that begin with 1, are a number of North America; the database's gbg_phone says the same.
    """
    digits = re.sub(r"[^0-9]", "", written)
    if re.match(r"\s*\+", written) and _SHORTEST <= len(digits) <= _LONGEST:
        return f"+{digits}"
    if len(digits) == 11 and digits.startswith("1"):
        return f"+{digits}"
    return f"+1{digits}" if len(digits) == 10 else None


def fault(written: str) -> Fault | None:
    """What is wrong with a number, None if nothing is seen; of other countries only the length is known."""
    number = e164(written)
    if number is None:
        return Fault.LENGTH
    if not number.startswith("+1"):
        return None
    if len(number) != 12:
        return Fault.LENGTH
    area, exchange, line = number[2:5], number[5:8], number[8:]
    if len(set(number[2:])) == 1:
        return Fault.MADE_UP
    if area in _table()["toll_free"]:
        return Fault.TOLL_FREE
    if area in _table()["not_geographic"] or not _is_area(area):
        return Fault.AREA_CODE
    if exchange[0] in "01":
        return Fault.EXCHANGE
    if exchange[1:] == "11":
        return Fault.SERVICE
    return Fault.MADE_UP if exchange == "555" and _MADE_UP_FIRST <= line <= _MADE_UP_LAST else None


# 555-0100 to 555-0199 are for films and examples (ATIS-0300115).
_MADE_UP_FIRST, _MADE_UP_LAST = "0100", "0199"


def _is_area(area: str) -> bool:
    """N9X is kept for longer numbers, N11 are services, 0 and 1 begin none (47 CFR 52, ATIS-0300051)."""
    return area[0] not in "01" and area[1] != "9" and area[1:] != "11" and area[:2] not in {"37", "96"}


@cache
def _table() -> dict[str, frozenset[str]]:
    written = resources.files("campaign.contacts").joinpath("north_american_numbers.toml").read_text("utf-8")
    return {name: frozenset(codes) for name, codes in tomllib.loads(written).items()}


def masked(number: str) -> str:
    """Enough to tell two numbers apart, too little to call: +1 ··· ··· 0101."""
    return f"··· {number[-4:]}" if len(number) > 6 else "···"
