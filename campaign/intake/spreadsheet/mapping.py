"""Mappings: which columns of a table hold which fields, as a TOML file says."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Values
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from campaign.intake.assessments.settings_file import read_toml
from campaign.intake.delimited import Header
from campaign.intake.plans import Examined
from campaign.intake.problems import IntakeError

_STUDENT = {"student_local_id", "student_state_id", "student_source_id"}
NAMED = {"student_given_name", "student_family_name", "student_birth_date"}
_BOTH = {"subject", "grade_level", "school_year", *_STUDENT, *NAMED}
FIELDS = {
    "grades": _BOTH
    | {
        "mark", "percent", "scale", "course_code", "course_title", "period_title", "period_begins_on",
        "period_ends_on", "is_final", "modified_curriculum", "credit_recovery",
    },
    "scores": _BOTH
    | {
        "family", "version", "title", "assessment_kind", "season", "administered_on", "scale_score", "csem", "level",
        "test_language", "reason_not_tested", "projected_probability",
    },
    "contacts": _STUDENT
    | NAMED
    | {
        "contact_id", "given_name", "family_name", "relation", "email", "phone", "phone_type", "written_language",
        "spoken_language", "interpreter_needed", "address_line", "city", "state_code", "postal_code", "confidential",
        "may_receive", "court_restriction", "lives_with", "primary_contact", "adult_consent",
    },
    "attendance": {"school_year", "days_enrolled", "days_present", "days_absent", "as_of", "day", "code", *_STUDENT},
}  # fmt: skip
NEEDED = {"grades": [{"mark"}], "scores": [{"family"}], "contacts": [{"given_name", "family_name"}], "attendance": [
    {"days_absent", "school_year"}, {"days_present", "days_enrolled", "school_year"}, {"day", "code"},
]}  # fmt: skip
_KEYS = {"kind", "file", "date_order", "state", "columns", "values", "assessment"}


@dataclass(frozen=True)
class Mapping:
    """`columns`: field of ours → column of the file; `values`: field → value for every row.

    `header`: fingerprint of the header it was made for, where it was saved on the staff page.
    """

    name: str
    package: str | None
    kind: str
    columns: Values[str, str]
    values: Values[str, Any]
    file: str | None = None
    date_order: str | None = None
    state: str | None = None
    assessments: list[dict[str, Any]] = field(default_factory=list)
    header: str | None = None

    def fits(self, examined: Examined, header: Header) -> bool:
        shown = PurePosixPath(examined.file.name).name
        named = self.file in (None, shown, shown.partition(" › ")[0])
        return named and {column.casefold() for column in self.columns.values()} <= header.names


class Mappings:
    """All mappings among the paths of one import, and those that the district has saved, the newest first."""

    def __init__(self, saved: Sequence[Mapping] = ()) -> None:
        self._all: list[Mapping] = []
        self._saved = saved

    def take(self, examined: Examined) -> bool:
        """Remember the file if it is a mapping. Raises IntakeError for one that cannot work."""
        document = read_toml(examined).get("mapping")
        if not isinstance(document, dict):
            return False
        self._all.append(read(examined.file.name, document, examined.file.package))
        return True

    def find(self, examined: Examined, header: Header) -> Mapping | None:
        """The mapping for a table; the one in its own folder first, a saved one last.

        Raises IntakeError if several files fit equally; of several saved ones that made for this very header counts,
        then the one with the most columns, then the newest.
        """
        fitting = [mapping for mapping in self._all if mapping.fits(examined, header)]
        if not fitting:
            mark = fingerprint_of(header)
            kept = [mapping for mapping in self._saved if mapping.fits(examined, header)]
            return max(kept, key=lambda m: (m.header == mark, len(m.columns)), default=None)
        own = [m for m in fitting if m.package == examined.file.package] or fitting
        named = [m for m in own if m.file] or own
        if len(named) > 1:
            names = ", ".join(mapping.name for mapping in named)
            raise IntakeError(
                f"{examined.file.name}: several mappings fit ({names}). Add file = “…” to each of them.",
                examined.file.name,
            )
        return named[0] if named else None


def fingerprint_of(header: Header) -> str:
    """The same for headers of the same columns, in whatever order."""
    return hashlib.sha256("\n".join(sorted(header.names)).encode()).hexdigest()


def read(
    name: str, document: dict[str, Any], package: str | None = None, header: str | None = None
) -> Mapping:
    """The mapping that the table [mapping] of a document describes. Raises IntakeError for one that cannot work."""

    def fail(message: str) -> IntakeError:
        return IntakeError(f"{name}: {message}", name)

    if wrong := _misshapen(document):
        raise fail(f"[mapping] {wrong}.")
    kind = document.get("kind")
    if kind not in FIELDS:
        raise fail('[mapping] kind must be "grades", "scores", "attendance" or "contacts".')
    columns, values = document.get("columns", {}), document.get("values", {})
    if unknown := sorted({*document} - _KEYS):
        raise fail(f"[mapping] {unknown[0]} is not known; known here: {', '.join(sorted(_KEYS))}.")
    if unknown := sorted({*columns, *values} - FIELDS[kind]):
        raise fail(f"{unknown[0]} is not a field of {kind}; known: {', '.join(sorted(FIELDS[kind]))}.")
    if not (_STUDENT & set(columns) or set(columns) >= NAMED):
        names = ", ".join(sorted(_STUDENT))
        raise fail(f"[mapping.columns] needs one of {names}, or all of {', '.join(sorted(NAMED))}.")
    if not any(needed <= {*columns, *values} for needed in NEEDED[kind]):
        choices = ", or ".join(" and ".join(sorted(needed)) for needed in NEEDED[kind])
        raise fail(f"[mapping.columns] or [mapping.values] needs {choices}.")
    if document.get("date_order") not in (None, "mdy", "dmy"):
        raise fail('[mapping] date_order must be "mdy" or "dmy".')
    return Mapping(
        name=name,
        package=package,
        kind=kind,
        columns=columns,
        values=values,
        file=document.get("file"),
        date_order=document.get("date_order"),
        state=document.get("state"),
        assessments=document.get("assessment", []),
        header=header,
    )


def _misshapen(document: dict[str, Any]) -> str | None:
    """What is not built as a mapping is, before it is looked at what it says."""
    columns, values = document.get("columns", {}), document.get("values", {})
    if any(not isinstance(document.get(key, ""), str) for key in ("kind", "file", "date_order", "state")):
        return "kind, file, date_order and state must be texts in quotes"
    if not isinstance(columns, dict) or not all(isinstance(column, str) for column in columns.values()):
        return "columns must give each field the name of a column in quotes"
    if not isinstance(values, dict) or any(isinstance(value, dict | list) for value in values.values()):
        return "values must give each field one text, number, date, true or false"
    tests = document.get("assessment", [])
    if not isinstance(tests, list) or not all(isinstance(test, dict) for test in tests):
        return "assessment must be written as [[mapping.assessment]]"
    return None
