"""Rows of the MAP Growth combined data file → scores."""

from __future__ import annotations

from functools import partial
from typing import Any

from campaign.intake.dates import read_date, read_school_year, school_year_of
from campaign.intake.delimited import Header, Row, read_rows
from campaign.intake.levels import Level, as_json
from campaign.intake.plans import Examined, Facts, FilePlan, Read
from campaign.intake.problems import RowRefused
from campaign.intake.quantities import read_number, read_truth
from campaign.intake.staging import Fact, FileTally
from campaign.intake.vocabulary import read_grade_level, subject_of, table

_RIT_MINIMUM, _RIT_MAXIMUM = 90.0, 350.0
_STUDIES = range(1, 11)


def _layout() -> dict[str, Any]:
    return table("layout.toml", __package__)


def recognises(header: Header) -> bool:
    return {name.casefold() for name in _layout()["needs"]} <= header.names


def plan(examined: Examined, header: Header) -> FilePlan:
    records = partial(read_rows, examined.file, examined.fingerprint.encoding, header)
    return FilePlan(examined, "nwea map growth", records, reader())


def reader() -> Read:
    described: set[tuple[str | None, str]] = set()

    def read(record: Row, tally: FileTally) -> Facts:
        score = _score(record)
        study, score["level"] = _projection(record, tally)
        facts = [Fact("score", score), *_references(record)]
        if study is not None and (score["subject"], study["name"]) not in described:
            described.add((score["subject"], study["name"]))
            facts.append(_description(score, study))
        return facts

    return read


def _get(row: Row, column: str) -> str:
    return row.get(column.casefold(), "").strip()


def _need(row: Row, column: str) -> str:
    if not (value := _get(row, column)):
        raise RowRefused("missing_value", column)
    return value


def _score(row: Row) -> dict[str, Any]:
    subject = subject_of(_need(row, "Subject"))
    if subject is None:
        raise RowRefused("unknown_subject", "Subject")
    season, school_year = _term(_need(row, "TermName"))
    day = read_date(_need(row, "TestStartDate"), "TestStartDate", "mdy")
    student = _get(row, "Student_StateID") or _need(row, "StudentID")
    test = _get(row, "TestID") or _get(row, "TestName")
    key = (student, _get(row, "TermName"), test, day, _get(row, "TestStartTime"))
    grade = read_grade_level(_get(row, "Grade"), "Grade")
    growth = read_truth(_get(row, "GrowthMeasureYN"), "GrowthMeasureYN")
    return {
        "source_key": "map_growth|" + "|".join(str(part) for part in key),
        "family": _layout()["family"],
        "version": _layout()["version"],
        "title": _layout()["family"],
        "kind": "interim",
        "subject": subject,
        "season": season,
        "grade_level": grade,
        "grade_from_enrollment": grade is None,
        "administered_on": day,
        "school_year": school_year or (day and school_year_of(day)),
        "scale_score": read_number(_need(row, "TestRITScore"), "TestRITScore", _RIT_MINIMUM, _RIT_MAXIMUM),
        "csem": read_number(_get(row, "TestStandardError"), "TestStandardError", 0),
        "status": "valid" if growth is not False else "partial",
        "test_language": "es" if "spanish" in _get(row, "TestName").casefold() else "en",
    }


def _term(name: str) -> tuple[str, int | None]:
    """ "Fall 2021-2022" → ("fall", 2022)."""
    season, _, year = name.partition(" ")
    if season.casefold() not in {"fall", "winter", "spring", "summer"}:
        raise RowRefused("unknown_vocabulary", "TermName", "Fall 2026-2027, Winter …, Spring …")
    return season.casefold(), read_school_year(year, "TermName")


def _references(row: Row) -> list[Fact]:
    return [
        Fact("student_ref", {"system": system, "value": _get(row, column), "exclusive": number == 0})
        for column, systems in _layout()["identifiers"].items()
        if _get(row, column)
        for number, system in enumerate(systems)
    ]


def _projection(row: Row, tally: FileTally) -> tuple[dict[str, Any] | None, str | None]:
    """The first known study of the row and the level it projects."""
    for number in _STUDIES:
        name = _get(row, f"ProjectedProficiencyStudy{number}")
        level = _get(row, f"ProjectedProficiencyLevel{number}")
        if not name or not level:
            continue
        study = next((s for s in _layout()["study"] if s["name"].casefold() in name.casefold()), None)
        shown = study and study["aliases"].get(level, level)
        if study is not None and shown in study["levels"]:
            return study, shown
        tally.note("unknown_projection", name, f"ProjectedProficiencyStudy{number}")
    return None, None


def _description(score: dict[str, Any], study: dict[str, Any]) -> Fact:
    levels = [Level(name, name) for name in study["levels"]]
    return Fact(
        "assessment",
        {
            **{key: score[key] for key in ("family", "version", "subject", "season", "title", "kind")},
            "levels": as_json(levels),
            "floor_level": study["floor"],
            "applies_to_all_grades": True,
        },
        shared=True,
    )
