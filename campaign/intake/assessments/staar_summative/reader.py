"""Rows of the STAAR summative file → one score a subject."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from campaign.intake.dates import read_month_year, school_year_of
from campaign.intake.delimited import Header, Row, read_rows
from campaign.intake.levels import Level, as_json
from campaign.intake.plans import Examined, Facts, FilePlan, Read
from campaign.intake.problems import RowRefused
from campaign.intake.quantities import read_number, read_truth
from campaign.intake.staging import Fact, FileTally
from campaign.intake.vocabulary import read_grade_level, table

_MINIMUM, _MAXIMUM = 500.0, 2500.0


def _layout() -> dict[str, Any]:
    return table("layout.toml", __package__)


def recognises(header: Header) -> bool:
    return set(_layout()["needs"]) <= header.names


def plan(examined: Examined, header: Header) -> FilePlan:
    records = partial(read_rows, examined.file, examined.fingerprint.encoding, header)
    return FilePlan(examined, "staar summative", records, reader())


def reader() -> Read:
    described: set[tuple[str, str]] = set()

    def read(record: Row, tally: FileTally) -> Facts:
        day = read_month_year(_need(record, "administration_date"), "administration_date")
        grade = read_grade_level(_need(record, "grade_level_tested"), "grade_level_tested")
        scores = [
            score
            for subject, columns in _layout()["subjects"].items()
            if (score := _score(record, subject, columns, grade, day)) is not None
        ]
        if not scores:
            raise RowRefused("no_score", "score_code_reading_language_arts")
        facts = [Fact("score", score) for score in scores] + _references(record)
        for score in scores:
            if (score["version"], score["subject"]) not in described:
                described.add((score["version"], score["subject"]))
                facts.append(_description(score))
        return facts

    return read


def _get(row: Row, column: str) -> str:
    return row.get(column, "").strip()


def _need(row: Row, column: str) -> str:
    if not (value := _get(row, column)):
        raise RowRefused("missing_value", column)
    return value


def _score(
    row: Row, subject: str, columns: Mapping[str, str], grade: int | None, day: date | None
) -> dict[str, Any] | None:
    code = _get(row, columns["code"])
    if not code:
        return None
    year = school_year_of(day) if day else None
    versions = _layout()["versions"]
    status = _status(row, columns, code)
    student = _get(row, "tx_unique_student_id") or _get(row, "student_id") or _get(row, "local_student_id")
    return {
        "source_key": f"staar|{student}|{_get(row, 'administration_date')}|{subject}",
        "family": _layout()["alternate_family" if status == "alternate" else "family"],
        "title": _layout()["title"],
        "version": versions["since"] if (year or 0) >= versions["first_year"] else versions["before"],
        "kind": "alternate" if status == "alternate" else "summative",
        "subject": subject,
        "grade_level": grade,
        "administered_on": day,
        "school_year": year,
        "scale_score": read_number(_get(row, columns["score"]), columns["score"], _MINIMUM, _MAXIMUM),
        "level": _level(row, columns) if status == "valid" else None,
        "status": status,
        "status_reason": None if status == "valid" else f"score code {code}",
        "test_language": _layout()["languages"].get(_get(row, columns["language"])),
    }


def _status(row: Row, columns: Mapping[str, str], code: str) -> str:
    status = _layout()["score_codes"].get(code)
    if status is None:
        raise RowRefused("unknown_status", columns["code"])
    version = _get(row, columns["version"]) or "S"
    kind = _layout()["test_versions"].get(version)
    if kind is None:
        raise RowRefused("unknown_status", columns["version"])
    if kind != "valid":
        return str(kind)
    if status == "valid" and read_truth(_get(row, columns["above_grade"]), columns["above_grade"]):
        return "off_grade"
    return str(status)


def _level(row: Row, columns: Mapping[str, str]) -> str:
    """The highest level whose flag is set; the flags are cumulative. A row without flags is refused."""
    flags = {name: _need(row, columns[name.casefold()]) for name in ("Approaches", "Meets", "Masters")}
    reached = [name for name, value in flags.items() if read_truth(value, columns[name.casefold()])]
    if reached != list(flags)[: len(reached)]:
        raise RowRefused("unknown_vocabulary", columns["meets"], "flags that build on each other")
    return reached[-1] if reached else "Did Not Meet"


def _references(row: Row) -> list[Fact]:
    facts = [
        Fact("student_ref", {"system": system, "value": _get(row, column), "exclusive": number == 0})
        for column, systems in _layout()["identifiers"].items()
        if _get(row, column)
        for number, system in enumerate(systems)
    ]
    if not facts:
        raise RowRefused("missing_value", "tx_unique_student_id")
    return facts


def _description(score: Mapping[str, Any]) -> Fact:
    levels = [Level(code, code) for code in _layout()["levels"]["codes"]]
    return Fact(
        "assessment",
        {
            **{key: score[key] for key in ("family", "version", "subject", "title", "kind")},
            "levels": as_json(levels),
            "floor_level": _layout()["levels"]["floor"],
            "applies_to_all_grades": True,
        },
        shared=True,
    )
