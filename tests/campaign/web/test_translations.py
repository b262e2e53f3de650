"""The pages on which staff read translations beside their English, change, review and undo them, and let drafts out."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from campaign.access import ENGINE
from campaign.database import transaction
from content import catalog

SignIn = Callable[[str], FlaskClient]
LIST = "/staff/translations"
SPANISH = f"{LIST}/es"
DOING = next(
    one for one in catalog.load().strings("es") if (one.unit, one.key) == ("report", "headings.doing")
)


@pytest.fixture
def office(signed_in: SignIn) -> FlaskClient:
    return signed_in("district@example.org")


def read(answer: TestResponse) -> str:
    """The page as text: no tags, single blanks."""
    assert answer.status_code == 200, answer.text
    return seen(answer)


def seen(answer: TestResponse) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def change(client: FlaskClient, said: str, address: str = SPANISH, **more: object) -> TestResponse:
    form = {"unit": DOING.unit, "key": DOING.key, "text": said, "source_hash": DOING.source_hash, "seen": 0}
    page = client.get(f"{address}?unit=report").text
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return client.post(address, data={**form, "csrf_token": found[1], "do": "save", **more})


def post(client: FlaskClient, address: str, page: str, data: dict[str, object]) -> TestResponse:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found is not None
    return client.post(address, data={"csrf_token": found[1], **data}, content_type="multipart/form-data")


def value(engine: Engine, query: str) -> object:
    with transaction(engine, ENGINE) as connection:
        return connection.scalar(text(query))


@pytest.mark.parametrize(
    ("email", "status"),
    [
        ("state@example.org", 200),
        ("district@example.org", 200),
        ("school@example.org", 403),
        ("teacher@example.org", 403),
        ("partner@example.org", 403),
    ],
)
def test_who_may_work_on_translations(signed_in: SignIn, email: str, status: int) -> None:
    client = signed_in(email)
    for path in ("", "/es", "/es/drafts", "/es/files", "/es/texts.po", "/es/history?unit=report&key=title"):
        assert client.get(LIST + path).status_code == status, path


@pytest.mark.parametrize("path", ["/en", "/xx", "/en/drafts", "/xx/files", "/es/texts.exe"])
def test_what_is_no_translation_is_not_found(office: FlaskClient, path: str) -> None:
    assert office.get(LIST + path).status_code == 404


def test_the_list_says_what_families_get_and_who_let_drafts_out(office: FlaskClient) -> None:
    page = read(office.get(LIST))
    assert "Texts in Spanish are unreviewed drafts, allowed by Ms. Lee because: a pilot." in page
    assert "Their language, drafts among it" in page
    assert "English: not offered in the settings" in page
    assert "Vietnamese" in page


def test_a_text_is_changed_reviewed_undone_and_its_past_is_kept(office: FlaskClient, engine: Engine) -> None:
    answer = change(office, "¿Cómo le va a {student} ahora?")
    assert answer.status_code == 303
    page = read(office.get(answer.location))
    assert "Saved as a draft." in page
    assert "Changed by District Person" in page
    newest = value(engine, "SELECT max(id) FROM wording")
    read(office.get(change(office, "¿Cómo va {student} ya?", do="review", seen=newest).location))
    assert value(engine, "SELECT state FROM wording ORDER BY id DESC LIMIT 1") == "human_reviewed"
    read(office.get(change(office, "", do="undo").location))
    history = read(office.get(f"{SPANISH}/history?unit=report&key=headings.doing"))
    assert re.findall(r"(Reviewed|Changed) by District Person", history) == ["Changed", "Reviewed", "Changed"]
    assert (
        value(engine, "SELECT text FROM wording ORDER BY id DESC LIMIT 1") == "¿Cómo le va a {student} ahora?"
    )
    assert value(engine, "SELECT count(*) FROM audit_entry WHERE target = 'language:es'") == 3


def test_undoing_the_first_change_brings_back_what_ships(office: FlaskClient) -> None:
    change(office, "¿Y {student}?")
    page = read(office.get(change(office, "", do="undo").location))
    assert "¿Cómo va student ?" in page
    assert "Back to the shipped text by District Person" in page


@pytest.mark.parametrize(
    ("typed", "more", "problem"),
    [
        ("¿Cómo va?", {}, "The field {student} of the English is missing."),
        ("¿Cómo va {student}, {teacher}?", {}, "English has no field {teacher}; take it out."),
        ("   ", {}, "Is empty; write a text."),
        ("¿Cómo\nva {student}?", {}, "line break"),
        ("¿Cómo va {student} ya?", {"source_hash": "0" * 64}, "The English has changed since you opened it."),
        ("¿Cómo va {student} ya?", {"seen": 99}, "Somebody else has changed this text since you opened it."),
    ],
)
def test_what_cannot_be_kept_is_said_beside_the_field_and_nothing_is_lost(
    office: FlaskClient, engine: Engine, typed: str, more: dict[str, object], problem: str
) -> None:
    answer = change(office, typed, **more)
    assert answer.status_code == 422
    said = seen(answer)
    assert problem in said
    assert "Nothing was saved." in said
    assert " ".join(typed.split()) in said, "what was typed still stands in the field"
    assert value(engine, "SELECT count(*) FROM wording") == 0


@pytest.mark.parametrize(
    "typed", ["{{ 7 * 7 }} {student}", "{% raw %} {student}", "<b>{student}</b>", "{student.x}"]
)
def test_a_text_never_runs_and_never_is_mark_up(office: FlaskClient, typed: str) -> None:
    answer = change(office, typed)
    page = office.get(answer.location) if answer.status_code == 303 else answer
    assert "49" not in re.sub(r"[0-9a-f]{12,}", "", seen(page)).split()
    assert "<b>" not in page.text


def test_the_list_is_narrowed_by_place_state_and_words(office: FlaskClient) -> None:
    change(office, "¿Cómo va {student} ya?", do="review")
    reviewed = read(office.get(f"{SPANISH}?state=human_reviewed"))
    assert "1 text" in reviewed
    assert "headings · doing" in reviewed
    assert "No text fits" in read(office.get(f"{SPANISH}?unit=glossary&state=human_reviewed"))
    assert "headings · doing" in read(office.get(f"{SPANISH}?search=VA {{student}} ya"))
    assert "page 2 of" in read(office.get(f"{SPANISH}?page=2"))


def test_ticked_texts_become_reviewed_as_they_stand(office: FlaskClient, engine: Engine) -> None:
    page = office.get(f"{SPANISH}?unit=glossary").text
    tickets = [html.unescape(found) for found in re.findall(r'name="ticked"\s+value="([^"]+)"', page)]
    assert len(tickets) == 20
    old = tickets[1].removesuffix("|0") + "|7"
    answer = post(office, f"{SPANISH}/reviewed?unit=glossary", SPANISH, {"ticked": [tickets[0], old]})
    assert "The ticked texts are reviewed." in read(office.get(answer.location))
    assert value(engine, "SELECT count(*) FROM wording WHERE state = 'human_reviewed'") == 1
    again = post(office, f"{SPANISH}/reviewed", SPANISH, {"ticked": ["nonsense"]})
    assert "No text was ticked." in read(office.get(again.location))


def test_a_proposal_is_put_into_the_field_and_not_saved(office: FlaskClient, engine: Engine) -> None:
    answer = change(office, "", do="take:¿Qué tal,\r\n{student}?")
    page = read(answer)
    assert ">\n¿Qué tal,\n{student}?</textarea>" in answer.text
    assert "Not saved yet" in page
    assert value(engine, "SELECT count(*) FROM wording") == 0


def test_fixed_words_are_named_and_missed(office: FlaskClient) -> None:
    page = read(office.get(f"{SPANISH}?unit=report&search=meanings"))
    assert "grade level → nivel de su grado" in page
    assert "not used in the translation" not in page.partition("meanings · CLOSE")[0]
    assert "grade-level line → línea del grado : not used" in read(office.get(f"{SPANISH}?search=HIGH_CLOSE"))


def test_drafts_are_let_out_and_held_back_by_name_and_reason(office: FlaskClient, engine: Engine) -> None:
    page = f"{LIST}/vi/drafts"
    assert "Nothing yet: only what is reviewed goes out." in read(office.get(page))
    refused = post(office, page, page, {"do": "allow", "said_by": "Mr. Tran", "reason": "  "})
    assert refused.status_code == 422
    assert "Say who answers for it, by name, and why." in seen(refused)
    answer = post(
        office, page, page, {"do": "allow", "said_by": "Mr. Tran", "reason": "Two of us have read it."}
    )
    said = "Texts in Vietnamese are unreviewed drafts, allowed by Mr. Tran because: Two of us have read it."
    assert said in read(office.get(answer.location))
    for banner in (LIST, f"{LIST}/vi"):
        assert said in read(office.get(banner)), banner
    post(office, page, page, {"do": "withdraw", "said_by": "Mr. Tran", "reason": "Review begins."})
    assert said not in read(office.get(page))
    assert "Only what is reviewed goes out . Mr. Tran" in read(office.get(page))
    actions = "SELECT string_agg(action || ' ' || target, ', ' ORDER BY id) FROM audit_entry"
    assert value(engine, actions) == "allowed_drafts language:vi, withdrew_drafts language:vi"


@pytest.mark.parametrize("email", ["state@example.org", "district@example.org", "school@example.org"])
def test_wherever_drafts_go_out_staff_read_by_whose_word(
    signed_in: SignIn, office: FlaskClient, email: str
) -> None:
    said = "Texts in Spanish are unreviewed drafts, allowed by Ms. Lee because: a pilot."
    reader = signed_in(email)
    assert [said in read(reader.get(page)) for page in ("/staff/", "/staff/plan")] == [True, True]
    page = f"{SPANISH}/drafts"
    post(office, page, page, {"do": "withdraw", "said_by": "Mr. Tran", "reason": "Review begins."})
    maple = [f"Maple Valley: {said}", said][email != "state@example.org"]
    assert [maple in read(reader.get(page)) for page in ("/staff/", "/staff/plan")] == [False, False]


def test_pages_say_which_school_waits_for_which_language(office: FlaskClient, engine: Engine) -> None:
    """In California two of the four pupils at Alder: one speaks Spanish at home, one Vietnamese."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE district SET state_code = 'CA'"))
    plan = read(office.get("/staff/plan"))
    waits = (
        "Not reviewed in Spanish, for which wait: Alder Elementary (25.0% of its pupils), Birch Middle (50.0%"
    )
    assert waits in plan
    assert "a permission for drafts does not help" in plan
    listed = read(office.get(LIST))
    assert "Alder Elementary Vietnamese 1 of 4 25.0% Held back" in listed
    assert "The language is not offered in the settings." in listed


def test_one_district_changes_nothing_in_another(office: FlaskClient, signed_in: SignIn) -> None:
    change(office, "¿Cómo va {student} ya?", do="review")
    beside = signed_in("elsewhere@example.org")
    assert "No text fits" in read(beside.get(f"{SPANISH}?state=human_reviewed"))
    assert "No text fits" in read(beside.get(f"{SPANISH}?state=human_reviewed&district=maple"))
    assert "Nothing has happened to it here" in read(
        beside.get(f"{SPANISH}/history?unit=report&key=headings.doing&district=maple")
    )


def test_what_the_state_writes_for_all_holds_until_a_district_has_its_own(
    office: FlaskClient, signed_in: SignIn
) -> None:
    state = signed_in("state@example.org")
    assert "All districts" in read(state.get(LIST))
    change(state, "¿Cómo va {student} en el estado?", do="review")
    assert "¿Cómo va student en el estado?" in read(office.get(f"{SPANISH}?state=human_reviewed")).replace(
        "{student}", "student"
    )
    change(office, "¿Cómo va {student} aquí?", do="review")
    assert "aquí?" in read(office.get(f"{SPANISH}?state=human_reviewed"))
    assert "estado?" in read(state.get(f"{SPANISH}?state=human_reviewed"))
    assert "aquí?" in read(state.get(f"{SPANISH}?state=human_reviewed&district=maple"))


@pytest.mark.parametrize("suffix", [".po", ".xlf"])
def test_a_file_goes_out_and_comes_back_after_a_look_at_it(
    office: FlaskClient, engine: Engine, suffix: str
) -> None:
    exported = office.get(f"{SPANISH}/texts{suffix}")
    assert exported.headers["Content-Disposition"] == f'attachment; filename="texts-maple-es-US{suffix}"'
    changed = exported.data.decode().replace(DOING.text, "¿Cómo va {student} ya?").encode()
    page = f"{SPANISH}/files"
    shown = post(office, page, page, {"file": (BytesIO(changed), f"es{suffix}")})
    assert "1 text would change" in read(shown)
    assert value(engine, "SELECT count(*) FROM wording") == 0
    sent = html.unescape(re.findall(r'name="changes" value="([^"]+)"', shown.text)[0])
    taken = post(office, f"{page}/take", page, {"changes": sent})
    assert "The file has been taken in." in read(office.get(taken.location))
    assert value(engine, "SELECT state || ' ' || note FROM wording") == f"draft from the file es{suffix}"
    again = post(office, f"{page}/take", page, {"changes": sent})
    assert again.status_code == 422
    assert "Somebody else has changed this text" in seen(again)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("es.csv", b"a,b", "Send a PO file (.po) or an XLIFF file"),
        ("es.po", b"\xff\xfe\x00", "cannot be read as PO"),
        ("es.xlf", b"<!DOCTYPE x [<!ENTITY y 'z'>]><xliff/>", "document type"),
    ],
)
def test_a_file_that_cannot_be_taken_says_why_and_changes_nothing(
    office: FlaskClient, engine: Engine, name: str, content: bytes, problem: str
) -> None:
    page = f"{SPANISH}/files"
    answer = post(office, page, page, {"file": (BytesIO(content), name)})
    assert answer.status_code == 422
    assert problem in seen(answer)
    assert value(engine, "SELECT count(*) FROM wording") == 0


@pytest.mark.parametrize("sent", ["", "{", "[1]", '[{"unit": "report"}]', "[" * 3000])
def test_a_forged_answer_is_refused(office: FlaskClient, sent: str) -> None:
    page = f"{SPANISH}/files"
    assert post(office, f"{page}/take", page, {"changes": sent}).status_code == 422
