"""Who answers what at a school: on the page and as a file, and who may say so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from tests.campaign.web.family_visits import value
from tests.campaign.web.talks import send_follow, wrote

SignIn = Callable[[str], FlaskClient]


def test_a_school_says_who_answers_on_the_page_and_by_file(
    signed_in: SignIn, engine: Engine, tmp_path: Path
) -> None:
    client = signed_in("school@example.org")
    page = "/staff/conversations/who-answers"
    form = {"school": "1", "bus-answers": "3", "bus-words": "ruta; camioneta", "bus-then": "front_office"}
    assert "Kept." in send_follow(client, page, page, form)
    wrote(engine, tmp_path, "La camioneta no vino")
    assert value(engine, "SELECT role || account_id || routed_by FROM conversation") == "bus3words"
    table = client.get(f"{page}.csv").text.lstrip("\ufeff")
    assert "a,Alder Elementary,bus,school@example.org,front_office,ruta; camioneta" in table
    assert "Birch" not in table
    changed = table.replace("ruta; camioneta", "ruta").replace(
        ",nurse,,,", ",nurse,school@example.org,,fiebre"
    )
    assert "The file is read" in send_follow(client, page, f"{page}/file", {"table": changed})
    assert (
        value(engine, "SELECT array_to_string(words, ',') FROM conversation_route WHERE role = 'nurse'")
        == "fiebre"
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("school,", "schule,"), "line 1: the column school is missing"),
        (("a,Alder", "b,Alder"), "line 2: school: there is no school"),
        ((",teacher,", ",headmaster,"), "line 2: role: write one of"),
        ((",bus,,", ",bus,nobody@example.org,"), "line 6: answers:"),
        ((",bus,,,", ",bus,,bus,"), "line 6: then: a role cannot come after itself"),
        ((",bus,,,", ",bus,,,;!;"), "line 6: words:"),
    ],
)
def test_a_table_with_a_fault_changes_nothing_and_is_named(
    signed_in: SignIn, engine: Engine, change: tuple[str, str], problem: str
) -> None:
    client = signed_in("school@example.org")
    page = "/staff/conversations/who-answers"
    table = client.get(f"{page}.csv").text.lstrip("\ufeff").replace(*change, 1)
    assert problem in send_follow(client, page, f"{page}/file", {"table": table})
    assert value(engine, "SELECT count(*) FROM conversation_route") == 0


def test_teachers_do_not_decide_who_answers(signed_in: SignIn) -> None:
    assert signed_in("teacher@example.org").get("/staff/conversations/who-answers").status_code == 403
    assert signed_in("school@example.org").post("/staff/conversations/protocol").status_code in {400, 403}
