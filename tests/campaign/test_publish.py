"""What is published is protected, written once, and changes only by batches that could be published themselves."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from campaign.access import ENGINE, Principal, Role
from campaign.database import transaction
from campaign.publish import as_csv, export, publish
from campaign.store import publications
from tests.web_pages import page_settings

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)


def add_students(
    connection: Connection, school: int, count: int, category: str = "MATCH_AT", grade: int = 3
) -> None:
    connection.execute(
        text(
            """
            WITH s AS (
                INSERT INTO student (district_id, school_id, given_name, family_name, grade_level, home_language)
                SELECT 1, :school, 'Canary', 'Child', :grade, CASE WHEN i % 3 = 0 THEN 'es' ELSE 'en' END
                FROM generate_series(1, :count) i RETURNING id
            )
            INSERT INTO comparison (district_id, student_id, subject, version, category, rules, school_year,
                                    explanation, inputs_hash, computed_at)
            SELECT 1, id, 'math', 1, :category, '{}', 2026, '{}', 'h', '2026-11-01 08:00Z' FROM s
            """
        ),
        {"school": school, "count": count, "category": category, "grade": grade},
    )


@pytest.fixture
def district(engine: Engine) -> Engine:
    """Schools Alder (60 and 60 students in grades 3 and 4), Birch (the same) and Cherry (7 in grade 3)."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO district (code, name) VALUES ('one', 'One');
                INSERT INTO school (district_id, source_id, name)
                VALUES (1, 'a', 'Alder'), (1, 'b', 'Birch'), (1, 'c', '=Cherry')
                """
            )
        )
        for school in (1, 2):
            for grade in (3, 4):
                add_students(connection, school, 30, grade=grade)
                add_students(connection, school, 30, "HIGH_NOTYET", grade=grade)
        add_students(connection, 3, 7)
    return engine


def run(engine: Engine, tmp_path: Path) -> pd.DataFrame:
    publish(engine, 1, page_settings(tmp_path), NOW)
    return newest(engine)


def newest(engine: Engine) -> pd.DataFrame:
    with transaction(engine, Principal(Role.PARTNER, district_id=1)) as connection:
        found = publications.current(connection, 1)
        return publications.cells(connection, found[0]["id"])


def said(cells: pd.DataFrame, place: str, dimension: str = "all", member: str = "all") -> tuple[object, ...]:
    row = cells[
        (cells["place"] == place)
        & (cells["dimension"] == dimension)
        & (cells["member"] == member)
        & (cells["measure"] == "grade_high_test_not_yet")
    ]
    assert len(row) == 1
    if not row["shown"].iloc[0]:
        return ("hidden",)
    return tuple(int(row[name].iloc[0]) for name in ("students", "percent_low", "percent_high"))


def test_a_small_school_is_hidden_with_another(district: Engine, tmp_path: Path) -> None:
    cells = run(district, tmp_path)
    assert said(cells, "district") == (247, 45, 50)
    assert said(cells, "=Cherry") == ("hidden",)
    assert {said(cells, "Alder"), said(cells, "Birch")} == {("hidden",), (120, 50, 55)}


def test_the_same_facts_publish_nothing_new(district: Engine, tmp_path: Path) -> None:
    run(district, tmp_path)
    summary = publish(district, 1, page_settings(tmp_path), NOW)
    assert [subject.written for subject in summary.subjects] == [False]
    assert "nothing new" in str(summary)
    with transaction(district, ENGINE) as connection:
        assert connection.scalar(text("SELECT count(*) FROM publication")) == 1


@pytest.mark.parametrize(
    ("added", "district_says", "birch_says"),
    [
        # Nine newcomers would be what two dates differ by: nobody's number moves.
        ({2: 9}, (240, 50, 55), (120, 50, 55)),
        # Ten may be seen.
        ({2: 10}, (250, 50, 55), (130, 50, 55)),
        # Five here and six there: the schools stay, the district moves by eleven.
        ({1: 5, 2: 6}, (251, 50, 55), (120, 50, 55)),
        # Birch's twelve may not move alone while Alder's four stay behind and the district moves.
        ({1: 4, 2: 12}, (256, 50, 55), (120, 50, 55)),
    ],
)
def test_rows_change_only_by_enough_students(
    engine: Engine,
    tmp_path: Path,
    added: dict[int, int],
    district_says: tuple[int, ...],
    birch_says: tuple[int, ...],
) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO district (code, name) VALUES ('one', 'One');
                INSERT INTO school (district_id, source_id, name) VALUES (1, 'a', 'Alder'), (1, 'b', 'Birch')
                """
            )
        )
        for school in (1, 2):
            add_students(connection, school, 60)
            add_students(connection, school, 60, "HIGH_NOTYET")
    assert said(run(engine, tmp_path), "district") == (240, 50, 55)
    with transaction(engine, ENGINE) as connection:
        for school, count in added.items():
            add_students(connection, school, count, "HIGH_NOTYET")
    cells = run(engine, tmp_path)
    assert said(cells, "district") == district_says
    assert said(cells, "Birch") == birch_says


def test_small_batches_add_up_until_they_may_be_seen(district: Engine, tmp_path: Path) -> None:
    run(district, tmp_path)
    seen = []
    for _ in range(3):
        with transaction(district, ENGINE) as connection:
            add_students(connection, 1, 6)
        seen.append(said(run(district, tmp_path), "district")[0])
    assert seen == [247, 259, 259], "six are held, twelve are shown, and then six are held again"


def test_students_who_leave_are_a_batch_too(district: Engine, tmp_path: Path) -> None:
    run(district, tmp_path)
    with transaction(district, ENGINE) as connection:
        connection.execute(text("UPDATE student SET withdrawn = true WHERE id <= 9"))
    assert said(run(district, tmp_path), "district")[0] == 247
    with transaction(district, ENGINE) as connection:
        connection.execute(text("UPDATE student SET withdrawn = true WHERE id <= 10"))
    assert said(run(district, tmp_path), "district")[0] == 237


def test_nothing_partners_can_read_says_which_rows_are_held(district: Engine, tmp_path: Path) -> None:
    run(district, tmp_path)
    with transaction(district, ENGINE) as connection:
        add_students(connection, 1, 6)
    run(district, tmp_path)
    partner = Principal(Role.PARTNER, district_id=1)
    for table in ("held_row", "counted_student", "student", "comparison"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction(district, partner) as connection,
        ):
            connection.execute(text(f"SELECT * FROM {table}"))


def test_staff_cannot_read_who_was_counted(district: Engine, tmp_path: Path) -> None:
    run(district, tmp_path)
    with transaction(district, Principal(Role.DISTRICT, district_id=1)) as connection:
        assert connection.scalar(text("SELECT count(*) FROM counted_student")) == 0


def test_another_district_sees_nothing(district: Engine, tmp_path: Path) -> None:
    run(district, tmp_path)
    with transaction(district, Principal(Role.PARTNER, district_id=2)) as connection:
        assert publications.current(connection, 1) == []


def test_without_comparisons_the_summary_says_what_to_do(engine: Engine, tmp_path: Path) -> None:
    assert "gbg compare" in str(publish(engine, 1, page_settings(tmp_path), NOW))


def test_the_csv_says_what_the_table_says_and_no_more(district: Engine, tmp_path: Path) -> None:
    cells = run(district, tmp_path)
    lines = list(csv.DictReader(io.StringIO(as_csv({"math": cells}, 10))))
    assert len(lines) == len(cells)
    assert set(lines[0]) == {
        "Subject",
        "District or school",
        "Place",
        "Group by",
        "Group",
        "Statement",
        "Students compared",
        "Percent from",
        "Percent to",
    }
    hidden = {
        (line["Students compared"], line["Percent from"], line["Percent to"])
        for line, shown in zip(lines, cells["shown"], strict=True)
        if not shown
    }
    assert hidden == {("Fewer than 10 students, or hidden to protect them", "", "")}
    assert {line["Place"] for line in lines} >= {"'=Cherry"}, "no cell begins a formula"


def test_export_writes_the_published_cells_of_each_district_under_one_heading(
    district: Engine, tmp_path: Path
) -> None:
    cells = run(district, tmp_path)
    file = tmp_path / "totals.csv"
    export(district, [1, 1], page_settings(tmp_path), file)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 2 * len(cells)
    assert sum(line.startswith("Subject,") for line in lines) == 1
