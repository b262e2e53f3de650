"""What staff pages say about the small district."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE, Principal, Role
from campaign.database import transaction
from campaign.gate import Reason
from campaign.store import audit, overview
from campaign.store.overview import SubjectGap
from campaign.web.staff import gap, words
from reports.records import Category

SignIn = Callable[[str], FlaskClient]


def words_of(page: str) -> str:
    """The page as a reader sees it: no tags, single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_gap_is_counted_by_subject(app: Flask, engine: Engine) -> None:
    with transaction(engine, Principal(Role.DISTRICT, district_id=1)) as connection:
        math, reading = overview.gap_by_subject(connection)
    assert math == SubjectGap(
        "math", compared=5, high_mark=3, at=1, close=0, not_yet=4, disagree=0, high_not_yet=2, refused=1
    )
    assert (reading.compared, reading.high_mark, reading.at, reading.close) == (2, 2, 1, 1)


@pytest.mark.parametrize(
    ("counts", "tests"),
    [
        (
            (100, 77, 38, 22, 40, 0),
            [("at", 0, 38, "38%"), ("close", 38, 22, "22%"), ("not-yet", 60, 40, "40%")],
        ),
        ((20, 20, 0, 19, 1, 0), [("close", 0, 95, "95%"), ("not-yet", 95, 5, "")]),
        ((4, 0, 1, 0, 1, 2), [("at", 0, 25, "25%"), ("not-yet", 25, 25, "25%"), ("disagree", 50, 50, "50%")]),
    ],
)
def test_bars_are_percent_of_the_students_compared(counts: tuple[int, ...], tests: list[object]) -> None:
    compared, high, at, close, not_yet, disagree = counts
    (bars,) = gap.bars([SubjectGap("math", compared, high, at, close, not_yet, disagree, 0, 0)])
    assert [(s.kind, s.start, s.length, s.label) for s in bars.tests] == tests
    assert sum(segment.students for segment in bars.tests) == compared


def test_subjects_without_a_comparison_have_no_bar() -> None:
    assert gap.bars([SubjectGap("science", 0, 0, 0, 0, 0, 0, 0, 12)]) == []
    assert gap.widest([]) is None


def test_a_subject_few_are_compared_in_does_not_speak_for_the_district() -> None:
    few = SubjectGap("science", 30, 30, 0, 0, 30, 0, 30, 0)
    many = SubjectGap("math", 100, 80, 40, 20, 40, 0, 20, 0)
    found = gap.widest(gap.bars([few, many]))
    assert found is not None
    assert found.gap.subject == "math"


def test_home_shows_the_gap_the_next_sends_the_problems_and_the_reach(signed_in: SignIn) -> None:
    page = words_of(signed_in("district@example.org").get("/staff/").text)
    assert "Students with a comparison 5 of 6" in page
    assert "In math, 60% of students have a high mark and 20% are at grade level on the test." in page
    assert "2 students with a high mark are not yet at grade level on the test" in page
    assert "Talk to teacher 1 message planned" in page
    assert "broken.xml could not be read. The file ends in the middle of a record" in page
    assert "Vietnamese 1 0 1 –" in page
    assert "English 3 2 0 1" in page


def test_home_of_a_school_leaves_out_what_belongs_to_the_district(signed_in: SignIn) -> None:
    page = signed_in("school@example.org").get("/staff/").text
    assert "Alder Elementary" in page
    assert "Problems to fix" not in page
    assert "/staff/imports" not in page


def test_a_teacher_sees_own_students_and_no_share(signed_in: SignIn) -> None:
    client = signed_in("teacher@example.org")
    home = client.get("/staff/").text
    assert "Ana Abrego" in home
    assert "Chi Cao" not in home
    assert "%" not in words_of(home)
    assert "2 students" in words_of(client.get("/staff/students").text)


def search(client: FlaskClient, **wanted: str) -> list[str]:
    client.application.config["WTF_CSRF_ENABLED"] = False
    page = client.post("/staff/students", data=wanted).text
    return re.findall(r'href="/staff/students/\d+">([^<]+)<', page)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (
            {},
            ["Dee &lt;b&gt;Dunn&lt;/b&gt;", "Ana Abrego", "Ben Baker", "Chi Cao", "Eli Evans", "Fay Flores"],
        ),
        ({"search": "abre"}, ["Ana Abrego"]),
        ({"search": "Cao Chi"}, ["Chi Cao"]),
        ({"search": "1005"}, ["Eli Evans"]),
        ({"search": "%"}, []),
        ({"search": "Gray"}, []),
        ({"search": "' OR true --"}, []),
        ({"category": "HIGH_NOTYET"}, ["Ana Abrego", "Eli Evans"]),
        ({"category": "HIGH_NOTYET", "school": "1"}, ["Ana Abrego"]),
        ({"category": "HIGH_CLOSE", "subject": "math"}, []),
        ({"grade": "7"}, ["Eli Evans", "Fay Flores"]),
        ({"school": "x; DROP TABLE student", "grade": "99999999999999999999", "page": "-4"}, 6),
    ],
)
def test_students_are_found_by_name_number_and_filters(
    signed_in: SignIn, wanted: dict[str, str], found: list[str] | int
) -> None:
    names = search(signed_in("district@example.org"), **wanted)
    assert (len(names) if isinstance(found, int) else sorted(names)) == (
        found if isinstance(found, int) else sorted(found)
    )


def test_a_name_never_stands_in_an_address(signed_in: SignIn) -> None:
    page = signed_in("district@example.org").get("/staff/students?search=Ana").text
    assert "6 students" in words_of(page)
    assert 'method="post"' in page


def test_a_students_page_says_what_the_family_reads_and_why(signed_in: SignIn) -> None:
    page = words_of(signed_in("district@example.org").get("/staff/students/1").text)
    assert "Last school year, Ana had a B in math" in page
    assert "una B en matemáticas" in page
    assert "scores.csv, line 2" in page
    assert "Level 1 1400 ± 40 (grade level begins at 1500)" in page
    assert "chance to be at or above the line 0.00621" in page
    assert "Rosa Abrego , mother" in page
    assert "R-0001 , Spanish, version 1" in page
    assert "Report ready Rosa Abrego E-mail, Spanish Sent" in page


def test_a_refusal_is_explained_with_a_remedy(signed_in: SignIn) -> None:
    page = words_of(signed_in("district@example.org").get("/staff/students/4").text)
    assert (
        "Why there is no comparison: There is no score in this subject. What to do: Import test results"
        in page
    )
    assert "<b>Dunn</b>" not in signed_in("district@example.org").get("/staff/students/4").text


def test_a_language_that_does_not_go_out_is_said(signed_in: SignIn, engine: Engine) -> None:
    client = signed_in("district@example.org")
    assert "The report in Vietnamese is not offered yet" in words_of(client.get("/staff/students/3").text)
    assert "The report in Spanish" not in words_of(client.get("/staff/students/1").text)
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("DELETE FROM draft_permission"))
    assert "The report in Spanish is not reviewed yet" in words_of(client.get("/staff/students/1").text)


def audited(engine: Engine) -> list[tuple[str, str, str]]:
    with transaction(engine, ENGINE) as connection:
        assert audit.verify(connection) is None
        rows = connection.execute(text("SELECT actor, action, target FROM audit_entry ORDER BY id"))
        return [tuple(row) for row in rows]


def test_looking_at_a_student_leaves_a_trace_and_a_refused_look_none(
    signed_in: SignIn, engine: Engine
) -> None:
    client = signed_in("teacher@example.org")
    client.get("/staff/students/1")
    client.get("/staff/students/3")
    assert audited(engine) == [("account:4", "looked_at_student", "student:1")]


def test_the_plan_adds_up_and_says_why_messages_are_withheld(signed_in: SignIn) -> None:
    page = words_of(signed_in("district@example.org").get("/staff/plan").text)
    assert "4 messages = 1 sent + 1 planned + 1 withheld + 0 failed + 1 to be looked at" in page
    assert "1: no e-mail address or mobile number is known" in page


def test_pausing_holds_the_campaign_until_it_is_resumed_and_both_are_audited(
    app: Flask, signed_in: SignIn, engine: Engine
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = signed_in("district@example.org")
    client.post("/staff/plan/campaigns/1/pause")
    assert "Paused: nothing is sent" in client.get("/staff/plan").text
    client.post("/staff/plan/campaigns/1/resume")
    assert "Running" in client.get("/staff/plan").text
    assert audited(engine) == [
        ("account:2", "paused_campaign", "campaign:1"),
        ("account:2", "resumed_campaign", "campaign:1"),
    ]


def test_problems_are_listed_with_file_line_column_and_remedy(signed_in: SignIn) -> None:
    client = signed_in("district@example.org")
    page = words_of(client.get("/staff/problems").text)
    assert "users.csv 4 email – The e-mail address has no @. Correct it in the school&#39;s system." in page
    narrowed = words_of(client.get("/staff/problems?code=number_not_valid").text)
    assert "1 problem" in narrowed
    assert "Correct it in" not in narrowed


def test_a_file_imported_again_shows_the_problems_of_its_newest_import_alone(
    signed_in: SignIn, engine: Engine
) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO import_run (district_id, status, started_at) VALUES (1, 'done', '2026-11-02 10:00Z');
                INSERT INTO source_file (import_run_id, district_id, name, sha256, bytes, format, status, rows_in,
                                         accepted, refused)
                VALUES (2, 1, 'users.csv', 'b1', 2048, 'oneroster 1.2 users', 'done', 12, 11, 1),
                       (2, 1, 'broken.xml', 'b2', 20, 'ed-fi xml', 'done', 2, 2, 0);
                INSERT INTO refused_row (source_file_id, district_id, line, column_name, code, reason, remedy)
                VALUES (4, 1, 9, 'birthDate', 'date_not_valid', 'The date does not exist.', 'Correct it.')
                """
            )
        )
    client = signed_in("district@example.org")
    page = words_of(client.get("/staff/problems").text)
    assert "2 problems" in page
    assert page.count("The date does not exist.") == 3, "as a choice, as a kind, as a row"
    assert "The e-mail address has no @." not in page
    assert "could not be read" not in page + words_of(client.get("/staff/").text)
    earlier = words_of(client.get("/staff/problems?file=1").text)
    assert "2 problems" in earlier
    assert "users.csv was imported again since. These are the problems of its import on Nov 1" in earlier


def test_notes_on_what_came_in_are_no_refusals(signed_in: SignIn, engine: Engine) -> None:
    client = signed_in("district@example.org")
    assert "Notes" not in client.get("/staff/problems").text
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO refused_row (source_file_id, district_id, line, code, reason, remedy, accepted)
                VALUES (2, 1, 0, 'column_ignored', 'A column is not known.', 'Nothing, if it is not needed.', true)
                """
            )
        )
    refused = words_of(client.get("/staff/problems").text)
    assert "3 problems" in refused
    assert "Notes on what came in (1)" in refused
    assert "A column is not known." not in refused + client.get("/staff/").text
    assert "A column is not known." not in client.get("/staff/problems.csv").text
    notes = words_of(client.get("/staff/problems?show=notes").text)
    assert "Notes are not refusals" in notes
    assert "1 note" in notes
    assert "scores.csv whole file – – A column is not known. Nothing, if it is not needed." in notes
    assert "The date does not exist." not in notes
    assert "A column is not known." in client.get("/staff/problems.csv?show=notes").text
    assert "1 note on scores.csv" in words_of(client.get("/staff/imports/1").text)


def test_exported_problems_cannot_run_as_formulas(signed_in: SignIn) -> None:
    answer = signed_in("district@example.org").get("/staff/problems.csv?file=1")
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert rows[0] == ["file", "line", "column_name", "code", "reason", "remedy", "school", "subject"]
    assert len(rows) == 3
    assert rows[2][5] == '\'=HYPERLINK("x") is not a remedy'


def test_imported_files_show_rows_in_as_accepted_and_refused(signed_in: SignIn) -> None:
    page = words_of(signed_in("district@example.org").get("/staff/imports/1").text)
    assert "users.csv oneroster 1.2 users 12 10 2" in page
    assert "Together 18 15 3" in page


def test_pages_without_data_say_what_to_do_next(signed_in: SignIn, engine: Engine) -> None:
    client = signed_in("elsewhere@example.org")
    assert "gbg plan" in client.get("/staff/plan").text
    assert "gbg import FOLDER" in client.get("/staff/imports").text
    assert "Every row of every file was accepted" in client.get("/staff/problems").text
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE student SET withdrawn = true WHERE district_id = 2"))
    assert "No students yet" in client.get("/staff/").text


def test_every_code_has_words_for_staff() -> None:
    assert set(words.CATEGORIES) == set(Category) == set(words.TONES)
    assert set(words.REASONS) == set(Reason)
