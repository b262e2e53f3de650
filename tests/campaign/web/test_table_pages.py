"""An unknown table is described, previewed, saved and imported; the next one of its columns goes in by itself."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign import importing
from campaign.access import ENGINE
from campaign.database import transaction
from tests.web_pages import MORNING, Clock, page_settings

SignIn = Callable[[str], FlaskClient]
MARKS = (
    b"Pupil No,Area,Year Group,Marking,Result,SSN\n"
    b"1001,Math,4,Q1,B+,1\n1002,Math,4,Q1,A,2\n1003,,5,Q1,C,3\n9,Math,4,Q1,A,4\n"
)
COLUMNS = {
    "column-student_local_id": "Pupil No",
    "column-subject": "Area",
    "column-grade_level": "Year Group",
    "column-period_title": "Marking",
    "column-mark": "Result",
}
FORM = {"kind": "grades", **COLUMNS, "value-scale": "letter", "value-school_year": "", "name": "Maple marks"}


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.fixture
def client(app: Flask, signed_in: SignIn) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return signed_in("district@example.org")


@pytest.fixture
def bring(client: FlaskClient, engine: Engine, tmp_path: Path) -> Callable[..., int]:
    """Sends a file, has it imported, and gives the id of what became of it."""

    def send(name: str, content: bytes) -> int:
        answer = client.post("/staff/imports", data={"files": [(io.BytesIO(content), name)]})
        work_off(engine, tmp_path, int(answer.location.rsplit("/", 1)[1]))
        return int(str(one(engine, "SELECT max(id) FROM source_file")))

    return send


def work_off(engine: Engine, home: Path, run_id: int) -> None:
    importing.work_off(engine, page_settings(home), run_id, lambda: MORNING)


def one(engine: Engine, query: str) -> object:
    with transaction(engine, ENGINE) as connection:
        return connection.scalar(text(query))


def newest(engine: Engine) -> object:
    return one(
        engine,
        "SELECT status || ': ' || accepted || '+' || refused || ' ' || coalesce(message, '') FROM source_file "
        "ORDER BY id DESC LIMIT 1",
    )


def test_a_table_is_described_saved_imported_and_known_from_then_on(
    client: FlaskClient, engine: Engine, tmp_path: Path, bring: Callable[..., int]
) -> None:
    file = bring("marks.csv", MARKS)
    page = client.get(f"/staff/tables/{file}")
    said = words_of(page.text)
    assert "Never read, because nobody needs it here and its loss would hurt: SSN." in said
    assert '<option value="Pupil No" selected>' in page.text
    assert "75% of its values are ids of students we know." in said
    shown = words_of(client.post(f"/staff/tables/{file}", data={**FORM, "action": "preview"}).text)
    assert "4 rows = 3 understood + 1 refused" in shown
    assert "2 of 3 students found by id" in shown
    assert "Line 4." in shown
    assert one(engine, "SELECT count(*) FROM table_mapping") == 0
    answer = client.post(f"/staff/tables/{file}", data={**FORM, "action": "import"})
    work_off(engine, tmp_path, int(answer.location.rsplit("/", 1)[1]))
    assert newest(engine) == "done: 2+2 read with the mapping Maple marks, version 1"
    bring("next_year.csv", MARKS.replace(b"Q1", b"Q2"))
    assert newest(engine) == "done: 2+2 read with the mapping Maple marks, version 1"
    assert one(
        engine, "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_entry WHERE target LIKE 'table%'"
    ) == ("saved_mapping")


def test_a_change_is_a_new_version_and_old_imports_keep_theirs(
    client: FlaskClient, engine: Engine, tmp_path: Path, bring: Callable[..., int]
) -> None:
    file = bring("marks.csv", MARKS)
    client.post(f"/staff/tables/{file}", data={**FORM, "action": "save"})
    read = bring("marks.csv", MARKS)
    page = client.get(f"/staff/tables/{read}?mapping=1").text
    assert 'value="Maple marks"' in page
    client.post(f"/staff/tables/{read}", data={**FORM, "value-is_final": "true", "action": "save"})
    bring("marks.csv", MARKS.replace(b"B+", b"B"))
    assert str(newest(engine)).endswith("Maple marks, version 2")
    listed = words_of(client.get("/staff/mappings").text)
    assert "Maple marks Report-card marks 2 " in listed
    assert "Maple marks, version 1, saved" in listed
    client.post("/staff/mappings/1/restore")
    assert (
        one(engine, "SELECT content -> 'values' ? 'is_final' FROM table_mapping WHERE version = 3") is False
    )
    client.post("/staff/mappings/3/retire")
    bring("others.csv", MARKS)
    assert str(newest(engine)).startswith(
        "failed: 0+0 others.csv has a header, but not one that the program knows"
    )
    assert "retired" in client.get("/staff/mappings").text


def test_a_mapping_goes_out_as_a_file_and_comes_in_as_one(
    client: FlaskClient, engine: Engine, bring: Callable[..., int]
) -> None:
    file = bring("marks.csv", MARKS)
    client.post(f"/staff/tables/{file}", data={**FORM, "action": "save"})
    sent = client.get("/staff/mappings/1.toml")
    assert tomllib.loads(sent.text)["mapping"]["columns"]["mark"] == "Result"
    answer = client.post("/staff/mappings", data={"name": "Copy", "file": (io.BytesIO(sent.data), "m.toml")})
    assert answer.location.endswith("?told=taken")
    assert one(engine, "SELECT count(DISTINCT content) FROM table_mapping") == 1


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"[mapping", "cannot be read as TOML"),
        (b"a = 1", "a table [mapping] is missing"),
        (b'[mapping]\nkind = "sums"', "kind must be"),
        (b'[mapping]\nkind = "grades"\n[mapping.columns]\nstudent_local_id = "a"', "needs mark"),
    ],
)
def test_a_mapping_file_that_cannot_work_is_refused_with_the_reason(
    client: FlaskClient, engine: Engine, content: bytes, complaint: str
) -> None:
    page = client.post(
        "/staff/mappings", data={"name": "Wrong", "file": (io.BytesIO(content), "m.toml")}
    ).text
    assert complaint in words_of(page)
    assert one(engine, "SELECT count(*) FROM table_mapping") == 0


SCORES = (
    b"Pupil No,Subject,Year Group,Score,Level\n"
    b"1001,Math,4,210,Green\n1002,Math,4,180,Red\n1003,Math,5,200,Yellow\n"
)
SCORE_FORM = {
    "kind": "scores",
    "column-student_local_id": "Pupil No",
    "column-subject": "Subject",
    "column-grade_level": "Year Group",
    "column-scale_score": "Score",
    "column-level": "Level",
    "value-family": "Lake Test",
    "value-version": "2026",
    "value-season": "fall",
    "value-school_year": "2027",
    "name": "Lake Test",
}


def test_levels_are_put_in_order_by_numbers_and_bring_the_cuts(
    client: FlaskClient, engine: Engine, tmp_path: Path, bring: Callable[..., int]
) -> None:
    file = bring("lake.csv", SCORES)
    page = words_of(client.post(f"/staff/tables/{file}", data={**SCORE_FORM, "action": "save"}).text)
    assert "Choose the lowest level that means “at grade level”." in page
    assert "Number the levels from the lowest, 1, to the highest" in page
    places = {
        "level-0": "Green",
        "place-0": "3",
        "level-1": "Red",
        "place-1": "1",
        "level-2": "Yellow",
        "place-2": "2",
    }
    form = {
        **SCORE_FORM,
        **places,
        "floor": "Green",
        "cuts": "math 4 fall 205\nmath 5 fall 215",
        "error": "3.5",
    }
    wrong = client.post(
        f"/staff/tables/{file}", data={**form, "cuts": "somewhere 200", "action": "save"}
    ).text
    assert "“somewhere 200” is no cut score." in words_of(wrong)
    answer = client.post(f"/staff/tables/{file}", data={**form, "action": "import"})
    work_off(engine, tmp_path, int(answer.location.rsplit("/", 1)[1]))
    assert newest(engine) == "done: 3+0 read with the mapping Lake Test, version 1"
    assert one(
        engine, "SELECT string_agg(cut::text, ' ' ORDER BY cut) FROM assessment WHERE family = 'Lake Test'"
    ) == ("205 215")
    levels = "SELECT DISTINCT jsonb_path_query_array(levels, '$[*].code')::text FROM assessment"
    assert one(engine, f"{levels} WHERE family = 'Lake Test'") == '["Red", "Yellow", "Green"]'
    bring("lake_winter.csv", SCORES)
    assert str(newest(engine)).startswith("failed"), "the season was said of one file alone"


def test_a_mapping_of_a_year_that_is_over_is_not_used(
    client: FlaskClient, engine: Engine, tmp_path: Path, bring: Callable[..., int], clock: Clock
) -> None:
    file = bring("marks.csv", MARKS)
    client.post(f"/staff/tables/{file}", data={**FORM, "value-school_year": "2026-27", "action": "save"})
    bring("marks.csv", MARKS)
    assert str(newest(engine)).startswith("done")
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE table_mapping SET created_at = created_at - interval '1 year'"))
    bring("marks.csv", MARKS.replace(b"B+", b"C"))
    assert str(newest(engine)).startswith("failed")
    assert "its school year is over" in client.get("/staff/mappings").text


def test_a_mapping_file_beside_a_table_goes_before_a_saved_one(
    client: FlaskClient, engine: Engine, tmp_path: Path, bring: Callable[..., int]
) -> None:
    file = bring("marks.csv", MARKS)
    client.post(f"/staff/tables/{file}", data={**FORM, "action": "save"})
    mapping = client.get("/staff/mappings/1.toml").data
    files = [(io.BytesIO(MARKS), "marks.csv"), (io.BytesIO(mapping), "beside.toml")]
    answer = client.post("/staff/imports", data={"files": files})
    work_off(engine, tmp_path, int(answer.location.rsplit("/", 1)[1]))
    assert one(
        engine, "SELECT message FROM source_file WHERE name = 'marks.csv' ORDER BY id DESC LIMIT 1"
    ) == ("read with the mapping beside.toml")


def test_a_file_that_is_gone_or_has_no_columns_says_so(
    client: FlaskClient, engine: Engine, bring: Callable[..., int]
) -> None:
    assert "is not stored any more" in client.get("/staff/tables/1").text
    twice = bring("twice.csv", b"Student ID,Grade,Grade\n1001,4,A\n")
    assert "two columns are called Grade" in client.get(f"/staff/tables/{twice}").text
    assert client.get("/staff/tables/999").status_code == 404
    assert client.get(f"/staff/tables/{2**63}").status_code == 404


@pytest.mark.parametrize("kind", ["grades", "scores", "attendance", "contacts"])
def test_every_kind_can_be_asked_for(client: FlaskClient, bring: Callable[..., int], kind: str) -> None:
    file = bring("marks.csv", MARKS)
    assert client.get(f"/staff/tables/{file}?kind={kind}").status_code == 200
    assert client.post(f"/staff/tables/{file}", data={"kind": kind, "action": "save"}).status_code == 200


def test_another_district_sees_and_changes_nothing(
    client: FlaskClient, signed_in: SignIn, engine: Engine, bring: Callable[..., int]
) -> None:
    file = bring("marks.csv", MARKS)
    client.post(f"/staff/tables/{file}", data={**FORM, "action": "save"})
    other = signed_in("elsewhere@example.org")
    assert "Maple marks" not in other.get("/staff/mappings").text
    for path in (f"/staff/tables/{file}", "/staff/mappings/1.toml"):
        assert other.get(path).status_code == 404
    for path in ("/staff/mappings/1/retire", "/staff/mappings/1/restore", f"/staff/tables/{file}"):
        assert other.post(path, data=FORM).status_code == 404
    assert one(engine, "SELECT count(*) FROM table_mapping WHERE superseded_at IS NULL") == 1
    for email in ("school@example.org", "teacher@example.org", "partner@example.org"):
        assert signed_in(email).get("/staff/mappings").status_code == 403
