"""Readers of Ed-Fi, School Data Sync, settings and mappings hold against whatever a file may say.

Whatever is wrong, nothing but the intake's own errors comes out, and each record is read, passed over or refused.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from campaign.intake.problems import IntakeError, RowRefused
from campaign.intake.registry import Planned, plan_sources
from campaign.intake.staging import FileTally, Passed
from tests.campaign.intake import edfi_samples as ed
from tests.campaign.intake import school_data_sync as sds
from tests.campaign.intake.importing import LIMITS, bring, rows
from tests.campaign.intake.packages import small_district, write_package

Files = dict[str, bytes]
WITHOUT_A_DATABASE = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ON_POSTGRESQL = settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ENCODINGS = ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp037"]


def _xml() -> Files:
    tests = (ed.assessment("R4", ed.level("Met Standard", 29, 50), ed.level("Did Not Meet Standard", 0, 28)),)
    people = (
        ed.student("101"), ed.student("102"), ed.seat("101", "Fourth grade"),
        ed.about("101", ed.language("spa", "Home")),
        ed.contact("1", ed.language("spa", "Written")), ed.tie("101", "1"),
    )  # fmt: skip
    texts = {
        "places.xml": ed.PLACES,
        "schedule.xml": ed.SCHEDULE,
        "people.xml": ed.interchange("Student", *people),
        "tests.xml": ed.interchange("AssessmentMetadata", *tests),
        "results.xml": ed.interchange(
            "StudentAssessment", ed.result("101", "R4", ed.score("31", "Raw score"))
        ),
        "marks.xml": ed.interchange(
            "StudentGrade", ed.grade("101", "<LetterGradeEarned>B</LetterGradeEarned>")
        ),
    }
    return {name: text.encode() for name, text in texts.items()}


DISTRICT = Path(__file__).with_name("edfi_district.json")


def _json() -> Files:
    said: dict[str, Any] = json.loads(DISTRICT.read_text(encoding="utf-8"))
    return {f"{name}.json": json.dumps(found, indent=1).encode() for name, found in said.items() if found}


def _tables(tables: Mapping[str, str]) -> Files:
    return {name: text.encode() for name, text in tables.items()}


SETTINGS = b"""[[assessment]]
family = "Lake Test"
version = "2026"
subject = "math"
grade = 4
floor = "2"
levels = [{ code = "1", minimum = 100, maximum = 199 }, { code = "2", minimum = 200, maximum = 300 }]
"""
MAPPING = b"""[mapping]
kind = "scores"
date_order = "mdy"
[mapping.columns]
student_state_id = "Student"
scale_score = "Score"
[mapping.values]
family = "Lake Test"
subject = "math"
school_year = "2027"
[[mapping.assessment]]
grade = 4
cut = 200
"""
PACKAGES: dict[str, Callable[[], Files]] = {
    "ed-fi xml": _xml,
    "ed-fi json": _json,
    "school data sync v1": lambda: _tables(sds.V1),
    "school data sync v2.1": lambda: _tables(sds.V21),
    "assessment settings": lambda: {"settings.toml": SETTINGS},
    "mapping": lambda: {"table.toml": MAPPING, "table.csv": b"Student,Score\nST1,210\nST2,190\n"},
}


def _random_bytes(content: bytes, data: st.DataObject) -> bytes:
    return data.draw(st.binary(min_size=1, max_size=300))


def _some_bytes_changed(content: bytes, data: st.DataObject) -> bytes:
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(changed)))
        changed[place : place + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=8))
    return bytes(changed) or b" "


def _cut_off(content: bytes, data: st.DataObject) -> bytes:
    return content[: data.draw(st.integers(1, len(content)))]


def _another_encoding(content: bytes, data: st.DataObject) -> bytes:
    return content.decode().encode(data.draw(st.sampled_from(ENCODINGS)), errors="replace")


def _values_swapped(content: bytes, data: st.DataObject) -> bytes:
    """Two texts between the signs of the format change places: elements, members, cells."""
    parts = re.split(rb"([<>\",\n:=\[\]{}]+)", content)
    one, other = (data.draw(st.integers(0, len(parts) - 1)) for _ in range(2))
    parts[one], parts[other] = parts[other], parts[one]
    return b"".join(parts) or b" "


def _lines_repeated(content: bytes, data: st.DataObject) -> bytes:
    lines = content.splitlines(keepends=True)
    place = data.draw(st.integers(0, len(lines) - 1))
    return b"".join(
        lines[: place + 1] + lines[place : place + data.draw(st.integers(1, 3))] + lines[place + 1 :]
    )


DAMAGE = [_random_bytes, _some_bytes_changed, _cut_off, _another_encoding, _values_swapped, _lines_repeated]


def _damaged(data: st.DataObject, folder: Path, name: str) -> Path:
    files = PACKAGES[name]()
    hit = data.draw(st.sampled_from(sorted(files)), label="file")
    files[hit] = data.draw(st.sampled_from(DAMAGE), label="damage")(files[hit], data)
    for file, content in files.items():
        (folder / file).write_bytes(content)
    return folder


def _read(planned: Planned) -> None:
    """Read as an import does, without a database."""
    for source in planned.sources:
        for number, file in enumerate(source.files):
            tally = FileTally(number, file.examined.file.name)
            try:
                for batch in file.batches(tally) if file.batches else ():
                    told = [line for line, _, _ in batch.refused]
                    assert not set(batch.lines) & set(told)
                for _, record in file.records() if file.records and file.read else ():
                    if isinstance(record, RowRefused) or file.read is None:
                        continue
                    try:
                        facts = file.read(record, tally)
                    except RowRefused:
                        continue
                    assert isinstance(facts, Passed) or all(fact.values for fact in facts)
            except IntakeError:
                continue


@pytest.mark.parametrize("name", PACKAGES)
@WITHOUT_A_DATABASE
@given(data=st.data())
def test_a_damaged_package_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("package")
    planned = plan_sources([_damaged(data, folder, name)], LIMITS)
    assert all(message for _, _, message in planned.failed)
    _read(planned)
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", PACKAGES)
@ON_POSTGRESQL
@given(data=st.data())
def test_a_damaged_package_is_imported_with_every_row_accounted_for(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    """`bring` checks for each file that rows in = accepted + refused."""
    folder = tmp_path_factory.mktemp("package")
    if not rows(engine, "SELECT 1 FROM district"):
        bring(engine, write_package(folder / "roster", small_district(2)))
    (folder / "made").mkdir()
    summary = bring(engine, _damaged(data, folder / "made", name), district="BLUE", confirmed=True)
    assert {file.status for file in summary.files} <= {"done", "failed", "not_needed"}
    assert all(file.message for file in summary.files if file.status == "failed")


@st.composite
def _shuffled(draw: st.DrawFn) -> tuple[str, Files]:
    """A package of School Data Sync with columns in another order, rows twice, in another encoding."""
    tables = dict(draw(st.sampled_from([sds.V1, sds.V21])))
    name = draw(st.sampled_from(sorted(tables)))
    header, *body = (line.split(",") for line in tables[name].splitlines())
    order = draw(st.permutations(range(len(header))))
    twice = [row for row in body for _ in range(draw(st.integers(1, 2)))]
    lines = [",".join(row[place] for place in order) for row in (header, *twice)]
    files = _tables(tables)
    files[name] = "\r\n".join(lines).encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252"])))
    return name, files


@ON_POSTGRESQL
@given(package=_shuffled())
def test_columns_in_another_order_and_rows_twice_change_nothing(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, package: tuple[str, Files]
) -> None:
    name, files = package
    folder = tmp_path_factory.mktemp("package")
    if not rows(engine, "SELECT 1 FROM district"):
        bring(engine, write_package(folder / "roster", small_district(2)))
    (folder / "made").mkdir()
    for file, content in files.items():
        (folder / "made" / file).write_bytes(content)
    summary = bring(engine, folder / "made", district="BLUE", confirmed=True)
    assert summary.failed == [], name
    before = rows(engine, "SELECT * FROM student ORDER BY id")
    bring(engine, folder / "made", district="BLUE", confirmed=True)
    assert rows(engine, "SELECT * FROM student ORDER BY id") == before


WORDS = st.sampled_from(
    [
        "family", "version", "subject", "grade", "season", "kind", "title", "floor", "levels", "cut", "test_sem",
        "score_sd", "score_minimum", "score_maximum", "code", "minimum", "maximum", "columns", "values", "file",
        "state", "date_order", "assessment", "scale_score", "mark", "student_state_id", "school_year",
    ]
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(
        st.integers(-(10**20), 10**20), st.booleans(), st.floats(), st.text(max_size=6),
        st.sampled_from(["math", "Lake Test", "fall", "summative", "Score", "scale_score", "mdy"]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # JSON's texts and truth values are those of TOML; its numbers that are none have other names.
    return {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}.get(json.dumps(value), json.dumps(value))


@WITHOUT_A_DATABASE
@given(
    table=st.sampled_from(["[[assessment]]", "[mapping]"]), said=st.dictionaries(WORDS, VALUES, max_size=6)
)
def test_any_settings_and_mappings_are_used_or_refused(
    tmp_path_factory: pytest.TempPathFactory, table: str, said: dict[str, object]
) -> None:
    folder = tmp_path_factory.mktemp("toml")
    lines = [table, *(f"{key} = {_toml(value)}" for key, value in said.items())]
    (folder / "said.toml").write_text("\n".join(lines), encoding="utf-8")
    (folder / "table.csv").write_text("Student,Score\nST1,210\n", encoding="utf-8")
    planned = plan_sources([folder], LIMITS)
    assert all(message for _, _, message in planned.failed)
    _read(planned)
    shutil.rmtree(folder)
