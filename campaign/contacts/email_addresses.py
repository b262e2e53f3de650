"""E-mail addresses that cannot exist, and those that look like a slip. Pure; nothing is asked of the network."""

from __future__ import annotations

import re
import tomllib
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any


class Fault(StrEnum):
    """Why nothing arrives at an address."""

    SYNTAX = "syntax"
    DOMAIN = "domain"
    PLACEHOLDER = "placeholder"


_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# RFC 5321, section 4.5.3.1.
_LONGEST_NAME, _LONGEST = 64, 254
_PLACEHOLDERS = re.compile(
    r"(?:no|none|na|n\.?a|noemail|no-?e?mail|noreply|unknown|nobody|refused|decline[d]?|notprovided|x+|test)"
)


def fault(address: str) -> Fault | None:
    """What is wrong with an address as it stands in the register, None if nothing is seen.

    Letters beyond ASCII in the name are left alone (RFC 6531); in the domain they are read as IDNA.
    """
    name, at, domain = address.strip().rpartition("@")
    if not at or len(address) > _LONGEST or len(name.encode()) > _LONGEST_NAME or not _is_name(name):
        return Fault.SYNTAX
    if not _is_domain(domain.lower()):
        return Fault.DOMAIN
    return Fault.PLACEHOLDER if _PLACEHOLDERS.fullmatch(name.lower()) else None


def proposal(address: str) -> str | None:
    """The address that was probably meant, where its domain is a known slip; a person decides."""
    name, _, domain = address.strip().rpartition("@")
    meant = _table()["slips"].get(domain.lower())
    return f"{name}@{meant}" if meant else None


def _is_name(name: str) -> bool:
    plain = "".join(letter if letter.isascii() else "a" for letter in name)
    return bool(_NAME.fullmatch(plain))


def _is_domain(domain: str) -> bool:
    try:
        labels = domain.encode("idna").decode().split(".")
    except UnicodeError:
        return False
    ending = labels[-1]
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        return False
    impossible = _table()["never"]["endings"]
    return len(ending) > 1 and not ending.isdigit() and not {ending, ".".join(labels[-2:])} & set(impossible)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(
        resources.files("campaign.contacts").joinpath("email_domains.toml").read_text("utf-8")
    )
