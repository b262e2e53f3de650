"""The Ed-Fi API: whatever the server does, every record comes once, or the person is told why not."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from campaign.intake.edfi.api import EdFiApi, EdFiError, KeptChanging, NotAllowed
from campaign.intake.edfi.fetch import Fetched, fetch
from campaign.intake.edfi.json_records import resources, to_element
from campaign.intake.problems import RowRefused
from tests.campaign.intake.edfi_server import KEY, SECRET, World, district, serving
from tests.campaign.intake.importing import bring, rows

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)


def fetched(world: World, folder: Path, page: int = 2) -> list[Fetched]:
    with serving(world) as address:
        api = EdFiApi(address, KEY, SECRET, page=page)
        try:
            return fetch(api, folder, NOW)
        finally:
            api.close()


def test_a_district_is_fetched_and_imported(engine: Engine, tmp_path: Path) -> None:
    found = fetched(World(district()), tmp_path)
    assert {f.resource: f.records for f in found if f.records}["students"] == 3
    assert [f for f in found if f.problem] == []
    summary = bring(engine, tmp_path)
    assert summary.refused == 0, [f for f in summary.files if f.refused]
    assert rows(engine, "SELECT code, name, state_code FROM district") == [("7000", "Lindenau Schools", "TX")]
    assert rows(engine, "SELECT name, phone FROM school") == [("Hazel School", "555-0100")]
    assert rows(
        engine,
        """
        SELECT s.given_name, s.grade_level, s.home_language, s.english_learner, i.value, m.subject, m.mark,
               m.period_title, m.school_year, c.scale_score, c.administered_on::text, a.floor_level, a.cut, a.kind
        FROM student s JOIN student_identifier i ON i.student_id = s.id AND i.system = 'state'
        JOIN mark m ON m.student_id = s.id JOIN score c ON c.student_id = s.id
        JOIN assessment a ON a.id = c.assessment_id ORDER BY 1
        """,
    ) == [
        (name, 5, tongue, False, code, "math", letter, "First nine weeks", 2027, score, "2026-09-14", "Proficient",
         200.0, "interim")
        for name, tongue, code, letter, score in (
            ("Ana", "es", "TX1001", "B", 180.0),
            ("Ben", "en", "TX1002", "C", 200.0),
            ("Chi", "vi", "TX1003", "A", 220.0),
        )
    ]  # fmt: skip
    assert rows(
        engine,
        """
        SELECT s.given_name, c.email, c.phone_type, c.written_language, k.relation, k.lives_with
        FROM student_contact k JOIN student s ON s.id = k.student_id JOIN contact c ON c.id = k.contact_id
        WHERE s.given_name = 'Ana'
        """,
    ) == [("Ana", "pat.1001@example.org", "mobile", "es", "mother", True)]
    assert rows(engine, "SELECT t.family_name FROM section x JOIN staff_member t ON t.id = x.teacher_id") == [
        ("Vance",)
    ]


def test_fetching_again_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    world = World(district())
    fetched(world, tmp_path)
    bring(engine, tmp_path)
    fetched(world, tmp_path)
    again = bring(engine, tmp_path)
    assert again.accepted == again.unchanged > 20


def test_files_are_readable_by_the_owner_alone(tmp_path: Path) -> None:
    fetched(World(district()), tmp_path / "new")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "new").iterdir()} == {0o600}


def test_a_busy_server_and_tokens_that_run_out_lose_nothing(tmp_path: Path) -> None:
    world = World(district(), calls_per_token=3, busy_every=4)
    found = fetched(world, tmp_path, page=1)
    assert world.busy > 5
    assert world.tokens > 5
    assert {f.resource: f.records for f in found} == {name: len(r) for name, r in district().items()}


def test_records_that_slip_in_while_pages_are_read_make_it_read_again(tmp_path: Path) -> None:
    world = World(district(), grows_while_read={"students": 1})
    found = fetched(world, tmp_path, page=1)
    assert {f.resource: f.records for f in found}["students"] == 4


def test_a_resource_that_never_holds_still_is_told_and_leaves_no_half_file(tmp_path: Path) -> None:
    world = World(district(), grows_while_read={"students": 1000})
    with pytest.raises(KeptChanging, match=r"students changed .* quiet time"):
        fetched(world, tmp_path, page=1)
    assert not [file.name for file in tmp_path.iterdir() if file.name.startswith("students.")]


def test_what_the_key_may_not_read_is_named(tmp_path: Path) -> None:
    found = fetched(World(district(), forbidden={"grades"}), tmp_path)
    assert [f.problem for f in found if f.resource == "grades"] == [
        "The key may not read grades. Ask for a key whose claim set reads it."
    ]
    assert not (tmp_path / "grades.jsonl").exists()


def test_without_students_there_is_nothing_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match="students"):
        fetched(World(district(), forbidden={"students"}), tmp_path)


def test_parents_take_the_place_of_contacts_before_data_standard_5(engine: Engine, tmp_path: Path) -> None:
    said = district()
    contacts = said.pop("contacts")
    associations = said.pop("studentContactAssociations")
    said["parents"] = [{**c, "parentUniqueId": c["contactUniqueId"]} for c in contacts]
    for parent in said["parents"]:
        del parent["contactUniqueId"]
    said["studentParentAssociations"] = [
        {**a, "parentReference": {"parentUniqueId": a["contactReference"]["contactUniqueId"]}}
        for a in associations
    ]
    for association in said["studentParentAssociations"]:
        del association["contactReference"]
    found = fetched(World(said), tmp_path)
    assert [f for f in found if f.problem] == []
    bring(engine, tmp_path)
    assert rows(engine, "SELECT count(*) FROM student_contact") == [(3,)]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://edfi.example.org/api", "must begin with https"),
        ("ftp://127.0.0.1/api", "must begin with https"),
        ("http://127.0.0.1:9/api", "does not answer"),
    ],
)
def test_an_address_that_cannot_be_used_is_told(address: str, told: str) -> None:
    with pytest.raises(EdFiError, match=told):
        EdFiApi(address, KEY, SECRET)


def test_the_secret_goes_to_no_other_server() -> None:
    world = World({}, urls={"oauth": "https://elsewhere.example.org/token"})
    with (
        serving(world) as address,
        pytest.raises(EdFiError, match=r"another server \(elsewhere.example.org\)"),
    ):
        EdFiApi(address, KEY, SECRET)


def test_a_wrong_secret_is_told_without_showing_it() -> None:
    with serving(World(district())) as address:
        api = EdFiApi(address, KEY, "wrong-secret")
        with pytest.raises(EdFiError, match="refuses the key or secret") as told:
            list(api.records("students"))
        api.close()
    assert "wrong-secret" not in str(told.value)


def test_a_page_that_is_no_api_is_told() -> None:
    with serving(World({})) as address, pytest.raises(EdFiError, match="answered 401"):
        EdFiApi(address.removesuffix("/api"), KEY, SECRET)


def test_an_array_of_resources_is_read_like_fetched_ones(engine: Engine, tmp_path: Path) -> None:
    for name, records in district().items():
        if records:
            (tmp_path / f"export of {name}.json").write_text(json.dumps(records, indent=1))
    summary = bring(engine, tmp_path)
    assert summary.refused == 0
    assert rows(engine, "SELECT count(*) FROM mark") == [(3,)]
    assert rows(engine, "SELECT count(*) FROM student_contact") == [(3,)]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("cut_off.json", '[{"studentUniqueId": "1", "firstName"', "not complete JSON"),
        (
            "cut_off.jsonl",
            '{"edfi_resource": "students"}\n{"studentUniqueId": ',
            "line 2: this is not complete JSON",
        ),
        ("deep.json", "[" + '{"a":[' * 5000, "not complete JSON"),
        ("other.json", '{"weather": "fine"}', "holds no Ed-Fi resource"),
        ("settings.json", '{\n "weather": "fine"\n}\n', "holds no Ed-Fi resource"),
        ("empty_list.json", "[]", "holds no Ed-Fi resource"),
    ],
)
def test_json_that_cannot_be_used_is_told(
    engine: Engine, tmp_path: Path, name: str, content: str, told: str
) -> None:
    (tmp_path / name).write_text(content)
    (file,) = bring(engine, tmp_path / name).files
    assert file.status == "failed"
    assert told in (file.message or "")


def test_a_record_that_is_not_built_so_is_refused_and_the_others_come(engine: Engine, tmp_path: Path) -> None:
    said = district()
    said["students"] += [
        {"studentUniqueId": "1004", "firstName": {"no": "text"}, "lastSurname": "Eel"},
        {"studentUniqueId": "1005", "firstName": "Eve\u0001", "lastSurname": "Fox"},
        {"studentUniqueId": "1006", "firstName": None, "lastSurname": "Gnu"},
    ]
    fetched(World(said), tmp_path)
    summary = bring(engine, tmp_path)
    (students,) = [f for f in summary.files if f.format.endswith(" students")]
    assert (students.accepted, students.refused) == (3, 3)
    assert rows(engine, "SELECT line, code FROM refused_row WHERE NOT accepted ORDER BY 1") == [
        (5, "malformed_record"),
        (6, "malformed_record"),
        (7, "missing_value"),
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*{s for r in resources().values() for _, p in r.fields for s in p}]), inner
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(record=JSON, name=st.sampled_from([*resources()]))
def test_any_json_becomes_an_element_or_a_refusal(record: object, name: str) -> None:
    made = to_element(record, resources()[name])
    assert isinstance(made, RowRefused) or made.tag == resources()[name].element
