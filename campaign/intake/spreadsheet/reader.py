"""Rows of a mapped table → marks or scores, some thousand at a time.

What the columns beside the student's and the numbers say is worked out once for each combination that occurs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from operator import add
from typing import Any

from campaign.intake.assessments.settings_file import KINDS, SEASONS, described
from campaign.intake.batches import Batch, Columns, Words
from campaign.intake.copying import key_of
from campaign.intake.dates import school_year_of
from campaign.intake.delimited import Header
from campaign.intake.marks import scale_of
from campaign.intake.plans import Examined, FilePlan
from campaign.intake.problems import IntakeError, RowRefused
from campaign.intake.quantities import read_number
from campaign.intake.spreadsheet.fields import NAMED, SYSTEMS, Fields
from campaign.intake.spreadsheet.mapping import Mapping
from campaign.intake.spreadsheet.students import Students
from campaign.intake.staging import FileTally
from campaign.intake.tables import Memory, Table, read_tables
from campaign.intake.vocabulary import read_language

# Column of staging → lowest and highest value. They differ from row to row, so each is read by itself.
_NUMBERS: dict[str, dict[str, tuple[float | None, float | None]]] = {
    "grades": {"percent": (0, None)},
    "scores": {"scale_score": (None, None), "csem": (0, None), "projected_probability": (0, 1)},
}
_TABLES = {"grades": "mark", "scores": "score"}
# A row's key begins with what it is about, so that those of one term and course lie together in the index of keys; then
# come two bytes that students share whose ids differ in the last three signs alone. Schools give ids one after the
# other, and students are added in their order: those of a part then lie together too.
_OF_WORDS, _OF_NEIGHBOURS, _OF_STUDENT = 8, 2, 10
_NEIGHBOURS_DIFFER = 3


def plan(examined: Examined, header: Header, mapping: Mapping) -> FilePlan:
    """Raises IntakeError for an [[assessment]] of the mapping that cannot be used."""
    tests = tests_of(mapping)
    return FilePlan(
        examined,
        f"table of {mapping.kind}",
        message=f"read with the mapping {mapping.name}",
        batches=partial(_batches, examined, header, mapping, tests),
    )


def _batches(
    examined: Examined, header: Header, mapping: Mapping, tests: list[Columns], tally: FileTally
) -> Iterator[Batch]:
    reader = _Reader(mapping)
    shared = tests
    for table in read_tables(examined.file, examined.fingerprint.encoding, header):
        yield reader.batch(table, shared)
        shared = []


class _Reader:
    """Reads the tables of one file; remembers what it has worked out."""

    def __init__(self, mapping: Mapping) -> None:
        numbers, apart = _NUMBERS[mapping.kind], {*SYSTEMS, *NAMED}
        self._mapping = mapping
        self._students = Students(mapping)
        self._fields = [f for f in mapping.columns if f not in apart and f not in numbers]
        read = _mark if mapping.kind == "grades" else partial(_score, mapping.state)
        self._said = Memory(partial(self._work, read))
        self._numbers = {field: Memory(_number(mapping, field, *bounds)) for field, bounds in numbers.items()}
        ids = ",".join(field for field in SYSTEMS if field in mapping.columns)
        self._kind = f"table {mapping.kind}|{ids}|"
        self._neighbours = Memory(lambda beginning: key_of(beginning)[:_OF_NEIGHBOURS])
        self._students_keys = Memory(
            lambda student: self._neighbours[student[:-_NEIGHBOURS_DIFFER]] + key_of(student)[:_OF_STUDENT]
        )

    def _work(
        self, read: Callable[[Fields], tuple[str, tuple[Any, ...]]], cells: tuple[str, ...]
    ) -> tuple[bytes, tuple[Any, ...]]:
        key, words = read(Fields(self._mapping, dict(zip(self._fields, map(str.strip, cells), strict=True))))
        return key_of(f"{self._kind}{key}")[:_OF_WORDS], words

    def batch(self, table: Table, shared: list[Columns]) -> Batch:
        columns = self._mapping.columns
        wide = [table.raw(columns[field]) for field in self._fields]
        said = table.worked(self._said, zip(*wide, strict=True) if wide else [()] * len(table.lines))
        numbers = {
            field: table.worked(memory, table.raw(columns.get(field, "")))
            for field, memory in self._numbers.items()
        }
        references, students = self._students.read(table)
        facts = list(shared)
        lines = table.kept(table.lines)
        if lines:
            about, worked = zip(*table.kept(said), strict=True)
            whose = map(self._students_keys.__getitem__, table.kept(students))
            values = {field: table.kept(given) for field, given in numbers.items()}
            values["source_key"] = list(map(add, about, whose))
            words = Words(_MARK if self._mapping.kind == "grades" else _SCORE, worked)
            facts.append(Columns(_TABLES[self._mapping.kind], values, words=words))
            facts += [table.moved(columns) for columns in references]
        return Batch(lines, facts, table.turned_away())


def _number(
    mapping: Mapping, field: str, minimum: float | None, maximum: float | None
) -> Callable[[str], float | None]:
    otherwise = str(mapping.values.get(field, ""))
    column = mapping.columns.get(field, field)
    return lambda cell: read_number(cell.strip() or otherwise, column, minimum, maximum)


_MARK = (
    "course_code", "course_title", "subject", "grade_level", "school_year", "period_title", "period_begins_on",
    "period_ends_on", "is_final", "mark", "scale", "modified_curriculum", "credit_recovery",
)  # fmt: skip


def _mark(fields: Fields) -> tuple[str, tuple[Any, ...]]:
    """The key among the student's rows, and the values of _MARK."""
    subject = fields.subject()
    ends = fields.date("period_ends_on")
    year = fields.school_year() or (ends and school_year_of(ends))
    if not (mark := fields.get("mark")):
        raise RowRefused("no_mark", fields.column("mark"))
    code, title, period = (fields.get(field) for field in ("course_code", "course_title", "period_title"))
    key = f"{code or title or subject}|{year}|{period}"
    return key, (
        code or None,
        title or None,
        subject,
        fields.grade_level(),
        year,
        period or None,
        fields.date("period_begins_on"),
        ends,
        fields.truth("is_final"),
        mark,
        fields.get("scale") or scale_of(mark),
        fields.truth("modified_curriculum"),
        fields.truth("credit_recovery"),
    )


_SCORE = (
    "family", "version", "title", "kind", "subject", "season", "grade_level", "grade_from_enrollment",
    "administered_on", "school_year", "level", "status", "status_reason", "test_language",
)  # fmt: skip


def _score(state: str | None, fields: Fields) -> tuple[str, tuple[Any, ...]]:
    """The key among the student's rows, and the values of _SCORE."""
    subject = fields.subject()
    day = fields.date("administered_on")
    grade, season = fields.grade_level(), fields.one_of("season", SEASONS)
    year = fields.school_year() or (day and school_year_of(day))
    language = read_language(fields.get("test_language"), state)
    family, version = fields.need("family"), fields.get("version") or "1"
    key = f"{family}|{version}|{subject}|{season}|{day or year}"
    return key, (
        family,
        version,
        fields.get("title") or family,
        fields.one_of("assessment_kind", KINDS) or "interim",
        subject,
        season,
        grade,
        grade is None,
        day,
        year,
        fields.get("level") or None,
        "valid",
        fields.get("reason_not_tested") or None,
        language and language.tag,
    )


def tests_of(mapping: Mapping) -> list[Columns]:
    """The tests that the mapping describes itself. Raises IntakeError for one that cannot be used."""
    fixed = {key: str(mapping.values.get(key, "")) for key in ("family", "version", "title", "subject")}
    known = {key: value for key, value in fixed.items() if value}
    tests = []
    for number, entry in enumerate(mapping.assessments, 1):
        try:
            fact = described({"version": "1", **known, **entry})
        except RowRefused as refusal:
            raise IntakeError(
                f"{mapping.name}: [[mapping.assessment]] number {number}, {refusal.column}: the value cannot be used.",
                mapping.name,
            ) from None
        values = {**fact.values, "applies_to_all_grades": "grade" not in entry and "season" not in entry}
        tests.append(Columns(fact.table, {column: [value] for column, value in values.items()}, shared=True))
    return tests
