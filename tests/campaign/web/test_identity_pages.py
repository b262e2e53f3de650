"""The pages on which a person decides who is who: what they show, who may decide, and what is kept."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.identity.identities import Decision, Told
from campaign.identity.names import Confidence
from campaign.store import identities as store
from campaign.web.staff import identity_words
from tests.campaign.web.family_visits import form_token, value

SignIn = Callable[[str], FlaskClient]
PAGE = "/staff/identities"


@pytest.fixture
def office(signed_in: SignIn) -> FlaskClient:
    """The five cases of the small district are numbered as in its file."""
    return signed_in("district@example.org")


def decisions(engine: Engine) -> list[tuple[str, str | None, int | None]]:
    """(state, decision, student) of every case, by its id."""
    with transaction(engine, ENGINE) as connection:
        found = connection.execute(text("SELECT state, decision, student_id FROM identity_case ORDER BY id"))
        return [(row.state, row.decision, row.student_id) for row in found]


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def say(client: FlaskClient, case: int, answer: str) -> TestResponse:
    fields = {"csrf_token": form_token(client.get(f"{PAGE}/{case}")), "answer": answer}
    return client.post(f"{PAGE}/{case}", data=fields)


def test_the_list_counts_by_state_and_narrows_by_kind(office: FlaskClient) -> None:
    read = words_of(office.get(PAGE).text)
    assert "To decide (3)" in read
    assert "Accepted by name (1)" in read
    assert "Ana Abrego born Apr 1, 2016" in read
    assert "scores.csv, line 4" in read
    narrowed = words_of(office.get(f"{PAGE}?kind=two_students").text)
    assert "Case 2, without a name" in narrowed
    assert "Ana Abrego" not in narrowed
    assert "Fay Flores" in words_of(office.get(f"{PAGE}?state=accepted").text)


def test_a_case_stands_beside_the_students_it_could_be(office: FlaskClient) -> None:
    read = words_of(office.get(f"{PAGE}/3").text)
    assert "What the file says Dee &lt;b&gt;Dunn&lt;/b&gt;" in read
    assert "Local id 2004" in read
    assert "Local id 1004 differs" in read
    assert "Birth date March 10, 2015 same" in read
    assert "who has a new id" in read


def test_looking_and_deciding_are_kept_in_the_audit(office: FlaskClient, engine: Engine) -> None:
    assert say(office, 1, "same:1").location == f"{PAGE}/1?told=decided"
    assert decisions(engine)[0] == ("decided", "same", 1)
    assert (
        value(engine, "SELECT matched_by FROM student_identifier WHERE value = 'S77' AND student_id = 1")
        == "person"
    )
    told = words_of(office.get(f"{PAGE}/1?told=decided").text)
    assert "Import again: scores.csv" in told
    assert value(engine, "SELECT string_agg(DISTINCT action, ' ' ORDER BY action) FROM audit_entry") == (
        "decided_identity looked_at_identity"
    )


@pytest.mark.parametrize(
    ("case", "answer", "told", "kept"),
    [
        (2, "same:3", "decided", ("decided", "same", 3)),
        (2, "same:1", "changed", ("open", None, None)),
        (2, "wait", "waiting", ("waiting", None, None)),
        (3, "replace:4", "decided", ("decided", "replace", 4)),
        (3, "another", "decided", ("decided", "another", None)),
        (4, "another", "decided", ("decided", "another", None)),
        (4, "take_back", "changed", ("accepted", None, 6)),
        (1, "nonsense", "changed", ("open", None, None)),
        (1, "same:x", "changed", ("open", None, None)),
        (1, "same:99999999999999999999", "changed", ("open", None, None)),
    ],
)
def test_each_answer(
    office: FlaskClient,
    engine: Engine,
    case: int,
    answer: str,
    told: str,
    kept: tuple[str, str | None, int | None],
) -> None:
    assert say(office, case, answer).location == f"{PAGE}/{case}?told={told}"
    assert decisions(engine)[case - 1] == kept


def test_a_new_id_takes_the_place_and_is_taken_back(office: FlaskClient, engine: Engine) -> None:
    local = "SELECT string_agg(value, ' ') FROM student_identifier WHERE student_id = 4 AND system = 'local'"
    say(office, 3, "replace:4")
    assert value(engine, local) == "2004"
    assert say(office, 3, "take_back").location == f"{PAGE}/3?told=taken_back"
    assert value(engine, local) == "1004"
    assert value(engine, "SELECT count(*) FROM student_identifier WHERE system = 'oneroster'") == 0


def test_all_sure_ones_at_once(office: FlaskClient, engine: Engine) -> None:
    page = office.get(PAGE)
    assert "1 case in which one student alone" in words_of(page.text)
    answer = office.post(PAGE, data={"csrf_token": form_token(page)})
    assert answer.location == f"{PAGE}?state=decided&done=1"
    assert [state for state, _, _ in decisions(engine)] == ["decided", "open", "open", "accepted", "decided"]


@pytest.mark.parametrize(
    ("email", "status"),
    [
        ("state@example.org", 303),
        ("elsewhere@example.org", 404),
        ("school@example.org", 403),
        ("teacher@example.org", 403),
        ("partner@example.org", 403),
    ],
)
def test_only_the_office_of_the_own_district_decides(
    app: Flask, office: FlaskClient, signed_in: SignIn, engine: Engine, email: str, status: int
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    assert signed_in(email).post(f"{PAGE}/1", data={"answer": "same:1"}).status_code == status
    assert signed_in(email).get(f"{PAGE}/1").status_code == (200 if status == 303 else status)
    assert decisions(engine)[0][0] == ("decided" if status == 303 else "open")


def test_without_cases_the_page_says_so(signed_in: SignIn) -> None:
    assert "Nobody is uncertain" in signed_in("elsewhere@example.org").get(PAGE).text
    assert "No case was put off" in signed_in("elsewhere@example.org").get(f"{PAGE}?state=waiting").text


def test_numbers_no_case_has_are_not_found(office: FlaskClient) -> None:
    assert office.get(f"{PAGE}/99").status_code == 404
    assert office.get(f"{PAGE}/{2**63}").status_code == 404


def test_every_code_has_words() -> None:
    assert set(identity_words.TOLD) == set(Told)
    assert set(identity_words.CONFIDENCES) == set(Confidence)
    assert set(identity_words.DECISIONS) == set(Decision) - {Decision.WAIT}
    assert set(identity_words.STATES) == set(store.STATES)
    assert set(identity_words.KINDS) == set(identity_words.REASONS)
    assert identity_words.id_system("oneroster:SIS A") == "OneRoster id (SIS A)"
