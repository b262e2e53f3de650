"""What real OneRoster exports do to the standard, one sample each, named by what is odd."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.campaign.intake.importing import bring, named, rows
from tests.campaign.intake.packages import Rows, small_district, write_package, write_table

Tables = dict[str, Rows]
MARKS = "SELECT DISTINCT mark FROM mark ORDER BY 1"


def _of(tables: Tables, table: str, key: str) -> dict[str, str]:
    return next(row for row in tables[table] if row["sourcedId"] == key)


def _dummy_category(tables: Tables) -> None:
    """Infinite Campus: one category of ones for all; the titles of the line items still tell."""
    tables["categories"] = [{"sourcedId": "1", "title": "1"}]
    for item in tables["lineItems"]:
        item["categorySourcedId"] = "1"


def _category_for_each_teacher(tables: Tables) -> None:
    tables["categories"] += [{"sourcedId": f"rc{n}", "title": "Report Card"} for n in range(3)]
    _of(tables, "lineItems", "i1")["categorySourcedId"] = "rc2"


def _title_cut_off(tables: Tables) -> None:
    """PowerSchool cuts titles at 50 characters."""
    _of(tables, "lineItems", "i2")["title"] = "Final grade of the course on numbers, measures, shapes and"[
        :50
    ]
    _of(tables, "categories", "rc")["title"] = "Report Card of the district of Blue Lake"[:30]


def _no_class_title(tables: Tables) -> None:
    for row in tables["classes"]:
        row["title"] = ""


def _composed_ids(tables: Tables) -> None:
    for row in tables["classes"]:
        row["sourcedId"] = f"990_TN_{row['sourcedId']}"
    for table in ("enrollments", "lineItems"):
        for row in tables[table]:
            row["classSourcedId"] = f"990_TN_{row['classSourcedId']}"


def _shared_identifier(tables: Tables) -> None:
    _of(tables, "orgs", "o1")["identifier"] = "BLUE"


def _long_term(tables: Tables) -> None:
    _of(tables, "academicSessions", "q1")["endDate"] = "2027-06-05"


def _result_of_a_teacher(tables: Tables) -> None:
    tables["results"].append(_of(tables, "results", "r1") | {"sourcedId": "rt", "studentSourcedId": "t1"})


def _bare_grade(tables: Tables) -> None:
    for row in tables["users"]:
        row["grades"] = row.get("grades", "").removeprefix("0")


def _agents_on_the_other_side(tables: Tables) -> None:
    for row in tables["users"]:
        if row["role"] == "student":
            row["agentSourcedIds"] = ""
        elif row["role"] == "parent":
            row["agentSourcedIds"] = row["sourcedId"].replace("p", "s")


def _unknown_columns(tables: Tables) -> None:
    for row in tables["users"]:
        row["metadata.busRoute"] = "7"


def _letter_in_metadata(tables: Tables) -> None:
    for row in tables["results"]:
        row |= {"metadata.letterGrade": row["comment"], "comment": "see portal"}


def _own_status(tables: Tables) -> None:
    for row in tables["results"]:
        row["scoreStatus"] = "ext:posted"


def _twice_word_for_word(tables: Tables) -> None:
    tables["results"].append(dict(tables["results"][0]))


def _two_marks_for_one(tables: Tables) -> None:
    tables["results"].append(tables["results"][0] | {"score": "12", "comment": "F"})


ODDITIES: dict[str, tuple[Callable[[Tables], None], str, list[tuple[object, ...]], int]] = {
    # what to do, what to look at, what is to be seen, how many rows are refused
    "a dummy category of ones": (_dummy_category, MARKS, [("A-",), ("B+",)], 0),
    "a category for each teacher": (_category_for_each_teacher, MARKS, [("A-",), ("B+",)], 0),
    "titles cut off": (_title_cut_off, MARKS, [("A-",), ("B+",)], 0),
    "classes without a title": (
        _no_class_title, "SELECT DISTINCT title FROM section ORDER BY 1", [("ELA 4",), ("Math 4",)], 0),
    "composed ids of classes": (_composed_ids, "SELECT count(*) FROM enrollment", [(12,)], 0),
    "two organisations with one identifier": (
        _shared_identifier, "SELECT d.code, h.name FROM district d JOIN school h ON h.district_id = d.id",
        [("BLUE", "North School")], 0),
    "a quarter as long as the year": (
        _long_term, "SELECT DISTINCT mark, is_final FROM mark ORDER BY 1", [("A-", True), ("B+", False)], 0),
    "a result of a teacher": (_result_of_a_teacher, "SELECT code FROM refused_row", [("unknown_student",)], 1),
    "a grade without its zero": (_bare_grade, "SELECT DISTINCT grade_level FROM student", [(4,)], 0),
    "agents on the side of the parents": (
        _agents_on_the_other_side, "SELECT count(*), count(DISTINCT contact_id) FROM student_contact", [(6, 6)], 0),
    "columns nobody knows": (_unknown_columns, "SELECT count(*) FROM student", [(6,)], 0),
    "a letter in metadata": (_letter_in_metadata, MARKS, [("A-",), ("B+",)], 0),
    "a status of the vendor's own": (_own_status, MARKS, [("A-",), ("B+",)], 0),
    "a result said twice, word for word": (_twice_word_for_word, "SELECT count(*) FROM mark", [(12,)], 0),
    "two marks for one result": (_two_marks_for_one, "SELECT code FROM refused_row", [("duplicate_row",)], 1),
}  # fmt: skip


@pytest.mark.parametrize("oddity", ODDITIES)
def test_an_oddity_of_an_export_is_understood_or_told(engine: Engine, tmp_path: Path, oddity: str) -> None:
    change, query, seen, refused = ODDITIES[oddity]
    tables = small_district()
    change(tables)
    summary = bring(engine, write_package(tmp_path / "p", tables))
    assert (summary.failed, summary.refused) == ([], refused)
    assert rows(engine, query) == seen


def _no_end_of_line(content: bytes) -> bytes:
    return content.rstrip(b"\r\n")


def _byte_order_mark(content: bytes) -> bytes:
    return b"\xef\xbb\xbf" + content


def _trailing_commas(content: bytes) -> bytes:
    return b"\r\n".join(line + b",," for line in content.splitlines()) + b"\r\n"


def _blank_lines(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\r\n\r\n")


def _columns_in_another_order(content: bytes) -> bytes:
    return b"".join(b",".join(reversed(line.split(b","))) + b"\r\n" for line in content.splitlines())


def _shouted_header(content: bytes) -> bytes:
    head, _, body = content.partition(b"\r\n")
    return head.upper() + b"\r\n" + body


@pytest.mark.parametrize(
    "change",
    [
        _no_end_of_line, _byte_order_mark, _trailing_commas, _blank_lines, _columns_in_another_order,
        _shouted_header,
    ],
)  # fmt: skip
def test_how_the_file_is_written_does_not_matter(
    engine: Engine, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    package = write_package(tmp_path / "p", small_district(3))
    for file in package.glob("*.csv"):
        file.write_bytes(change(file.read_bytes()))
    summary = bring(engine, package)
    assert (summary.failed, summary.refused) == ([], 0)
    assert rows(engine, "SELECT count(*) FROM student") == [(3,)]
    assert rows(engine, "SELECT count(*) FROM mark") == [(6,)]


def test_names_in_windows_letters_stay_whole(engine: Engine, tmp_path: Path) -> None:
    tables = small_district(1)
    _of(tables, "users", "s1")["givenName"] = "Zoë"
    package = write_package(tmp_path / "p", tables)
    (package / "users.csv").write_bytes((package / "users.csv").read_text(encoding="utf-8").encode("cp1252"))
    summary = bring(engine, package)
    assert "read as Windows-1252" in str(named(summary, "users").message)
    assert rows(engine, "SELECT given_name FROM student") == [("Zoë",)]


def test_inactive_of_older_files_removes_like_tobedeleted(engine: Engine, tmp_path: Path) -> None:
    tables = small_district(2)
    bring(engine, write_package(tmp_path / "p", tables))
    gone: Tables = {"users": [_of(tables, "users", "s2") | {"status": "inactive"}]}
    bring(engine, write_package(tmp_path / "delta", gone, mode="delta"), district="BLUE")
    assert rows(engine, "SELECT given_name FROM student WHERE withdrawn") == [("Given2",)]


SHIFTED_MAPPING = """
[mapping]
kind = "grades"
[mapping.columns]
student_local_id = "id"
mark = "G3"
[mapping.values]
subject = "math"
school_year = "2027"
scale = "points"
"""


SHIFTED = {
    # student-por: `health` is missing from the header, whose last separator makes the counts agree all the same.
    "a name is missing, and the header ends in a separator": (
        "id;absences;G1;G2;G3;\r\nL1;3;4;0;11;12\r\nL2;3;2;9;11;\r\nL2;3;2;9;11;13\r\n"
    ),
    "a name is missing, and nothing stands in its place": (
        "id;absences;G1;G2;G3\r\n" + "L1;3;4;0;11;12\r\n" * 9 + "L2;3;2;9;11;\r\n"
    ),
}


@pytest.mark.parametrize("oddity", SHIFTED)
def test_a_header_that_lacks_a_column_shifts_nothing_in(engine: Engine, tmp_path: Path, oddity: str) -> None:
    """Not even in rows whose last value is empty: they are no wider than the header."""
    bring(
        engine,
        write_package(tmp_path / "roster", {k: v for k, v in small_district(2).items() if k != "results"}),
    )
    folder = tmp_path / "t"
    folder.mkdir()
    (folder / "marks.toml").write_text(SHIFTED_MAPPING, encoding="utf-8")
    (folder / "student-por.csv").write_text(SHIFTED[oddity], encoding="utf-8", newline="")
    file = named(bring(engine, folder), "student-por.csv")
    assert (file.status, file.rows_in) == ("failed", 0)
    assert "student-por.csv: the header names 5 columns, but most rows hold more values" in str(file.message)
    assert rows(engine, MARKS) == []


@pytest.mark.shared_data
def test_the_published_file_with_shifted_columns_is_refused(
    engine: Engine, tmp_path: Path, shared_data: Path
) -> None:
    bring(engine, write_package(tmp_path / "roster", small_district(2)))
    mapping = tmp_path / "marks.toml"
    mapping.write_text(SHIFTED_MAPPING.replace('"id"', '"age"'), encoding="utf-8")
    shifted = shared_data / "validation" / "uci_student-por.csv"
    file = named(bring(engine, shifted, mapping), "uci_student-por.csv")
    assert (file.status, file.rows_in) == ("failed", 0)
    assert "a name is missing" in str(file.message)


PADDED = {
    # how the table is written, and the marks that come of it with the codes of refusals
    "tabs and padded cells": ("id \t G3 \r\nL1 \t 12 \r\n L2\t13\r\n", [("12",), ("13",)], []),
    "semicolons": ("id;G3\r\nL1;12\r\nL2;13\r\n", [("12",), ("13",)], []),
    "pipes": ("id|G3\r\nL1|12\r\n", [("12",)], []),
    "empty columns at the end of the header": ("id,G3,,\r\nL1,12,,\r\nL2,13,,\r\n", [("12",), ("13",)], []),
    "a row wider than the header": ("id,G3\r\nL1,12,x\r\nL2,13\r\n", [("13",)], [("ragged_row",)]),
    "a row of one cell less": ("id,G2,G3\r\nL1,12\r\nL2,1,13\r\n", [("13",)], [("ragged_row",)]),
}


@pytest.mark.parametrize("oddity", PADDED)
def test_other_separators_padding_and_ragged_rows(engine: Engine, tmp_path: Path, oddity: str) -> None:
    content, marks, codes = PADDED[oddity]
    bring(
        engine,
        write_package(tmp_path / "roster", {k: v for k, v in small_district(2).items() if k != "results"}),
    )
    folder = tmp_path / "t"
    folder.mkdir()
    (folder / "marks.toml").write_text(SHIFTED_MAPPING, encoding="utf-8")
    (folder / "marks.csv").write_text(content, encoding="utf-8", newline="")
    assert bring(engine, folder).failed == []
    assert rows(engine, MARKS) == marks
    assert rows(engine, "SELECT code FROM refused_row WHERE line > 0") == codes


def test_a_decimal_comma_is_refused_and_not_guessed(engine: Engine, tmp_path: Path) -> None:
    bring(engine, write_package(tmp_path / "roster", small_district(2)))
    folder = tmp_path / "t"
    folder.mkdir()
    mapping = SHIFTED_MAPPING.replace('mark = "G3"', 'mark = "G3"\npercent = "Percent"')
    (folder / "marks.toml").write_text(mapping, encoding="utf-8")
    row = {"id": "L1", "G3": "B", "Percent": "87,5"}
    write_table(folder / "marks.csv", list(row), [row, row | {"id": "L2", "Percent": "1,234"}])
    file = named(bring(engine, folder), "marks.csv")
    assert (file.accepted, file.refused) == (0, 2)
    assert rows(engine, "SELECT DISTINCT code, column_name FROM refused_row WHERE line > 0") == [
        ("unreadable_number", "Percent")
    ]
