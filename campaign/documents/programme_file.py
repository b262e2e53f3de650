"""Programmes and lines on grades from a file of the district, checked before anything is kept.

[[programme]]                              [[grading_policy]]
subjects = ["math"]                        school = "lincoln"    # as in the rosters; left out = all schools
grades = [4, 6]        # from, to          line.en = "Our school lets students try a test again."
starts_on = 2026-11-10                     line.es = "…"
free = true
contact = "555-0199"
title.en = "Math Club"
details.en = "Mondays after school."

Programmes also come as CSV with the columns title_en, details_en (and other languages), subjects (with spaces between),
lowest_grade, highest_grade, starts_on, ends_on, free, bus, contact.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from campaign.definitions.definition import SUBJECTS
from campaign.store.programmes import GradingPolicy, Programme
from content.languages import languages
from content.linter import lint

# Letters that a report has room for.
_MOST = {"title": 60, "details": 140, "line": 140, "contact": 60}
_KEYS = {"subjects", "grades", "starts_on", "ends_on", "free", "bus", "contact", "title", "details"}
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": False}
_GRADES = range(-2, 14)
_NAMED_GRADES = {"K": 0, "PK": -1}


class ProgrammeError(Exception):
    """The file cannot be used; the message names file, entry, field and what to write. Nothing was changed."""


def read_programmes(file: Path) -> list[Programme]:
    """The programmes of a TOML or CSV file. Raises ProgrammeError."""
    content = _text(file)
    entries = _toml(file, content, "programme") if file.suffix == ".toml" else _csv(file, content)
    found = [checked(where, entry) for where, entry in entries]
    if not found:
        raise ProgrammeError(f"{file}: has no programme; write [[programme]] and its title.en below it")
    return found


def read_grading_policies(file: Path) -> list[GradingPolicy]:
    """The lines on grades of a TOML file. Raises ProgrammeError."""
    found: dict[str | None, GradingPolicy] = {}
    for where, entry in _toml(file, _text(file), "grading_policy"):
        _known_keys(where, entry, {"school", "line"})
        school = str(entry["school"]) if "school" in entry else None
        if school in found:
            raise ProgrammeError(f"{where}: school: {school or 'all schools'} stands there twice; remove one")
        found[school] = GradingPolicy(school, _by_language(where, "line", entry.get("line")))
    if not found:
        raise ProgrammeError(f"{file}: has no line; write [[grading_policy]] and line.en below it")
    return list(found.values())


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ProgrammeError(f"{file}: cannot be read as UTF-8 text: {error}") from error


def _toml(file: Path, content: str, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        entries = tomllib.loads(content).get(kind, [])
    except tomllib.TOMLDecodeError as error:
        raise ProgrammeError(f"{file}: cannot be read as TOML: {error}") from error
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ProgrammeError(f"{file}: {kind}: write [[{kind}]] and its keys below it")
    for number, entry in enumerate(entries, start=1):
        yield f"{file}, {kind} {number}", entry


def _csv(file: Path, content: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reader = csv.DictReader(content.splitlines(), strict=True)
    missing = {"title_en", "subjects", "lowest_grade", "highest_grade"} - set(reader.fieldnames or ())
    if missing:
        raise ProgrammeError(
            f"{file}, line 1: no column {', '.join(sorted(missing))}; docs/commands.md lists them"
        )
    try:
        for row in reader:
            yield f"{file}, line {reader.line_num}", _entry(row)
    except csv.Error as error:
        raise ProgrammeError(
            f"{file}, line {reader.reader.line_num}: cannot be read as CSV: {error}"
        ) from error


def _entry(row: Mapping[str, str | None]) -> Mapping[str, Any]:
    """A line as its entry in TOML would be."""
    given = {name: (value or "").strip() for name, value in row.items() if name}
    by_language = {
        kind: {
            name.removeprefix(f"{kind}_"): value
            for name, value in given.items()
            if name.startswith(f"{kind}_")
        }
        for kind in ("title", "details")
    }
    filled = {kind: {tag: said for tag, said in texts.items() if said} for kind, texts in by_language.items()}
    others = {
        name: given[name] for name in ("starts_on", "ends_on", "contact", "free", "bus") if given.get(name)
    }
    return {
        **others,
        **{kind: texts for kind, texts in filled.items() if texts},
        "subjects": given["subjects"].split(),
        "grades": [given["lowest_grade"], given["highest_grade"]],
    }


def checked(where: str, entry: Mapping[str, Any]) -> Programme:
    """One programme with the keys of TOML. Raises ProgrammeError that begins with `where` and names the key."""
    _known_keys(where, entry, _KEYS)
    lowest, highest = _grades(where, entry.get("grades"))
    starts_on, ends_on = (_day(where, name, entry.get(name)) for name in ("starts_on", "ends_on"))
    if starts_on and ends_on and ends_on < starts_on:
        raise ProgrammeError(f"{where}: ends_on: {ends_on} comes before {starts_on}")
    contact = str(entry.get("contact", "")).strip()
    _short_enough(where, "contact", contact)
    return Programme(
        title=_by_language(where, "title", entry.get("title")),
        details=_by_language(where, "details", entry["details"]) if "details" in entry else {},
        subjects=_subjects(where, entry.get("subjects")),
        lowest_grade=lowest,
        highest_grade=highest,
        starts_on=starts_on,
        ends_on=ends_on,
        free=_yes(where, "free", entry.get("free", False)),
        bus=_yes(where, "bus", entry.get("bus", False)),
        contact=contact,
    )


def _known_keys(where: str, entry: Mapping[str, Any], known: set[str]) -> None:
    unknown = entry.keys() - known
    if unknown:
        raise ProgrammeError(f"{where}: {min(unknown)}: is not known; known are {', '.join(sorted(known))}")


def _by_language(where: str, field: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not str(value.get("en", "")).strip():
        raise ProgrammeError(
            f"{where}: {field}.en: is missing; English is printed where a language has no text"
        )
    texts = {str(language): str(said).strip() for language, said in value.items()}
    for language, said in texts.items():
        if language not in languages():
            raise ProgrammeError(
                f"{where}: {field}.{language}: is no language of ours; known are {', '.join(languages())}"
            )
        _short_enough(where, f"{field}.{language}", said, field)
        for finding in lint(said, language):
            raise ProgrammeError(f"{where}: {field}.{language}: “{finding.words}”: {finding.remedy}")
    return texts


def _short_enough(where: str, name: str, said: str, field: str | None = None) -> None:
    most = _MOST[field or name]
    if len(said) > most:
        raise ProgrammeError(f"{where}: {name}: has {len(said)} letters; a report has room for {most}")


def _subjects(where: str, value: Any) -> list[str]:
    found = (
        [str(name) for name in value] if isinstance(value, Sequence) and not isinstance(value, str) else []
    )
    unknown = [name for name in found if name not in SUBJECTS]
    if unknown or not found:
        raise ProgrammeError(
            f"{where}: subjects: {', '.join(unknown) or 'is missing'}; known are {', '.join(sorted(SUBJECTS))}"
        )
    return found


def _grades(where: str, value: Any) -> tuple[int, int]:
    try:
        lowest, highest = (_NAMED_GRADES.get(str(one).upper().strip(), one) for one in value)
        lowest, highest = int(lowest), int(highest)
    except (TypeError, ValueError):
        raise ProgrammeError(
            f"{where}: grades: {value!r}; write the first and the last, as in [4, 6]"
        ) from None
    if lowest > highest or lowest not in _GRADES or highest not in _GRADES:
        raise ProgrammeError(f"{where}: grades: {lowest} to {highest}; K is 0, the last is 12")
    return lowest, highest


def _day(where: str, field: str, value: Any) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise ProgrammeError(f"{where}: {field}: {value!r} is not a day; write it as 2026-11-10") from None


def _yes(where: str, field: str, value: Any) -> bool:
    found = value if isinstance(value, bool) else _YES.get(str(value).strip().lower())
    if found is None:
        raise ProgrammeError(f"{where}: {field}: {value!r}; write yes or no")
    return found
