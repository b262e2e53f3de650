"""Two rosters of one district: nobody is merged without a shared id or a person's word, in whatever order they come."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.identity.identities import Decision, Told, accept_sure_ones
from campaign.intake.run import import_paths
from campaign.store import identities
from tests.campaign.intake.importing import LIMITS, NOW, bring, register, rows
from tests.campaign.intake.named_results import LATER, cases, only_case, say, unsay
from tests.campaign.intake.packages import Rows, small_district, write_package

IDS = "SELECT system, student_id FROM student_identifier"
NAMES = "SELECT given_name, count(*) FROM student WHERE NOT withdrawn GROUP BY 1 ORDER BY 1"


def other_roster(students: int = 2, **first: str) -> dict[str, Rows]:
    """The same children in another system that shares no id; `first` changes the first of them."""
    tables = small_district(students)
    for row in tables["users"]:
        row |= {"identifier": "", "metadata.stateId": ""}
    next(row for row in tables["users"] if row["sourcedId"] == "s1").update(first)
    return tables


def test_a_child_of_another_roster_waits_and_comes_in_after_the_decision(
    engine: Engine, tmp_path: Path
) -> None:
    bring(engine, write_package(tmp_path / "one", small_district(2), system="ONE"))
    two = write_package(tmp_path / "two", other_roster(1), system="TWO")
    bring(engine, two)
    assert rows(engine, NAMES) == [("Given1", 1), ("Given2", 1)]
    case = only_case(engine)
    assert (case.about, case.confidence, case.said["system"]) == ("roster", "high", "oneroster:TWO")
    assert say(engine, case, Decision.SAME, case.candidates[0]) is Told.DECIDED
    assert bring(engine, two).refused == 0
    assert rows(engine, "SELECT system, matched_by FROM student_identifier WHERE student_id = 1 ORDER BY 1") == [
        ("local", "id"), ("oneroster:ONE", "id"), ("oneroster:TWO", "person"), ("state", "id")
    ]  # fmt: skip
    assert rows(engine, "SELECT count(*) FROM student_contact WHERE student_id = 1") == [(2,)]
    assert unsay(engine, case) is Told.TAKEN_BACK
    assert rows(engine, "SELECT said_by FROM student_contact WHERE student_id = 1") == [("oneroster:ONE",)]
    assert bring(engine, two).refused > 0


def test_another_child_is_added_and_not_asked_for_again(engine: Engine, tmp_path: Path) -> None:
    bring(engine, write_package(tmp_path / "one", small_district(1), system="ONE"))
    two = write_package(tmp_path / "two", other_roster(1), system="TWO")
    bring(engine, two)
    case = only_case(engine)
    say(engine, case, Decision.ANOTHER)
    assert bring(engine, two).refused == 0
    assert rows(engine, NAMES) == [("Given1", 2)]
    again = bring(engine, two)
    assert (again.refused, cases(engine)) == (0, [])
    assert unsay(engine, case) is Told.TAKEN_BACK
    assert rows(engine, NAMES) == [("Given1", 1)]
    bring(engine, two)
    assert only_case(engine).case_id == case.case_id


def test_an_issuer_tells_its_own_students_apart(engine: Engine, tmp_path: Path) -> None:
    """A second child with the same name and birth date in the same system is another child."""
    tables = other_roster()
    bring(engine, write_package(tmp_path / "one", tables))
    twin = next(row for row in tables["users"] if row["sourcedId"] == "s1")
    tables["users"].append(twin | {"sourcedId": "s9", "agentSourcedIds": ""})
    tables["demographics"].append(tables["demographics"][0] | {"sourcedId": "s9"})
    assert bring(engine, write_package(tmp_path / "one", tables)).refused == 0
    assert rows(engine, NAMES) == [("Given1", 2), ("Given2", 1)]


def test_all_sure_ones_are_decided_at_once(engine: Engine, tmp_path: Path) -> None:
    bring(engine, write_package(tmp_path / "one", small_district(6), system="ONE"))
    two = write_package(tmp_path / "two", other_roster(6, givenName="Given1 Middle"), system="TWO")
    bring(engine, two)
    with transaction(engine, ENGINE) as connection:
        sure = identities.sure_ones(connection)
        assert accept_sure_ones(connection, sure, actor="account:7", now=LATER) == 5
    bring(engine, two)
    assert [case.name for case in cases(engine)] == ["Given1 Middle Family1"]
    assert rows(engine, "SELECT count(*) FROM student") == [(6,)]


def test_two_ids_of_one_system_in_one_row_are_no_contradiction_the_next_time(
    engine: Engine, tmp_path: Path
) -> None:
    tables = small_district(2)
    tables["users"][1]["userIds"] = "{LDAP:a},{LDAP:b}"
    package = write_package(tmp_path / "one", tables)
    bring(engine, package)
    assert bring(engine, package).refused == 0


def test_a_roster_that_leaves_out_too_many_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    """A cut-off export looks like a district that loses a third of its children."""
    bring(engine, write_package(tmp_path / "all", small_district(30)))
    before = register(engine)
    (failed, *_) = bring(engine, write_package(tmp_path / "cut", small_district(20))).failed
    assert "leaves out 10 of 30 students" in str(failed.message)
    assert "--allow-withdrawals" in str(failed.message)
    assert register(engine) == before
    assert bring(engine, write_package(tmp_path / "nine", small_district(21))).failed == []
    assert rows(engine, "SELECT count(*) FROM student WHERE withdrawn") == [(9,)]


def test_a_person_may_let_it_in(engine: Engine, tmp_path: Path) -> None:
    bring(engine, write_package(tmp_path / "all", small_district(30)))
    allowed = replace(LIMITS, largest_withdrawal_percent=100)
    cut = write_package(tmp_path / "cut", small_district(2))
    assert import_paths(engine, [cut], district=None, limits=allowed, now=NOW).failed == []
    assert rows(engine, "SELECT count(*) FROM student WHERE withdrawn") == [(28,)]


# Few ids and names, so that they meet often: shared, missing, and each other's.
PERSON = st.fixed_dictionaries(
    {
        "identifier": st.sampled_from(["", "L1", "L2", "L3"]),
        "metadata.stateId": st.sampled_from(["", "S1", "S2", "S3"]),
        "givenName": st.sampled_from(["Ana", "Anna", "Luis"]),
        "familyName": st.sampled_from(["Cruz", "Cruz Peña"]),
        "birth": st.sampled_from([date(2016, 3, 2), date(2016, 3, 3)]),
    }
)
ROSTERS = st.tuples(*[st.lists(PERSON, max_size=4)] * 2)


def package(folder: Path, system: str, people: list[dict[str, object]]) -> Path:
    tables = small_district(0)
    for number, person in enumerate(people):
        key = f"{system}{number}"
        user = {name: str(value) for name, value in person.items() if name != "birth"}
        user |= {"sourcedId": key, "role": "student", "orgSourcedIds": "o1", "grades": "04", "username": key}
        tables["users"].append(user | {"enabledUser": "true"})
        tables["demographics"].append({"sourcedId": key, "birthDate": str(person["birth"])})
    wanted = {name: tables[name] for name in ("orgs", "users", "demographics")}
    return write_package(folder / system, wanted, system=system)


def matched(engine: Engine) -> set[tuple[str, ...]]:
    """Which keys of the two rosters are one student."""
    found = rows(
        engine,
        """
        SELECT array_agg(value ORDER BY value) FROM student_identifier WHERE system LIKE 'oneroster:%'
        GROUP BY student_id HAVING count(*) > 1
        """,
    )
    return {tuple(keys) for (keys,) in found}


def clear(engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                "DELETE FROM student_identifier; DELETE FROM identity_case; DELETE FROM student;"
                "DELETE FROM refused_row; DELETE FROM source_file; DELETE FROM import_run"
            )
        )


def shares_an_id(one: dict[str, object], other: dict[str, object]) -> bool:
    return any(one[name] and one[name] == other[name] for name in ("identifier", "metadata.stateId"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROSTERS)
def test_no_merge_without_a_shared_id_in_whatever_order(
    engine: Engine, both: tuple[list[dict[str, object]], list[dict[str, object]]]
) -> None:
    folder = Path(mkdtemp())
    packages = {name: package(folder, name, people) for name, people in zip("AB", both, strict=True)}
    found = []
    for order in ("AB", "BA"):
        clear(engine)
        for name in order:
            bring(engine, packages[name])
        assert [pair for pair, count in Counter(rows(engine, IDS)).items() if count > 1] == []
        for keys in (pairs := matched(engine)):
            one, other = (both["AB".index(key[0])][int(key[1:])] for key in keys)
            assert shares_an_id(one, other)
        found.append(pairs)
    assert found[0] == found[1]
