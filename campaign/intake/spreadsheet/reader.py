"""Rows of a mapped table → marks or scores."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

from campaign.intake.assessments.settings_file import KINDS, SEASONS, described
from campaign.intake.dates import read_date, read_school_year, school_year_of
from campaign.intake.delimited import Header, Row, read_rows
from campaign.intake.marks import scale_of
from campaign.intake.plans import Examined, Facts, FilePlan, Read
from campaign.intake.problems import IntakeError, RowRefused
from campaign.intake.quantities import read_number, read_truth
from campaign.intake.spreadsheet.mapping import Mapping
from campaign.intake.staging import Fact, FileTally
from campaign.intake.vocabulary import read_grade_level, read_language, subject_of, subject_of_title

_SYSTEMS = {
    "student_local_id": ("local", "oneroster", "edfi"),
    "student_state_id": ("state", "edfi"),
    "student_source_id": ("oneroster", "edfi"),
}
_NAMED = ("student_given_name", "student_family_name", "student_birth_date")


def plan(examined: Examined, header: Header, mapping: Mapping) -> FilePlan:
    """Raises IntakeError for an [[assessment]] of the mapping that cannot be used."""
    records = partial(read_rows, examined.file, examined.fingerprint.encoding, header)
    read = _marks(mapping) if mapping.kind == "grades" else _scores(mapping)
    return FilePlan(
        examined, f"table of {mapping.kind}", records, read, f"read with the mapping {mapping.name}"
    )


class _Fields:
    """The fields of one row, wherever the mapping takes them from."""

    def __init__(self, mapping: Mapping, row: Row) -> None:
        self._mapping = mapping
        self._row = row

    def get(self, field: str) -> str:
        column = self._mapping.columns.get(field)
        value = self._row.get(column.casefold(), "").strip() if column else ""
        return value or str(self._mapping.values.get(field, ""))

    def column(self, field: str) -> str:
        return self._mapping.columns.get(field, field)

    def need(self, field: str) -> str:
        if not (value := self.get(field)):
            raise RowRefused("missing_value", self.column(field))
        return value

    def date(self, field: str) -> date | None:
        return read_date(self.get(field), self.column(field), self._mapping.date_order)

    def number(self, field: str, minimum: float | None = None, maximum: float | None = None) -> float | None:
        return read_number(self.get(field), self.column(field), minimum, maximum)

    def truth(self, field: str) -> bool:
        return bool(read_truth(self.get(field), self.column(field)))

    def grade_level(self) -> int | None:
        return read_grade_level(self.get("grade_level"), self.column("grade_level"))

    def school_year(self) -> int | None:
        return read_school_year(self.get("school_year"), self.column("school_year"))

    def one_of(self, field: str, allowed: Iterable[str]) -> str | None:
        value = self.get(field).casefold()
        if value and value not in allowed:
            raise RowRefused("unknown_vocabulary", self.column(field), ", ".join(allowed))
        return value or None

    def subject(self) -> str:
        stated = self.get("subject")
        found = subject_of(stated) if stated else subject_of_title(self.get("course_title"))
        if found is None:
            raise RowRefused("unknown_subject", self.column("subject"))
        return found

    def references(self) -> list[Fact]:
        facts = [
            Fact("student_ref", {"system": system, "value": self.get(field), "exclusive": number == 0})
            for field, systems in _SYSTEMS.items()
            if self.get(field)
            for number, system in enumerate(systems)
        ]
        named = self.named()
        if not (facts or named):
            stated = [field for field in (*_SYSTEMS, *_NAMED) if field in self._mapping.columns]
            raise RowRefused("missing_value", self.column(stated[0]))
        return facts + named

    def named(self) -> list[Fact]:
        """Name and birth date, which stand in for ids only together."""
        given, family, birth = (self.get(field) for field in _NAMED)
        if not (given and family and birth):
            return []
        values = {"given_name": given, "family_name": family, "birth_date": self.date("student_birth_date")}
        return [Fact("student_named", values)]

    def key(self, kind: str, *parts: object) -> str:
        """The same row of the same table has the same key, without showing a student's id in it."""
        ids = [self.get(field) for field in _SYSTEMS]
        ids += [] if any(ids) else [self.get(field).casefold() for field in _NAMED]
        text = "|".join(str(part) for part in (*ids, *parts))
        return f"table {kind}|{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _marks(mapping: Mapping) -> Read:
    def read(record: Row, tally: FileTally) -> Facts:
        fields = _Fields(mapping, record)
        subject = fields.subject()
        ends = fields.date("period_ends_on")
        year = fields.school_year() or (ends and school_year_of(ends))
        mark = fields.get("mark")
        if not mark:
            raise RowRefused("no_mark", fields.column("mark"))
        course = fields.get("course_code") or fields.get("course_title") or subject
        return [
            Fact(
                "mark",
                {
                    "source_key": fields.key("grades", course, year, fields.get("period_title")),
                    "course_code": fields.get("course_code") or None,
                    "course_title": fields.get("course_title") or None,
                    "subject": subject,
                    "grade_level": fields.grade_level(),
                    "school_year": year,
                    "period_title": fields.get("period_title") or None,
                    "period_begins_on": fields.date("period_begins_on"),
                    "period_ends_on": ends,
                    "is_final": fields.truth("is_final"),
                    "mark": mark,
                    "percent": fields.number("percent", 0),
                    "scale": fields.get("scale") or scale_of(mark),
                    "modified_curriculum": fields.truth("modified_curriculum"),
                    "credit_recovery": fields.truth("credit_recovery"),
                },
            ),
            *fields.references(),
        ]

    return read


def _scores(mapping: Mapping) -> Read:
    fixed = {key: str(mapping.values.get(key, "")) for key in ("family", "version", "title", "subject")}
    tests: list[Fact] = []
    for number, entry in enumerate(mapping.assessments, 1):
        known = {key: value for key, value in fixed.items() if value}
        try:
            fact = described({"version": "1", **known, **entry})
        except RowRefused as refusal:
            raise IntakeError(
                f"{mapping.name}: [[mapping.assessment]] number {number}, {refusal.column}: the value cannot be used.",
                mapping.name,
            ) from None
        everywhere = "grade" not in entry and "season" not in entry
        tests.append(Fact(fact.table, {**fact.values, "applies_to_all_grades": everywhere}, shared=True))

    def read(record: Row, tally: FileTally) -> Facts:
        fields = _Fields(mapping, record)
        facts = [Fact("score", _score(fields, mapping)), *fields.references(), *tests]
        tests.clear()
        return facts

    return read


def _score(fields: _Fields, mapping: Mapping) -> dict[str, Any]:
    subject = fields.subject()
    day = fields.date("administered_on")
    grade, season = fields.grade_level(), fields.one_of("season", SEASONS)
    year = fields.school_year() or (day and school_year_of(day))
    language = read_language(fields.get("test_language"), mapping.state)
    family, version = fields.need("family"), fields.get("version") or "1"
    return {
        "source_key": fields.key("scores", family, version, subject, season, day or year),
        "family": family,
        "version": version,
        "title": fields.get("title") or family,
        "kind": fields.one_of("assessment_kind", KINDS) or "interim",
        "subject": subject,
        "season": season,
        "grade_level": grade,
        "grade_from_enrollment": grade is None,
        "administered_on": day,
        "school_year": year,
        "scale_score": fields.number("scale_score"),
        "csem": fields.number("csem", 0),
        "level": fields.get("level") or None,
        "status": "valid",
        "status_reason": fields.get("reason_not_tested") or None,
        "test_language": language and language.tag,
        "projected_probability": fields.number("projected_probability", 0, 1),
    }
