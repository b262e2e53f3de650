"""The staff pages Stopping, Suppressed addresses and Contacts: who sees what, and what is written down or undone."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.consents import consent
from campaign.database import transaction
from campaign.store import suppressions
from campaign.store.suppressions import Why
from tests.campaign.web.family_visits import form_token, value
from tests.web_pages import MORNING, Clock

SignIn = Callable[[str], FlaskClient]
OFFICE, SCHOOL, TEACHER = "district@example.org", "school@example.org", "teacher@example.org"


def post(client: FlaskClient, path: str, form_on: str = "", **fields: object) -> str:
    token = form_token(client.get(form_on or path))
    answer = client.post(path, data={"csrf_token": token, **fields}, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def events(engine: Engine) -> list[tuple[str | None, ...]]:
    query = "SELECT channel, scope, action, source, words, entered_by, actor FROM consent_event ORDER BY id"
    with transaction(engine, ENGINE) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_staff_write_down_what_they_are_told_with_words_and_name(signed_in: SignIn, engine: Engine) -> None:
    client = signed_in(TEACHER)
    assert "Nothing said" in client.get("/staff/consent/1").text
    page = post(client, "/staff/consent/1", do="stop", channel="sms", words="No  more texts, <please>.")
    assert "Noted. It holds from now on." in page
    assert "No more texts, &lt;please&gt;." in page
    assert "written down by Teacher Person" in page
    (event,) = events(engine)
    assert event[:6] == ("sms", "all", "revoked", "staff", "No more texts, <please>.", "Teacher Person")
    assert str(event[6]).startswith("account:")
    assert "This was noted before" in post(
        client, "/staff/consent/1", do="stop", channel="sms", words="Again!"
    )
    number = str(value(engine, "SELECT max(id) FROM consent_event"))
    assert "Taken back." in post(client, "/staff/consent/1", do="undo", event=number)
    assert "it has changed since you saw it" in post(client, "/staff/consent/1", do="undo", event=number)
    assert [event[2] for event in events(engine)] == ["revoked", "undone"]
    assert value(engine, "SELECT count(*) FROM suppression WHERE lifted_at IS NULL") == 0
    post(client, "/staff/consent/1", do="again", channel=["sms", "email"], scope="student:1", words="Go on.")
    assert [event[:3] for event in events(engine)[2:]] == [
        ("email", "student:1", "granted"),
        ("sms", "student:1", "granted"),
    ]
    actions = "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_entry WHERE target = 'contact:1'"
    assert value(engine, actions) == "consent_stop consent_undo consent_again"


@pytest.mark.parametrize(
    "fields",
    [
        {"channel": "sms", "words": " "},
        {"words": "No."},
        {"channel": "owl", "words": "No."},
        {"channel": "sms", "words": "No.", "scope": "student:5"},
        {"channel": "sms", "words": "No.", "scope": "topic:weather"},
    ],
)
def test_what_is_not_whole_is_not_written_down(
    signed_in: SignIn, engine: Engine, fields: dict[str, str]
) -> None:
    assert "Write what the person said" in post(signed_in(OFFICE), "/staff/consent/1", do="stop", **fields)
    assert events(engine) == []


@pytest.mark.parametrize(
    ("email", "contact", "status"),
    [(TEACHER, 1, 200), (TEACHER, 3, 404), (SCHOOL, 3, 200), (SCHOOL, 5, 404), (OFFICE, 5, 200), (OFFICE, 6, 404),
     (OFFICE, 2**64, 404), ("state@example.org", 1, 403), ("partner@example.org", 1, 403)],
)  # fmt: skip
def test_each_sees_the_contacts_of_the_own_students(
    signed_in: SignIn, email: str, contact: int, status: int
) -> None:
    client = signed_in(email)
    assert client.get(f"/staff/consent/{contact}").status_code == status
    if status == 404 and contact < 2**63:
        token = form_token(client.get("/staff/consent/1"))
        data = {"csrf_token": token, "do": "stop", "channel": "sms", "words": "x"}
        assert client.post(f"/staff/consent/{contact}", data=data).status_code == 404


def test_what_is_not_clear_waits_for_a_person(signed_in: SignIn, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        consent.heard(connection, 1, "sms", "leave me alone", MORNING)
    client = signed_in(SCHOOL)
    page = client.get("/staff/consent").text
    assert "A person must read this (1)" in page
    assert "leave me alone" in page
    number = str(value(engine, "SELECT max(id) FROM consent_event"))
    assert "They did not ask us to stop" in client.get("/staff/consent/1").text
    post(client, "/staff/consent/1", do="undo", event=number)
    assert "A person must read this (0)" in client.get("/staff/consent").text


def test_a_wrong_number_stands_before_staff(signed_in: SignIn, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        consent.heard(connection, 3, "sms", "número equivocado", MORNING)
    page = signed_in(SCHOOL).get("/staff/consent").text
    assert "Somebody else has the number (1)" in page
    assert "número equivocado" in page
    assert "Somebody else has the number" not in signed_in(TEACHER).get("/staff/consent").text


@pytest.mark.parametrize(
    ("words", "found"), [("ros", ["Rosa Abrego"]), ("abrego ana", ["Rosa Abrego"]), ("gray", []), ("%", [])]
)
def test_a_contact_is_found_by_name(signed_in: SignIn, words: str, found: list[str]) -> None:
    page = post(signed_in(OFFICE), "/staff/consent", name=words)
    assert [name for name in ("Rosa Abrego", "Gil Gray") if f">{name}</a>" in page] == found
    assert ("Nobody of this name" in page) is not bool(found)


def close(engine: Engine, address: str, why: Why) -> None:
    with transaction(engine, ENGINE) as connection:
        channel = "email" if "@" in address else "sms"
        suppressions.suppress(connection, channel, address, why, MORNING)


def test_a_suppressed_address_is_seen_masked_and_lifted_with_a_reason(
    signed_in: SignIn, engine: Engine
) -> None:
    close(engine, "rosa@example.org", Why.HARD_BOUNCE)
    close(engine, "gil@example.org", Why.COMPLAINT)
    client = signed_in(OFFICE)
    page = client.get("/staff/suppressed").text
    assert "r···@example.org" in page
    assert "rosa@" not in page
    assert "g···" not in page, "another district's"
    number = value(engine, "SELECT id FROM suppression WHERE address LIKE 'rosa%'")
    path, on = f"/staff/suppressed/{number}", "/staff/suppressed"
    assert "Write why the address is right" in post(client, path, on, do="lift", why=" ")
    assert "Messages may go there again" in post(client, path, on, do="lift", why="The mailbox was emptied.")
    lifted = client.get("/staff/suppressed?state=lifted").text
    assert "District Person: The mailbox was emptied." in lifted
    assert "Nothing goes there" in post(client, path, on, do="put_back")
    assert "In force (1)" in client.get("/staff/suppressed").text
    actions = "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_entry"
    assert value(engine, actions) == "suppression_lifted suppression_put_back"


def test_another_district_cannot_lift_it(signed_in: SignIn, engine: Engine) -> None:
    close(engine, "rosa@example.org", Why.HARD_BOUNCE)
    client = signed_in("elsewhere@example.org")
    assert "r···" not in client.get("/staff/suppressed").text
    token = form_token(client.get("/staff/suppressed"))
    answer = client.post("/staff/suppressed/1", data={"csrf_token": token, "do": "lift", "why": "mine"})
    assert answer.status_code == 404
    assert client.post(f"/staff/suppressed/{2**64}", data={"csrf_token": token}).status_code == 404


def take(client: FlaskClient, content: bytes) -> tuple[int, str]:
    token = form_token(client.get("/staff/suppressed"))
    data = {"csrf_token": token, "file": (io.BytesIO(content), "stops.csv")}
    answer = client.post("/staff/suppressed", data=data, content_type="multipart/form-data")
    return answer.status_code, answer.text


def test_a_list_of_another_system_is_taken_over_row_by_row(signed_in: SignIn, engine: Engine) -> None:
    content = (
        "Email Address,Phone,Reason,Note\n"
        "ROSA@example.org,,unsubscribed,Told the office\n"
        ",(202) 555-0103,STOP,\n"
        "bill@example.org,,Bounced,\n"
        "eve@example.org,,moody,\n"
        ",,,\n"
        "not an address,,,\n"
        "a@b.org,call us,,\n"
        ",,complaint,x\n"
        "a@b.org,,,x,too many\n"
    )
    client = signed_in(OFFICE)
    status, page = take(client, content.encode())
    assert status == 200
    assert "8 rows read" in page
    assert "3 accepted, of them 3 addresses new; 5 not taken over." in page
    for line, column in ((5, "reason"), (7, "email"), (8, "phone"), (9, "email")):
        assert f'<td class="num">{line}</td><td>{column}</td>' in page
    assert events(engine) == [
        ("email", "all", "revoked", "import", "Told the office", None, events(engine)[0][6]),
        ("sms", "all", "revoked", "import", "in the list stops.csv, line 3", None, events(engine)[0][6]),
    ]
    again = take(client, content.encode())[1]
    assert "3 accepted, of them 0 addresses new" in again
    assert len(events(engine)) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name,town\nx,y\n", "there is no column of addresses"),
        (b"", "there is no column of addresses"),
        (b"email\n\xff\xfe\n", "is not UTF-8"),
        (b'email\n"never ends\n', "is not CSV"),
    ],
)
def test_a_list_that_cannot_be_read_changes_nothing(
    signed_in: SignIn, engine: Engine, content: bytes, words: str
) -> None:
    status, page = take(signed_in(OFFICE), content)
    assert (status, words in page, "Nothing was taken over." in page) == (422, True, True)
    assert value(engine, "SELECT count(*) FROM suppression") == 0


def test_the_audit_of_contacts_blocks_a_start_until_somebody_answers_for_it(
    signed_in: SignIn, engine: Engine, clock: Clock
) -> None:
    client = signed_in(OFFICE)
    page = client.get("/staff/contacts").text
    # Rosa, Bill, Linh and Eve are in reach; Dot has nothing, and Fay nobody.
    assert "66% of households in reach" in page
    assert "No campaign begins yet:" in page
    assert "Landline" in page
    assert "+12025550105" in page
    assert "Kept. The next look" in post(client, "/staff/contacts", do="keep")
    assert "Write the name" in post(client, "/staff/contacts", do="override", said_by="", reason="x")
    assert "Campaigns may begin" in post(
        client, "/staff/contacts", do="override", said_by="Dr. Moss", reason="Letters go to the rest."
    )
    page = client.get("/staff/contacts").text
    assert "Dr. Moss said so on November 2, 2026" in page
    number = str(value(engine, "SELECT max(id) FROM launch_override"))
    assert "Campaigns wait" in post(client, "/staff/contacts", do="withdraw", override=number)
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE contact SET email = 'dot@example.org' WHERE id = 4"))
    clock.forward(days=1)
    page = signed_in(OFFICE).get("/staff/contacts").text
    assert "83% of households in reach" in page
    assert "On November 2, 2026:" in page
    assert "1 fewer" in page


def test_the_office_takes_the_list_out_safely(signed_in: SignIn, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text("UPDATE contact SET given_name = '=HYPERLINK(1)', email = 'x@gmial.com' WHERE id = 1")
        )
    answer = signed_in(OFFICE).get("/staff/contacts.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "'=HYPERLINK(1) Abrego" in answer.text
    assert "x@gmial.com,x@gmail.com" in answer.text
    assert value(engine, "SELECT action FROM audit_entry") == "contacts_exported"


def test_a_school_sees_its_own_contacts_and_decides_nothing(signed_in: SignIn) -> None:
    client = signed_in(SCHOOL)
    page = client.get("/staff/contacts").text
    assert "Eli Evans" not in page
    assert "Begin all the same" not in page
    token = form_token(client.get("/staff/consent/1"))
    data = {"csrf_token": token, "do": "override", "said_by": "x", "reason": "y"}
    assert client.post("/staff/contacts", data=data).status_code == 403
    assert client.get("/staff/suppressed").status_code == 403
    assert signed_in(TEACHER).get("/staff/contacts").status_code == 403


def test_findings_of_one_kind_alone(signed_in: SignIn) -> None:
    client = signed_in(OFFICE)
    page = client.get("/staff/contacts?kind=landline").text
    assert page.count('scope="row"') == 1
    assert "Nothing of this kind" in client.get("/staff/contacts?kind=duplicate").text
    assert client.get("/staff/contacts?kind=nonsense&page=9999999999").status_code == 200


def test_soft_ones_pass_by_the_clock(engine: Engine, signed_in: SignIn, clock: Clock) -> None:
    close(engine, "rosa@example.org", Why.SOFT_BOUNCE)
    assert "opens Nov 9" in signed_in(OFFICE).get("/staff/suppressed").text
    with transaction(engine, ENGINE) as connection:
        assert suppressions.let_pass(connection, MORNING + timedelta(days=8)) == 1
    assert "by itself: its time was over" in signed_in(OFFICE).get("/staff/suppressed?state=lifted").text


def test_staff_write_down_that_a_family_wants_one_message_a_week(signed_in: SignIn, engine: Engine) -> None:
    client = signed_in(TEACHER)
    assert "They want one message a week" in client.get("/staff/consent/1").text
    page = post(client, "/staff/consent/1", do="weekly", words="Once a week is enough.")
    assert "comes together on Thursday at 17:30" in page
    assert events(engine)[-1][:4] == ("all", "frequency", "limited", "staff")
    page = post(client, "/staff/consent/1", do="as_planned", words="Send all.")
    assert "as they are planned" in page
    assert events(engine)[-1][:3] == ("all", "frequency", "granted")
    refused = post(client, "/staff/consent/1", do="weekly", words=" ")
    assert "gets messages as they are planned" in refused
