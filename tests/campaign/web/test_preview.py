"""Reports before families read them: whose a teacher sees, the sheet, and what can be said about one."""

from __future__ import annotations

import io
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pikepdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.documents.family_reports import write_reports
from content import catalog
from reports.family import render
from reports.family.report import from_json
from tests.web_pages import MORNING, page_settings

TEACHER, SCHOOL = "teacher@example.org", "school@example.org"
Seat = Callable[[str], FlaskClient]


@pytest.fixture
def written(app: Flask, signed_in: Seat, engine: Engine, tmp_path: Path) -> Seat:
    """Reports of Ana (1) and Ben (2), of whom Ana's waits for her teacher."""
    app.config["WTF_CSRF_ENABLED"] = False
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("DELETE FROM report"))
    for student in (1, 2):
        write_again(engine, tmp_path, student)
    return signed_in


def write_again(engine: Engine, home: Path, student: int = 1) -> None:
    write_reports(
        engine,
        district_id=1,
        catalog=catalog.load(),
        settings=page_settings(home),
        out=home / "reports",
        now=MORNING,
        student_id=student,
    )


def one(engine: Engine, query: str) -> object:
    with transaction(engine, ENGINE) as connection:
        return connection.scalar(text(query))


def test_a_teacher_sees_the_own_students_and_what_waits(written: Seat) -> None:
    page = written(TEACHER).get("/staff/preview").text
    assert "Ana Abrego" in page
    assert "Ben Baker" in page
    assert "Chi Cao" not in page
    assert "Waits for you until Nov 10, 2026" in page
    assert "<strong>1</strong> wait for the days to look" in page


@pytest.mark.parametrize("page", ["", "/report", "/sheet.pdf"])
def test_a_student_of_another_class_is_not_there(written: Seat, page: str) -> None:
    assert written(TEACHER).get(f"/staff/preview/3{page}").status_code == 404
    assert written(TEACHER).get(f"/staff/preview/{2**63}{page}").status_code == 404


def test_the_preview_is_what_the_family_will_read(written: Seat, engine: Engine) -> None:
    contract = one(engine, "SELECT contract FROM report WHERE student_id = 1 AND language = 'en'")
    report = from_json(contract)  # type: ignore[arg-type]
    assert render.page(report) in written(TEACHER).get("/staff/preview/1/report").text
    sheet = unescape(written(TEACHER).get("/staff/preview/1").text)
    for block in report.subjects:
        assert block.sentence in sheet
    assert report.number in sheet


def test_sheets_come_as_pdf_one_page_a_student_of_the_section(written: Seat) -> None:
    for address, pages in (("1/sheet.pdf", 1), ("sections/1/sheets.pdf", 2)):
        answer = written(TEACHER).get(f"/staff/preview/{address}")
        assert answer.content_type == "application/pdf"
        with pikepdf.open(io.BytesIO(answer.data)) as file:
            assert len(file.pages) == pages
    assert written("elsewhere@example.org").get("/staff/preview/sections/1/sheets.pdf").status_code == 303


def test_a_note_waits_for_another_person(written: Seat, engine: Engine, tmp_path: Path) -> None:
    teacher, school = written(TEACHER), written(SCHOOL)
    assert teacher.post("/staff/preview/1/note", data={"said": "Ana asks good questions."}).status_code == 303
    assert teacher.post("/staff/preview/words/1/release").status_code == 403
    assert "Ana asks good questions." in school.get("/staff/preview/words").text
    assert school.post("/staff/preview/words/1/release").status_code == 303
    kept = {"language": "es", "said": "Ana hace buenas preguntas."}
    assert school.post("/staff/preview/words/1/translate", data=kept).status_code == 303
    assert "Ana hace buenas preguntas." in school.get("/staff/preview/1").text
    assert one(engine, "SELECT state FROM teacher_word") == "released"
    write_again(engine, tmp_path)
    notes = one(
        engine,
        "SELECT array_agg(contract ->> 'teacher_note' ORDER BY language) FROM report "
        "WHERE student_id = 1 AND superseded_at IS NULL",
    )
    assert notes == ["Ana asks good questions.", "Ana hace buenas preguntas."]
    assert teacher.post("/staff/preview/words/1/withdraw").status_code == 303
    assert one(engine, "SELECT state FROM teacher_word") == "withdrawn"


def test_what_cannot_be_kept_is_said_and_what_was_typed_stays_out_of_the_store(
    written: Seat, engine: Engine
) -> None:
    answer = written(TEACHER).post("/staff/preview/1/note", data={"said": "Ana is failing."})
    assert answer.status_code == 422
    assert "A family should not read this" in answer.text
    assert one(engine, "SELECT count(*) FROM teacher_word") == 0


def test_hold_wrong_data_and_release_from_the_page(written: Seat, engine: Engine) -> None:
    teacher = written(TEACHER)
    assert teacher.post("/staff/preview/1/release").status_code == 303
    assert "Released" in teacher.get("/staff/preview/1").text
    held = {"said": "I talk to them first.", "until": "2026-11-06"}
    assert teacher.post("/staff/preview/1/hold", data=held).status_code == 303
    assert "Held until Nov 7, 2026" in teacher.get("/staff/preview").text
    assert teacher.post("/staff/preview/words/2/end").status_code == 303
    assert "Held until" not in teacher.get("/staff/preview").text
    assert teacher.post("/staff/preview/1/wrong_data", data={"said": "Wrong test."}).status_code == 303
    school = written(SCHOOL)
    assert school.post("/staff/preview/words/3/settle", data={"said": ""}).status_code == 422
    assert school.post("/staff/preview/words/3/settle", data={"said": "Corrected."}).status_code == 303
    actions = one(
        engine, "SELECT array_agg(action ORDER BY id) FROM audit_entry WHERE action LIKE '%teacher%'"
    )
    assert actions == [
        "teacher_release",
        "teacher_hold",
        "end_teacher_hold",
        "teacher_wrong_data",
        "settle_teacher_wrong_data",
    ]


@pytest.mark.parametrize("kind", ["note", "wrong_data", "hold", "release"])
def test_nothing_is_said_about_another_teachers_student(written: Seat, engine: Engine, kind: str) -> None:
    sent = {"said": "x", "until": "2026-11-06"}
    assert written(TEACHER).post(f"/staff/preview/3/{kind}", data=sent).status_code == 404
    assert one(engine, "SELECT count(*) FROM teacher_word") == 0
