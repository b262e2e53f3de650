"""The pages of conversations: who sees which thread, and what staff can do with it and take back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.correspondence.attachments import Attachment
from campaign.correspondence.conversations import escalate
from campaign.database import transaction
from campaign.web.staff.conversation_words import amount
from tests.campaign.web.family_visits import form_token, send, value
from tests.campaign.web.talks import LINH, ROSA, act, send_follow, wrote
from tests.web_pages import MORNING, Clock, page_settings

SignIn = Callable[[str], FlaskClient]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
MP4 = b"\0\0\0\x18ftypmp42" + b"\0" * 20
VTT = b"WEBVTT\n\n00:00.000 --> 00:02.000\nHola\n"


def test_the_inbox_shows_who_waits_and_no_words(signed_in: SignIn, engine: Engine, tmp_path: Path) -> None:
    wrote(engine, tmp_path, "Tengo una pregunta secreta")
    wrote(engine, tmp_path, "con tôi muốn chết", LINH)
    page = signed_in("district@example.org").get("/staff/conversations").text
    assert page.index("Chi Cao") < page.index("Ana Abrego")
    assert "8.5 school hours left" in page
    assert "read now" in page
    assert "secreta" not in page


@pytest.mark.parametrize(
    ("hours", "day", "words"),
    [
        (0.0, 8.5, "0.0 school hours"),
        (16.9, 8.5, "16.9 school hours"),
        (17.0, 8.5, "2 school days"),
        (127.5, 8.5, "15 school days"),
    ],
)
def test_a_long_time_is_told_in_school_days(hours: float, day: float, words: str) -> None:
    assert amount(hours, day) == words


@pytest.mark.parametrize(
    ("email", "statuses"),
    [
        ("district@example.org", [200, 200]),
        ("school@example.org", [200, 200]),
        ("teacher@example.org", [200, 404]),
        ("elsewhere@example.org", [404, 404]),
        ("state@example.org", [403, 403]),
        ("partner@example.org", [403, 403]),
    ],
)
def test_a_thread_is_open_to_the_childs_own_staff(
    signed_in: SignIn, engine: Engine, tmp_path: Path, email: str, statuses: list[int]
) -> None:
    threads = [wrote(engine, tmp_path, "Hola"), wrote(engine, tmp_path, "Xin chào", LINH)]
    client = signed_in(email)
    assert [client.get(f"/staff/conversations/{thread}").status_code for thread in threads] == statuses
    answers = [client.post(f"/staff/conversations/{thread}", data={"do": "close"}) for thread in threads]
    assert 303 not in [answer.status_code for answer in answers]


def test_an_answer_is_looked_at_confirmed_and_stops_the_clock(
    signed_in: SignIn, reader: FlaskClient, engine: Engine, tmp_path: Path
) -> None:
    thread = wrote(engine, tmp_path, "¿Puedo hablar con usted?")
    client = signed_in("teacher@example.org")
    page = act(client, thread, "look", answer="Yes. Come on <Monday>.", language="en")
    assert "No translation: no translator is set up" in page
    assert "Yes. Come on &lt;Monday&gt;." in page
    assert value(engine, "SELECT count(*) FROM conversation_message WHERE direction = 'out'") == 0
    said = {
        "answer": "Yes. Come on <Monday>.",
        "language": "en",
        "translation": "Sí. Venga el <lunes>.",
        "for_language": "es",
    }
    assert "tick the box" in act(client, thread, "send", **said)
    assert "reads your answer on its page" in act(client, thread, "send", confirmed="1", **said)
    assert value(engine, "SELECT state || coalesce(due_at::text, '') FROM conversation") == "answered"
    reader.post("/family/belief", data={"csrf_token": form_token(reader.get("/family")), "skip": "1"})
    for address in ("/family/your-turn", "/family"):
        shown = reader.get(address).text
        assert "Sí. Venga el &lt;lunes&gt;." in shown
        assert "Teacher Person" in shown
    assert "taken back" in act(client, thread, "take_back")
    assert "lunes" not in reader.get("/family/your-turn").text
    assert value(engine, "SELECT state FROM conversation") == "waiting"


def test_a_note_on_the_family_page_stands_in_the_same_thread(
    signed_in: SignIn, reader: FlaskClient, engine: Engine, tmp_path: Path
) -> None:
    sent = send(
        reader, "/family/your-turn", "/family/your-turn", question="¿Qué lee ella?", language="español"
    )
    assert sent.status_code == 200
    thread = wrote(engine, tmp_path, "Gracias")
    client = signed_in("teacher@example.org")
    page = client.get(f"/staff/conversations/{thread}").text
    assert page.index("¿Qué lee ella?") < page.index("Gracias")
    assert value(engine, "SELECT count(*) FROM conversation_message WHERE text LIKE '%Qué lee%'") == 0
    act(client, thread, "send", answer="Un libro", language="es", confirmed="1")
    assert value(engine, "SELECT state FROM family_request") == "answered"
    act(client, thread, "take_back")
    assert value(engine, "SELECT state FROM family_request") == "new"


def test_what_is_answered_on_its_own_page_waits_no_more(
    signed_in: SignIn, reader: FlaskClient, engine: Engine
) -> None:
    send(reader, "/family/your-turn", "/family/your-turn", question="¿Qué lee ella?")
    client = signed_in("teacher@example.org")
    page = client.get("/staff/families/1")
    form = {
        "csrf_token": form_token(page),
        "seen": "0",
        "step": "answered",
        "answer": "Lee mucho",
        "language": "es",
    }
    client.post("/staff/families/1", data=form)
    assert value(engine, "SELECT state FROM conversation") == "answered"
    assert "Lee mucho" in client.get("/staff/conversations/1").text


def test_words_of_danger_stand_above_all_until_a_person_has_looked(
    signed_in: SignIn, engine: Engine, tmp_path: Path
) -> None:
    thread = wrote(engine, tmp_path, "Ana dice que quiere morir")
    client = signed_in("district@example.org")
    form = {"protocol": "Call Ms. Ito, 555-0100.", "told_first": "2"}
    assert "Staff see it above" in send_follow(
        client, "/staff/conversations/who-answers", "/staff/conversations/protocol", form
    )
    page = client.get(f"/staff/conversations/{thread}").text
    assert "Call Ms. Ito, 555-0100." in page
    assert "District Person" in page.partition("Told first:")[2][:80]
    assert "first say what came of the words" in act(client, thread, "close")
    assert "write a sentence why" in act(client, thread, "clear", flag="1", note=" ")
    assert "Noted with your name" in act(
        client, thread, "clear", flag="1", note="A line of a song. Spoke with mother."
    )
    assert value(engine, "SELECT cleared_by FROM conversation_flag") == "District Person"
    assert "Closed." in act(client, thread, "close")
    assert value(engine, "SELECT count(*) FROM conversation_message WHERE direction = 'out'") == 0


def test_danger_in_what_nobody_has_placed_stands_above_all_too(
    signed_in: SignIn, engine: Engine, tmp_path: Path
) -> None:
    wrote(engine, tmp_path, "she wants to die", "+13035550000")
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE reply SET district_id = 1"))
    for address in ("/staff/", "/staff/conversations"):
        page = signed_in("district@example.org").get(address).text
        assert "<strong>1 message</strong> of nobody for certain, with words that may tell of danger" in page
        assert "of nobody for certain" not in signed_in("school@example.org").get(address).text
    assert "to be placed" in signed_in("district@example.org").get("/staff/").text


def test_beside_a_thread_stands_what_went_to_its_contact_alone(
    signed_in: SignIn, engine: Engine, tmp_path: Path
) -> None:
    thread = wrote(engine, tmp_path, "Hola")
    client = signed_in("school@example.org")
    assert "Last sent to Rosa Abrego" in client.get(f"/staff/conversations/{thread}").text
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE message SET contact_id = 2 WHERE 1 = ANY (student_ids)"))
    assert "Last sent" not in client.get(f"/staff/conversations/{thread}").text


def test_handing_over_keeps_the_clock_and_needs_a_note(
    signed_in: SignIn, engine: Engine, tmp_path: Path
) -> None:
    thread = wrote(engine, tmp_path, "Hola")
    due = value(engine, "SELECT due_at FROM conversation")
    client = signed_in("teacher@example.org")
    assert "write a sentence why" in act(client, thread, "hand_over", role="nurse", note="")
    page = act(client, thread, "hand_over", role="nurse", note="She asks about <asthma>.")
    assert "She asks about &lt;asthma&gt;." in page
    assert value(engine, "SELECT role FROM conversation") == "nurse"
    assert value(engine, "SELECT due_at FROM conversation") == due
    school = signed_in("school@example.org").get(f"/staff/conversations/{thread}").text
    assert "Results are not shown here" in school
    assert "taken back" in act(client, thread, "take_back")
    assert value(engine, "SELECT role FROM conversation") == "teacher"


def test_two_people_do_not_act_on_what_they_have_not_seen(
    signed_in: SignIn, engine: Engine, tmp_path: Path
) -> None:
    thread = wrote(engine, tmp_path, "Hola")
    first, second = signed_in("teacher@example.org"), signed_in("school@example.org")
    address = f"/staff/conversations/{thread}"
    form = {"csrf_token": form_token(second.get(address)), "seen": "0", "do": "close"}
    act(first, thread, "send", answer="Hola", language="es", confirmed="1")
    assert "Nothing was done" in second.post(address, data=form, follow_redirects=True).text
    assert value(engine, "SELECT state FROM conversation") == "answered"


def test_an_unanswered_thread_is_passed_on_when_its_clock_runs_out(
    signed_in: SignIn, engine: Engine, tmp_path: Path, clock: Clock
) -> None:
    thread = wrote(engine, tmp_path, "Hola")
    settings = page_settings(tmp_path)

    def pass_on(days: int) -> str:
        with transaction(engine, ENGINE) as connection:
            escalate(connection, settings, MORNING + timedelta(days=days))
            return str(connection.scalar(text("SELECT role || ' ' || escalations FROM conversation")))

    assert pass_on(0) == "teacher 0"
    assert [pass_on(1), pass_on(1), pass_on(2), pass_on(3), pass_on(4)] == [
        "advisor 1",
        "advisor 1",
        "front_office 2",
        "front_office 9",
        "front_office 9",
    ]
    clock.forward(days=4)
    client = signed_in("school@example.org")
    assert "late by" in client.get("/staff/conversations").text
    assert "because nobody answered in time" in client.get(f"/staff/conversations/{thread}").text


def test_a_reply_of_nobody_is_placed_by_the_office(signed_in: SignIn, engine: Engine, tmp_path: Path) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text(f"UPDATE contact SET phone = '{ROSA}' WHERE id = 2"))
    assert wrote(engine, tmp_path, "Hola", attachments=[Attachment("a.png", PNG)]) == 0
    address = "/staff/conversations/unplaced"
    assert signed_in("school@example.org").get(address).status_code == 403
    client = signed_in("district@example.org")
    page = client.get(address).text
    assert "Several contacts have this address" in page
    assert "Rosa Abrego (mother) about Ana Abrego" in page
    assert "Linh Cao" in send_follow(client, address, f"{address}/1", {"do": "find", "search": "cao"})
    assert "Set aside." in send_follow(client, address, f"{address}/1", {"do": "set_aside"})
    assert "it waits again" in send_follow(client, address, f"{address}/1", {"do": "take_back"})
    assert "Placed." in send_follow(client, address, f"{address}/1", {"do": "place", "pair": "2-2"})
    assert value(engine, "SELECT student_id FROM conversation") == 2
    assert "Every answer has found its family" in client.get(address).text


def test_files_of_families_are_saved_and_never_shown_as_a_page(
    signed_in: SignIn, engine: Engine, tmp_path: Path
) -> None:
    thread = wrote(
        engine, tmp_path, "Mire", attachments=[Attachment("<b>.png", PNG), Attachment("x.html", b"<script>")]
    )
    client = signed_in("teacher@example.org")
    page = client.get(f"/staff/conversations/{thread}").text
    assert "nobody has scanned them" in page
    assert "refused: not a picture" in page
    got = client.get("/staff/conversations/files/1")
    assert got.data == PNG
    assert got.headers["Content-Disposition"] == "attachment; filename=file-1.png"
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert client.get("/staff/conversations/files/2").status_code == 404
    assert signed_in("elsewhere@example.org").get("/staff/conversations/files/1").status_code == 404


def test_a_video_goes_with_captions_in_the_familys_language_or_not_at_all(
    signed_in: SignIn, reader: FlaskClient, engine: Engine, tmp_path: Path
) -> None:
    thread = wrote(engine, tmp_path, "Hola")
    client = signed_in("teacher@example.org")
    address = f"/staff/conversations/{thread}"

    def add(**files: tuple[BytesIO, str]) -> str:
        form = {"csrf_token": form_token(client.get(address)), **files}
        return client.post(
            f"{address}/file", data=form, content_type="multipart/form-data", follow_redirects=True
        ).text

    assert "a video needs captions" in add(file=(BytesIO(MP4), "v.mp4"))
    assert "The file was not taken" in add(file=(BytesIO(b"MZ"), "v.mp4"))
    assert "captions in es" in add(file=(BytesIO(MP4), "v.mp4"), captions=(BytesIO(VTT), "v.vtt"))
    said = act(client, thread, "send", answer="Mire este video", language="es", confirmed="1")
    assert "reads your answer" in said
    page = reader.get("/family/your-turn").text
    assert 'src="/family/files/2' in page
    assert reader.get("/family/files/2").data == MP4
    assert reader.get("/family/files/2/captions/es").data == VTT
    assert reader.get("/family/files/1").status_code == 404
    assert list((tmp_path / "uploads").rglob("*.mp4")) == []
