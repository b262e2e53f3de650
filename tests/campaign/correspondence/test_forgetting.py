"""Words are deleted when their time is over, and only then; what waits or was touched since keeps its words."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.access import ENGINE, Principal, Role
from campaign.correspondence.attachments import Attachment
from campaign.database import transaction
from campaign.store import audit, family_requests
from campaign.store.family_requests import Kind, NewRequest
from tests.campaign.correspondence.time_over import (
    DAY,
    KEPT,
    OVER,
    PNG,
    SECRET,
    answered,
    close,
    forget,
    said_everything,
    words_left,
)
from tests.campaign.correspondence.written import ROSA, row, rows, run, sms, take_in
from tests.web_pages import MORNING


def test_words_translations_notes_and_files_go_and_the_rows_stay(district: Engine, tmp_path: Path) -> None:
    said_everything(district, tmp_path)
    assert len(words_left(district)) == 7
    assert forget(district, tmp_path, OVER - timedelta(minutes=2)) == Counter()
    assert len(words_left(district)) == 7
    done = forget(district, tmp_path, OVER + timedelta(minutes=1))
    assert words_left(district) == []
    assert done == Counter(conversations=1, messages=3, replies=2, translations=3, files=2, notes=1, flags=1)
    kept = rows(
        district,
        "SELECT direction, channel, language, state, at, forgotten_at, kept_days FROM conversation_message ORDER BY id",
    )
    later = OVER + timedelta(minutes=1)
    assert kept == [
        ("in", "email", "es", "received", MORNING, later, KEPT),
        ("in", "sms", "es", "received", MORNING + timedelta(minutes=1), later, KEPT),
        ("out", "sms", "en", "to_send", MORNING, later, KEPT),
    ]
    gone = rows(
        district, "SELECT name, media_type, bytes, stored, state FROM conversation_attachment ORDER BY id"
    )
    assert gone == [
        ("", "image/png", len(PNG), None, "forgotten"),
        ("", "video/mp4", 9, None, "forgotten"),
    ]
    assert rows(district, "SELECT from_address, to_address FROM reply") == [("", "")] * 2
    assert forget(district, tmp_path, later) == Counter()


def test_one_trace_says_how_many_and_nothing_else(district: Engine, tmp_path: Path) -> None:
    said_everything(district, tmp_path)
    later = OVER + timedelta(days=1)
    forget(district, tmp_path, later)
    forget(district, tmp_path, later)
    (entry,) = rows(
        district,
        "SELECT actor, target, district_id, detail FROM audit_entry WHERE action = 'words_forgotten'",
    )
    assert entry[:3] == ("engine", None, 1)
    assert entry[3] == {
        "conversations": 1,
        "messages": 3,
        "replies": 2,
        "translations": 3,
        "files": 2,
        "notes": 1,
        "flags": 1,
        "kept_days": KEPT,
        "before": (MORNING + timedelta(days=1)).isoformat(),
    }
    with transaction(district, ENGINE) as connection:
        assert audit.verify(connection) is None


@pytest.mark.parametrize(
    ("state", "touched", "now", "goes"),
    [
        pytest.param("answered", None, OVER - DAY, False, id="a day before its time"),
        pytest.param("answered", None, OVER, True, id="at its time"),
        pytest.param("answered", None, OVER + DAY, True, id="a day after its time"),
        pytest.param("closed", None, OVER + DAY, True, id="closed"),
        pytest.param("closed", OVER - DAY, OVER + DAY, False, id="closed a day ago"),
        pytest.param("waiting", None, OVER + 2000 * DAY, False, id="nobody has answered"),
        pytest.param("reopened", None, OVER + 2000 * DAY, False, id="opened again and not answered"),
        pytest.param("flagged", None, OVER + 2000 * DAY, False, id="danger that nobody has cleared"),
        pytest.param("cleared", None, OVER + DAY, True, id="danger that somebody has cleared"),
        pytest.param("cleared", OVER, OVER + DAY, False, id="danger cleared a day ago"),
        pytest.param("mistake", None, OVER + 2000 * DAY, False, id="a mistake that the school still checks"),
        pytest.param("agreed", None, OVER + DAY, True, id="a mistake that was corrected"),
    ],
)
def test_what_waits_or_was_touched_keeps_its_words(
    district: Engine, tmp_path: Path, state: str, touched: datetime | None, now: datetime, goes: bool
) -> None:
    words = "quiero morir" if state in {"flagged", "cleared"} else "Hola"
    take_in(district, sms(words), tmp_path)
    at = touched or MORNING
    if state != "waiting":
        answered(district)
    if state == "cleared":
        run(
            district,
            f"UPDATE conversation_flag SET cleared_at = '{at}', cleared_by = 'T', reason = 'all well'",
        )
    if state in {"closed", "reopened"}:
        close(district, at)
    if state == "reopened":
        close(district, MORNING, "reopen")
    if state in {"mistake", "agreed"}:
        mistake = Principal(Role.FAMILY, district_id=1, student_id=1, contact_id=1)
        with transaction(district, ENGINE) as connection:
            new = NewRequest(Kind.MISTAKE, "es", {"what": ["grade"], "more": "3, no 2"})
            family_requests.add(connection, mistake, new, MORNING)
        run(
            district,
            f"UPDATE family_request SET state = '{'checking' if state == 'mistake' else 'corrected'}'",
        )
    assert bool(forget(district, tmp_path, now)) is goes
    left = row(district, "SELECT text FROM conversation_message WHERE direction = 'in'")["text"]
    assert left == (None if goes else words)
    if state == "agreed":
        assert row(district, "SELECT said FROM family_request")["said"] == {"what": ["grade"]}


def test_words_are_kept_for_ever_where_the_setting_says_so(district: Engine, tmp_path: Path) -> None:
    take_in(district, sms("Hola"), tmp_path)
    answered(district)
    assert forget(district, tmp_path, OVER + timedelta(days=9000), days=0) == Counter()
    assert row(district, "SELECT text FROM reply")["text"] == "Hola"


def test_a_family_that_writes_again_keeps_its_new_words_alone(district: Engine, tmp_path: Path) -> None:
    take_in(district, sms("Hola"), tmp_path)
    answered(district)
    forget(district, tmp_path)
    again = OVER + timedelta(days=1)
    take_in(district, sms("¿Y ahora?", at=again), tmp_path, again)
    answered(district, "Now too", again)
    assert forget(district, tmp_path, again + timedelta(days=KEPT - 1)) == Counter()
    said = rows(district, "SELECT text FROM conversation_message ORDER BY id")
    assert said == [(None,), (None,), ("¿Y ahora?",), ("Now too",)]
    last = again + timedelta(days=KEPT)
    assert forget(district, tmp_path, last)["messages"] == 2
    assert rows(district, "SELECT DISTINCT text FROM conversation_message") == [(None,)]
    first = row(district, "SELECT min(forgotten_at) AS first FROM conversation_message")["first"]
    assert first == OVER


def test_what_is_outside_of_threads_goes_in_its_own_time(district: Engine, tmp_path: Path) -> None:
    family = Principal(Role.FAMILY, district_id=1, student_id=2, contact_id=2)
    with transaction(district, ENGINE) as connection:
        family_requests.add(connection, family, NewRequest(Kind.NOTE, "es", {"hope": SECRET}), MORNING)
        family_requests.add(connection, family, NewRequest(Kind.NOTE, "es", {"hope": "waits"}), MORNING)
    file = [Attachment("x.png", PNG)]
    take_in(district, sms(f"hello {SECRET}", sender="+13035550000", attachments=file), tmp_path)
    take_in(district, sms("still to be placed", sender="+13035550001"), tmp_path)
    take_in(district, sms("STOP", sender=ROSA), tmp_path)
    run(
        district,
        f"""
        UPDATE reply SET state = 'set_aside', settled_at = '{MORNING}' WHERE text LIKE 'hello%';
        UPDATE family_request SET state = 'read' WHERE id = 1;
        INSERT INTO call_try (message_id, district_id, outcome, note, said_by, actor, at, before, consent_events)
        VALUES (1, 1, 'reached', '{SECRET}', 'Tess Turner', 'account:4', '{MORNING}', 'planned', '{{}}')
        """,
    )
    assert forget(district, tmp_path, OVER - DAY) == Counter()
    assert forget(district, tmp_path) == Counter(replies=2, requests=1, calls=1, files=1)
    assert words_left(district) == []
    assert rows(district, "SELECT state, text FROM reply ORDER BY id") == [
        ("set_aside", ""),
        ("unplaced", "still to be placed"),
        ("obeyed", ""),
    ]
    assert rows(district, "SELECT said FROM family_request ORDER BY id") == [({},), ({"hope": "waits"},)]
    assert row(district, "SELECT words FROM consent_event")["words"] == "STOP"
