"""A print run holds each letter once, goes on after a stop, and counts everybody it considered."""

from __future__ import annotations

import csv
import subprocess
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE, Principal, Role
from campaign.database import transaction
from campaign.paper import print_files, print_runs
from campaign.paper.print_list import PrintedRun
from campaign.paper.print_runs import PrintError, Selection
from campaign.store.print_runs import Run
from content import catalog
from tests.campaign.paper.letter_post import write_all
from tests.web_pages import MORNING, page_settings, small_district

# Eli (5) is at another school with a report that waits for teachers; Fay (6) has nobody; Dee (4) a mark alone.
EVERYBODY = Selection(1)
# Where an adult moves, whom the test is about: rows of the made-up district that make it so.
ADDRESSES = """
    UPDATE contact SET address_line = id || ' Oak Street', city = 'Maple', state_code = 'WA', postal_code = '98038'
    WHERE id <= 5;
    UPDATE comparison SET computed_at = computed_at - interval '30 days' WHERE student_id = 1;
    INSERT INTO contact (district_id, source_id, given_name, family_name, written_language, address_line, city)
    VALUES (1, 'c7', 'Raul', 'Abrego', 'en', '9 Far Road', 'Birch'),
           (1, 'c8', 'Rita', 'Abrego', 'es', '1 Oak Street', 'Maple'),
           (1, 'c9', 'Ron', 'Abrego', 'en', '8 Barred Road', 'Birch');
    UPDATE contact SET postal_code = '98038', state_code = 'WA' WHERE source_id = 'c8';
    INSERT INTO student_contact (student_id, contact_id, relation, may_receive, court_restriction)
    VALUES (1, 7, 'father', true, false), (1, 8, 'aunt', true, false), (1, 9, 'uncle', true, true);
    DELETE FROM report;
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def district(engine: Engine, home: Path) -> Engine:
    """Reports of the small district; Ana has a mother and an aunt in one home, a father in another, a barred uncle."""
    small_district(engine)
    with transaction(engine, ENGINE) as connection:
        connection.execute(text(ADDRESSES))
    write_all(engine, home)
    return engine


def planned(engine: Engine, home: Path, wanted: Selection = EVERYBODY) -> Run:
    return print_runs.plan(
        engine, wanted, settings=page_settings(home), catalog=catalog.load(), actor="engine", now=MORNING
    )


def produced(engine: Engine, home: Path, run: Run, **options: int) -> PrintedRun:
    return print_files.produce(
        engine,
        run,
        settings=page_settings(home),
        catalog=catalog.load(),
        out=home / "out",
        now=MORNING,
        **options,  # type: ignore[arg-type]
    )


def letters(
    engine: Engine, columns: str = "student_id, contact_id, language, route"
) -> list[tuple[object, ...]]:
    with transaction(engine, ENGINE) as connection:
        found = connection.execute(
            text(f"SELECT {columns} FROM print_letter ORDER BY print_run_id, position")
        )
        return [tuple(row) for row in found]


def test_each_home_and_language_gets_one_letter_and_everybody_is_counted(
    district: Engine, home: Path
) -> None:
    run = planned(district, home)
    assert letters(district) == [
        (4, 4, "en", "mail"),
        (3, 3, "en", "mail"),
        (1, 7, "en", "mail"),
        (2, 2, "en", "mail"),
        (1, 1, "es", "mail"),
    ]
    assert run.left_out == {
        "court_restriction": 1,
        "no_contact": 1,
        "shares_a_home": 1,
        "teacher_preview": 1,
    }


def test_no_street_stands_on_an_envelope_whose_address_is_confidential_or_not_known(
    district: Engine, home: Path
) -> None:
    with transaction(district, ENGINE) as connection:
        connection.execute(text("UPDATE contact SET confidential = true WHERE id = 7"))
        connection.execute(text("UPDATE student SET confidential = true WHERE id = 3"))
        connection.execute(text("UPDATE contact SET address_line = '' WHERE id = 2"))
    run = planned(district, home)
    routes = {(student, contact): route for student, contact, _, route in letters(district)}
    assert {adult for adult, route in routes.items() if route == "by_student"} == {(1, 7), (3, 3), (2, 2)}
    produced(district, home, run)
    said = "".join(pdf_text(path) for path in sorted((home / "out").glob("*.pdf")))
    assert "9 Far Road" not in said
    assert "3 Oak Street" not in said
    assert "Bill Baker\nc/o Alder Elementary\nBen Baker, Math 4 A" in said
    assert "1 Oak Street" in said


def pdf_text(path: Path) -> str:
    done = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True, text=True)
    return done.stdout


def test_the_same_selection_is_the_same_run_and_prints_nothing_twice(district: Engine, home: Path) -> None:
    first = planned(district, home)
    assert planned(district, home).id == first.id
    overlapping = planned(district, home, replace(EVERYBODY, grade_level=4))
    assert overlapping.id != first.id
    assert overlapping.left_out["printed_before"] == 3
    assert len(letters(district)) == 5


def test_printing_again_needs_a_reason_and_is_one_run_for_it(district: Engine, home: Path) -> None:
    planned(district, home)
    with pytest.raises(PrintError, match="why"):
        planned(district, home, replace(EVERYBODY, again=" "))
    lost = replace(EVERYBODY, grade_level=4, again="The post lost a bag.")
    again = planned(district, home, lost)
    assert planned(district, home, lost).id == again.id
    assert [copy for (copy,) in letters(district, "copy")] == [1] * 5 + [2] * 3


def test_files_are_bound_by_school_listed_and_counted(district: Engine, home: Path) -> None:
    result = produced(district, home, planned(district, home))
    assert (result.considered, result.printed, result.not_drawn, result.failures) == (9, 5, 0, [])
    names = {path.name: path for path in (home / "out").iterdir()}
    assert sorted(name.removeprefix(result.number) for name in names) == [
        "-001.pdf",
        "-cover.pdf",
        "-list.csv",
    ]
    assert {path.stat().st_mode & 0o777 for path in names.values()} == {0o600}
    with names[f"{result.number}-list.csv"].open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["language"] for row in rows] == ["en", "en", "en", "en", "es"]
    with pikepdf.open(names[f"{result.number}-001.pdf"]) as file:
        last = rows[-1]
        assert len(file.pages) == int(last["first_page"]) + int(last["pages"]) - 1 == result.pages
    assert {row["pages"] for row in rows} == {"4"}
    listed = names[f"{result.number}-list.csv"].read_text()
    assert not [name for name in ("Ana", "Abrego", "Oak", "Rosa") if name in listed]
    assert "Considered" in pdf_text(names[f"{result.number}-cover.pdf"])


def test_a_stopped_run_goes_on_behind_its_last_whole_file(district: Engine, home: Path) -> None:
    class Stop(Exception):
        pass

    run = planned(district, home)
    files_before: list[str] = []

    def stop_after_files(_: int) -> None:
        files_before[:] = sorted(path.name for path in (home / "out").glob("*-0*.pdf"))
        if files_before:
            raise Stop

    with pytest.raises(Stop):
        print_files.produce(
            district,
            run,
            settings=page_settings(home),
            catalog=catalog.load(),
            out=home / "out",
            now=MORNING,
            part_bytes=1,
            progress=stop_after_files,
        )
    kept = {name: (home / "out" / name).stat().st_mtime_ns for name in files_before}
    assert kept
    result = produced(district, home, run, part_bytes=1)
    assert result.printed == 5
    assert {name: (home / "out" / name).stat().st_mtime_ns for name in kept} == kept
    parts = letters(district, "part, position")
    assert sorted(parts) == [(place, place) for place in range(1, 6)]


def test_a_file_that_was_lost_comes_back_under_its_name(district: Engine, home: Path) -> None:
    run = planned(district, home)
    produced(district, home, run, part_bytes=1)
    lost = home / "out" / f"{run.number}-002.pdf"
    said = pdf_text(lost)
    lost.unlink()
    produced(district, home, run, part_bytes=1)
    assert pdf_text(lost) == said
    assert len(list((home / "out").glob("*-0*.pdf"))) == 5


def test_a_report_that_changed_since_is_not_printed_by_the_old_run(district: Engine, home: Path) -> None:
    run = planned(district, home)
    with transaction(district, ENGINE) as connection:
        connection.execute(text("UPDATE student SET preferred_name = 'Benny' WHERE id = 2"))
    write_all(district, home)
    result = produced(district, home, run)
    assert (result.printed, result.replaced, result.considered) == (4, 1, 9)
    fresh = planned(district, home)
    assert fresh.id != run.id
    assert fresh.left_out["printed_before"] == 4
    assert letters(district)[5:] == [(2, 2, "en", "mail")]


def test_a_step_selects_those_it_could_not_reach(district: Engine, home: Path) -> None:
    run = planned(district, home, replace(EVERYBODY, step="report_ready"))
    # The small district's messages: Dot's was withheld for want of an address.
    assert letters(district) == [(4, 4, "en", "mail")]
    assert run.left_out["not_asked_for"] == 5


def test_nobody_to_print_for_is_said(district: Engine, home: Path) -> None:
    with pytest.raises(PrintError, match="gbg reports"):
        planned(district, home, replace(EVERYBODY, school="Nowhere"))


@pytest.mark.parametrize(
    ("principal", "seen"),
    [
        (Principal(Role.DISTRICT, 1), 5),
        (Principal(Role.DISTRICT, 2), 0),
        (Principal(Role.SCHOOL, 1, (1,)), 0),
        (Principal(Role.TEACHER, 1, (1,), staff_member_id=1), 0),
    ],
)
def test_letters_are_the_office_s(district: Engine, home: Path, principal: Principal, seen: int) -> None:
    planned(district, home)
    with transaction(district, principal) as connection:
        assert connection.scalar(text("SELECT count(*) FROM print_letter")) == seen


def test_no_letter_leaves_for_a_school_whose_required_language_nobody_has_reviewed(
    district: Engine, home: Path
) -> None:
    with transaction(district, ENGINE) as connection:
        connection.execute(text("UPDATE student SET school_id = 2 WHERE id IN (3, 4)"))
    schools = dict(letters_by_school(district, home))
    with transaction(district, ENGINE) as connection:
        connection.execute(text("UPDATE district SET state_code = 'CA'"))
        connection.execute(text("UPDATE student SET home_language = CASE id WHEN 1 THEN 'so' ELSE 'en' END"))
        held = connection.scalar(text("SELECT school_id FROM student WHERE id = 1"))
    run = planned(district, home, Selection(1, again="a look at California"))
    assert run.left_out["language_required"] >= schools[held]
    with transaction(district, ENGINE) as connection:
        left = connection.execute(
            text(
                """
                SELECT DISTINCT s.school_id FROM print_letter l JOIN student s ON s.id = l.student_id
                WHERE l.print_run_id = :run
                """
            ),
            {"run": run.id},
        )
        assert {school for (school,) in left} == schools.keys() - {held} != set()


def letters_by_school(engine: Engine, home: Path) -> list[tuple[int, int]]:
    """School and how many letters a run without the rule has for it."""
    run = planned(engine, home)
    with transaction(engine, ENGINE) as connection:
        found = connection.execute(
            text(
                """
                SELECT s.school_id, count(*) FROM print_letter l JOIN student s ON s.id = l.student_id
                WHERE l.print_run_id = :run GROUP BY 1
                """
            ),
            {"run": run.id},
        )
        return [(int(school), int(count)) for school, count in found]
