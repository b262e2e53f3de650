"""What every reader must keep: no row vanishes, a second import changes nothing, rubbish raises nothing unforeseen."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from campaign.intake import dates, marks, quantities, vocabulary
from campaign.intake.problems import IntakeError, RowRefused
from campaign.intake.registry import plan_sources
from campaign.intake.staging import FileTally
from tests.campaign.intake import school_data_sync
from tests.campaign.intake.importing import LIMITS, bring, register
from tests.campaign.intake.packages import small_district, write_package, write_table

MAP = [
    "TermName", "StudentID", "Student_StateID", "Subject", "TestName", "TestID", "TestStartDate", "TestRITScore",
    "TestStandardError", "GrowthMeasureYN", "ProjectedProficiencyStudy1", "ProjectedProficiencyLevel1",
]  # fmt: skip
STAAR = [
    "administration_date", "grade_level_tested", "tx_unique_student_id", "local_student_id",
    *(column for subject in ("reading_language_arts", "mathematics") for column in (
        f"score_code_{subject}", f"{subject}_scale_score", f"meets_grade_level_in_{subject}",
        f"approaches_grade_level_in_{subject}", f"masters_grade_level_in_{subject}",
    )),
]  # fmt: skip
MAPPING = """
[mapping]
kind = "grades"
[mapping.columns]
student_local_id = "Number"
mark = "Mark"
course_title = "Course"
school_year = "Year"
"""
SETTINGS = """
[[assessment]]
family = "MAP Growth"
version = "RIT"
subject = "math"
grade = 4
season = "fall"
cut = 200
"""
EDFI = """<InterchangeStudent xmlns="http://ed-fi.org/5.2.0">
<Student><StudentUniqueId>9</StudentUniqueId><Name><FirstName>A</FirstName><LastSurname>B</LastSurname></Name></Student>
<Student><StudentUniqueId>8</StudentUniqueId><Name><FirstName>A</FirstName></Name></Student>
<StudentLanguage/></InterchangeStudent>"""


def _map(folder: Path) -> Path:
    row = {
        "TermName": "Fall 2026-2027", "StudentID": "L1", "Student_StateID": "ST1", "Subject": "Mathematics",
        "TestStartDate": "09/16/2026", "TestRITScore": "208", "TestStandardError": "3.4", "GrowthMeasureYN": "TRUE",
        "ProjectedProficiencyStudy1": "Texas STAAR", "ProjectedProficiencyLevel1": "Meets",
    }  # fmt: skip
    write_table(
        folder / "map.csv", MAP, [row, row | {"Student_StateID": "ST2"}, row | {"TestRITScore": "high"}]
    )
    return folder / "map.csv"


def _staar(folder: Path) -> Path:
    row = {
        "administration_date": "0426", "grade_level_tested": "04", "tx_unique_student_id": "ST1",
        "score_code_mathematics": "S", "mathematics_scale_score": "1510", "meets_grade_level_in_mathematics": "1",
        "approaches_grade_level_in_mathematics": "1", "masters_grade_level_in_mathematics": "0",
    }  # fmt: skip
    write_table(
        folder / "staar.csv",
        STAAR,
        [row, row | {"tx_unique_student_id": "none"}, row | {"grade_level_tested": "?"}],
    )
    return folder / "staar.csv"


def _grades(folder: Path) -> Path:
    (folder / "grades.toml").write_text(MAPPING, encoding="utf-8")
    row = {"Number": "L1", "Mark": "B", "Course": "Algebra", "Year": "2026-27"}
    write_table(folder / "grades.csv", list(row), [row, row | {"Mark": ""}, row | {"Course": "Choir"}])
    return folder


def _settings(folder: Path) -> Path:
    (folder / "cuts.toml").write_text(SETTINGS + SETTINGS.replace("200", "'high'"), encoding="utf-8")
    return folder / "cuts.toml"


def _edfi(folder: Path) -> Path:
    (folder / "students.xml").write_text(EDFI, encoding="utf-8")
    return folder / "students.xml"


def _oneroster(folder: Path) -> Path:
    return write_package(folder / "package", small_district(4))


def _sds_v1(folder: Path) -> Path:
    # Importing again needs no district: the only one there is already holds the roster.
    return school_data_sync.write(
        folder / "v1", school_data_sync.V1, {"Student.csv": ("L1,4,", "L1,fourteen,")}
    )


def _sds_v2_1(folder: Path) -> Path:
    tables = {name: text for name, text in school_data_sync.V21.items() if name != "orgs.csv"}
    orgs = {"orgs.csv": "sourcedId,name,type,parentSourcedId\nS1,Pine School,school,\n"}
    return school_data_sync.write(folder / "v2", tables | orgs, {"roles.csv": ("TRUE", "perhaps")})


READERS: dict[str, tuple[Callable[[Path], Path], int, int]] = {
    # rows in, refused
    "oneroster": (_oneroster, 45, 0),
    "ed-fi": (_edfi, 2, 1),
    "map growth": (_map, 3, 2),
    "staar": (_staar, 3, 2),
    "mapped table": (_grades, 3, 2),
    "assessment settings": (_settings, 2, 1),
    # What is refused of a student takes seat, birth date and relation along.
    "school data sync v1": (_sds_v1, 12, 3),
    "school data sync v2.1": (_sds_v2_1, 17, 5),
}


@pytest.mark.parametrize("name", READERS)
def test_no_row_vanishes_and_the_second_import_changes_nothing(
    engine: Engine, tmp_path: Path, name: str
) -> None:
    make, rows_in, refused = READERS[name]
    bring(engine, write_package(tmp_path / "roster", small_district(3)))
    made = tmp_path / "made"
    made.mkdir()
    path = make(made)
    first = bring(engine, path)
    assert first.failed == []
    assert (first.rows_in, first.refused) == (rows_in, refused)
    before = register(engine)
    again = bring(engine, path)
    assert again.unchanged == again.accepted == rows_in - refused
    assert register(engine) == before


def _read_everything(path: Path) -> None:
    """Plan and read as an import does, without a database; only the intake's own errors may come out."""
    for source in plan_sources([path], LIMITS).sources:
        for number, file in enumerate(source.files):
            try:
                if file.batches is not None:
                    list(file.batches(FileTally(number, "x")))
                if file.records is None or file.read is None:
                    continue
                for _, record in file.records():
                    if not isinstance(record, RowRefused):
                        try:
                            file.read(record, FileTally(number, "x"))
                        except RowRefused:
                            continue
            except IntakeError:
                continue


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_raise_nothing_but_the_intakes_own_errors(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    path = READERS[name][0](folder)
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    file = data.draw(st.sampled_from(files))
    content = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 6))
        content[place : place + length] = data.draw(st.binary(max_size=8))
    file.write_bytes(bytes(content))
    _read_everything(path)
    shutil.rmtree(folder)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400))
def test_rubbish_is_refused_and_never_breaks_the_plan(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = tmp_path_factory.mktemp("rubbish") / "file"
    file.write_bytes(content)
    planned = plan_sources([file], LIMITS)
    assert len(planned.sources) + len(planned.failed) + len(planned.not_needed) == 1


@given(value=st.text(max_size=20))
def test_values_are_read_or_refused(value: str) -> None:
    for read in (
        lambda: dates.read_date(value, "c"),
        lambda: dates.read_month_year(value, "c"),
        lambda: dates.read_school_year(value, "c"),
        lambda: quantities.read_number(value, "c"),
        lambda: quantities.read_truth(value, "c"),
        lambda: vocabulary.read_grade_level(value, "c"),
    ):
        with suppress(RowRefused):
            read()
    language = vocabulary.read_language(value)
    assert language is None or language.tag != "en" or value.strip().casefold()[:2] == "en"
    assert marks.scale_of(value)


@given(day=st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_a_date_is_read_back_from_every_form(day: date) -> None:
    for form in ("%Y-%m-%d", "%Y%m%d", "%m%d%Y"):
        assert dates.read_date(day.strftime(form), "c") == day
    assert dates.read_date(f"{day.month}/{day.day}/{day.year}", "c", "mdy") == day
