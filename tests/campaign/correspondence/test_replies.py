"""Replies come in once, whole, and into the thread of their family, or in front of a person."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from campaign.access import ENGINE, Principal, Role
from campaign.correspondence.attachments import Attachment, FileState, kind
from campaign.correspondence.replies import Became, Reply, place, receive
from campaign.database import transaction
from campaign.store import replies as store
from campaign.store.replies import Pair
from tests.campaign.correspondence.written import (
    LINH,
    ROSA,
    SCHOOL,
    mail,
    row,
    rows,
    run,
    settings_in,
    sms,
    take_in,
)
from tests.web_pages import MORNING

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def test_a_text_message_of_a_known_number_opens_a_thread_with_a_clock(
    district: Engine, tmp_path: Path
) -> None:
    found = take_in(district, sms("¿Cómo va Ana en la clase?"), tmp_path)
    assert found.became is Became.IN_THREAD
    thread = row(district, "SELECT * FROM conversation")
    assert (thread["student_id"], thread["contact_id"], thread["state"]) == (1, 1, "waiting")
    assert (thread["role"], thread["account_id"], thread["language"]) == ("teacher", 4, "es")
    # Monday 9:00 in Chicago, one school day of open hours later: Tuesday 9:00.
    assert thread["due_at"] == datetime(2026, 11, 3, 15, 0, tzinfo=UTC)


def test_the_same_reply_delivered_again_changes_nothing(district: Engine, tmp_path: Path) -> None:
    again = [take_in(district, sms("Hola"), tmp_path).became for _ in range(3)]
    assert again == [Became.IN_THREAD, Became.KNOWN, Became.KNOWN]
    without_id = [take_in(district, sms("Gracias", provider_id=""), tmp_path).became for _ in range(2)]
    assert without_id == [Became.IN_THREAD, Became.KNOWN]
    assert row(district, "SELECT count(*) AS n FROM conversation_message")["n"] == 2
    assert row(district, "SELECT count(*) AS n FROM conversation")["n"] == 1


@pytest.mark.parametrize(
    "written", ["+12025550101", "(202) 555-0101", "202-555-0101", "2025550101", "1 202 555 0101"]
)
def test_a_number_is_found_however_it_is_written(district: Engine, tmp_path: Path, written: str) -> None:
    assert take_in(district, sms("Hola", sender=written), tmp_path).became is Became.IN_THREAD


@pytest.mark.parametrize(
    ("prepare", "reply", "why"),
    [
        ("SELECT 1", sms("Hi", sender="+13035550000"), "unknown_sender"),
        ("SELECT 1", sms("Hi", sender="22000"), "unknown_sender"),
        ("SELECT 1", mail("Hi", sender="nobody@example.org"), "unknown_sender"),
        (f"UPDATE contact SET phone = '{ROSA}' WHERE id = 2", sms("Hi"), "shared_address"),
        (
            "INSERT INTO student_contact VALUES (2, 1, 'mother', true, false, true, true, NULL, NULL)",
            sms("Hi"),
            "several_children",
        ),
        (
            "INSERT INTO student_contact VALUES (2, 1, 'mother', true, false, true, true, NULL, NULL)",
            sms("Ana and Ben are sick"),
            "several_children",
        ),
        (
            "UPDATE student_contact SET court_restriction = true WHERE contact_id = 1",
            sms("Hi"),
            "unknown_sender",
        ),
    ],
)
def test_what_cannot_be_placed_waits_for_a_person(
    district: Engine, tmp_path: Path, prepare: str, reply: Reply, why: str
) -> None:
    run(district, prepare)
    if "several" not in why or "and" in reply.text:
        run(district, "DELETE FROM message WHERE contact_id = 1")
    else:
        run(district, "UPDATE message SET student_ids = '{1,2}'")
    assert take_in(district, reply, tmp_path).became is Became.UNPLACED
    kept = row(district, "SELECT state, why, text, due_at FROM reply")
    assert (kept["state"], kept["why"], kept["text"]) == ("unplaced", why, reply.text)
    assert row(district, "SELECT count(*) AS n FROM conversation")["n"] == 0


@pytest.mark.parametrize(
    ("words", "student"),
    [("Is Ben there?", 2), ("ana está enferma", 1), ("Thank you", 1)],
)
def test_of_several_children_the_one_named_or_last_written_about_is_meant(
    district: Engine, tmp_path: Path, words: str, student: int
) -> None:
    run(district, "INSERT INTO student_contact VALUES (2, 1, 'mother', true, false, true, true, NULL, NULL)")
    run(district, "UPDATE message SET channel = 'sms' WHERE id = 1")
    assert take_in(district, sms(words), tmp_path).became is Became.IN_THREAD
    assert row(district, "SELECT student_id FROM conversation")["student_id"] == student


def test_an_answer_to_a_message_finds_its_family_from_any_address(district: Engine, tmp_path: Path) -> None:
    token = "0123456789abcdef" * 2
    run(district, f"UPDATE message SET public_id = '{token}' WHERE id = 1")
    found = take_in(
        district, mail("Voy", sender="work@example.net", to=f"Go <reply+{token}@example.org>"), tmp_path
    )
    assert found.became is Became.IN_THREAD
    said = row(district, "SELECT contact_id, other_address FROM conversation_message")
    assert said == {"contact_id": 1, "other_address": True}


def test_a_person_places_a_reply_and_its_clock_runs_from_its_arrival(
    district: Engine, tmp_path: Path
) -> None:
    later = datetime(2026, 11, 2, 20, 0, tzinfo=UTC)
    number = take_in(
        district, sms("Hi", sender="+13035550000", attachments=[Attachment("a.png", PNG)]), tmp_path
    )
    assert number.reply_id is not None
    with transaction(district, ENGINE) as connection:
        pair = Pair(contact_id=2, student_id=2, district_id=1)
        placed = [
            place(connection, number.reply_id, pair, "account:2", settings_in(tmp_path), now=later).became
            for _ in range(2)
        ]
    assert placed == [Became.IN_THREAD, Became.KNOWN]
    thread = row(district, "SELECT waiting_since, due_at FROM conversation")
    assert (thread["waiting_since"], thread["due_at"]) == (MORNING, datetime(2026, 11, 3, 15, 0, tzinfo=UTC))
    assert row(district, "SELECT student_id FROM conversation_attachment")["student_id"] == 2
    assert row(district, "SELECT settled_by FROM reply")["settled_by"] == "account:2"


@pytest.mark.parametrize(
    ("principal", "sees"),
    [
        (Principal(Role.STATE), 0),
        (Principal(Role.DISTRICT, district_id=1), 2),
        (Principal(Role.DISTRICT, district_id=2), 0),
        (Principal(Role.SCHOOL, district_id=1, school_ids=(1,)), 1),
        (Principal(Role.SCHOOL, district_id=1, school_ids=(2,)), 0),
        (Principal(Role.TEACHER, district_id=1, school_ids=(1, 2), staff_member_id=1), 1),
        (Principal(Role.FAMILY, district_id=1, student_id=1, contact_id=1), None),
    ],
)
def test_who_sees_replies_and_threads(
    district: Engine, tmp_path: Path, principal: Principal, sees: int | None
) -> None:
    """District 1 has one reply in Ana's thread and one that waits for a person, because a number is shared."""
    take_in(district, sms("Hola"), tmp_path)
    run(district, f"UPDATE contact SET phone = '{LINH}' WHERE id = 5")
    take_in(district, sms("Chao", sender=LINH), tmp_path)
    threads = 0 if sees is None else min(sees, 1)
    if sees is None:
        with pytest.raises(Exception, match="permission denied"):
            count(district, principal, "reply")
        assert count(district, principal, "conversation_message") == 1
        return
    assert count(district, principal, "reply") == sees
    for table in ("conversation", "conversation_message"):
        assert count(district, principal, table) == threads


def count(engine: Engine, principal: Principal, table: str) -> int:
    with transaction(engine, principal) as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() or 0)


def test_of_several_districts_only_a_state_sees_a_reply_of_nobody(district: Engine, tmp_path: Path) -> None:
    take_in(district, sms("Hi", sender="+13035550000"), tmp_path)
    assert count(district, Principal(Role.STATE), "reply") == 1
    assert count(district, Principal(Role.DISTRICT, district_id=1), "reply") == 0
    with transaction(district, ENGINE) as connection:
        assert store.give_to_district(connection, 1, 1)
    assert count(district, Principal(Role.DISTRICT, district_id=1), "reply") == 1
    assert count(district, Principal(Role.STATE), "reply") == 0


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"%PDF-1.7", "application/pdf"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"\0\0\0\x18ftyp3gp5", "video/3gpp"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (b"<svg onload=alert(1)>", None),
        (b"<html>", None),
        (b"MZ\x90\0", None),
        (b"PK\x03\x04", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_content_says(content: bytes, media_type: str | None) -> None:
    assert kind(content) == media_type


def test_files_are_kept_closed_and_refused_ones_leave_a_trace(district: Engine, tmp_path: Path) -> None:
    files = [
        Attachment("../ana.exe.png", PNG),
        Attachment("x.pdf", b"MZ\x90\0"),
        Attachment("big.png", PNG + b"0" * 22_000_000),
    ]
    take_in(district, sms("Mire", attachments=files), tmp_path)
    found = rows(
        district, "SELECT name, state, stored IS NULL, student_id FROM conversation_attachment ORDER BY id"
    )
    assert found == [
        ("ana.exe.png", FileState.NOT_SCANNED, False, 1),
        ("x.pdf", FileState.OTHER_KIND, True, 1),
        ("big.png", FileState.TOO_LARGE, True, 1),
    ]
    (path,) = [path for path in (tmp_path / "attachments").rglob("*") if path.is_file()]
    assert path.read_bytes() == PNG
    assert "ana" not in str(path.relative_to(tmp_path))
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


WORDS = st.text(max_size=300)
REPLIES = st.builds(
    Reply,
    channel=st.sampled_from(["sms", "email"]),
    from_address=st.one_of(st.just(ROSA), st.text(max_size=40)),
    to_address=st.just(SCHOOL),
    text=WORDS,
    at=st.just(MORNING),
    subject=st.text(max_size=50),
    attachments=st.lists(st.builds(Attachment, WORDS, st.binary(max_size=50)), max_size=2),
    provider_id=st.text(max_size=20),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reply=REPLIES)
def test_any_reply_is_kept_once(district: Engine, tmp_path: Path, reply: Reply) -> None:
    before = row(district, "SELECT count(*) AS n FROM reply")["n"]
    outcomes = [take_in(district, reply, tmp_path).became for _ in range(2)]
    assert outcomes[1] is Became.KNOWN
    new = outcomes[0] is not Became.KNOWN
    assert row(district, "SELECT count(*) AS n FROM reply")["n"] == before + new
    placed = row(district, "SELECT count(*) AS n FROM reply WHERE state = 'placed'")["n"]
    assert row(district, "SELECT count(*) AS n FROM conversation_message")["n"] == placed


def test_a_huge_mail_is_cut_and_read(district: Engine, tmp_path: Path) -> None:
    assert take_in(district, mail("Palabra. " * 600_000), tmp_path).became is Became.IN_THREAD
    kept = row(
        district,
        "SELECT length(r.text) AS whole, length(m.text) AS shown FROM reply r, conversation_message m",
    )
    assert kept == {"whole": 1_000_000, "shown": 20_000}


def test_nothing_of_a_reply_is_kept_when_its_transaction_breaks_off(district: Engine, tmp_path: Path) -> None:
    class Broken(Exception):
        pass

    def take_in_and_break() -> None:
        with transaction(district, ENGINE) as connection:
            receive(connection, sms("Hola"), MORNING, settings_in(tmp_path))
            raise Broken

    with pytest.raises(Broken):
        take_in_and_break()
    assert row(district, "SELECT count(*) AS n FROM reply")["n"] == 0
    assert take_in(district, sms("Hola"), tmp_path).became is Became.IN_THREAD
