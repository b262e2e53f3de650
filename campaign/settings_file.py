"""Sections of a `config.toml` read into their declarations: every key there, none unknown, each of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, get_type_hints
from zoneinfo import ZoneInfo

from campaign.plain_error import PlainError


class SettingsError(PlainError):
    """A setting is missing, unknown or out of bounds; the message names it and says what to write."""


def demand(holds: bool, rule: str) -> None:
    """Raise SettingsError with the rule where it does not hold."""
    if not holds:
        raise SettingsError(rule)


def is_zone(name: str) -> bool:
    """Whether it is a time zone this machine knows."""
    try:
        return bool(ZoneInfo(name).key)
    except (ValueError, OSError, KeyError):
        return False


_TYPES = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


def section(path: Path, name: str, kind: Any, values: Any) -> Any:
    """The section `name` as the dataclass `kind`. Raises SettingsError naming the key."""
    if not isinstance(values, dict):
        raise SettingsError(f"{path}: the section [{name}] is missing")
    if not is_dataclass(kind):
        raise TypeError(f"{name} is not declared as a dataclass")
    hints = get_type_hints(kind)
    refuse_unknown(path, name, values, set(hints))
    for key in hints:
        if key not in values:
            raise SettingsError(f"{path}: [{name}] {key} is missing; the shipped config.toml explains it")
    typed = {key: _typed(path, name, key, hint, values[key]) for key, hint in hints.items()}
    try:
        return kind(**typed)  # type: ignore[operator]
    except SettingsError as error:
        raise SettingsError(f"{path}: [{name}] {error}") from None


def _typed(path: Path, section: str, key: str, hint: Any, value: Any) -> Any:
    wanted = getattr(hint, "__origin__", hint)
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise SettingsError(f"{path}: [{section}] {key} must be {_TYPES[wanted]}, not {value!r}")
    if wanted is list and not all(isinstance(item, str) for item in value):
        raise SettingsError(f"{path}: [{section}] {key} must be a list of texts, not {value!r}")
    if wanted is dict and not all(type(number) in (int, float) for number in value.values()):
        raise SettingsError(f"{path}: [{section}] {key} must be a table of numbers, not {value!r}")
    return value


def refuse_unknown(path: Path, section: str, values: Mapping[str, Any], known: set[str]) -> None:
    """Raise SettingsError for a key that is not in `known`; the top of the file has `section` ""."""
    for key in values:
        if key not in known:
            where = f"[{section}] {key}" if section else f"[{key}]"
            raise SettingsError(f"{path}: {where} is not a setting; known here: {', '.join(sorted(known))}")
