"""The fields of a row, wherever the mapping takes them from."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Values
from datetime import date

from campaign.intake.dates import read_date, read_school_year
from campaign.intake.problems import RowRefused
from campaign.intake.quantities import read_truth
from campaign.intake.spreadsheet.mapping import Mapping
from campaign.intake.vocabulary import read_grade_level, subject_of, subject_of_title

# Whose ids a column can hold; a student has one id of the first.
SYSTEMS = {
    "student_local_id": ("local", "oneroster", "edfi"),
    "student_state_id": ("state", "edfi"),
    "student_source_id": ("oneroster", "edfi"),
}
NAMED = ("student_given_name", "student_family_name", "student_birth_date")


class Fields:
    """`cells`: field → trimmed text, of the fields for which the mapping names a column."""

    def __init__(self, mapping: Mapping, cells: Values[str, str]) -> None:
        self._mapping = mapping
        self._cells = cells

    def get(self, field: str) -> str:
        return self._cells.get(field, "") or str(self._mapping.values.get(field, ""))

    def column(self, field: str) -> str:
        return self._mapping.columns.get(field, field)

    def need(self, field: str) -> str:
        if not (value := self.get(field)):
            raise RowRefused("missing_value", self.column(field))
        return value

    def date(self, field: str) -> date | None:
        return read_date(self.get(field), self.column(field), self._mapping.date_order)

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
