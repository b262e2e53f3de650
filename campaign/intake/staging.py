"""What readers state about the rows of a source: facts for the temporary tables in which they wait to be merged.

Every fact carries the number of its file and row, so that a refusal found later by SQL still names the line.
The tables live as long as the transaction: a killed process leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_ASSESSMENT_KEY = {
    "family": "text",
    "version": "text",
    "subject": "text",
    "grade_level": "smallint",
    "season": "text",
}

# Types are PostgreSQL's, and `key`: a text that names the row in its source, kept as bytes of its SHA-256.
TABLES: dict[str, dict[str, str]] = {
    "row": {"line": "int"},
    "refused": {"line": "int", "column_name": "text", "code": "text", "detail": "text", "key": "text"},
    "changed": {},
    "district": {"source_id": "text", "code": "text", "name": "text", "state_code": "text"},
    "school": {"source_id": "text", "name": "text", "parent": "text", "phone": "text"},
    "person": {
        "key": "text",
        "defines": "boolean",
        "given_name": "text",
        "family_name": "text",
        "preferred_name": "text",
        "email": "text",
        "phone": "text",
        "phone_type": "text",
        "birth_date": "date",
        "grade_level": "smallint",
        "school": "text",
        "as_of": "date",
        "home_language": "text",
        "home_language_raw": "text",
        "home_language_code_system": "text",
        "written_language": "text",
        "spoken_language": "text",
        "language_raw": "text",
        "interpreter_needed": "boolean",
        "english_learner": "boolean",
        "us_entry_date": "date",
        "confidential": "boolean",
        "address_line": "text",
        "city": "text",
        "state_code": "text",
        "postal_code": "text",
        "relation": "text",
        "may_receive": "boolean",
        "court_restriction": "boolean",
        "adult_consent": "boolean",
        "withdrawn": "boolean",
    },
    # kind: student, staff or contact
    "role": {"key": "text", "kind": "text", "school": "text", "relation": "text"},
    "identifier": {"key": "text", "system": "text", "value": "text"},
    # A name by which other rows of the source point to a person.
    "alias": {"key": "text", "name": "text"},
    # Two people of whom one looks after the other; which is which, their roles say.
    "agent": {"key": "text", "agent_key": "text"},
    "relation": {
        "student_key": "text",
        "contact_key": "text",
        "contact_alias": "text",
        "relation": "text",
        "may_receive": "boolean",
        "court_restriction": "boolean",
        "lives_with": "boolean",
        "primary_contact": "boolean",
        "adult_consent": "boolean",
    },
    "course": {"source_id": "text", "title": "text", "subject": "text", "grade_level": "smallint"},
    "offering": {"source_id": "text", "course": "text"},
    "section": {
        "source_id": "text",
        "offering": "text",
        "title": "text",
        "course": "text",
        "school": "text",
        "subject": "text",
        "grade_level": "smallint",
    },
    "teaching": {"section": "text", "staff_key": "text", "is_primary": "boolean"},
    "enrollment": {"section": "text", "gone": "boolean"},
    "period": {
        "source_id": "text",
        "title": "text",
        "kind": "text",
        "school_year": "smallint",
        "begins_on": "date",
        "ends_on": "date",
    },
    "line_item": {
        "source_id": "text",
        "section": "text",
        "period": "text",
        "maximum": "double precision",
        "scale": "text",
        "report_card": "boolean",
        "says_whole": "boolean",
        "says_part": "boolean",
    },
    # Identifiers of the student a mark, score or enrolment is about. exclusive: a student has one id of this system.
    "student_ref": {"system": "text", "value": "text", "exclusive": "boolean"},
    # Name and birth date of that student, for rows whose identifiers find nobody.
    "student_named": {"given_name": "text", "family_name": "text", "birth_date": "date"},
    "mark": {
        "source_key": "key",
        "section": "text",
        "course": "text",
        "period": "text",
        "line_item": "text",
        "course_code": "text",
        "course_title": "text",
        "subject": "text",
        "grade_level": "smallint",
        "school_year": "smallint",
        "period_title": "text",
        "period_begins_on": "date",
        "period_ends_on": "date",
        "is_final": "boolean",
        "mark": "text",
        "percent": "double precision",
        "scale": "text",
        "modified_curriculum": "boolean",
        "credit_recovery": "boolean",
        "gone": "boolean",
    },
    "assessment": {
        **_ASSESSMENT_KEY,
        "title": "text",
        "kind": "text",
        "levels": "jsonb",
        "floor_level": "text",
        "cut": "double precision",
        "test_sem": "double precision",
        "score_sd": "double precision",
        "score_minimum": "double precision",
        "score_maximum": "double precision",
        "applies_to_all_grades": "boolean",
        "by_district": "boolean",
    },
    "score": {
        "source_key": "key",
        **_ASSESSMENT_KEY,
        "title": "text",
        "kind": "text",
        "administered_on": "date",
        "school_year": "smallint",
        "scale_score": "double precision",
        "csem": "double precision",
        "level": "text",
        "status": "text",
        "status_reason": "text",
        "test_language": "text",
        "projected_probability": "double precision",
        "grade_from_enrollment": "boolean",
    },
    # One day, of which a share was missed; or the numbers of a year. listed: days in school are listed too.
    "attendance": {
        "source": "text",
        "school_year": "smallint",
        "day": "date",
        "absent": "double precision",
        "listed": "boolean",
        "days_enrolled": "double precision",
        "days_present": "double precision",
        "days_absent": "double precision",
        "as_of": "date",
    },
}


class Fact(NamedTuple):
    """One row for one staging table; columns left out are null.

    A shared fact belongs to the file, not to the row it was met in, and stays when that row is refused.
    """

    table: str
    values: Mapping[str, Any]
    shared: bool = False


@dataclass(frozen=True)
class Passed:
    """The record is of a kind the program does not use; it is counted by kind, not as a row."""

    kind: str


@dataclass
class FileTally:
    """What became of one file's records, kept while reading; SQL adds the refusals it finds."""

    number: int
    name: str
    rows_in: int = 0
    passed: dict[str, int] = field(default_factory=dict)
    notes: dict[tuple[str, str, str | None], int] = field(default_factory=dict)

    def note(self, code: str, detail: str = "", column: str | None = None) -> None:
        """A row that came in, with something a person should look at; told once per file, code and detail."""
        key = (code, detail, column)
        self.notes[key] = self.notes.get(key, 0) + 1
