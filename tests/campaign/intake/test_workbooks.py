"""Workbooks: every sheet a table, rows named by their number in the sheet, nothing made up for what is not there."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from campaign.intake import workbooks
from campaign.intake.problems import IntakeError
from campaign.intake.run import import_paths
from campaign.intake.sources import InputFile, find_files
from campaign.settings import Intake
from tests.campaign.intake.importing import LIMITS, NOW, bring, named, rows
from tests.campaign.intake.packages import small_district, write_package
from tests.campaign.intake.workbook_files import Day, Error, Formula, Row, ods, xlsx

MAPPING = """
[mapping]
kind = "grades"
[mapping.columns]
student_local_id = "Number"
mark = "Mark"
course_title = "Course"
school_year = "Year"
"""
HEADER: Row = ("Number", "Mark", "Course", "Year")
GOOD: Row = ("L1", "B", "Algebra", "2026-27")


def tables(file: Path) -> dict[str, list[list[str]]]:
    """Sheet → rows as the readers see them, the header first."""
    found = {}
    for sheet in find_files(file, LIMITS):
        assert isinstance(sheet, InputFile), sheet
        with sheet.open() as stream:
            lines = stream.read().decode("utf-8").splitlines()
        found[sheet.name] = list(csv.reader(lines, delimiter="\t", strict=True))
    return found


@pytest.fixture
def lake(engine: Engine, tmp_path: Path) -> Path:
    """A folder with a mapping for tables of marks, and three students in the register."""
    bring(engine, write_package(tmp_path / "roster", small_district(3)))
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "marks.toml").write_text(MAPPING, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("00042", "00042"), (4.0, "4"), (4.5, "4.5"), (0.1 + 0.2, "0.3"), (-3, "-3"),
        (999999999999999, "999999999999999"),
        (True, "true"), (False, "false"), (Day(46156), "2026-05-14"), (Day(46156.5), "2026-05-14T12:00:00"),
        (Formula("A-"), "A-"), (Formula(88), "88"), ("two\nlines\tand more", "two lines and more"),
        ('say "hi", all', 'say "hi", all'), ("=1+1", "=1+1"),
    ],
)  # fmt: skip
def test_cells_become_text(tmp_path: Path, cell: object, text: str) -> None:
    file = xlsx(tmp_path / "book.xlsx", {"Marks": [("Number", "Value"), ("L1", cell)]})
    assert tables(file) == {"book.xlsx › Marks": [["Number", "Value"], ["L1", text]]}


BLANK: list[str] = []
SHEETS: dict[str, tuple[list[Row], list[list[str]]]] = {
    "titles above the header": (
        [("Pine School",), (), ("First quarter", "", "", "2026"), HEADER, GOOD],
        [list(map(str, HEADER)), BLANK, BLANK, BLANK, list(map(str, GOOD))],
    ),
    "groups above the header": (
        [("Fall", "", "Winter", ""), HEADER, GOOD], [list(map(str, HEADER)), BLANK, list(map(str, GOOD))],
    ),
    "an empty column before the table and one in it": (
        [("", "Number", "", "Mark"), ("", "L1", "", "B")], [["Number", "", "Mark"], ["L1", "", "B"]],
    ),
    "an empty row in the table": (
        [HEADER, (), GOOD], [list(map(str, HEADER)), BLANK, list(map(str, GOOD))],
    ),
    "more values than columns": (
        [("Number", "Mark"), ("L1", "B", "", "see me")], [["Number", "Mark"], ["L1", "B", "", "see me"]],
    ),
    "a row that ends early": ([HEADER, ("L1",)], [list(map(str, HEADER)), ["L1", "", "", ""]]),
}  # fmt: skip


@pytest.mark.parametrize("oddity", SHEETS)
def test_the_header_is_found_and_rows_keep_their_numbers(tmp_path: Path, oddity: str) -> None:
    given_rows, expected = SHEETS[oddity]
    assert list(tables(xlsx(tmp_path / "book.xlsx", {"S": given_rows})).values()) == [expected]


def test_open_documents_are_read_the_same(tmp_path: Path) -> None:
    file = ods(tmp_path / "book.ods", {"Marks": [("Title",), ("Number", "Mark"), ("007", 4.0)]})
    assert tables(file) == {"book.ods › Marks": [["Number", "Mark"], [], ["007", "4"]]}


def test_a_mapped_sheet_comes_in_with_problems_at_its_own_rows(engine: Engine, lake: Path) -> None:
    sheet = [
        ("Pine School",),
        (),
        HEADER,
        GOOD,
        (),
        ("L9", "B", "Algebra", "2026-27"),
        ("L2", "", "Algebra", 2027),
    ]
    xlsx(lake / "q1.xlsx", {"Marks": sheet, "Notes": [("Ask Tess",)], "Empty": []})
    summary = bring(engine, lake)
    marks = named(summary, "Marks")
    assert (marks.name, marks.rows_in, marks.accepted, marks.refused) == ("q1.xlsx › Marks", 3, 1, 2)
    assert "rows 1 to 2 above the header were skipped" in str(marks.message)
    assert rows(engine, "SELECT line, code FROM refused_row WHERE line > 0 ORDER BY 1") == [
        (6, "unknown_student"),
        (7, "no_mark"),
    ]
    assert [f.status for f in summary.files if f.name.endswith("Notes")] == ["not_needed"]


def test_error_cells_and_lost_digits_refuse_their_rows_and_no_others(engine: Engine, lake: Path) -> None:
    sheet: list[Row] = [
        HEADER, GOOD, ("L2", Error("#REF!"), "Algebra", "2026-27"), ("L3", Formula(None), "Algebra", "2026-27"),
        (12345678901234567, "A", "Algebra", "2026-27"),
    ]  # fmt: skip
    xlsx(lake / "q1.xlsx", {"Marks": sheet})
    marks = named(bring(engine, lake), "Marks")
    assert (marks.rows_in, marks.accepted, marks.refused) == (4, 1, 3)
    assert rows(engine, "SELECT line, column_name, code, reason FROM refused_row ORDER BY 1") == [
        (3, "Mark", "error_cell", "The cell holds an error instead of a value (#REF!)."),
        (4, "Mark", "error_cell", "The cell holds an error instead of a value (a formula without a value)."),
        (5, "Number", "digits_lost",
         "The cell holds a number with more than 15 digits, of which a workbook loses the last."),
    ]  # fmt: skip


def test_a_hidden_sheet_is_read_and_named(engine: Engine, lake: Path) -> None:
    xlsx(lake / "q1.xlsx", {"Seen": [("x",)], "Kept": [HEADER, GOOD]}, hidden=["Kept"])
    kept = named(bring(engine, lake), "Kept")
    assert kept.accepted == 1
    assert "the sheet is hidden in the workbook" in str(kept.message)


def test_a_whole_package_may_be_one_workbook(engine: Engine, tmp_path: Path) -> None:
    folder = write_package(tmp_path / "p", small_district(3))
    sheets = {}
    for file in sorted(folder.glob("*.csv")):
        with file.open(newline="", encoding="utf-8") as stream:
            sheets[file.stem] = [tuple(row) for row in csv.reader(stream)]
    summary = bring(engine, xlsx(tmp_path / "roster.xlsx", sheets))
    assert (summary.failed, summary.refused) == ([], 0)
    assert rows(engine, "SELECT count(*) FROM student") == [(3,)]
    assert named(summary, "users").message == "dropped unread: password"


def test_the_same_workbook_again_changes_nothing(engine: Engine, lake: Path) -> None:
    xlsx(lake / "q1.xlsx", {"Marks": [HEADER, GOOD]})
    bring(engine, lake)
    again = bring(engine, lake)
    assert again.unchanged == again.accepted == 1


def _protected(file: Path) -> Path:
    file.write_bytes(workbooks.OLE_BEGINS + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600))
    return file


def _cut_off(file: Path) -> Path:
    whole = xlsx(file, {"Marks": [HEADER, GOOD]}).read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    return file


def _text_document(file: Path) -> Path:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    return file


def _old_rubbish(file: Path) -> Path:
    file.write_bytes(workbooks.OLE_BEGINS + bytes(range(256)) * 8)
    return file


def _nothing_in_it(file: Path) -> Path:
    return xlsx(file, {"A": [], "B": [("", "")]})


def _far_corner(file: Path) -> Path:
    """One value in the last corner: room for it all would be seventeen thousand million cells."""
    xlsx(file, {"Marks": [HEADER, GOOD]})
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    part = "xl/worksheets/sheet1.xml"
    members[part] = members[part].replace(
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def _bomb(file: Path) -> Path:
    return xlsx(file, {"Marks": [HEADER, *[("0" * 2000,) * 4] * 4000]})


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_protected, "protected with a password. Save it without one"),
        (_cut_off, "not a complete zip archive"),
        (_text_document, "cannot be read as a workbook"),
        (_old_rubbish, "cannot be read as a workbook"),
        (_nothing_in_it, "has no sheet with anything in it"),
        (_far_corner, "reaches over 1048576 rows and 16384 columns"),
        (_bomb, "more than 100 times"),
    ],
)
def test_a_workbook_that_cannot_be_read_says_why(
    engine: Engine, tmp_path: Path, make: object, said: str
) -> None:
    file = make(tmp_path / "book.xlsx")  # type: ignore[operator]
    (failed,) = bring(engine, file).failed
    assert said in str(failed.message)
    assert "book.xlsx" in str(failed.message)


def test_a_workbook_over_the_limit_is_not_read(engine: Engine, tmp_path: Path) -> None:
    limits = Intake(50, 1000, 50, 30, maximum_workbook_megabytes=1)
    file = xlsx(tmp_path / "book.xlsx", {"Marks": [HEADER, *[("L1", "B" * 300, "C", "D")] * 5000]})
    (failed,) = import_paths(engine, [file], district=None, limits=limits, now=NOW).failed
    assert "workbook larger than 1 megabytes" in str(failed.message)


def test_a_workbook_of_which_nothing_is_known_fails(engine: Engine, tmp_path: Path) -> None:
    (failed,) = bring(engine, xlsx(tmp_path / "book.xlsx", {"Notes": [("Ask", "Tess"), ("a", "b")]})).failed
    assert "has a header, but not one that the program knows" in str(failed.message)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_workbooks_end_in_sheets_or_in_a_plain_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    file = tmp_path_factory.mktemp("damaged") / "book"
    make = data.draw(st.sampled_from([xlsx, ods]))
    make(file, {"Marks": [HEADER, GOOD]})
    content = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content)))
        content[place : place + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=8))
    file.write_bytes(bytes(content))
    for sheet in find_files(file, LIMITS):
        assert isinstance(sheet, InputFile | IntakeError)


CELL = st.one_of(
    st.none(), st.integers(-(10**9), 10**9), st.booleans(), st.floats(-1e9, 1e9), st.just(Error("#N/A")),
    st.text(st.characters(min_codepoint=32, exclude_categories=("Cs",), exclude_characters="\ufffe\uffff"), max_size=8),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.lists(st.lists(CELL, min_size=1, max_size=5), max_size=8))
def test_every_row_that_holds_anything_is_on_its_line_or_refused(
    tmp_path_factory: pytest.TempPathFactory, body: list[list[object]]
) -> None:
    head = ("a", "b", "c", "d", "e")
    file = xlsx(tmp_path_factory.mktemp("any") / "book.xlsx", {"S": [head, *body]})
    (sheet,) = find_files(file, LIMITS)
    assert isinstance(sheet, InputFile)
    with sheet.open() as stream:
        lines = stream.read().decode("utf-8").split("\n")
    refused = {line for line, _ in sheet.refused}
    for number, row in enumerate(body, 2):
        filled = any(cell not in (None, "") for cell in row)
        text = lines[number - 1] if number <= len(lines) else ""
        assert bool(text) == (filled and number not in refused)
        assert (number in refused) == any(isinstance(cell, Error) for cell in row)
