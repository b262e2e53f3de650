"""OneRoster packages: what comes in, what leaves, what is passed over."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.campaign.intake.importing import bring, named, rows
from tests.campaign.intake.packages import Rows, small_district, write_package, write_table


@pytest.fixture
def tables() -> dict[str, Rows]:
    return small_district()


def test_a_package_fills_the_register(engine: Engine, tmp_path: Path, tables: dict[str, Rows]) -> None:
    summary = bring(engine, write_package(tmp_path / "p", tables))
    assert summary.failed == []
    assert summary.refused == 0
    assert rows(engine, "SELECT code, name FROM district") == [("BLUE", "Blue Lake")]
    assert rows(
        engine,
        "SELECT given_name, grade_level, home_language, birth_date::text, h.name FROM student s "
        "JOIN school h ON h.id = s.school_id WHERE given_name = 'Given1'",
    ) == [("Given1", 4, "es", "2016-03-02", "North School")]
    assert rows(engine, "SELECT DISTINCT relation, may_receive, court_restriction FROM student_contact") == [
        ("parent", True, False)
    ]
    assert rows(engine, "SELECT DISTINCT written_language FROM contact") == [("es",)]


def test_the_number_of_a_schools_office_is_kept(
    engine: Engine, tmp_path: Path, tables: dict[str, Rows]
) -> None:
    tables["orgs"][1]["metadata.phone"] = "(312) 555-0134"
    bring(engine, write_package(tmp_path / "p", tables))
    assert rows(engine, "SELECT name, phone FROM school") == [("North School", "(312) 555-0134")]


def test_only_report_card_results_become_marks(
    engine: Engine, tmp_path: Path, tables: dict[str, Rows]
) -> None:
    summary = bring(engine, write_package(tmp_path / "p", tables))
    assert named(summary, "results").message == "passed over: 6 results of assignments"
    assert rows(
        engine,
        "SELECT DISTINCT period_title, is_final, mark, percent, scale, subject, school_year, grade_level FROM mark "
        "ORDER BY 1",
    ) == [
        ("2025-26", True, "A-", 92.0, "letter", "math", 2026, 4),
        ("Quarter 1", False, "B+", 88.0, "letter", "math", 2027, 4),
    ]


def test_private_columns_are_dropped_and_named(
    engine: Engine, tmp_path: Path, tables: dict[str, Rows]
) -> None:
    summary = bring(engine, write_package(tmp_path / "p", tables))
    assert named(summary, "users").message == "dropped unread: password"
    assert named(summary, "demographics").message == "dropped unread: cityOfBirth"


def test_the_same_package_again_changes_nothing(
    engine: Engine, tmp_path: Path, tables: dict[str, Rows]
) -> None:
    package = write_package(tmp_path / "p", tables)
    bring(engine, package)
    before = rows(engine, "SELECT * FROM mark ORDER BY id") + rows(
        engine, "SELECT * FROM student ORDER BY id"
    )
    again = bring(engine, package)
    assert again.unchanged == again.accepted == again.rows_in > 0
    after = rows(engine, "SELECT * FROM mark ORDER BY id") + rows(engine, "SELECT * FROM student ORDER BY id")
    assert after == before


def test_a_changed_mark_is_an_update(engine: Engine, tmp_path: Path, tables: dict[str, Rows]) -> None:
    bring(engine, write_package(tmp_path / "p", tables))
    tables["results"][0] |= {"score": "71", "comment": "C-"}
    again = bring(engine, write_package(tmp_path / "p", tables))
    assert named(again, "results").unchanged == 11
    assert rows(engine, "SELECT count(*) FROM mark") == [(12,)]
    assert rows(engine, "SELECT mark, percent FROM mark WHERE mark LIKE 'C%'") == [("C-", 71.0)]


def test_who_is_missing_from_a_new_bulk_set_has_left(
    engine: Engine, tmp_path: Path, tables: dict[str, Rows]
) -> None:
    bring(engine, write_package(tmp_path / "p", tables))
    for table, column in (
        ("users", "sourcedId"),
        ("demographics", "sourcedId"),
        ("enrollments", "userSourcedId"),
    ):
        tables[table] = [row for row in tables[table] if row[column] != "s6"]
    tables["results"] = [row for row in tables["results"] if row["studentSourcedId"] != "s6"]
    bring(engine, write_package(tmp_path / "p", tables))
    assert rows(engine, "SELECT given_name FROM student WHERE withdrawn") == [("Given6",)]
    assert rows(engine, "SELECT count(*) FROM mark WHERE withdrawn") == [(2,)]
    assert rows(engine, "SELECT count(*) FROM enrollment") == [(10,)]


def test_a_refused_row_is_no_sign_of_leaving(engine: Engine, tmp_path: Path, tables: dict[str, Rows]) -> None:
    bring(engine, write_package(tmp_path / "p", tables))
    next(row for row in tables["users"] if row["sourcedId"] == "s6")["grades"] = "somewhere"
    summary = bring(engine, write_package(tmp_path / "p", tables))
    assert named(summary, "users").refused == 1
    assert rows(engine, "SELECT count(*) FROM student WHERE withdrawn") == [(0,)]


def test_a_delta_removes_what_it_names_and_nothing_else(
    engine: Engine, tmp_path: Path, tables: dict[str, Rows]
) -> None:
    bring(engine, write_package(tmp_path / "p", tables))
    changes: dict[str, Rows] = {
        "users": [
            next(row for row in tables["users"] if row["sourcedId"] == "s2") | {"status": "tobedeleted"}
        ],
        "lineItems": tables["lineItems"],
        "categories": tables["categories"],
        "results": [tables["results"][0] | {"status": "tobedeleted"}],
    }
    bring(engine, write_package(tmp_path / "delta", changes, mode="delta"), district="BLUE")
    assert rows(engine, "SELECT given_name FROM student WHERE withdrawn") == [("Given2",)]
    assert rows(engine, "SELECT count(*) FROM mark WHERE withdrawn") == [(1,)]
    assert rows(engine, "SELECT count(*) FROM enrollment") == [(12,)]


def test_ids_of_two_students_are_shown_and_never_merged(
    engine: Engine, tmp_path: Path, tables: dict[str, Rows]
) -> None:
    bring(engine, write_package(tmp_path / "p", tables))
    one = next(row for row in tables["users"] if row["sourcedId"] == "s1")
    one["metadata.stateId"] = "ST2"
    summary = bring(engine, write_package(tmp_path / "p", tables))
    assert named(summary, "users").refused >= 1
    assert rows(engine, "SELECT DISTINCT code FROM refused_row WHERE line > 0") >= [("identity_conflict",)]
    assert rows(engine, "SELECT count(*) FROM student") == [(6,)]
    assert rows(engine, "SELECT count(DISTINCT student_id) FROM student_identifier WHERE value = 'ST2'") == [
        (1,)
    ]


def test_a_court_restriction_ends_receiving(engine: Engine, tmp_path: Path, tables: dict[str, Rows]) -> None:
    next(row for row in tables["users"] if row["sourcedId"] == "p3")["metadata.courtRestriction"] = "true"
    next(row for row in tables["users"] if row["sourcedId"] == "p4")["metadata.mayReceive"] = "false"
    bring(engine, write_package(tmp_path / "p", tables))
    barred = rows(
        engine,
        "SELECT c.given_name, court_restriction FROM student_contact r JOIN contact c ON c.id = r.contact_id "
        "WHERE NOT may_receive ORDER BY 1",
    )
    assert barred == [("Parent3", True), ("Parent4", False)]


def test_an_unknown_language_is_asked_for_and_listed(
    engine: Engine, tmp_path: Path, tables: dict[str, Rows]
) -> None:
    for row in tables["users"]:
        if row["role"] == "student":
            row["metadata.homeLanguage"] = "77-X"
    bring(engine, write_package(tmp_path / "p", tables))
    assert rows(engine, "SELECT DISTINCT home_language, home_language_raw FROM student") == [(None, "77-X")]
    assert rows(engine, "SELECT line, accepted, reason FROM refused_row") == [
        (0, True, "The language code “77-X” is not known. The families concerned are shown as “ask”.")
    ]


def test_results_of_unknown_students_are_refused_with_their_line(
    engine: Engine, tmp_path: Path, tables: dict[str, Rows]
) -> None:
    tables["results"].append(tables["results"][0] | {"sourcedId": "rx", "studentSourcedId": "nobody"})
    summary = bring(engine, write_package(tmp_path / "p", tables))
    assert named(summary, "results").refused == 1
    assert rows(engine, "SELECT line, code FROM refused_row") == [(20, "unknown_student")]


def test_two_issuers_of_one_district_are_kept_apart(
    engine: Engine, tmp_path: Path, tables: dict[str, Rows]
) -> None:
    """The same ids mean other people and classes in another system, and one system's list says nothing of the other."""
    bring(engine, write_package(tmp_path / "one", tables, system="ONE"))
    other = small_district(2)
    other["orgs"][1]["name"] = "South School"
    for row in other["users"]:
        row |= {"givenName": "Other", "identifier": "", "metadata.stateId": ""}
    bring(engine, write_package(tmp_path / "two", other, system="TWO"))
    assert rows(engine, "SELECT count(*), count(*) FILTER (WHERE withdrawn) FROM student") == [(8, 0)]
    assert rows(engine, "SELECT count(*) FROM student WHERE given_name = 'Other'") == [(2,)]
    assert rows(engine, "SELECT name FROM school ORDER BY 1") == [("North School",), ("South School",)]


def test_version_1_2_takes_roles_and_letters_from_their_own_columns(
    engine: Engine, tmp_path: Path, tables: dict[str, Rows]
) -> None:
    tables["users"] = [
        {k: v for k, v in row.items() if k != "role"} | {"userMasterIdentifier": "", "role": ""}
        for row in tables["users"]
    ]
    tables["results"] = [
        row | {"textScore": row["comment"], "comment": "so it is"} for row in tables["results"]
    ]
    package = write_package(tmp_path / "p", tables, version="1.2")
    users = (package / "users.csv").read_text(encoding="utf-8")
    (package / "users.csv").write_text(users.replace(",role,", ",pronouns,", 1), encoding="utf-8")
    kinds = {"s": "student", "p": "guardian", "t": "teacher"}
    write_table(
        package / "roles.csv",
        ["sourcedId", "status", "dateLastModified", "userSourcedId", "roleType", "role", "orgSourcedId"],
        [
            {"sourcedId": f"r-{row['sourcedId']}", "userSourcedId": row["sourcedId"], "roleType": "primary",
             "role": kinds[row["sourcedId"][0]], "orgSourcedId": "o1"}
            for row in tables["users"]
        ],
    )  # fmt: skip
    summary = bring(engine, package)
    assert (summary.failed, summary.refused) == ([], 0)
    assert named(summary, "roles").format == "oneroster 1.2 roles"
    assert rows(engine, "SELECT DISTINCT mark FROM mark ORDER BY 1") == [("A-",), ("B+",)]
    assert rows(engine, "SELECT DISTINCT relation, may_receive FROM student_contact") == [("guardian", True)]


def test_without_a_manifest_nobody_is_taken_to_have_left(
    engine: Engine, tmp_path: Path, tables: dict[str, Rows]
) -> None:
    bring(engine, write_package(tmp_path / "p", tables))
    package = write_package(tmp_path / "next", small_district(2))
    (package / "manifest.csv").unlink()
    assert bring(engine, package).failed == []
    assert rows(engine, "SELECT count(*) FROM student WHERE withdrawn") == [(0,)]
