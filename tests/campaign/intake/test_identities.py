"""Who is who across sources: by ids, by name and birth date with a stated confidence, and by a person's word."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.identity.identities import Decision, Told
from tests.campaign.intake.importing import bring, named, rows
from tests.campaign.intake.named_results import FIRST, bring_results, cases, only_case, say, unsay
from tests.campaign.intake.packages import Rows, small_district, write_package

CODES = "SELECT DISTINCT code FROM refused_row WHERE NOT accepted ORDER BY 1"
SCORED = """
    SELECT t.given_name FROM score s JOIN student t ON t.id = s.student_id
    WHERE s.status = 'valid' ORDER BY s.source_line
"""


def find(tables: dict[str, Rows], key: str) -> dict[str, str]:
    return next(row for row in tables["users"] if row["sourcedId"] == key)


def student_of(engine: Engine, local_id: str) -> int:
    ((found,),) = rows(engine, f"SELECT student_id FROM student_identifier WHERE value = '{local_id}'")
    assert isinstance(found, int)
    return found


@pytest.fixture
def lake(engine: Engine, tmp_path: Path) -> Path:
    """Six students whose roster knows local ids alone; a folder for results."""
    tables = small_district()
    for row in tables["users"]:
        row["metadata.stateId"] = ""
    bring(engine, write_package(tmp_path / "roster", tables))
    return tmp_path / "tables"


def test_ids_alone_decide_where_they_are_known(engine: Engine, lake: Path) -> None:
    """Whatever the name says: people marry, and clerks misspell."""
    summary = bring_results(engine, lake, {"Local": "L2", **FIRST}, {"Local": "L3", "State": "S3"})
    assert (summary.refused, rows(engine, SCORED)) == (0, [("Given2",), ("Given3",)])
    assert cases(engine) == []


def test_the_same_name_birth_date_and_grade_of_one_student_are_accepted_and_shown(
    engine: Engine, lake: Path
) -> None:
    line = FIRST | {"State": "S1", "Given": "GIVEN1"}
    assert bring_results(engine, lake, line).refused == 0
    assert rows(engine, SCORED) == [("Given1",)]
    assert rows(
        engine, "SELECT system, value, confidence FROM student_identifier WHERE matched_by = 'name'"
    ) == [("state", "S1", "high")]
    case = only_case(engine, "accepted")
    assert (case.kind, case.confidence, case.student_id) == ("name", "high", student_of(engine, "L1"))
    assert rows(engine, "SELECT code, accepted, reason FROM refused_row WHERE code = 'matched_by_name'") == [
        (
            "matched_by_name",
            True,
            "1 student was found by name, birth date and grade level, because no id was known.",
        )
    ]
    again = bring_results(engine, lake, line)
    assert again.unchanged == again.rows_in == 1


def test_without_any_id_a_sure_name_does_and_says_the_same_again(engine: Engine, lake: Path) -> None:
    bring_results(engine, lake, FIRST)
    assert bring_results(engine, lake, FIRST).unchanged == 1
    assert rows(engine, SCORED) == [("Given1",)]
    assert only_case(engine, "accepted").identifiers == []


@pytest.mark.parametrize(
    "said",
    [
        FIRST | {"Grade": ""},
        FIRST | {"Grade": "5"},
        FIRST | {"Family": "Family1 Other"},
        FIRST | {"Given": "Given1 Middle"},
        FIRST | {"Given": "Giv3n1"},
        FIRST | {"Local": "no such id"},
    ],
    ids=["no grade", "another grade", "two surnames", "middle name", "misspelt", "a contrary id"],
)
def test_anything_less_waits_for_a_person(engine: Engine, lake: Path, said: dict[str, str]) -> None:
    assert bring_results(engine, lake, said).refused == 1
    assert rows(engine, CODES) == [("identity_proposed",)]
    assert only_case(engine).candidates == [student_of(engine, "L1")]


@pytest.mark.parametrize(
    "said",
    [
        FIRST | {"Born": "2016-03-03"},
        FIRST | {"Given": "Someone"},
        FIRST | {"Family": "Else"},
        {"Given": "Given1", "Family": "Family1", "State": "S1"},
    ],
    ids=["another birth date", "another given name", "another surname", "no birth date"],
)
def test_what_fits_nobody_is_unknown_and_asks_nobody(
    engine: Engine, lake: Path, said: dict[str, str]
) -> None:
    assert bring_results(engine, lake, said).refused == 1
    assert (rows(engine, CODES), cases(engine)) == ([("unknown_student",)], [])


def test_twins_are_never_told_apart_by_the_program(engine: Engine, tmp_path: Path) -> None:
    tables = small_district()
    find(tables, "s1").update(givenName="Ana", familyName="Cruz")
    find(tables, "s2").update(givenName="Anna", familyName="Cruz")
    for row in tables["demographics"]:
        row["birthDate"] = "2016-03-02"
    bring(engine, write_package(tmp_path / "roster", tables))
    said = FIRST | {"Given": "Ana", "Family": "Cruz"}
    assert bring_results(engine, tmp_path / "tables", said).refused == 1
    case = only_case(engine)
    assert (case.confidence, case.candidates) == (
        "high",
        [student_of(engine, "L1"), student_of(engine, "L2")],
    )


def test_two_people_of_one_file_who_fit_one_student_both_wait(engine: Engine, lake: Path) -> None:
    assert bring_results(engine, lake, FIRST | {"State": "S1"}, FIRST | {"State": "S2"}).refused == 2
    assert len(cases(engine)) == 2


def test_ids_of_two_students_wait_and_a_decision_holds_for_the_next_import(
    engine: Engine, tmp_path: Path
) -> None:
    bring(engine, write_package(tmp_path / "roster", small_district()))
    line = {"State": "ST1", "Local": "L2"}
    assert bring_results(engine, tmp_path / "tables", line).refused == 1
    case = only_case(engine)
    assert (case.kind, set(case.candidates)) == (
        "two_students",
        {student_of(engine, "L1"), student_of(engine, "L2")},
    )
    assert say(engine, case, Decision.SAME, student_of(engine, "L1")) is Told.DECIDED
    assert bring_results(engine, tmp_path / "tables", line).accepted == 1
    assert rows(engine, SCORED) == [("Given1",)]
    assert rows(engine, "SELECT count(*) FROM student_identifier WHERE matched_by <> 'id'") == [(0,)]
    assert rows(engine, "SELECT actor, action, target FROM audit_entry") == [
        ("account:7", "decided_identity", f"identity_case:{case.case_id}")
    ]


def test_a_second_id_may_take_the_place_of_the_first(engine: Engine, tmp_path: Path) -> None:
    bring(engine, write_package(tmp_path / "roster", small_district()))
    line = {"State": "ST1", "Local": "L99"}
    bring_results(engine, tmp_path / "tables", line)
    case = only_case(engine)
    assert case.kind == "second_id"
    assert say(engine, case, Decision.REPLACE, student_of(engine, "ST1")) is Told.DECIDED
    assert bring_results(engine, tmp_path / "tables", line).accepted == 1
    local = "SELECT value, matched_by FROM student_identifier WHERE student_id = 1 AND system = 'local'"
    assert rows(engine, local) == [("L99", "person")]
    unsay(engine, only_case(engine, "decided"))
    assert rows(engine, local) == [("L1", "id")]
    assert rows(engine, SCORED) == []


def test_of_two_rows_that_differ_on_an_id_the_earlier_stands(engine: Engine, lake: Path) -> None:
    summary = bring_results(engine, lake, {"Local": "L1", "State": "S1"}, {"Local": "L1", "State": "S2"})
    assert (summary.accepted, summary.refused, only_case(engine).kind) == (1, 1, "said_twice")


def test_another_student_is_remembered_and_not_asked_again(engine: Engine, lake: Path) -> None:
    line = FIRST | {"Grade": "5", "State": "S1"}
    bring_results(engine, lake, line)
    say(engine, only_case(engine), Decision.ANOTHER)
    bring_results(engine, lake, line)
    assert cases(engine) == []
    assert rows(engine, "SELECT code FROM refused_row ORDER BY id DESC LIMIT 1") == [("unknown_student",)]


def test_who_was_found_by_name_and_is_another_loses_what_came_in(engine: Engine, lake: Path) -> None:
    line = FIRST | {"State": "S1"}
    bring_results(engine, lake, line)
    assert say(engine, only_case(engine, "accepted"), Decision.ANOTHER) is Told.DECIDED
    assert rows(engine, SCORED) == []
    assert rows(engine, "SELECT count(*) FROM student_identifier WHERE value = 'S1'") == [(0,)]
    assert bring_results(engine, lake, line).refused == 1


def test_a_decision_is_taken_back_with_what_came_in_by_it(engine: Engine, lake: Path) -> None:
    line = FIRST | {"Grade": "5", "State": "S1"}
    bring_results(engine, lake, line)
    case = only_case(engine)
    say(engine, case, Decision.SAME, case.candidates[0])
    assert bring_results(engine, lake, line).refused == 0
    assert unsay(engine, case) is Told.TAKEN_BACK
    assert rows(engine, SCORED) == []
    assert rows(engine, "SELECT count(*) FROM student_identifier WHERE value = 'S1'") == [(0,)]
    assert only_case(engine).case_id == case.case_id
    assert unsay(engine, case) is Told.CHANGED
    assert bring_results(engine, lake, line).refused == 1
    assert rows(engine, "SELECT action FROM audit_entry ORDER BY id") == [
        ("decided_identity",), ("took_back_identity",)
    ]  # fmt: skip


def test_waiting_stays_waiting_until_somebody_decides(engine: Engine, lake: Path) -> None:
    line = FIRST | {"Grade": "5"}
    bring_results(engine, lake, line)
    case = only_case(engine)
    assert say(engine, case, Decision.WAIT) is Told.WAITING
    bring_results(engine, lake, line)
    assert only_case(engine, "waiting").case_id == case.case_id
    assert say(engine, case, Decision.SAME, 999) is Told.CHANGED
    assert say(engine, case, Decision.SAME, case.candidates[0]) is Told.DECIDED
    assert say(engine, case, Decision.ANOTHER) is Told.CHANGED


def test_a_case_is_gone_when_the_file_no_longer_says_so(engine: Engine, lake: Path) -> None:
    bring_results(engine, lake, FIRST | {"Grade": "5"})
    bring_results(engine, lake, {"Local": "L1"})
    assert cases(engine) == []


def test_a_file_of_strangers_asks_whether_it_is_the_right_district(engine: Engine, lake: Path) -> None:
    known = [{"Local": f"L{n}"} for n in range(1, 5)]
    bring_results(engine, lake, *known, *({"Local": f"X{n}"} for n in range(6)))
    assert rows(engine, "SELECT line, accepted FROM refused_row WHERE code = 'few_students_known'") == [
        (0, True)
    ]
    bring_results(engine, lake, *known, {"Local": "L5"}, *({"Local": f"X{n}"} for n in range(5)))
    newest = "SELECT count(*) FROM refused_row r WHERE code = 'few_students_known' AND source_file_id > 1"
    assert named(bring_results(engine, lake, *known), "table of scores").refused == 0
    assert rows(engine, newest)[0][0] <= 1
