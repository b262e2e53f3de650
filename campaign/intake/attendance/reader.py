"""Tables of attendance: totals of a school year, or one row a day."""

from __future__ import annotations

from functools import partial
from typing import Any

from campaign.intake.attendance.words import read_day
from campaign.intake.dates import read_date, read_school_year, school_year_of
from campaign.intake.delimited import Header, Row, read_rows
from campaign.intake.plans import Examined, Facts, FilePlan, Read
from campaign.intake.problems import RowRefused
from campaign.intake.quantities import read_number
from campaign.intake.spreadsheet.mapping import Mapping
from campaign.intake.staging import Fact, FileTally
from campaign.intake.vocabulary import folded, table

_LONGEST = 366
# Whose ids a column can hold; a student has one id of the first.
_SYSTEMS = {
    "student_local_id": ("local", "oneroster", "edfi", "sds"),
    "student_state_id": ("state", "edfi"),
    "student_source_id": ("oneroster", "edfi", "sds"),
}


def mapping_of(header: Header) -> Mapping | None:
    """How to read a table whose columns have names the program knows; None if they do not make attendance."""
    names = {folded(column): column for column in header.columns if column}
    columns = {
        field: names[word]
        for field, words in table("layout.toml", __package__)["columns"].items()
        for word in reversed(words)
        if word in names
    }
    totals = (
        "school_year" in columns
        and "days_enrolled" in columns
        and columns.keys() & {"days_absent", "days_present"}
    )
    if not columns.keys() & _SYSTEMS.keys() or not (totals or {"day", "code"} <= columns.keys()):
        return None
    return Mapping("", None, "attendance", columns, {})


def plan(examined: Examined, header: Header, mapping: Mapping) -> FilePlan:
    records = partial(read_rows, examined.file, examined.fingerprint.encoding, header)
    by_day = "day" in mapping.columns
    message = f"read with the mapping {mapping.name}" if mapping.name else ""
    kind = "days" if by_day else "totals"
    return FilePlan(examined, f"attendance in {kind}", records, _reader(mapping, by_day), message)


class _Fields:
    """The fields of one row, from the columns and values of the mapping."""

    def __init__(self, mapping: Mapping, record: Row) -> None:
        self._mapping = mapping
        self._record = record

    def get(self, field: str) -> str:
        own = self._record.get(self.column(field).casefold(), "") if field in self._mapping.columns else ""
        return own.strip() or str(self._mapping.values.get(field, ""))

    def column(self, field: str) -> str:
        return self._mapping.columns.get(field, field)

    def need(self, field: str) -> str:
        if not (value := self.get(field)):
            raise RowRefused("missing_value", self.column(field))
        return value

    @property
    def date_order(self) -> str | None:
        return self._mapping.date_order


def _reader(mapping: Mapping, by_day: bool) -> Read:
    def read(record: Row, tally: FileTally) -> Facts:
        fields = _Fields(mapping, record)
        return [Fact("attendance", _day(fields) if by_day else _totals(fields)), *_students(fields)]

    return read


def _students(fields: _Fields) -> list[Fact]:
    facts = [
        Fact("student_ref", {"system": system, "value": fields.get(field), "exclusive": number == 0})
        for field, systems in _SYSTEMS.items()
        if fields.get(field)
        for number, system in enumerate(systems)
    ]
    if not facts:
        raise RowRefused("missing_value", next(fields.column(field) for field in _SYSTEMS))
    return facts


def _day(fields: _Fields) -> dict[str, Any]:
    day = read_date(fields.need("day"), fields.column("day"), fields.date_order)
    return {
        "source": "table of days",
        "school_year": day and school_year_of(day),
        "day": day,
        **read_day(fields.need("code")),
    }


def _totals(fields: _Fields) -> dict[str, Any]:
    numbers = {
        field: read_number(fields.get(field), fields.column(field), 0, _LONGEST)
        for field in ("days_enrolled", "days_present", "days_absent")
    }
    enrolled, present, absent = numbers.values()
    if present is None and absent is None:
        raise RowRefused("missing_value", fields.column("days_absent"))
    if enrolled is not None and absent is None:
        absent = enrolled - (present or 0)
    if enrolled is not None and present is None:
        present = enrolled - (absent or 0)
    impossible = enrolled is not None and (
        (absent or 0) + (present or 0) != enrolled or min(absent or 0, present or 0) < 0
    )
    if absent is None or impossible:
        raise RowRefused("attendance_impossible", fields.column("days_absent"))
    return {
        "source": "table of totals",
        "school_year": read_school_year(fields.need("school_year"), fields.column("school_year")),
        "as_of": read_date(fields.get("as_of"), fields.column("as_of"), fields.date_order),
        "days_enrolled": enrolled,
        "days_present": present,
        "days_absent": absent,
    }
