"""Tables of family contacts, from the file to who may be written to: two homes, courts, foster care, 18 and over."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE, Principal, Role
from campaign.database import transaction
from campaign.definitions.definition import load_all
from campaign.gate import AudienceRow, Reason, student_refusal
from campaign.store import audience
from tests.campaign.intake.importing import bring, named, rows
from tests.campaign.intake.packages import small_district, write_package, write_table

NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
FIELDS = {
    "student_local_id": "Student", "given_name": "First", "family_name": "Last", "relation": "Relation",
    "email": "Email", "phone": "Phone", "written_language": "Language", "address_line": "Street",
    "may_receive": "Mail", "court_restriction": "Court", "confidential": "Secret", "adult_consent": "Agrees",
    "interpreter_needed": "Interpreter",
}  # fmt: skip
MAPPING = '[mapping]\nkind = "contacts"\n[mapping.columns]\n' + "\n".join(
    f'{k} = "{v}"' for k, v in FIELDS.items()
)
STEP = load_all()[0].steps["hello"]
MINOR, ADULT = "2016-03-02", "2008-11-02"


def line(**cells: str) -> dict[str, str]:
    return {
        "Student": "L1",
        "First": "Rosa",
        "Last": "Cruz",
        "Relation": "Mother",
        "Email": "rosa@example.org",
        **cells,
    }


@pytest.fixture
def lake(engine: Engine, tmp_path: Path) -> Path:
    """Two students without contacts; a folder for tables."""
    tables = small_district(2)
    tables["users"] = [row | {"agentSourcedIds": ""} for row in tables["users"] if row["role"] != "parent"]
    bring(engine, write_package(tmp_path / "roster", tables))
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "contacts.toml").write_text(MAPPING, encoding="utf-8")
    return folder


def bring_contacts(engine: Engine, folder: Path, *lines: dict[str, str]) -> int:
    """How many rows were refused."""
    write_table(folder / "contacts.csv", list(FIELDS.values()), list(lines))
    return named(bring(engine, folder), "table of contacts").refused


def asked(engine: Engine) -> list[AudienceRow]:
    with transaction(engine, ENGINE) as connection:
        contacts = [int(c) for (c,) in connection.execute(text("SELECT id FROM contact ORDER BY id"))]
        return audience.rows(connection, contacts, slug="x", zone="America/Chicago")


def refusals(engine: Engine, born: str = MINOR) -> list[Reason | None]:
    """Why each contact may not hear about the student, by the order of the file."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE student SET birth_date = CAST(:born AS date)"), {"born": born})
    return [student_refusal(row, STEP, NOW) for row in asked(engine)]


def test_two_homes_are_two_households_each_with_its_own_language(engine: Engine, lake: Path) -> None:
    assert bring_contacts(
        engine, lake,
        line(Language="Spanish", Street="1 Oak St"),
        line(First="Luis", Relation="Father", Email="", Phone="312 555 0101", Language="English", Street="2 Elm St"),
    ) == 0  # fmt: skip
    mother, father = sorted(asked(engine), key=lambda row: "sms" in row.reachable)
    assert (mother.language, father.language) == ("es", "en")
    assert mother.household != father.household
    assert (mother.reachable, father.reachable) == ({"letter", "email"}, {"letter", "sms", "call"})
    assert refusals(engine) == [None, None]


def test_a_family_link_shows_neither_parent_the_other_home(engine: Engine, lake: Path) -> None:
    bring_contacts(
        engine, lake, line(Street="1 Oak St"), line(First="Luis", Email="luis@example.org", Street="2 Elm St")
    )
    ((luis,),) = rows(engine, "SELECT id FROM contact WHERE given_name = 'Luis'")
    father = Principal(Role.FAMILY, student_id=1, contact_id=luis)
    with transaction(engine, father) as connection:
        assert list(connection.scalars(text("SELECT address_line FROM contact"))) == ["2 Elm St"]


@pytest.mark.parametrize(
    ("cells", "born", "found"),
    [
        ({}, MINOR, None),
        ({"Court": "yes"}, MINOR, Reason.COURT_RESTRICTION),
        ({"Court": "yes", "Mail": "yes"}, MINOR, Reason.COURT_RESTRICTION),
        ({"Mail": "no"}, MINOR, Reason.MAY_NOT_RECEIVE),
        ({"Secret": "yes"}, MINOR, Reason.CONFIDENTIAL),
        ({"Relation": "Grandmother"}, MINOR, Reason.MAY_NOT_RECEIVE),
        ({"Relation": "Grandmother", "Mail": "yes"}, MINOR, None),
        ({"Relation": "Foster mother"}, MINOR, Reason.MAY_NOT_RECEIVE),
        ({"Relation": "Mother, foster", "Mail": "yes"}, MINOR, None),
        ({"Relation": "Case worker"}, MINOR, Reason.MAY_NOT_RECEIVE),
        ({"Relation": "Education rights holder", "Mail": "yes"}, MINOR, None),
        ({"Relation": ""}, MINOR, None),
        ({}, ADULT, Reason.ADULT_STUDENT),
        ({"Agrees": "yes"}, ADULT, None),
        ({"Agrees": "yes", "Court": "yes"}, ADULT, Reason.COURT_RESTRICTION),
        ({"Relation": "Student"}, ADULT, None),
        ({"Relation": "Self"}, MINOR, Reason.MAY_NOT_RECEIVE),
    ],
)
def test_who_may_receive(
    engine: Engine, lake: Path, cells: dict[str, str], born: str, found: Reason | None
) -> None:
    assert bring_contacts(engine, lake, line(**cells)) == 0
    assert refusals(engine, born) == [found]


def test_a_roster_may_say_that_the_student_of_18_agrees(engine: Engine, tmp_path: Path) -> None:
    tables = small_district(2)
    tables["users"][3]["metadata.adultConsent"] = "true"
    bring(engine, write_package(tmp_path / "roster", tables))
    assert sorted(map(str, refusals(engine, ADULT))) == ["None", "adult_student"]


def test_an_adult_of_two_children_is_one_contact(engine: Engine, lake: Path) -> None:
    assert bring_contacts(engine, lake, line(), line(Student="L2")) == 0
    assert rows(engine, "SELECT count(*) FROM contact") == [(1,)]
    assert rows(engine, "SELECT student_id, relation FROM student_contact ORDER BY 1") == [
        (1, "mother"),
        (2, "mother"),
    ]


def test_the_same_table_again_changes_nothing_and_a_bar_takes_hold(engine: Engine, lake: Path) -> None:
    bring_contacts(engine, lake, line())
    write_table(lake / "contacts.csv", list(FIELDS.values()), [line()])
    assert named(bring(engine, lake), "table of contacts").unchanged == 1
    bring_contacts(engine, lake, line(Court="yes"))
    assert refusals(engine) == [Reason.COURT_RESTRICTION]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"Student": "nobody"}, "unknown_student"),
        ({"Student": ""}, "missing_value"),
        ({"Last": ""}, "missing_value"),
        ({"Court": "perhaps"}, "unreadable_truth_value"),
        ({"Email": "rosa at example"}, "unreadable_email"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(
    engine: Engine, lake: Path, cells: dict[str, str], code: str
) -> None:
    assert bring_contacts(engine, lake, line(**cells)) == 1
    assert rows(engine, "SELECT line, code FROM refused_row") == [(2, code)]
    assert rows(engine, "SELECT count(*) FROM student_contact") == [(0,)]


def test_a_bar_of_one_source_holds_for_the_same_adult_of_another(
    engine: Engine, tmp_path: Path, lake: Path
) -> None:
    """The roster lists the mother as anybody; the office's table says what the court has ordered."""
    tables = small_district(1)
    tables["users"][2] |= {"givenName": "Rosa", "familyName": "Cruz", "email": "other@example.org"}
    roster = write_package(tmp_path / "with parents", tables)
    bring(engine, roster)
    assert refusals(engine) == [None]
    bring_contacts(engine, lake, line(Court="yes"))
    assert refusals(engine) == [Reason.COURT_RESTRICTION, Reason.COURT_RESTRICTION]
    bring(engine, roster)
    assert refusals(engine) == [Reason.COURT_RESTRICTION, Reason.COURT_RESTRICTION]


def test_an_adult_whom_two_sources_list_is_written_to_once(
    engine: Engine, tmp_path: Path, lake: Path
) -> None:
    tables = small_district(1)
    tables["users"][2] |= {"email": "ROSA@example.org"}
    bring(engine, write_package(tmp_path / "with parents", tables))
    bring_contacts(engine, lake, line())
    assert refusals(engine) == [None, Reason.LISTED_TWICE]
