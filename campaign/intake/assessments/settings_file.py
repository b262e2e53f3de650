"""A settings file with [[assessment]]: cuts, floors and errors that a district supplies for its tests.

Each table names one test (family, version, subject, grade, season) and what is known about it; see README.md.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from campaign.intake.levels import Level, as_json
from campaign.intake.plans import Examined, Facts, FilePlan, SourcePlan
from campaign.intake.problems import IntakeError, RowRefused
from campaign.intake.staging import Fact, FileTally
from campaign.intake.vocabulary import read_grade_level, subject_of

SOURCE = "assessment settings"
KINDS = ("summative", "interim", "alternate", "language", "college")
SEASONS = ("fall", "winter", "spring")
# No scale of a test comes near; what is larger, endless or no number at all (nan) is a slip.
_LARGEST = 1e9
_NUMBERS = ("cut", "test_sem", "score_sd", "score_minimum", "score_maximum")
_KEYS = {"family", "version", "subject", "grade", "season", "kind", "title", "floor", "levels", *_NUMBERS}


def looks_like_toml(begins: bytes) -> bool:
    """True if the first line that is no comment is a TOML table or assignment."""
    for line in begins.splitlines():
        shown = line.strip()
        if shown and not shown.startswith(b"#"):
            return bool(re.fullmatch(rb"\[.*\].*|[A-Za-z_][\w-]*\s*=.*", shown))
    return False


def read_toml(examined: Examined) -> dict[str, Any]:
    """Raises IntakeError with the line for text that is not TOML."""
    name = examined.file.name
    with examined.file.open() as stream:
        try:
            return tomllib.load(stream)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise IntakeError(f"{name} cannot be read as TOML: {error}.", name) from None


def recognises(examined: Examined) -> bool:
    return isinstance(read_toml(examined).get("assessment"), list)


def plan(examined: Examined) -> SourcePlan:
    """The source this file makes. Raises IntakeError for tables other than [[assessment]]."""
    document = read_toml(examined)
    if others := sorted(set(document) - {"assessment"}):
        raise IntakeError(
            f"{examined.file.name}: {', '.join(others)} is not known here; write [[assessment]] tables only.",
            examined.file.name,
        )
    file = FilePlan(examined, "assessment settings", lambda: _records(examined, document), _read)
    return SourcePlan(name=SOURCE, files=[file], roster=False)


def _records(examined: Examined, document: dict[str, Any]) -> Iterator[tuple[int, Any]]:
    with examined.file.open() as stream:
        lines = [n for n, line in enumerate(stream, 1) if re.match(rb"\s*\[\[\s*assessment\s*\]\]", line)]
    for number, entry in enumerate(document["assessment"]):
        yield (lines[number] if number < len(lines) else 0), entry


def _read(record: Any, tally: FileTally) -> Facts:
    return [described(record)]


def described(record: Any) -> Fact:
    """One [[assessment]] table as a fact. Raises RowRefused naming the key that cannot be used."""
    unknown = sorted(set(record) - _KEYS) if isinstance(record, dict) else ["assessment"]
    if unknown:
        raise RowRefused("unknown_vocabulary", unknown[0], ", ".join(sorted(_KEYS)))
    for key in ("family", "version", "subject"):
        if not str(record.get(key, "")).strip():
            raise RowRefused("missing_value", key)
    for key in _KEYS - {"levels"}:
        if isinstance(record.get(key), dict | list):
            raise RowRefused("unknown_vocabulary", key, "one text or number")
    if not isinstance(record.get("levels", []), list):
        raise RowRefused("unknown_vocabulary", "levels", "a list of levels in square brackets")
    subject = subject_of(str(record["subject"]))
    if subject is None:
        raise RowRefused("unknown_subject", "subject")
    levels = [_level(entry) for entry in record.get("levels", [])]
    floor = record.get("floor")
    numbers = {key: _number(record, key) for key in _NUMBERS}
    if numbers["cut"] is None:
        numbers["cut"] = next((level.minimum for level in levels if level.code == floor), None)
    return Fact(
        "assessment",
        {
            "family": str(record["family"]),
            "version": str(record["version"]),
            "subject": subject,
            "grade_level": read_grade_level(str(record.get("grade", "")), "grade"),
            "season": _one_of(record, "season", SEASONS),
            "kind": _one_of(record, "kind", KINDS),
            "title": str(record["title"]) if record.get("title") else None,
            "levels": as_json(levels) if levels else None,
            "floor_level": str(floor) if floor else None,
            "by_district": True,
            **numbers,
        },
    )


def _level(entry: Any) -> Level:
    if not isinstance(entry, dict) or not entry.get("code"):
        raise RowRefused("missing_value", "levels.code")
    if any(isinstance(entry.get(key), dict | list) for key in ("code", "name")):
        raise RowRefused("unknown_vocabulary", "levels.code", "one text or number")
    code = str(entry["code"])
    return Level(code, str(entry.get("name", code)), _number(entry, "minimum"), _number(entry, "maximum"))


def _number(record: dict[str, Any], key: str) -> float | None:
    value = record.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST:
        raise RowRefused("unreadable_number", key)
    return value


def _one_of(record: dict[str, Any], key: str, allowed: tuple[str, ...]) -> str | None:
    value = record.get(key)
    if value is not None and value not in allowed:
        raise RowRefused("unknown_vocabulary", key, ", ".join(allowed))
    return value
